"""`grade submissions/alice --watch`: graded again whenever something is saved, with what changed on top.

The checks that did not pass the last time are run first, because it is them that somebody is working on; then all others,
because a repair may have broken something. Ctrl-C ends it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.codes import GRADED, INTERRUPTED
from grader.errors import UsageError
from grader.model import Grade, Outcome, Spec

if TYPE_CHECKING:
    from collections.abc import Collection

    from grader.cli.grade_one import Asked
    from grader.words.sentences import Sentences


def watch(asked: Asked, folder: Path, spec: Spec, language: str, say: Sentences) -> int:
    """Grade, wait for a save, grade again; returns when interrupted. Raises UsageError where saves can't be heard of."""
    from grader.cli.grade_one import earlier, graded
    from grader.course.kept import digest
    from grader.course.reference import child_process
    from grader.course.saves import Saves

    before = earlier(Path(asked.out) / folder.resolve().name / "results.json")
    with Saves(folder) as saves:
        try:
            while True:
                was = digest(folder, spec)
                try:
                    first = unfinished(spec, before)
                    ended = graded(replace(asked, first=first), folder, spec, language, say, child_process(), before)
                    if ended.code == INTERRUPTED:
                        return GRADED
                    before = ended.grade
                except UsageError as problem:  # such as a submission.yaml that is half written
                    print(say.say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
                print(say.say("cli.watching", path=str(folder)), flush=True)
                while digest(folder, spec) == was:
                    saves.wait()
        except KeyboardInterrupt:
            return GRADED


def unfinished(spec: Spec, before: Grade | None) -> tuple[str, ...]:
    """The checks that did not pass the last time, and those that they need."""
    if before is None:
        return ()
    failed = {v.check.id for v in before.verdicts if v.outcome is not Outcome.PASSED}
    wanted: set[str] = set()
    grown: Collection[str] = failed
    while grown:
        wanted |= set(grown)
        grown = {need for check in spec.checks if check.id in grown for need in check.needs} - wanted
    return tuple(check.id for check in spec.checks if check.id in wanted)
