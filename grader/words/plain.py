"""Text from outside made safe to look at: what can't be seen, or changes how the rest is seen, is written as an escape.

Everything that a submission sends, prints or is called may try to deceive the reader: an escape sequence that clears
the terminal, a mark that turns the text around, a name that ends in a newline. One rule holds on every page and in the
terminal: a character that prints nothing, or moves what stands around it, is shown by its number. Letters of every
script stay as they are.
"""

from __future__ import annotations

import re

_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but the tab and the newline
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # zero width, bidi, line ends
    "\ud800-\udfff\ufffe\uffff"  # halves of a pair (names of files that are no UTF-8), non-characters
    "\U000e0000-\U000e0fff"  # tags and selectors
)
WORD = 12
"""Letters that stay of a word without end."""
_LINES = re.compile(f"[{_UNSEEN}]")
_ONE_LINE = re.compile(f"[\t\n{_UNSEEN}]")


def escape_of(character: str) -> str:
    r"""How a character is written that can't be shown: ``\x1b``, ``\u202e``."""
    number = ord(character)
    if number < 0x100:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{number:02x}")
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def printable(text: str) -> str:
    """Text of one line: newlines and tabs become escapes too."""
    return _ONE_LINE.sub(lambda found: escape_of(found[0]), text)


def printable_lines(text: str) -> str:
    """Text of several lines: newlines and tabs stay."""
    return _LINES.sub(lambda found: escape_of(found[0]), text)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the last of which is … when something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def cut_in_a_word(text: str, limit: int) -> str:
    """The same, but of a word that would fill the rest by itself only the beginning: a thousand x tell no more than ten."""
    if len(text) <= limit:
        return text
    last = text.rfind(" ", 0, limit) + 1
    return cut(text, min(limit, last + WORD) if limit - last > WORD + 6 else limit)
