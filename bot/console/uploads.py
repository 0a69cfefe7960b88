"""Pictures and files that agents send (docs/wire.md)."""

from aiohttp import web

from bot.archive.accounts import Session
from bot.channels import uploads
from bot.channels.uploads import TakesIn
from bot.console import lists
from bot.console.answers import answer
from bot.console.door import signed_in
from bot.console.parts import PARTS, ConsoleParts
from bot.console.roles import Verb
from bot.conversation.bodies import File, Image
from bot.errors import NoFilesThereError, NotOwnerError


@signed_in(Verb.REPLY)
async def upload(request: web.Request, session: Session) -> web.StreamResponse:
    """Keeps a picture or a PDF for whoever has the conversation; it is said by a reply that names its `url`."""
    parts = request.app[PARTS]
    state = await lists.known_state(parts, request.match_info["id"])
    if state.owner != session.agent.id:
        raise NotOwnerError
    return answer(await TakesIn(parts.media.keep).take(request))


async def attached(parts: ConsoleParts, channel: str, url: str, name: str, text: str) -> Image | File:
    """What is kept at `url`, as a body for a shopper in `channel`.

    Raises NoSuchFileError when we keep nothing there, NoFilesThereError when his channel carries no files.
    """
    body = await uploads.attached(parts.media.measure, url, name, text)
    if isinstance(body, File) and channel != "web":
        raise NoFilesThereError
    return body
