"""What stood on the command line of `grade`, and how a grading of one submission ended."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import Grade


@dataclass(frozen=True, slots=True)
class Asked:
    """What stood on the command line."""

    submissions: tuple[str, ...]
    spec: str | None
    only: tuple[str, ...]
    out: str
    lang: str | None
    seed: int | None
    fail_under: float | None
    sandbox: str | None
    verbose: bool
    formats: tuple[str, ...] = ()
    view: str | None = None
    incomplete: bool = False
    require_sandbox: str | None = None
    jobs: int | None = None
    again: bool = False
    weak_sandbox: bool = False
    watch: bool = False
    cluster: str | None = None

    @property
    def submission(self) -> str:
        """The first, or the only one."""
        return self.submissions[0]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a grading ended: the exit code, and the grade."""

    code: int
    grade: Grade
