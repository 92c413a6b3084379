"""`header`: a text of fixed width holds the number of bytes that follow, filled up with spaces.

    header: 64              "4" and 63 spaces, then h o l a

It is what many courses begin with: `message_length = str(len(message)).encode(); header = message_length.ljust(64)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, Framing, Setting, whole


@FRAMINGS.add("header")
class HeaderFraming(Framing):
    """A number in digits and spaces, and so many bytes."""

    settings: ClassVar[Mapping[str, Setting]] = {"header": whole(1, 4096)}

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        self._width = int(self._set("header"))

    def encode(self, message: bytes) -> bytes:
        message = message[: self.most()]
        return b"%d" % len(message) + b" " * (self._width - len(str(len(message)))) + message

    def most(self) -> int | None:
        return 10**self._width - 1 if self._width < 10 else None

    def strip(self, message: bytes) -> bytes:
        return message[self._width :]

    def _end(self, begin: int) -> int | None:
        behind = begin + self._width
        if behind > len(self._kept):
            return None
        digits = bytes(self._kept[begin:behind]).strip(b" \0")
        if not digits.isdigit() or len(digits) > 20:
            self._break("length")
            return None
        return behind + int(digits)
