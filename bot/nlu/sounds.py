"""How characters sound, without tones: what makes a homophone typed by mistake readable."""

from collections.abc import Iterable


def sounds_of(letters: Iterable[str]) -> dict[str, str]:
    """Character to syllable for every common character, and those among `letters`; asked of pypinyin once, at training."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - 40 MB that only training has to hold

    wanted = sorted(
        {chr(code) for code in range(0x4E00, 0x9FA6)} | {x for x in letters if "\u4e00" <= x <= "\u9fff"}
    )
    told = ((letter, lazy_pinyin(letter)) for letter in wanted)
    return {letter: said[0] for letter, said in told if len(said) == 1 and said[0].isascii()}
