r"""Bytes from the wire as a person may read them: the one way in which they reach a page or a terminal.

Text is shown as text. The end of a line gets a sign, ⏎, which every font has; every other byte that prints nothing is
written as one writes it in code (``\r``, ``\0``, ``\x1b``, ``\xff``), and what would turn or hide the text around it by its
code point. (The pictures of control characters, such as U+240D, are in no font of a plain Linux: they showed as boxes.)
A ⏎ that was itself sent is shown by its code point, so that nobody can pretend to have sent a line's end.
"""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

from grader.words import cut, escape_of, printable

EOL = "⏎"
_BAD_BYTE = re.compile("[\udc80-\udcff]")


def show_bytes(data: bytes, limit: int | None = None) -> str:
    """The bytes as one line of plain text, at most `limit` characters long."""
    if limit is not None:
        data = data[: 4 * limit + 4]  # no character takes more than four bytes
    text = data.decode("utf-8", "surrogateescape")
    text = _BAD_BYTE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", text)
    text = text.replace(EOL, escape_of(EOL)).replace("\0", "\\0")
    text = EOL.join(printable(line) for line in text.split("\n"))
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
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
