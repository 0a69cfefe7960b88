"""What a shopper tells and shows of a fault: pictures are kept a while, for whatever they turn out to be for."""

import re
from datetime import datetime, timedelta
from typing import Any

from actions.asked import Asked
from actions.facts import links_in
from actions.platforms.base import Evidence
from actions.settings import settings
from actions.tongue import now

NOTHING = "-"
MOST = 9
FRESH = timedelta(minutes=30)
TELLING = 5  # signs that are left at least of a message that tells more than its wish
_WISH = re.compile(
    r"质量(?:有|不)?(?:问题|好|差|太差)?|(?:申请|办理?|给我?|求|要|想|可以|能|能不能|希望)*(?:退货退款|退货|退款|退换货?|换货|赔偿|补偿|赔|换一?个新?的?|退了?)"
    r"|投诉|登记|少发|漏发|发错|(?:你们|商家|客服|东西|商品|订单|怎么办|怎么处理|有|是|我|你|想|要|请|帮|的|了|吗|呢|啊|吧|呀|那|这|个|单)"
    r"|[\s，。！？,.!?~、]+"
)
LONGEST = 1000
_ASKS = re.compile(r"怎么(?:还|办|处理|回事|退|换|赔)?[^，。]*$|[?？吗呢]$|为什么")


def photos_shown(asked: Asked) -> tuple[str, ...]:
    """Pictures of this message and of the last half hour that nothing was done with, oldest first, at most nine."""
    kept = asked.told("shown")
    fresh = bool(kept) and now() - datetime.fromisoformat(str(kept["at"])) < FRESH
    before = tuple(str(each) for each in kept["photos"]) if fresh else ()
    return tuple(dict.fromkeys((*before, *asked.pictures, *links_in(asked.text))))[:MOST]


def as_kept(photos: tuple[str, ...]) -> dict[str, Any]:
    """The slot `shown` that holds these pictures."""
    return {"photos": list(photos), "at": now().isoformat()}


def with_evidence(asked: Asked, telling: str = "") -> Asked:
    """The same with what was told and shown as entities; `telling` are the words that tell, where they do."""
    return asked.knowing(
        evidence=telling[:LONGEST] if is_telling(telling) else "", photos=" ".join(photos_shown(asked))
    )


def is_telling(text: str) -> bool:
    """Whether the words tell what happened, and not only what is wished."""
    return len(_WISH.sub("", text)) >= TELLING and not _ASKS.search(text)


def typed(asked: Asked) -> str:
    """The message's own words; nothing when a button was pressed."""
    return "" if asked.pressed else asked.text


def evidence_of(asked: Asked) -> Evidence:
    """What a confirmed press or a filled in form carries along."""
    text = asked.value("evidence").removeprefix(NOTHING)
    paths = asked.value("photos").removeprefix(NOTHING).split()
    ours = settings().public_url
    photos = (*(f"{ours}{path}" if path.startswith("/") else path for path in paths), *links_in(text))
    return Evidence(text, tuple(dict.fromkeys(photos))[:MOST])


def given(asked: Asked) -> dict[str, str]:
    """The entities of it that are there, to be carried by a button."""
    return {name: asked.value(name) for name in ("evidence", "photos") if asked.value(name)}


def is_asked_for(asked: Asked) -> bool:
    """Whether words or pictures are still missing, not even refused."""
    text = asked.value("evidence")
    return not (text and (asked.value("photos") or links_in(text)))


def summed_up(asked: Asked) -> tuple[str, str]:
    """What goes along, in both languages, for a confirmation; empty when nothing does."""
    text, photos = evidence_of(asked).description, photos_told(asked)
    if not text:
        return photos
    return f"说明：「{text}」。{photos[0]}", f"Your words: “{text}”. {photos[1]}"


def photos_told(asked: Asked) -> tuple[str, str]:
    """How many pictures go along, in both languages; empty without any."""
    many = len(evidence_of(asked).photos)
    if not many:
        return "", ""
    return f"附照片 {many} 张。", f"With {many} photo{'s' if many > 1 else ''}. "
