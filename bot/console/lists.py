"""The agents' lists: mine, the line, all; with the places in line and the counts."""

import msgspec

from bot.console.parts import ConsoleParts
from bot.conversation.state import State, fold
from bot.desk.summary import Summary, decode_summary, summarise
from bot.errors import BadCallError, UnknownConversationError

PAGE = 50


class Page(msgspec.Struct, frozen=True):
    conversations: list[Summary]
    next: str | None


async def mine(parts: ConsoleParts, agent: str, words: str) -> Page:
    """The agent's conversations, the last changed first."""
    owned = [name for name, owner in (await parts.board.owned()).items() if owner == agent]
    summaries = [one for one in await shown(parts, owned) if _fits(one, words)]
    summaries.sort(key=lambda one: -(one.last.ts if one.last else 0))
    return Page(summaries, None)


async def line(parts: ConsoleParts, words: str, after: str) -> Page:
    """The waiting conversations from place `after` + 1 on, the next one first."""
    start = _number(after)
    names = await parts.board.line()
    page = [one for one in await shown(parts, names[start : start + PAGE]) if _fits(one, words)]
    end = start + PAGE
    return Page(page, str(end) if end < len(names) else None)


async def every(parts: ConsoleParts, words: str, after: str) -> Page:
    """All conversations, or those in which `words` are found, the last changed first."""
    before = _number(after)
    if words:
        found = await parts.store.search(words, before, PAGE)
        names, last = [one.conversation for one in found], found[-1].updated if found else 0
    else:
        rows = await parts.board.recent(before or None, PAGE)
        names, last = [name for name, _ in rows], int(rows[-1][1]) if rows else 0
    return Page(await shown(parts, names), str(last) if len(names) >= PAGE else None)


async def shown(parts: ConsoleParts, names: list[str]) -> list[Summary]:
    """The summaries of these, each with its place in line: the board's, or of what rests in the archive."""
    places = await _places(parts)
    known = {one.id: one for one in map(decode_summary, await parts.board.summaries(names))}
    for name in names:
        if name not in known and (state := await _any_state(parts, name)).seq:
            known[name] = summarise(state, parts.rules)
    return [await _placed(parts, known[name], places.get(name)) for name in names if name in known]


async def as_it_is(parts: ConsoleParts, state: State) -> Summary:
    """The summary of a state that was just read or written."""
    position = await parts.board.position(state.conversation)
    return await _placed(parts, summarise(state, parts.rules, position), position)


async def _placed(parts: ConsoleParts, summary: Summary, position: int | None) -> Summary:
    waits = await parts.waits.expected(position) if position else None
    return msgspec.structs.replace(summary, position=position, expected=waits)


async def known_state(parts: ConsoleParts, conversation: str) -> State:
    """Raises UnknownConversationError for one that nobody began."""
    state = await _any_state(parts, conversation)
    if state.seq == 0:
        raise UnknownConversationError
    return state


async def _any_state(parts: ConsoleParts, conversation: str) -> State:
    """The state in the log; of a conversation that left it, what its archived events add up to."""
    state = await parts.log.state(conversation)
    if state.seq == 0:
        for event in await parts.store.events(conversation):
            state = fold(state, event)
    return state


async def counts(parts: ConsoleParts) -> tuple[dict[str, int], dict[str, int]]:
    """How many there are: by tab but `mine`, and `mine` by agent."""
    by_agent: dict[str, int] = {}
    for agent in (await parts.board.owned()).values():
        by_agent[agent] = by_agent.get(agent, 0) + 1
    return {"line": len(await parts.board.line()), "all": await parts.board.count()}, by_agent


async def _places(parts: ConsoleParts) -> dict[str, int]:
    return {name: place for place, name in enumerate(await parts.board.line(), start=1)}


def _fits(summary: Summary, words: str) -> bool:
    if not words:
        return True
    last = summary.last.text if summary.last else ""
    return words in summary.customer.name or words in last or words in (summary.id, summary.customer.id)


def _number(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        raise BadCallError
    return int(cursor)
