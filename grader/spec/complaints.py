"""Everything that is wrong in a spec, collected in one reading: an instructor corrects it all before trying again.

A complaint says where (file, line, column), what is wrong, and what to write instead. Where a word is not known, the
nearest that is known stands beside it. Nothing here decides what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from grader.errors import Complaint, SpecError
from grader.model import Place
from grader.registry import nearest

MOST = 100
"""Complaints that are kept. A file with more is no spec, and naming the nearest word to each takes time."""

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_SHOWN = 48
_COMPARED = 200


@dataclass(frozen=True, slots=True)
class Spot:
    """A place from which characters can be counted, unless the text there is spelled differently (in quotes)."""

    place: Place
    exact: bool = True

    def at(self, offset: int) -> Place:
        """The place `offset` characters further on the same line."""
        return replace(self.place, column=self.place.column + offset) if self.exact and offset else self.place


class Complaints:
    """The complaints about one file and those that it names, and their lines to quote from."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = _BREAK.split(text)
        self._others: dict[str, list[str]] = {}
        self.spanish = False
        self._found: list[Complaint] = []

    def also(self, path: str, text: str) -> None:
        """Another file of the same spec."""
        self._others[path] = _BREAK.split(text)

    def line(self, place: Place) -> str:
        """The line of a file at a place, or nothing."""
        lines = self._others.get(place.path, self.lines)
        return lines[place.line - 1] if place.line <= len(lines) else ""

    def take(self, other: Complaints) -> None:
        """Those about a file that was read by itself."""
        self._found += other.found[: MOST - len(self._found)]

    def __len__(self) -> int:
        return len(self._found)

    @property
    def found(self) -> tuple[Complaint, ...]:
        """The complaints so far, in the order in which they were made."""
        return tuple(self._found)

    @property
    def full(self) -> bool:
        """Whether more complaints would not be kept."""
        return len(self._found) >= MOST

    def add(self, place: Place, message: str, hint: str = "") -> None:
        """One thing that is wrong. The same one at the same place is kept once."""
        if self.full:
            return
        source = self.line(place)
        complaint = Complaint(place, message, hint, source if len(source) <= 200 else "")
        if complaint not in self._found:
            self._found.append(complaint)

    def unknown(
        self, place: Place, message: str, word: str, known: Iterable[str], otherwise: str = "", more: Iterable[str] = ()
    ) -> None:
        """A word that is not known. The hint is the nearest that is, or `otherwise` when none is near.

        `more` are the words in Spanish: they come first in a file in which some was Spanish.
        """
        first, second = (more, known) if self.spanish else (known, more)
        near = None if self.full else near_to(word, first) or near_to(word, second)
        self.add(place, message, f"The nearest is {near!r}." if near else otherwise)

    def place(self, line: int, column: int) -> Place:
        """A place in this file; line and column count from 1."""
        return Place(self.path, line, column)

    def raise_if_any(self) -> None:
        """Raises SpecError with everything that was found."""
        if self._found:
            raise SpecError(self._found)


def near_to(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one; of very many only the first are compared."""
    return nearest(word[:_SHOWN], list(islice(known, _COMPARED)))


def shown(text: str) -> str:
    """`text` in quotes for a message, shortened."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def listed(words: Iterable[str]) -> str:
    """Words for the end of a sentence: `echo, lost or order`."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def joined(words: Iterable[str]) -> str:
    """Words in the middle of a sentence: `id, title and points`."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
