"""The contract of a framing: bytes to messages and back, where one message ends and the next begins.

A stream has no messages. Whoever reads it gets any number of bytes at a time: half a line, three lines, the end of one
and the start of another. A framing knows how the course's protocol marks the end of a message, keeps what is
unfinished until more comes, and gives out complete messages with every byte they had. Nothing is dropped or repaired
here: whether a line ended in LF or CRLF is a fact that a check may be about.

Three rules hold for all of them. *Each byte is searched once*, so that five megabytes in pieces of any size cost what
five megabytes cost. *What is kept is bounded*: a server may announce a message of 2^63 bytes, or never end a line; what
grows beyond `LARGEST` is given up. *A stream that can't be read is a value, not an exception*: `broken` says why, from
then on nothing more is kept, and the judge makes a finding of it. A framing is `framings/<name>.py`, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from grader.model import Facts, Protocol
from grader.registry import Registry
from grader.wire.binary import Codec
from grader.wire.parts import to_bytes, to_text

LARGEST = 4 << 20
"""Bytes of one message. Twice what a play can send in one (`grammar.MOST_MESSAGE`), so only a fault is longer."""

SHOWN = 64
"""Bytes of a broken stream that are kept for the report."""

BROKEN = "broken"
"""The first word of the note of an event at which a stream could not be read any further."""

Value = str | int
"""What a setting of a framing is."""


class Broken(NamedTuple):
    """Why a stream can't be read any further: one of the words that `finding.broken-…` has a sentence for."""

    why: str
    facts: Facts

    def note(self) -> str:
        """What the event of a broken stream says."""
        return " ".join([BROKEN, self.why, *(f"{name}={value}" for name, value in self.facts.items())])

    @staticmethod
    def read(note: str) -> Broken | None:
        """What such an event said; None for other notes."""
        first, *rest = note.split(" ")
        if first != BROKEN or not rest:
            return None
        facts = (fact.partition("=") for fact in rest[1:])
        return Broken(rest[0], {name: int(value) for name, _, value in facts if value.isdecimal()})


@dataclass(frozen=True, slots=True)
class Setting:
    """What can be set of a framing in a spec: how it is read, what to write instead, and what it is otherwise."""

    read: Callable[[str], Value | None]
    write: str
    otherwise: Value | None = None
    """The value where a spec says nothing; None where it has to say something."""


class Framing:
    """How the messages of one connection are told apart; one object for each connection and direction.

    Most framings only say how a message goes out (`encode`), where the first one ends (`_end`), and what of it is text
    (`strip`). `opening` and `answers` are for protocols that speak by themselves, as WebSocket does.
    """

    settings: ClassVar[Mapping[str, Setting]] = {}
    """What can be set, by key; a key that is the framing's own name is its main setting: `{length: u16}`."""

    opening: bytes = b""
    """What a client sends first of all, before any message."""

    by_quiet: ClassVar[bool] = False
    """Whether a message ends when nothing more comes: then `flush` gives it out."""

    ends_at_close: ClassVar[bool] = False
    """Whether the end of the connection may end a message too. Otherwise what is left over then is broken."""

    reads_itself: ClassVar[bool] = True
    """Whether the bytes of a message, shown as text, can be read by a person."""

    one_line: ClassVar[bool] = False
    """Whether a message can't hold an end of line."""

    written: ClassVar[bool] = True
    """Whether a spec may name it; others are chosen by the grader itself."""

    fault: str = ""
    """What broke in a framing of the instructor's own."""

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        self.protocol = protocol
        self.sent = sent
        """Whether it reads what a client sends; most framings do not care."""
        self.ready = True
        """Whether messages may be sent; false while an opening has not been answered."""
        self.broken: Broken | None = None
        self.shown = b""
        """The beginning of what could not be read."""
        self.codec = Codec(protocol.messages, protocol.order) if protocol.messages else None
        self._kept = bytearray()
        self._begin = 0
        self._searched = 0
        self._due = 0
        """Before there are so many bytes, the message that is under way can't end."""

    def outgoing(self, text: str) -> bytes:
        """What goes over the wire for a message as a play writes it."""
        return self.encode(self.codec.pack(text) if self.codec else to_bytes(text))

    def encode(self, message: bytes) -> bytes:
        """The message as it goes out, with its end."""
        return message

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes, each with its end. The unfinished rest is kept."""
        if self.broken is not None:
            return []
        self._kept += data
        found: list[bytes] = []
        while self._begin < len(self._kept) and self._due <= len(self._kept) - self._begin:
            end = self._end(self._begin)
            if end is not None and end - self._begin > LARGEST:
                self._break("too-long", length=end - self._begin, limit=LARGEST)
            if end is None or end > len(self._kept):
                self._due = end - self._begin if end is not None and self.broken is None else 0
                break
            found.append(bytes(self._kept[self._begin : end]))
            self._begin = self._searched = end
            self._due = 0
        del self._kept[: self._begin]
        self._searched = max(0, self._searched - self._begin)
        self._begin = 0
        if len(self._kept) > LARGEST:
            self._break("endless", limit=LARGEST)
        return found

    def rest(self) -> bytes:
        """What came after the last complete message: what was left over when the connection ended."""
        return bytes(self._kept)

    def flush(self) -> list[bytes]:
        """What counts as a message now that nothing more comes."""
        return []

    def answers(self) -> bytes:
        """What the protocol itself sends back to what came; asked after each `feed`."""
        return b""

    def most(self) -> int | None:
        """How many bytes one message can have, if the protocol itself has such a limit."""
        return None

    def odd_end(self, message: bytes) -> bool:
        """Whether a message ends, but not the way that the protocol says."""
        return False

    def closing(self) -> bytes:
        """What a client sends last when it leaves in good order."""
        return b""

    def strip(self, message: bytes) -> bytes:
        """The message without its end."""
        return message

    def text(self, message: bytes) -> str:
        """The message as a play writes it."""
        body = self.strip(message)
        return self.codec.show(body) if self.codec else to_text(body)

    def _end(self, begin: int) -> int | None:
        """Where the message that begins here in `_kept` ends; None while that can't be said, or when it is broken."""
        end = self.end(bytes(self._kept[begin:]))
        if end is not None and end < 1:
            raise ValueError(f"end() gave {end}: a message has at least one byte")
        return None if end is None else begin + end

    def end(self, data: bytes) -> int | None:
        """Where the first message in `data` ends; None while that can't be said. The simple way to say it."""
        raise NotImplementedError

    def _set(self, key: str) -> Value:
        """The value of a setting."""
        value = self.protocol.settings.get(key, self.settings[key].otherwise)
        return "" if value is None else value

    def _break(self, why: str, **facts: object) -> None:
        """From here on the stream can't be read."""
        self.shown = bytes(self._kept[self._begin : self._begin + SHOWN])
        self.broken = Broken(why, facts)
        self._kept = bytearray()
        self._begin = self._searched = self._due = 0


FRAMINGS: Registry[type[Framing]] = Registry("framing")


def choice(*words: str, otherwise: str | None = None) -> Setting:
    """A setting that is one of these words."""
    written = f"{', '.join(words[:-1])} or {words[-1]}"
    return Setting(lambda text: text if text in words else None, written, otherwise)


def whole(least: int, most: int, otherwise: int | None = None) -> Setting:
    """A setting that is a whole number."""
    read = lambda text: int(text) if text.isdecimal() and len(text) < 10 and least <= int(text) <= most else None  # noqa: E731
    return Setting(read, f"a whole number from {least} to {most}", otherwise)


_ESCAPED = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|([nrt0s\\]))|(\\)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "s": " ", "\\": "\\"}


def mark(otherwise: str | None = None) -> Setting:
    r"""A setting that is some bytes, written as after >>: `\n`, `;`, `\x03`."""
    return Setting(_read_mark, r"some characters such as \n or ; or \x03", otherwise)


def _read_mark(text: str) -> str | None:
    if any(found[3] for found in _ESCAPED.finditer(text)):
        return None
    read = _ESCAPED.sub(lambda f: to_text(bytes.fromhex(f[1])) if f[1] else _ESCAPES[f[2]], text)
    return read or None
