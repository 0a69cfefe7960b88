"""The platforms' XML: one flat element of elements with text, without documents' own definitions."""

from collections.abc import Mapping
from xml.parsers import expat

from bot.errors import BadFrameError

LARGEST = 64 * 1024
_DEEPEST = 8


def parse_flat(data: bytes) -> dict[str, str]:
    """The texts of the root's children by their names. Raises BadFrameError.

    Definitions (DTD, entities) are refused before anything of them is read; what lies deeper is left out.
    """
    if len(data) > LARGEST:
        raise BadFrameError("the XML is too large")
    found: dict[str, str] = {}
    path: list[str] = []
    text: list[str] = []

    def begin(name: str, _: dict[str, str]) -> None:
        path.append(name)
        if len(path) > _DEEPEST:
            raise BadFrameError("the XML is too deep")
        text.clear()

    def end(name: str) -> None:
        if len(path) == 2:
            found[name] = "".join(text)
        path.pop()
        text.clear()

    def refuse(*_: object) -> int:
        raise BadFrameError("XML with definitions of its own is refused")

    parser = expat.ParserCreate("UTF-8")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.buffer_text = True
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat's own: this is all of it
    except expat.ExpatError as error:
        raise BadFrameError(f"no XML: {error}") from error
    except (UnicodeError, ValueError) as error:
        raise BadFrameError("no XML in UTF-8") from error
    return found


def make_flat(values: Mapping[str, str | int]) -> bytes:
    """`<xml>` with one element for each value; texts in CDATA, numbers bare."""
    parts = [
        f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}>{_cdata(value)}</{name}>"
        for name, value in values.items()
    ]
    return f"<xml>{''.join(parts)}</xml>".encode()


def _cdata(text: str) -> str:
    # What XML has no letters for would make the whole answer unreadable.
    kept = "".join(c for c in text if c in "\t\n\r" or (ord(c) >= 0x20 and ord(c) not in (0xFFFE, 0xFFFF)))
    return f"<![CDATA[{kept.replace(']]>', ']]]]><![CDATA[>')}]]>"
