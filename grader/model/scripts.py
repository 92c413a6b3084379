"""A play that is made while it runs: loops, and values that the instructor computes.

    low = 1                                     Step with `sets`
    repeat up to 7 times:                       Repeat
      ana > <value (low + high) / 2>            Step with a line
      ana < correct  -> done                    Step with options, of which the first that fits is taken
      ana < higher  -> low = guess + 1

What is performed are ordinary lines, made of these with values in the place of names; they stand in the transcript, and
are judged, as if they had been written out.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.lines import Line

Sets = tuple[tuple[str, str], ...]
"""Names, each with the sum that is its new value."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of several messages that may come, and what follows from it."""

    pattern: str
    sets: Sets = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A line, or a line with options, or only values."""

    line: Line | None = None
    sets: Sets = ()
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeat:
    """Steps that are repeated: just `most` times, or, with `until`, up to so many times until an option ends it."""

    most: int
    until: bool
    steps: tuple[Step, ...]
    again: tuple[str, ...] = ()
    """The names that get a value of their own each time."""
