r"""`until`, `nul` and `block`: certain bytes end a message.

until: "\r\n.\r\n"      any bytes that the spec names
nul                     a zero byte
block                   a blank line: LF LF, CR LF CR LF, or a mixture of the two
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, Framing, Setting, choice, mark
from grader.wire.parts import to_bytes


class Ended(Framing):
    """What the three have in common: `pattern` finds an end, which is at most `longest` bytes long."""

    pattern: re.Pattern[bytes]
    longest: int
    out: bytes

    def encode(self, message: bytes) -> bytes:
        return message + self.out

    def strip(self, message: bytes) -> bytes:
        # It ends at its first end, so this one stands at its end or nowhere.
        found = self.pattern.search(message, max(0, len(message) - self.longest))
        return message if found is None else message[: found.start()]

    def _end(self, begin: int) -> int | None:
        found = self.pattern.search(self._kept, max(begin, self._searched - self.longest + 1))
        if found is None:
            self._searched = len(self._kept)
            return None
        return found.end()


@FRAMINGS.add("until")
class UntilFraming(Ended):
    """A message goes on until the bytes that the spec names."""

    settings: ClassVar[Mapping[str, Setting]] = {"until": mark()}

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        self.out = to_bytes(str(self._set("until")))
        self.pattern = re.compile(re.escape(self.out), re.DOTALL)
        self.longest = len(self.out)


@FRAMINGS.add("nul")
class NulFraming(Ended):
    """A zero byte ends a message."""

    pattern = re.compile(b"\0")
    longest = 1
    out = b"\0"


@FRAMINGS.add("block")
class BlockFraming(Ended):
    """A blank line ends a message."""

    settings: ClassVar[Mapping[str, Setting]] = {"block": choice("lf", "crlf", otherwise="lf")}
    pattern = re.compile(rb"\r?\n\r?\n")
    longest = 4

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        self._crlf = self._set("block") == "crlf"
        self.out = b"\r\n\r\n" if self._crlf else b"\n\n"

    def encode(self, message: bytes) -> bytes:
        lines = message.replace(b"\r\n", b"\n")
        return (lines.replace(b"\n", b"\r\n") if self._crlf else lines) + self.out

    def strip(self, message: bytes) -> bytes:
        """Without its end, its lines ended by LF: the same text whichever end they have."""
        return super().strip(message).replace(b"\r\n", b"\n")
