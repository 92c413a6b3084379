"""The errors, by whose fault it is.

    GraderError
    ├── SpecError        the instructor's: a spec that can't be used; raised before any server starts
    ├── UsageError       the caller's: a missing folder, a spec that isn't there
    └── HarnessError     ours or the machine's: becomes a grader problem and costs no points

A student's fault is never an exception: it is a `Finding`, a value. An exception that a submission could provoke would
be a way to break the grader.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import Place


class GraderError(Exception):
    """Anything that ends a grading or a check and is not the student's doing."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong in a spec: where, what, and what to write instead (`hint`, may be empty)."""

    place: Place
    message: str
    hint: str = ""
    source: str = ""
    """The line of the file as it stands there, for the caret."""

    def __str__(self) -> str:
        tail = f" {self.hint}" if self.hint else ""
        caret = f"\n    {self.source}\n    {' ' * (self.place.column - 1)}^" if self.source else ""
        return f"{self.place}: {self.message}{tail}{caret}"


class SpecError(GraderError):
    """A spec that can't be used: every complaint of one reading, in the order of the file."""

    def __init__(self, complaints: list[Complaint]) -> None:
        self.complaints = sorted(complaints, key=lambda c: (c.place.path, c.place.line, c.place.column))
        super().__init__("\n".join(map(str, self.complaints)))


class UsageError(GraderError):
    """Something that the person at the keyboard asked for is not there."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(f"{code} {facts}")


class HarnessError(GraderError):
    """The grader or the machine failed. `code` keys the sentence that says so; no student ever pays for it."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(f"{code} {facts}")

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.code, self.facts)


def _again(code: str, facts: dict[str, object]) -> HarnessError:
    """Made anew on the other side of a pipe: what `pickle` would do forgets the facts."""
    return HarnessError(code, **facts)
