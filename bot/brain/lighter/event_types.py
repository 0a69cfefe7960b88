"""Events' classes looked up by name once. Rasa walks the tree of all classes for each event that it reads."""

from rasa.shared.core.events import Event

from bot.brain.lighter.known import is_known

_stock = Event.resolve_by_type


def remember_types() -> None:
    """From now on a name that was looked up is known."""
    if not is_known("events' classes remembered"):
        return
    known: dict[str, type[Event]] = {}

    def resolve(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
        found = known.get(type_name)
        if found is None:
            found = _stock(type_name, default)
            if found is not None and found.type_name == type_name:  # a default says nothing about the name
                known[type_name] = found
        return found

    Event.resolve_by_type = staticmethod(resolve)


def restore() -> None:
    """Rasa's own way again, to compare with."""
    Event.resolve_by_type = staticmethod(_stock)
