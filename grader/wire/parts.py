r"""What stands after the mark of a line, taken apart: text, placeholders, escapes.

    ana  > hola <i>          TEXT "hola ", NUMBER
    beto < ana: <text>       TEXT "ana: ", NAME text
    beto < a | b             TEXT "a", BAR, TEXT "b"
    caro >> ho|la\r\n        TEXT "ho", BAR, TEXT "la\r\n"

A `<` opens a placeholder only when a letter or `*` follows and a `>` comes before the next `<`; every other `<` is
text, so ``a < b`` needs no escape. What looks like a placeholder and is none is an error, never text: a mistyped
``<long x>`` that went over the wire as it stands would fail an honest server.

Bytes and text: what travels is UTF-8, and bytes that are not UTF-8 survive as lone surrogates (`surrogateescape`), so
any message can be compared as text and sent again unchanged.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class TemplateError(ValueError):
    """A template that can't be read: what is wrong, at which character, and what to write instead."""

    def __init__(self, message: str, offset: int, hint: str = "") -> None:
        self.message = message
        self.offset = offset
        self.hint = hint
        super().__init__(f"{message} (character {offset + 1})" + (f" {hint}" if hint else ""))


class What(StrEnum):
    """What a part of a template is."""

    TEXT = "text"
    NAME = "name"
    ANY = "*"
    NUMBER = "i"
    LONG = "long"
    RANDOM = "random"
    BAR = "|"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template. `text` is the text or the name; `size` counts characters or bytes."""

    what: What
    text: str = ""
    size: int = 0
    offset: int = 0


def to_text(data: bytes) -> str:
    """Bytes as text; what is not UTF-8 becomes lone surrogates, so that nothing is lost."""
    return data.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """The inverse of `to_text`."""
    return text.encode("utf-8", "surrogateescape")


LARGEST = 1_000_000
"""Characters that one `<long …>` or `<random …>` may ask for."""

MOST_PARTS = 100
"""Texts and placeholders in one template: the square of it is paid when a misfit is explained."""

_ESCAPES = {"\\\\": "\\", "\\<": "<", "\\|": "|", "\\s": " "}
_RAW_ESCAPES = {**_ESCAPES, "\\n": "\n", "\\r": "\r", "\\t": "\t", "\\0": "\0"}
_PLACEHOLDER = r"<(?=[^\W\d]|\*)[^<>]*>"
_TOKEN = re.compile(rf"\\.?|{_PLACEHOLDER}| \| ", re.DOTALL)
_RAW_TOKEN = re.compile(rf"\\x[0-9A-Fa-f]{{2}}|\\.?|{_PLACEHOLDER}|\|", re.DOTALL)
_NAME = re.compile(r"[^\W\d][\w-]*")
_LONG = re.compile(r"long (\d{1,9})")
_RANDOM = re.compile(r"random (\d{1,9}) bytes?")
_NOT_NAMES = {
    "each": "<each> is not understood yet.",
    "long": "<long> needs a length.",
    "random": "<random> needs a length.",
}
_EXAMPLES = {"each": "", "long": "Write <long 5000>.", "random": "Write <random 1400 bytes>, after >>."}


def take_apart(source: str, *, raw: bool) -> tuple[Part, ...]:
    """The parts of a template, in order, neighbouring text merged. Raises TemplateError."""
    _check_encodable(source)
    parts: list[Part] = []
    text: list[str] = []
    began = at = 0

    def finish_text() -> None:
        if text:
            # After >> a character may be spelled as its bytes: \\xc3\\xb1 is the same text as ñ.
            joined = "".join(text)
            parts.append(Part(What.TEXT, to_text(to_bytes(joined)) if raw else joined, offset=began))
            text.clear()

    for token in (_RAW_TOKEN if raw else _TOKEN).finditer(source):
        word, offset = token[0], token.start()
        if offset > at:
            text.append(source[at:offset])
        at = token.end()
        if word.startswith("\\"):
            text.append(_unescape(word, offset, raw=raw))
            continue
        finish_text()
        began = at
        parts.append(_placeholder(word[1:-1], offset, raw=raw) if word[0] == "<" else Part(What.BAR, word, 0, offset))
    if at < len(source):
        text.append(source[at:])
    finish_text()
    if len(parts) > MOST_PARTS:
        raise TemplateError(f"More than {MOST_PARTS} parts.", parts[MOST_PARTS].offset)
    return tuple(parts)


def _check_encodable(source: str) -> None:
    try:
        to_bytes(source)
    except UnicodeEncodeError as error:
        raise TemplateError("This character can't be sent as UTF-8.", error.start) from None


def _unescape(word: str, offset: int, *, raw: bool) -> str:
    known = _RAW_ESCAPES if raw else _ESCAPES
    if word in known:
        return known[word]
    if raw and len(word) == 4:
        return to_text(bytes.fromhex(word[2:]))
    if not raw and word in {*_RAW_ESCAPES, "\\x"}:
        raise TemplateError(f"{word} is understood only after >> and <<.", offset, "Use >> to send raw bytes.")
    hint = r"After \x come two hexadecimal digits." if word == "\\x" else r"Write \\ for a plain backslash."
    raise TemplateError(f"{word} is not an escape.", offset, hint)


def _placeholder(inner: str, offset: int, *, raw: bool) -> Part:
    if inner == "*":
        return Part(What.ANY, offset=offset)
    if inner == "i":
        return Part(What.NUMBER, offset=offset)
    if inner in _NOT_NAMES:
        raise TemplateError(_NOT_NAMES[inner], offset, _EXAMPLES[inner])
    if _NAME.fullmatch(inner):
        return Part(What.NAME, inner, offset=offset)
    if found := _LONG.fullmatch(inner):
        return Part(What.LONG, size=_size(found[1], offset), offset=offset)
    if found := _RANDOM.fullmatch(inner):
        if not raw:
            raise TemplateError("Random bytes can only be sent raw.", offset, "Use >> instead of >.")
        return Part(What.RANDOM, size=_size(found[1], offset), offset=offset)
    shown = inner if len(inner) <= 40 else inner[:39] + "…"
    raise TemplateError(f"<{shown}> is not a placeholder.", offset, r"Write \< for a plain <.")


def _size(digits: str, offset: int) -> int:
    size = int(digits)
    if not 1 <= size <= LARGEST:
        raise TemplateError(f"A length of {size} is out of range.", offset, f"1 to {LARGEST} are possible.")
    return size


# What a long text asks is that it arrives whole. Signs, spaces and capitals, which a server may trip over at any length,
# are for a play to write out.
_LETTERS = (string.ascii_lowercase + string.digits).encode()
_LETTERS_TABLE = bytes(_LETTERS[i % len(_LETTERS)] for i in range(256))


@lru_cache(maxsize=32)
def long_text(size: int, seed: int) -> str:
    """`size` small letters and digits, always the same for the same seed."""
    data = hashlib.shake_128(f"long {size} {seed}".encode()).digest(size)
    return data.translate(_LETTERS_TABLE).decode("ascii")


@lru_cache(maxsize=32)
def random_bytes(size: int, seed: int) -> bytes:
    """`size` bytes of any value, always the same for the same seed."""
    return hashlib.shake_128(f"random {size} {seed}".encode()).digest(size)


RENDER: Mapping[What, Callable[[Part, Mapping[str, str], int, int], str]] = {
    What.TEXT: lambda part, _known, _number, _seed: part.text,
    What.BAR: lambda part, _known, _number, _seed: part.text,
    What.NAME: lambda part, known, _number, _seed: known[part.text],
    What.ANY: lambda _part, known, _number, _seed: known["*"],
    What.NUMBER: lambda _part, _known, number, _seed: str(number),
    What.LONG: lambda part, _known, _number, seed: long_text(part.size, seed),
    What.RANDOM: lambda part, _known, _number, seed: to_text(random_bytes(part.size, seed)),
}
"""How each part is written out. A name without a value raises KeyError, and so does `<*>`, which never has one."""
