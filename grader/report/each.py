"""A sequence whose items are made whenever they are asked for and kept by nobody: grades of a class, one at a time.

A whole grade, with its transcripts, takes some ten megabytes, and a class has hundreds. What draws one file of all walks over
them once, and keeps what it drew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

Given = TypeVar("Given")
Made = TypeVar("Made")


class Each(Sequence[Made], Generic[Given, Made]):
    """What `make` makes of each of the things, every time anew."""

    def __init__(self, things: Sequence[Given], make: Callable[[Given], Made]) -> None:
        self._things = things
        self._make = make

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[Made]:
        return map(self._make, self._things)

    @overload
    def __getitem__(self, at: int) -> Made: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Made]: ...
    def __getitem__(self, at: int | slice) -> Made | Sequence[Made]:
        if isinstance(at, slice):
            return Each(self._things[at], self._make)
        return self._make(self._things[at])
