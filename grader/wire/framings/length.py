"""`length`: a number says how many bytes follow.

length: u16             00 04 h o l a          two bytes; `order: little` turns them round
length: u16, counts: all   00 06 h o l a       the number counts itself too
length: 4 digits        0 0 0 4 h o l a
length: digits          4 : h o l a            up to `end`, which is ":" unless the spec says otherwise
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, Framing, Setting, Value, choice, mark
from grader.wire.parts import to_bytes

WIDTHS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}
MOST_DIGITS = 20
_DIGITS = re.compile(r"([1-9]|1[0-9]|20) digits")


def _read(text: str) -> Value | None:
    return text if text in WIDTHS or text == "digits" or _DIGITS.fullmatch(text) else None


@FRAMINGS.add("length")
class LengthFraming(Framing):
    """A number, and so many bytes."""

    settings: ClassVar[Mapping[str, Setting]] = {
        "length": Setting(_read, "u8, u16, u32, u64, digits or 4 digits"),
        "order": choice("big", "little", otherwise=""),
        "counts": choice("body", "all", otherwise="body"),
        "end": mark(":"),
    }

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        kind = str(self._set("length"))
        found = _DIGITS.fullmatch(kind)
        self._binary = kind in WIDTHS
        self._width = WIDTHS.get(kind) or (int(found[1]) if found else 0)
        self._order = self._set("order") or protocol.order
        self._all = self._set("counts") == "all"
        self._mark = to_bytes(str(self._set("end")))

    def encode(self, message: bytes) -> bytes:
        message = message[: self.most()]
        if not self._width:
            return b"%d" % len(message) + self._mark + message
        size = len(message) + (self._width if self._all else 0)
        if self._binary:
            return size.to_bytes(self._width, "little" if self._order == "little" else "big") + message
        return b"%0*d" % (self._width, size) + message

    def most(self) -> int | None:
        if not self._width:
            return None
        largest: int = 256**self._width - 1 if self._binary else 10**self._width - 1
        return largest - (self._width if self._all else 0)

    def strip(self, message: bytes) -> bytes:
        if self._width:
            return message[self._width :]
        digits, _, body = message.partition(self._mark)
        return body if digits.isdigit() else message

    def _end(self, begin: int) -> int | None:
        head = self._head(begin)
        if head is None:
            return None
        digits, behind = head
        if self._binary:
            size = int.from_bytes(digits, "little" if self._order == "little" else "big")
        elif digits.isdigit():
            size = int(digits)
        else:
            self._break("length")
            return None
        end = behind + size - (behind - begin if self._all else 0)
        if end < behind:
            self._break("length")  # it says that it counts itself, and is smaller than itself
            return None
        return end

    def _head(self, begin: int) -> tuple[bytes, int] | None:
        """The bytes of the number, and where the message proper begins; None while they have not all come."""
        if self._width:
            behind = begin + self._width
            return (bytes(self._kept[begin:behind]), behind) if behind <= len(self._kept) else None
        limit = begin + MOST_DIGITS + len(self._mark)
        at = self._kept.find(self._mark, begin, limit)
        if at < 0:
            if len(self._kept) >= limit or not bytes(self._kept[begin : begin + 1]).isdigit():
                self._break("length")
            return None
        return bytes(self._kept[begin:at]), at + len(self._mark)
