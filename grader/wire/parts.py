r"""What stands after the mark of a line, taken apart: text, placeholders, escapes.

    ana  > hola <i>          TEXT "hola ", NUMBER
    beto < ana: <text>       TEXT "ana: ", NAME text
    beto < a | b             TEXT "a", BAR, TEXT "b"
    beto < </[0-9]+/> ok     REGEX "[0-9]+", TEXT " ok"
    caro >> ho|la\r\n        TEXT "ho", BAR, TEXT "la\r\n"

A `<` opens a placeholder only when a letter, `*` or `/` follows and a `>` (after `/` a `/>`) comes before the next `<`;
every other `<` is text, so ``a < b`` and ``</b>`` need no escape. What looks like a placeholder and is none is an error, never text: a mistyped
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

from grader.model.spanish import placeholder
from grader.wire.values import compute, names_of


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
    FILE = "file"
    VALUE = "value"
    REGEX = "/"
    NUMERIC = "number"
    SET = "set"
    NOT = "not"
    PYTHON = "python"
    BAR = "|"


class Style(StrEnum):
    """How the text after a mark is written, which differs in its escapes and in what a bar means."""

    LINE = "line"
    """A text that can hold no end of line."""
    BYTES = "bytes"
    """A message that may hold any byte: what is raw, but ` | ` means alternatives."""
    RAW = "raw"
    """After >> and <<: a bar is a packet boundary."""
    JSON = "json"
    """A backslash belongs to the JSON; only ``\\<`` is an escape."""


UNCERTAIN = frozenset({What.ANY, What.REGEX, What.NUMERIC, What.SET, What.NOT, What.PYTHON})
"""What stands for more than one text: nobody can send it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template. `text` is the text or the name; `size` counts characters or bytes."""

    what: What
    text: str = ""
    size: int = 0
    offset: int = 0
    which: str = ""
    """Of a file that is cut into pieces of `size` bytes: which of them, by a number or a name."""


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
_PLACEHOLDER = r"</(?:[^<\\]|\\.|(?<=\(\?)<)+?/>|<(?=[^\W\d]|\*)[^<>]*>"
_BYTE = r"\\x[0-9A-Fa-f]{2}|"
_TOKENS = {
    Style.LINE: re.compile(rf"\\.?|{_PLACEHOLDER}| \| ", re.DOTALL),
    Style.BYTES: re.compile(rf"{_BYTE}\\.?|{_PLACEHOLDER}| \| ", re.DOTALL),
    Style.RAW: re.compile(rf"{_BYTE}\\.?|{_PLACEHOLDER}|\|", re.DOTALL),
    Style.JSON: re.compile(rf"\\.?|{_PLACEHOLDER}", re.DOTALL),
}
_NAME = re.compile(r"[^\W\d][\w-]*")
_LONG = re.compile(r"long (\d{1,9})")
_RANDOM = re.compile(r"random (\d{1,9}) bytes?")
_NOT_NAMES = {
    "each": "<each> stands for an entry of `each:`, and this check has none.",
    "long": "<long> needs a length.",
    "random": "<random> needs a length.",
}
_EXAMPLES = {
    "each": "Write `each: [hola, adios]` beside the play.",
    "long": "Write <long 5000>.",
    "random": "Write <random 1400 bytes>, after >>.",
}


def take_apart(source: str, style: Style = Style.LINE) -> tuple[Part, ...]:
    """The parts of a template, in order, neighbouring text merged. Raises TemplateError."""
    _check_encodable(source)
    parts: list[Part] = []
    text: list[str] = []
    began = at = 0

    def finish_text() -> None:
        if text:
            # A character may be spelled as its bytes: \\xc3\\xb1 is the same text as ñ.
            joined = "".join(text)
            parts.append(Part(What.TEXT, to_text(to_bytes(joined)) if style in _SPELLED else joined, offset=began))
            text.clear()

    for token in _TOKENS[style].finditer(source):
        word, offset = token[0], token.start()
        if offset > at:
            text.append(source[at:offset])
        at = token.end()
        if word.startswith("\\"):
            text.append(_unescape(word, offset, style))
            continue
        finish_text()
        began = at
        parts.append(_placeholder(word[1:-1], offset, style) if word[0] == "<" else Part(What.BAR, word, 0, offset))
    if at < len(source):
        text.append(source[at:])
    finish_text()
    if len(parts) > MOST_PARTS:
        raise TemplateError(f"More than {MOST_PARTS} parts.", parts[MOST_PARTS].offset)
    return tuple(parts)


_SPELLED = (Style.RAW, Style.BYTES)


def _check_encodable(source: str) -> None:
    try:
        to_bytes(source)
    except UnicodeEncodeError as error:
        raise TemplateError("This character can't be sent as UTF-8.", error.start) from None


def _unescape(word: str, offset: int, style: Style) -> str:
    if style is Style.JSON:
        return "<" if word == "\\<" else word
    known = _ESCAPES if style is Style.LINE else _RAW_ESCAPES
    if word in known:
        return known[word]
    if style in _SPELLED and len(word) == 4:
        return to_text(bytes.fromhex(word[2:]))
    if style is Style.LINE and word in {*_RAW_ESCAPES, "\\x"}:
        raise TemplateError(f"{word} is understood only after >> and <<.", offset, "Use >> to send raw bytes.")
    hint = r"After \x come two hexadecimal digits." if word == "\\x" else r"Write \\ for a plain backslash."
    raise TemplateError(f"{word} is not an escape.", offset, hint)


def _placeholder(written: str, offset: int, style: Style) -> Part:
    inner = placeholder(written)
    if inner == "*":
        return Part(What.ANY, offset=offset)
    if inner == "i":
        return Part(What.NUMBER, offset=offset)
    if inner[0] == "/":
        return Part(What.REGEX, inner[1:-1], offset=offset)
    if inner in _NOT_NAMES:
        raise TemplateError(_NOT_NAMES[inner], offset, _EXAMPLES[inner])
    if _NAME.fullmatch(inner):
        return Part(What.NAME, inner, offset=offset)
    first, _, rest = inner.partition(" ")
    if first == "file" and (cut := _PIECE.fullmatch(rest.strip())):
        return Part(What.FILE, cut["path"], _size(cut["size"], offset), offset, cut["which"])
    if first in _WITH_TEXT and rest.strip():
        return Part(_WITH_TEXT[first], rest.strip(), offset=offset)
    if found := _LONG.fullmatch(inner):
        return Part(What.LONG, size=_size(found[1], offset), offset=offset)
    if found := _RANDOM.fullmatch(inner):
        if style not in _SPELLED:
            raise TemplateError("Random bytes can only be sent raw.", offset, "Use >> instead of >.")
        return Part(What.RANDOM, size=_size(found[1], offset), offset=offset)
    shown = inner if len(inner) <= 40 else inner[:39] + "…"
    raise TemplateError(f"<{shown}> is not a placeholder.", offset, r"Write \< for a plain <.")


_WITH_TEXT = {
    "number": What.NUMERIC, "set": What.SET, "not": What.NOT, "file": What.FILE, "value": What.VALUE, "python": What.PYTHON,
}  # fmt: skip
_PIECE = re.compile(r"(?P<path>.+?) (?:piece|pieza) (?P<which>\d{1,6}|[^\W\d][\w-]*) (?:of|de) (?P<size>\d{1,9})")


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


def file_key(path: str) -> str:
    """The name under which the content of a file is known. No placeholder has it: there is a space in it."""
    return f"file {path}"


def _piece(part: Part, known: Mapping[str, str], number: int) -> str:
    """A file, or a piece of it, counted from 1: behind its end there are empty ones."""
    whole = known[file_key(part.text)]
    if not part.which:
        return whole
    which = number if part.which == "i" else compute(part.which, known)
    return to_text(to_bytes(whole)[max(which - 1, 0) * part.size : max(which, 0) * part.size])


def names_in(part: Part) -> tuple[str, ...]:
    """The names whose values a part needs, or that get one from it."""
    if part.what is What.NAME:
        return (part.text,)
    if part.what is What.VALUE:
        return names_of(part.text)
    return (part.which,) if part.which and part.which != "i" and not part.which.isdecimal() else ()


RENDER: Mapping[What, Callable[[Part, Mapping[str, str], int, int], str]] = {
    What.TEXT: lambda part, _known, _number, _seed: part.text,
    What.BAR: lambda part, _known, _number, _seed: part.text,
    What.NAME: lambda part, known, _number, _seed: known[part.text],
    What.ANY: lambda _part, known, _number, _seed: known["*"],
    What.NUMBER: lambda _part, _known, number, _seed: str(number),
    What.LONG: lambda part, _known, _number, seed: long_text(part.size, seed),
    What.RANDOM: lambda part, _known, _number, seed: to_text(random_bytes(part.size, seed)),
    What.FILE: lambda part, known, number, _seed: _piece(part, known, number),
    What.VALUE: lambda part, known, _number, _seed: str(compute(part.text, known)),
}
"""How each part is written out. A name without a value raises KeyError, and so does `<*>`, which never has one."""
