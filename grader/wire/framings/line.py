"""`line`: one message per line, ended by LF or CRLF.

Both ends are taken whatever the spec says, and the bytes are kept: `line: crlf` decides what clients send, and what the
law `line-end` asks of the server. `max_line` of the protocol says how long a line of the server's may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, LARGEST, Framing, Setting, choice


@FRAMINGS.add("line")
class LineFraming(Framing):
    """The framing of most courses, and the one that floods run through: no byte is looked at twice."""

    settings: ClassVar[Mapping[str, Setting]] = {"line": choice("lf", "crlf", "either", otherwise="lf")}
    ends_at_close = True
    one_line = True

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        self._wanted = str(self._set("line"))
        self._out = b"\r\n" if self._wanted == "crlf" else b"\n"
        self._most = 0 if sent else protocol.max_line

    def encode(self, message: bytes) -> bytes:
        return message + self._out

    def feed(self, data: bytes) -> list[bytes]:
        if self.broken is not None:
            return []
        first, *others = data.split(b"\n")
        self._kept += first
        finished: list[bytes] = []
        if others:
            finished = [bytes(self._kept) + b"\n", *(line + b"\n" for line in others[:-1])]
            self._kept = bytearray(others[-1])
        if self._most:
            return self._short_enough(finished)
        if len(self._kept) > LARGEST:
            self._break("endless", limit=LARGEST)
        return finished

    def _short_enough(self, lines: list[bytes]) -> list[bytes]:
        """The lines up to the first that is too long, if one is: from there on nobody reads who keeps to the protocol."""
        if max(map(len, [*lines, self._kept])) <= self._most:
            return lines
        at = next(n for n, line in enumerate([*lines, self._kept]) if len(line) > self._most)
        self._kept = bytearray(lines[at] if at < len(lines) else self._kept)
        self._break("long-line", limit=self._most)
        return lines[:at]

    def strip(self, message: bytes) -> bytes:
        if not message.endswith(b"\n"):
            return message
        return message[:-2] if message.endswith(b"\r\n") else message[:-1]

    def odd_end(self, message: bytes) -> bool:
        if self._wanted == "either" or not message.endswith(b"\n"):
            return False
        return message.endswith(b"\r\n") != (self._wanted == "crlf")
