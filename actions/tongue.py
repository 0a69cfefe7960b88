"""Chinese or English: which words, money and times a shopper reads."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec

CHINA = timezone(timedelta(hours=8))


class Tongue(msgspec.Struct, frozen=True):
    """Called with both wordings, it answers the one that the shopper reads."""

    english: bool = False

    def __call__(self, zh: str, en: str) -> str:
        return en if self.english else zh

    def moment(self, time: datetime) -> str:
        """11月22日 10:05, in China's time."""
        local = time.astimezone(CHINA)
        return (
            local.strftime("%-d %b %H:%M") if self.english else f"{local.month}月{local.day}日 {local:%H:%M}"
        )

    def day(self, time: datetime) -> str:
        local = time.astimezone(CHINA)
        return local.strftime("%-d %b") if self.english else f"{local.month}月{local.day}日"


def yuan(fen: int) -> str:
    """¥12.90 for 1290."""
    return f"¥{fen / 100:,.2f}"


def iso(time: datetime | None) -> str:
    return time.isoformat() if time else ""


def now() -> datetime:
    return datetime.now(UTC).astimezone(CHINA)
