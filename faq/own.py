"""The merchant's own entries, as the console published them: they go before those of the files."""

import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from faq.entry import Entry, EntryError, Shop, filled

logger = logging.getLogger(__name__)


class Own(msgspec.Struct, frozen=True):
    """What one edition changes: entries that are new or take another's place, and ids that answer no more."""

    edition: int = 0
    entries: tuple[Entry, ...] = ()
    withdrawn: tuple[str, ...] = ()


def read_own(path: Path | None) -> Own:
    """What was published last; nothing where nothing was, or where the file can't be read."""
    if path is None:
        return Own()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Own)
    except FileNotFoundError:
        return Own()
    except (OSError, msgspec.MsgspecError) as error:
        # The shop goes on with what it was shipped with: an answer too few, not a bot too few.
        logger.warning("%s can't be read, the FAQ is as shipped: %s", path, error)
        return Own()


def told_by(
    written: Sequence[tuple[Entry, str]], shop: Shop, path: Path | None
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """The entries as shipped, and with what the merchant published at `path`; both filled.

    EntryError is of a file only; an own entry whose values shop.yml has no more is left out.
    """
    shipped = tuple(filled(entry, shop, where) for entry, where in written)
    return shipped, merged(shipped, read_own(path), shop)


def merged(shipped: Sequence[Entry], own: Own, shop: Shop) -> tuple[Entry, ...]:
    """The shipped entries (filled) with the merchant's own (as written) in their places or behind them."""
    told = {entry.id: entry for entry in shipped if entry.id not in own.withdrawn}
    for entry in own.entries:
        try:
            told[entry.id] = filled(entry, shop, f"own entry {entry.id}")
        except EntryError as error:
            logger.warning("left out as it is: %s", error)
    return tuple(
        msgspec.structs.replace(entry, related=tuple(other for other in entry.related if other in told))
        for entry in told.values()
    )
