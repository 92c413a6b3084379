"""What is known before a grading begins: what was asked for, and, for one of a class, what holds for all of them."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course.known_reference import KnownReference
from grader.model import Verdict
from grader.stage.sandbox import Choice


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person at the keyboard asked for. `only` names the checks to run; empty means all.

    When a spec is proved, what a server is worth is known: it runs `alone`, without the reference beside it, so nothing is
    withdrawn, and nobody needs its findings `explained` by a recorded run.
    """

    seed: int
    only: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    rung: str | None = None
    least_rung: str | None = None
    alone: bool = False
    explained: bool = True
    first: tuple[str, ...] = ()
    """The checks that are run before the others, in this order, as far as they need nothing of those."""


@dataclass(frozen=True, slots=True)
class Within:
    """What is known already when one of a class is graded: whose it is, the sandbox, and what the reference did.

    `given` are verdicts of an earlier grading that still hold; their checks are not run again.
    """

    name: str
    owners: tuple[str, ...]
    choice: Choice
    reference: KnownReference
    given: tuple[Verdict, ...] = ()
