"""The values that a stack is made of: lines of the student's own code, and the locks that stand in them.

Only frames in the submission are kept. A library's line teaches nothing, and its path tells about the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MOST_FRAMES = 12
"""Lines kept of one stack: a recursion that has no end would fill the page."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One line that a thread stood in, or called from. `file` is relative to the submission."""

    file: str
    line: int
    function: str = ""


@dataclass(frozen=True, slots=True)
class Stack:
    """One thread: its lines, the innermost first, the locks it holds and where it took them, the one it waits for.

    `name` is the name that the language gives to the thread; empty where it gives none.
    """

    name: str = ""
    frames: tuple[Frame, ...] = ()
    holds: tuple[tuple[str, Frame | None], ...] = ()
    wants: str = ""


@dataclass
class Names:
    """Names for locks: one lock has one name in all stacks, and two locks never the same one."""

    _given: dict[object, str] = field(default_factory=dict)

    def of(self, lock: object, text: str) -> str:
        """The name of a lock (any value that tells it from others) that the source, or the runtime, calls `text`."""
        if lock not in self._given:
            alike = sum(name.split(" (")[0] == text for name in self._given.values())
            self._given[lock] = f"{text} ({alike + 1})" if alike else text
        return self._given[lock]


@dataclass(frozen=True, slots=True)
class Sources:
    """The submission's files: `staged` on this machine, `work` where the server sees them."""

    staged: str
    work: str

    def inside(self, file: str) -> str:
        """A file as the runtime names it, relative to the submission; empty if it is none of its files."""
        below = file.removeprefix(f"{self.work}/")
        if below.startswith("/") or not self.path(below):
            return ""
        return below

    def called(self, name: str) -> str:
        """The only file of this name (what a compiler keeps of a path), relative to the submission; else empty."""
        top = Path(self.staged)
        found = [p for p in top.rglob(Path(name).name) if p.is_file()] if Path(name).name else []
        return self.inside(str(found[0].relative_to(top))) if len(found) == 1 else ""

    def path(self, below: str) -> Path | None:
        """Where a file of the submission lies on this machine; None where it leads out of it."""
        top = Path(self.staged).resolve()
        path = top / below
        return path if path.is_file() and path.resolve().is_relative_to(top) else None

    def text(self, below: str) -> str:
        """The text of a file of the submission; empty if there is none."""
        path = self.path(below)
        return path.read_text(encoding="utf-8", errors="replace") if path else ""


Stacks = Mapping[int, Stack]
"""Stacks by thread id, as this machine counts threads."""
