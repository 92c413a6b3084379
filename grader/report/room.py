"""How much evidence of a check a page shows: all that is telling, less where many checks failed, none before the page is too large.

A browser opens a page of a megabyte on a phone, but nobody reads it. So each check has an allowance of what is left of the
page; its evidence is drawn in the largest room whose result fits. Checks that stand open have more than those that stand
closed because their reason has been shown already. What is left out is counted where it is missing, and said.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPICAL = 220_000
"""Bytes of evidence up to which nothing is saved on."""
MOST = 800_000
"""Bytes of evidence on the whole page; sentences, style and script come to 100 KB at most beside it."""
OPEN, CLOSED = 24_000, 12_000
"""What a check may take in any case, as long as the page holds it."""
LEAST = 3_000
"""With less than this nothing is drawn at all."""


@dataclass(frozen=True, slots=True)
class Room:
    """The most that is shown of one check: rows of the drawing, lines of the table, printed lines, code, threads.

    `again` is how many rows the drawings of an unsteady check's other attempts have.
    """

    rows: int
    again: int
    steps: int
    lines: int
    around: int
    threads: int

    @property
    def whole(self) -> bool:
        """Whether every kind of evidence has a place in it."""
        return self.rows > 0


ROOMS = (
    Room(rows=60, again=26, steps=36, lines=36, around=5, threads=4),
    Room(rows=26, again=0, steps=20, lines=20, around=3, threads=3),
    Room(rows=12, again=0, steps=12, lines=10, around=2, threads=2),
    Room(rows=0, again=0, steps=8, lines=6, around=1, threads=1),
)
NONE = Room(rows=0, again=0, steps=0, lines=0, around=0, threads=0)


class Allowance:
    """What is left of a page, for the checks that are still to come. Rooms only get smaller from the top to the bottom."""

    def __init__(self, checks: int) -> None:
        self.used = 0
        self.to_come = checks
        self.largest = 0

    def of_next(self, *, is_open: bool) -> int:
        """The bytes that the next check may take."""
        to_come = max(1, self.to_come)
        fair = (TYPICAL - self.used) // to_come
        least = min(OPEN if is_open else CLOSED, (MOST - self.used) // to_come)
        return max(fair, least)

    def rooms(self, allowed: int) -> tuple[Room, ...]:
        """The rooms to try for a check that may take so much, the largest first."""
        return (*ROOMS[self.largest :], NONE) if allowed > LEAST else (NONE,)

    def take(self, size: int, room: Room) -> None:
        """One check more has been drawn, in this room."""
        self.used += size
        self.to_come -= 1
        self.largest = ROOMS.index(room) if room in ROOMS else len(ROOMS) - 1
