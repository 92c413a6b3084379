"""A map from a name to a thing, that suggests the nearest name when one is mistyped.

Each registry is filled by the one module that defines its entries, in sight; importing that module is all it takes.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


def nearest(name: str, known: Iterator[str] | list[str] | tuple[str, ...]) -> str | None:
    """The known word that looks most like `name`, or None when none does."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.55)
    return close[0] if close else None


class Registry(Generic[Thing]):
    """`kind` is what an entry is called in complaints, such as ``framing``."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._things: dict[str, Thing] = {}

    def add(self, name: str) -> Callable[[Thing], Thing]:
        """A decorator that files its function or class under `name`."""

        def file(thing: Thing) -> Thing:
            if name in self._things:
                raise ValueError(f"there are two {self.kind}s called {name!r}")
            self._things[name] = thing
            return thing

        return file

    def get(self, name: str) -> Thing:
        """The thing called `name`. Raises KeyError with the nearest name where there is none."""
        if name in self._things:
            return self._things[name]
        near = nearest(name, list(self._things))
        raise KeyError(f"no {self.kind} is called {name!r}" + (f"; the nearest is {near!r}" if near else ""))

    def __contains__(self, name: str) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)
