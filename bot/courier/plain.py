"""Cards, pickers and buttons in plain text: for channels that have nothing but words."""

import re
from collections.abc import Callable, Iterable, Iterator

from bot.conversation.bodies import (
    Card,
    CardShown,
    Choice,
    Choices,
    File,
    Image,
    Offer,
    OrderSummary,
    Said,
    Text,
)
from bot.courier.contract import Told

Size = Callable[[str], int]

_STEPS_SHOWN = 4
_ITEMS_SHOWN = 5
# Where a reader takes breath, the longest breath first.
_ENDS = ("\n\n", "\n", "。", "！", "？", "；", ". ", "! ", "? ", "，", ", ", " ")
_LEAST = 0.4


def utf8(text: str) -> int:
    """The size that most platforms count: bytes."""
    return len(text.encode())


def text_of(told: Told, *, with_offers: bool = True) -> str:
    """All that a body says, its offers as numbered lines; a picture is only named by its words."""
    body: Said = told.body
    lines: list[str] = []
    offers: tuple[Offer, ...] = ()
    match body:
        case Text(text=text) | Image(text=text):
            lines.append(text)
        case Choice(label=label):
            lines.append(label)
        case File(name=name):
            lines.append(f"[文件] {name}")
        case Choices(text=text, choices=offers):
            lines.append(text)
        case CardShown(card=card, text=text):
            lines += [text, *card_lines(card)]
            offers = card.choices
    if with_offers:
        lines += numbered(offers, told.first)
    return "\n".join(line for line in lines if line)


def numbered(offers: tuple[Offer, ...], first: int) -> list[str]:
    """The offers as lines that a shopper can answer by their number."""
    return [f"{n}. {_offer(offer)}" for n, offer in enumerate(offers, first)]


def card_lines(card: Card) -> list[str]:
    """A card of any topic, line by line."""
    status = f"（{card.status.text}）" if card.status else ""
    lines = [f"【{card.title}】{status}"]
    for item in card.items[:_ITEMS_SHOWN]:
        spec = f" {item.spec}" if item.spec else ""
        price = f" {yuan(item.amount_fen)}" if item.amount_fen is not None else ""
        lines.append(f"· {item.name}{spec} ×{item.quantity}{price}")
    if len(card.items) > _ITEMS_SHOWN:
        lines.append(f"· 共 {len(card.items)} 件商品")
    lines += [f"{field.label}：{field.value}" for field in card.fields]
    if card.amount_fen is not None:
        lines.append(f"金额：{yuan(card.amount_fen)}")
    lines += [f"{_moment(step.time)} {step.text}" for step in card.steps[:_STEPS_SHOWN]]
    if len(card.steps) > _STEPS_SHOWN:
        lines.append("……")
    return lines


def yuan(fen: int) -> str:
    return f"¥{fen / 100:,.2f}"


def join(told: Iterable[Told], most: int, size: Size = utf8) -> list[str]:
    """Everything that is told in as few messages of at most `most` as it fits into, split where one breathes."""
    messages: list[str] = []
    for one in told:
        text = text_of(one)
        if not text:
            continue
        if messages and size(joined := f"{messages[-1]}\n\n{text}") <= most:
            messages[-1] = joined
        else:
            messages += split(text, most, size)
    return messages


def split(text: str, most: int, size: Size = utf8) -> list[str]:
    """The text in parts of at most `most`, none of them blank, cut at ends of lines and sentences."""
    return [part for part in _parts(text.strip(), most, size) if part]


def _parts(text: str, most: int, size: Size) -> Iterator[str]:
    while size(text) > most:
        room = _fitting(text, most, size)
        at = _breath(text[:room])
        yield text[:at].rstrip()
        text = text[at:].lstrip()
    yield text


def _fitting(text: str, most: int, size: Size) -> int:
    """How many characters of the text fit; never fewer than one."""
    low, high = 1, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        if size(text[:middle]) <= most:
            low = middle
        else:
            high = middle - 1
    # A surrogate half or a joined emoji is not cut in two.
    while low > 1 and low < len(text) and text[low] in "\u200d\ufe0f\u20e3":
        low -= 1
    return low


def _breath(head: str) -> int:
    for end in _ENDS:
        at = head.rfind(end)
        if at >= len(head) * _LEAST:
            return at + len(end)
    return len(head)


def _offer(offer: Offer) -> str:
    order = offer.order
    return offer.label if order is None else _order(offer.label, order)


def _order(label: str, order: OrderSummary) -> str:
    status = f"｜{order.status.text}" if order.status else ""
    amount = f"｜{yuan(order.amount_fen)}" if order.amount_fen is not None else ""
    return f"{label or order.title}{status}{amount}（{order.number}）"


_MOMENT = re.compile(r"\d{4}-(\d\d)-(\d\d)T(\d\d:\d\d)")


def _moment(time: str) -> str:
    found = _MOMENT.match(time)
    return f"{found[1]}-{found[2]} {found[3]}" if found else time
