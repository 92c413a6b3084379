"""Bytes from the wire as a person may read them: the one way in which they reach a page or a terminal.

Text is shown as text. Every byte that prints nothing gets a sign of its own (⏎ for the end of a line, ␍ ␀ ␛ for other
controls), a byte that is no UTF-8 its number (`\\xff`), and what would turn or hide the text around it, its code point.
A sign that was itself sent is shown by its code point, so that nobody can pretend to have sent a line's end.
"""

from __future__ import annotations

import re

from grader.words import cut, escape_of, printable

EOL = "⏎"
_SIGNS = {"\n": EOL, "\x7f": "␡", **{chr(c): chr(0x2400 + c) for c in range(0x20) if c != 0x0A}}
_BAD_BYTE = re.compile("[\udc80-\udcff]")
_SIGN = re.compile("[\u23ce\u2400-\u2426]")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


def show_bytes(data: bytes, limit: int | None = None) -> str:
    """The bytes as one line of plain text, at most `limit` characters long."""
    if limit is not None:
        data = data[: 4 * limit + 4]  # no character takes more than four bytes
    text = data.decode("utf-8", "surrogateescape")
    text = _BAD_BYTE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", text)
    text = _SIGN.sub(lambda found: escape_of(found[0]), text)
    text = printable(_CONTROL.sub(lambda found: _SIGNS[found[0]], text))
    return text if limit is None else _cut_before_its_end(text, limit)


def _cut_before_its_end(text: str, limit: int) -> str:
    """Cut so that the end of a line, if there is one, stays in sight."""
    if len(text) <= limit:
        return text
    return cut(text[:-1], limit - 1) + EOL if text.endswith(EOL) else cut(text, limit)


def width(text: str) -> int:
    """How many columns a text takes in a fixed font: two for the wide letters of East Asia, none for marks."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # noqa: PLC0415  most text is ASCII

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
