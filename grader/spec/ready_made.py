"""Ready-made checks: plays that `ready_made.yaml` holds as data, written out with a course's own wording.

    use: crowd                      c1 (joins)
    with: {clients: 3}              c2 (joins)
                                    c3 (joins)
                                    c3 > hola a todos
                                    …

What comes out is the text of a play, read by the same grammar as one that was written by hand: a ready-made check can
do nothing that an instructor could not write, and its lines read the same in a report. Most of them have two plays: one
for a chat, in the words of its dialect, and one for a protocol in which a client asks and is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from grader.model import Dialect, Protocol
from grader.wire.framings import framing
from grader.wire.parts import to_bytes
from grader.wire.phrases import Phrases

ASK, ANSWER = "ask", "answer"
IN_A_LINE = 40
"""Bytes that one line sends one by one: a template has a limit of parts."""

_FILE = Path(__file__).with_name("ready_made.yaml")
_FIELDS = re.compile(r"\\.|<(name|text)>", re.DOTALL)
_FORMS = ("welcome", "joined", "heard", "left")
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!\"#$%&'()*+,-./:;=?@[]^_`{}~")
_SHORT = {9: "\\t", 10: "\\n", 13: "\\r", 32: "\\s", 60: "\\<", 62: ">", 92: "\\\\", 124: "\\|"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What can be given under `with:`: a number within limits, or a text."""

    value: int = 0
    least: int = 0
    most: int = 0
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """What a ready-made check adds to its check, besides the play."""

    clients: str = ""
    law: tuple[str, ...] = ()
    leftovers: bool = False
    ignore: tuple[str, ...] = ()
    latency: tuple[float, float, float] | None = None
    """How many times slower than the reference half, and 99 of 100, of the answers may be; the milliseconds that never count."""


@dataclass(frozen=True, slots=True)
class Written:
    """A ready-made check in a course's own wording: the text of its play, and what comes with it."""

    play: str
    brought: Brought


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """One entry of the file. `wording` names the forms of the dialect that its `play` needs; `asked` needs none."""

    name: str
    about: str
    wording: tuple[str, ...]
    settings: Mapping[str, Setting]
    brings: Mapping[str, Any]
    play: tuple[Any, ...]
    asked: tuple[Any, ...]
    stream: bool
    """Cuts and glues bytes, which only a stream allows."""

    def write(self, given: Mapping[str, int | str], dialect: Dialect, protocol: Protocol | None = None) -> Written:
        """The play as text. `given` overrides the settings. Raises ValueError or KeyError for a text that can't be bytes."""
        values: dict[str, Any] = {key: s.value if s.text is None else s.text for key, s in self.settings.items()}
        values |= given
        many = values.get("clients", values.get("senders", 0))
        values |= {"last": many - 1, "next": many + 1, "lower": many // 2, "upper": many // 2 + 1}
        forms = {name: _Worded(form) for name in _FORMS if (form := getattr(dialect, name))}
        values |= forms | _framed(protocol or Protocol(), dialect.words)
        asked = ASK in given
        lines = _write(self.asked if asked else self.play, values)
        return Written("\n".join(lines), self._brought(values, asked=asked))

    def _brought(self, values: Mapping[str, Any], *, asked: bool) -> Brought:
        brings = self.brings
        ignore = [form for form in brings.get("ignore", ()) if form[1 : form.index(":")] in values]
        limits = [float(values[name]) for name in brings.get("latency", ())]
        clients = brings.get("clients", "").format_map(values)
        if asked and clients == "c1, c2":
            clients = "c1"  # who asks needs nobody to hear it
        return Brought(
            clients,
            () if asked else tuple(brings.get("law", ())),
            bool(brings.get("leftovers")),
            tuple(form.format_map(values) for form in ignore),
            (limits[0], limits[1], limits[2]) if limits else None,
        )


@cache
def ready_made() -> Mapping[str, ReadyMade]:
    """All ready-made checks by name."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C
    return {name: _entry(name, entry) for name, entry in found.items()}


def _entry(name: str, entry: Mapping[str, Any]) -> ReadyMade:
    settings = {key: Setting(**setting) for key, setting in entry["with"].items()}
    asked = tuple(entry.get("asked", ()))
    return ReadyMade(
        name=name,
        about=entry["about"],
        wording=tuple(entry["wording"]),
        settings=settings | ({ASK: Setting(text=""), ANSWER: Setting(text="")} if asked else {}),
        brings=entry.get("brings", {}),
        play=tuple(entry["play"]),
        asked=asked,
        stream=entry.get("stream", False),
    )


class _Worded:
    """A form of the dialect in a format string: `{heard:c7|hola}` is its template with these for name and text."""

    def __init__(self, form: str) -> None:
        self._form = form

    def __format__(self, spoken: str) -> str:
        name, _, text = spoken.partition("|")
        fields = {"name": name, "text": text}
        return _FIELDS.sub(lambda found: fields[found[1]] if found[1] else found[0], self._form)


class _Framed:
    """The bytes of a message in a format string: `{raw:hola}` is what goes over the wire for it, written for >>."""

    def __init__(self, protocol: Protocol, words: Mapping[str, str], share: slice) -> None:
        self._protocol = protocol
        self._words = words
        self._share = share
        """Which part of the bytes, in halves."""

    def bytes(self, text: str) -> bytes:
        """All bytes of a message. Raises KeyError or ValueError if it is none that can be sent."""
        phrase = Phrases(self._protocol, self._words).parse(text)
        return framing(self._protocol).outgoing(phrase.fill({})) or to_bytes(text)

    def __format__(self, text: str) -> str:
        data = self.bytes(text)
        middle = len(data) // 2
        ends = [0, middle, len(data)]
        return escaped(data[ends[self._share.start] : ends[self._share.stop]])


def _framed(protocol: Protocol, words: Mapping[str, str]) -> dict[str, _Framed]:
    shares = {"raw": slice(0, 2), "half": slice(0, 1), "rest": slice(1, 2)}
    return {name: _Framed(protocol, words, share) for name, share in shares.items()}


def escaped(data: bytes, between: str = "") -> str:
    """Bytes as they are written after >>."""
    return between.join(chr(b) if b in _PLAIN else _SHORT.get(b, f"\\x{b:02x}") for b in data)


def _write(play: tuple[Any, ...] | list[Any], values: Mapping[str, Any]) -> Iterator[str]:
    for entry in play:
        if isinstance(entry, str):
            yield entry.format_map(values)
        elif "cut" in entry:
            data = values["raw"].bytes(entry["of"].format_map(values))
            for at in range(0, len(data), IN_A_LINE):
                yield f"{entry['cut']} >> {escaped(data[at : at + IN_A_LINE], '|')}"
        else:
            yield from _loop(entry, values)


def _loop(entry: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    first, last = (int(str(end).format_map(values)) for end in entry["each"])
    for number in range(first, last + 1):
        if "as" in entry:
            yield from _write(entry["do"], {**values, entry["as"]: number})
            continue
        below, above = f"c1..c{number - 1}" if number > 2 else "c1", f"c{number + 1}..c{last}"
        above = f"c{last}" if number == last - 1 else above
        others = ", ".join([below] * (number > first) + [above] * (number < last))
        here = {"n": number, "before": number - 1, "after": number + 1, "others": others}
        yield from _write(entry["do"], {**values, **here})
