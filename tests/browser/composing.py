"""Somebody who types Chinese: an input method between the keyboard and the page."""

from playwright.async_api import CDPSession, Locator


async def compose(cdp: CDPSession, field: Locator, typed: str, key: str) -> None:
    """Half-typed pinyin in the field, and a key of the input method."""
    await field.focus()
    end = len(typed)
    await cdp.send("Input.imeSetComposition", {"text": typed, "selectionStart": end, "selectionEnd": end})
    process = {"type": "rawKeyDown", "key": "Process", "code": key, "windowsVirtualKeyCode": 229}
    await cdp.send("Input.dispatchKeyEvent", process)
    # As Safari tells it: the key itself, and only the flag says whose it is.
    event = f"new KeyboardEvent('keydown', {{key: '{key}', code: '{key}', isComposing: true, bubbles: true, cancelable: true}})"
    await field.evaluate(f"e => e.dispatchEvent({event})")
