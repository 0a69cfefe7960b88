"""Rasa made lighter: one file for each thing that is done to it, none for a Rasa that we don't know."""
