"""The kinds of numbers in binary messages: how many bytes they have, how they are read, written and shown."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Order = Literal["big", "little"]


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number of so many bytes."""

    size: int
    signed: bool

    @property
    def least(self) -> int:
        """The smallest that it can be."""
        return -(1 << (8 * self.size - 1)) if self.signed else 0

    @property
    def most(self) -> int:
        """The largest that it can be."""
        return (1 << (8 * self.size - self.signed)) - 1

    def read(self, take: Callable[[int], bytes], order: Order) -> int:
        """The number in the next bytes."""
        return int.from_bytes(take(self.size), order, signed=self.signed)

    def write(self, said: str, order: Order) -> bytes:
        """The bytes of a number; one that is too large keeps its lower bytes, as in C."""
        value = self.parse(said) or 0
        return (value & ((1 << (8 * self.size)) - 1)).to_bytes(self.size, order)

    def parse(self, said: str) -> int | None:
        """The number that a text spells, in decimal digits or as 0x…; None if it spells none."""
        if len(said) > 40:
            return None
        try:
            return int(said, 16 if said.lower().lstrip("+-").startswith("0x") else 10)
        except ValueError:
            return None

    def show(self, value: float) -> str:
        """The number in decimal digits."""
        return str(value)

    def fits(self, said: str) -> bool:
        """Whether a text spells a number that it can be."""
        value = self.parse(said)
        return value is not None and self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class Real:
    """A number with a fraction (IEEE 754) of four or eight bytes."""

    size: int
    code: str
    most: int = 0

    def read(self, take: Callable[[int], bytes], order: Order) -> float:
        """The number in the next bytes."""
        value: float = struct.unpack(("<" if order == "little" else ">") + self.code, take(self.size))[0]
        return value

    def write(self, said: str, order: Order) -> bytes:
        """The bytes of a number."""
        mark = "<" if order == "little" else ">"
        try:
            return struct.pack(mark + self.code, self.parse(said) or 0.0)
        except OverflowError:
            return struct.pack(mark + self.code, math.inf)

    def parse(self, said: str) -> float | None:
        """The number that a text spells, or None."""
        try:
            return float(said) if len(said) <= 400 else None
        except ValueError:
            return None

    def show(self, value: float) -> str:
        """The shortest text that spells this number."""
        if self.code == "d" or not math.isfinite(value):
            return repr(float(value))
        for digits in range(6, 10):
            short = float(f"{value:.{digits}g}")
            if abs(short) <= 3.4e38 and struct.pack("f", short) == struct.pack("f", value):
                return repr(short)
        return repr(value)

    def fits(self, said: str) -> bool:
        """Whether a text spells a number."""
        return self.parse(said) is not None


NUMBERS: Mapping[str, Whole | Real] = {
    **{f"u{8 * size}": Whole(size, signed=False) for size in (1, 2, 4, 8)},
    **{f"i{8 * size}": Whole(size, signed=True) for size in (1, 2, 4, 8)},
    "f32": Real(4, "f"),
    "f64": Real(8, "d"),
}
COUNTS = tuple(name for name in NUMBERS if name.startswith("u"))
