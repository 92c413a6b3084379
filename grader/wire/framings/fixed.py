"""`fixed`: every message has the same number of bytes; what is shorter is filled up.

fixed: 8                h o l a _ _ _ _
fixed: 8, pad: zero     h o l a 00 00 00 00
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, LARGEST, Framing, Setting, choice, whole

PADS = {"space": b" ", "zero": b"\0", "none": b""}


@FRAMINGS.add("fixed")
class FixedFraming(Framing):
    """So many bytes, always."""

    settings: ClassVar[Mapping[str, Setting]] = {"fixed": whole(1, LARGEST), "pad": choice(*PADS, otherwise="space")}

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        self._size = int(self._set("fixed"))
        self._pad = PADS[str(self._set("pad"))]

    def encode(self, message: bytes) -> bytes:
        return message[: self._size].ljust(self._size, self._pad or b"\0")

    def most(self) -> int:
        return self._size

    def strip(self, message: bytes) -> bytes:
        return message.rstrip(self._pad) if self._pad else message

    def _end(self, begin: int) -> int:
        return begin + self._size
