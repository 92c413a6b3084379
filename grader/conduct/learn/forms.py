r"""What is always the same in what a server sends, and what changes: a template, found by difference. Pure.

    zoraida, token kw1   "[10:31:07] zoraida: kw1\n"
    quique, token kw2    "[10:31:08] quique: kw2\n"         ->  "[<time>] <name>: <text>\n"

No word of any language is known here: a name and a text are found because they are ours, and everything else is told
apart only by whether it stays the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.wire.parts import to_text
from grader.wire.pieces import COLOUR, MARK

ENDS = "\r\n\0"
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?|\b\d{1,2}:\d\d(:\d\d)?(\.\d+)?( ?[AP]M\b)?")
_IP = re.compile(r"(?:::ffff:)?127\.0\.0\.1")
_PORT = re.compile(r"(?<=<ip>)(\W{1,4})\d{4,5}\b")
_NUMBER = re.compile(r"\b1[5-9]\d{8}(?:\.\d+|\d{3})?\b")


@dataclass(frozen=True, slots=True)
class Heard:
    """What one client got when another one, called `name`, did something: said `text`, or came, or left (no text)."""

    name: str
    text: str
    data: bytes
    others: tuple[str, ...] = ()


def marked(heard: Heard) -> str:
    """The text with placeholders where what is ours, and what is known to change, stands."""
    text = to_text(heard.data)
    if heard.text:
        text = text.replace(heard.text, "<text>")
    text = _worded(text, heard.name, "<name>")
    for other in heard.others:
        text = _worded(text, other, "<*>")
    text = _IP.sub("<ip>", text)
    text = _PORT.sub(r"\1<port>", text)
    return _NUMBER.sub("<time>", _TIME.sub("<time>", text))


def _worded(text: str, word: str, mark: str) -> str:
    return text.replace(word, mark) if word else text


def form(samples: Sequence[Heard]) -> str:
    """The template that all of them have; ``<*>`` where they differ. Empty where they have nothing in common."""
    found = [marked(s) for s in samples if s.data]
    if not found:
        return ""
    split = [MARK.split(text) for text in found]
    kinds = Counter(tuple(parts[1::2]) for parts in split)
    # Where something else came beside it, as a notice may, what most of them have is the form.
    kind = max(kinds, key=lambda k: ("<text>" in k, kinds[k], -len(k)))
    alike = [parts for parts in split if tuple(parts[1::2]) == kind]
    return "".join(_common(list(several)) for several in zip(*alike, strict=True))


def _common(texts: list[str]) -> str:
    if len(set(texts)) == 1:
        return texts[0]
    begin = _beginning(texts)
    end = _beginning([text[len(begin) :][::-1] for text in texts])[::-1]
    return f"{begin}<*>{end}"


def _beginning(texts: list[str]) -> str:
    """What all of them begin with."""
    least, most = min(texts), max(texts)
    return next((least[:at] for at, letter in enumerate(least) if letter != most[at]), least)


def ends_alike(one: str, two: str) -> bool:
    """Whether a form ends with another one, in which ``<*>`` may be anything."""
    pattern = "".join(".*?" if part == "<*>" else re.escape(part) for part in MARK.split(two.rstrip(ENDS)))
    return bool(two.strip()) and re.search(f"{pattern}$", one.rstrip(ENDS), re.DOTALL) is not None


def marks(templates: Iterable[str]) -> tuple[str, ...]:
    """What is in the stream besides words."""
    whole = "".join(templates)
    signs = (("colours", COLOUR.search(whole)), ("clock", "<time>" in whole), ("nul", "\0" in whole))
    return tuple(name for name, there in signs if there)
