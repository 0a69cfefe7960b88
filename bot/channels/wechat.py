"""公众号 and mini-programs: what goes out to a shopper as customer-service messages."""

from collections.abc import Callable

from bot.channels.picture_forms import WECHAT_TAKES, Form, Shelf, fitting
from bot.channels.wechat_api import Answer, WeixinApi, outcome_of
from bot.conversation.bodies import Image, offers_of
from bot.courier.contract import Address, Failed, Label, Outcome, Piece, Told
from bot.courier.plain import join, numbered, text_of, utf8

WECHAT, MINIPROGRAM = "wechat", "miniprogram"
LONGEST = 2000
_MOST_ENTRIES = 10
_LONGEST_ENTRY = 120
_SEND = "/cgi-bin/message/custom/send"


class WeChat:
    """Sends customer-service messages. A message sent twice arrives twice, so that nothing is sent twice.

    Pictures are taken from `shelf`.
    """

    repeatable = False
    metered = True

    def __init__(self, name: str, api: WeixinApi, shelf: Shelf) -> None:
        self.name: str = name
        self._api = api
        self._shelf = shelf

    def render(self, told: tuple[Told, ...]) -> list[Piece]:
        """Texts, a menu to press where that says all of it, pictures."""
        return render(told, menus=self.name == WECHAT)

    async def send(self, address: Address, piece: Piece, label: Label) -> Outcome:  # noqa: ARG002 - see `repeatable`
        content = dict(piece.content)
        picture = content.pop("picture", "")
        if picture:
            uploaded = await upload(self._api, self._shelf, picture, WECHAT_TAKES)
            if not isinstance(uploaded, str):
                return uploaded
            content = {"msgtype": "image", "image": {"media_id": uploaded}}
        return await self._api.send(_SEND, {"touser": address.to, **content})


def render(told: tuple[Told, ...], *, menus: bool) -> list[Piece]:
    """As WeChat wants it; a picture is kept by its address and uploaded when it goes."""
    pieces: list[Piece] = []
    run: list[Told] = []
    for one in told:
        if isinstance(one.body, Image) and one.body.url.startswith("/media/"):
            pieces += [*_worded(run, menus=menus), *_worded([one], menus=False)]
            pieces.append(Piece({"picture": one.body.url}))
            run = []
        else:
            run.append(one)
    return pieces + _worded(run, menus=menus)


def _worded(run: list[Told], *, menus: bool) -> list[Piece]:
    menu = _menu(run) if menus and run else None
    if menu is not None:
        return [menu]
    return [Piece({"msgtype": "text", "text": {"content": text}}) for text in join(run, LONGEST)]


def _menu(run: list[Told]) -> Piece | None:
    return menu_of(
        run,
        lambda head, labels: utf8(head + "".join(labels)) <= LONGEST and all_within(labels, _LONGEST_ENTRY),
        lambda identifier, label: {"id": identifier, "content": label},
        tail_content="",
    )


def all_within(labels: list[str], most: int) -> bool:
    """Whether each label has at most `most` bytes."""
    return all(utf8(label) <= most for label in labels)


def menu_of(
    run: list[Told],
    fits: Callable[[str, list[str]], bool],
    entry: Callable[[str, str], dict[str, object]],
    **more: object,
) -> Piece | None:
    """One message of words and entries to press, if the last one offers something and all of it fits.

    `fits` judges the words and the entries' labels together; `entry` makes an entry of its id and label.
    """
    *before, last = run
    offers = offers_of(last.body)
    words = [text_of(one) for one in before] + [text_of(last, with_offers=False)]
    head = "\n\n".join(text for text in words if text)
    labels = numbered(offers, last.first)
    if not offers or len(offers) > _MOST_ENTRIES or not head or not fits(head, labels):
        return None
    entries = [entry(f"{last.seq}:{offer.id}", label) for offer, label in zip(offers, labels, strict=True)]
    return Piece({"msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": entries, **more}})


async def upload(api: WeixinApi, shelf: Shelf, picture: str, form: Form) -> str | Outcome:
    """The picture's media_id, or why it has none. It is asked for anew at each try: it lasts three days only."""
    fit = await fitting(shelf, picture, form)
    if isinstance(fit, Failed):
        return fit
    answer = await api.upload(fit.data, fit.kind)
    if isinstance(answer, Answer) and answer.code == 0 and isinstance(answer.body.get("media_id"), str):
        return str(answer.body["media_id"])
    outcome = outcome_of(answer)
    # Nothing has reached the shopper, whatever became of the upload.
    reason = getattr(outcome, "reason", "") or "图片上传失败"
    return Failed(f"图片上传失败：{reason}", retryable=not isinstance(outcome, Failed) or outcome.retryable)
