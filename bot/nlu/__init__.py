"""How shoppers' words are read: Rasa graph components, each usable from any project's config.yml."""
