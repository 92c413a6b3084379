"""`grade submissions/alice --watch`: graded again whenever something is saved, with what changed on top.

The checks that the edit can affect are run first, then those that did not pass, because it is them that somebody is working on;
how they ended is said at once. Then all others are run, because a repair may have broken something: a grade is always of
all that was handed in. Ctrl-C ends it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.changes import First
from grader.cli.codes import GRADED, INTERRUPTED
from grader.errors import UsageError
from grader.model import Spec

if TYPE_CHECKING:
    from grader.cli.asked import Asked
    from grader.course.affected import Order
    from grader.course.edits import Edit
    from grader.words.sentences import Sentences


def watch(asked: Asked, folder: Path, spec: Spec, language: str, say: Sentences) -> int:
    """Grade, wait for a save, grade again; returns when interrupted. Raises UsageError where saves can't be heard of."""
    from grader.cli.grade_one import earlier, graded
    from grader.course.affected import order
    from grader.course.edits import edit, files_of
    from grader.course.kept import digest
    from grader.course.reference import child_process
    from grader.course.saves import Saves

    staff = asked.view == "staff"
    before = earlier(Path(asked.out) / folder.resolve().name / "results.json")
    known = None
    with Saves(folder) as saves:
        try:
            while True:
                was, files = digest(folder, spec), files_of(folder)
                edited = edit(known, files) if known is not None else None
                plan = order(spec, before, edited, staff=staff)
                first = First(before, plan, say, staff=staff)
                if edited is not None:
                    _say_saved(edited, plan, say)
                try:
                    ended = graded(asked, folder, spec, language, say, child_process(), before, first)
                    if ended.code == INTERRUPTED:
                        return GRADED
                    before, known = ended.grade, files
                except UsageError as problem:  # such as a submission.yaml that is half written
                    print(say.say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
                print(say.say("cli.watching", path=str(folder)), flush=True)
                while digest(folder, spec) == was:
                    saves.wait()
        except KeyboardInterrupt:
            return GRADED


def _say_saved(edited: Edit, order: Order, say: Sentences) -> None:
    """What was saved, and what is run first because of it."""
    used = [name for name in edited.files if name not in edited.idle]
    names = [place.name for place in edited.places if place.name]
    if used:
        print(say.say("cli.watch-saved", files=used, places=list(dict.fromkeys(names)) or None))
    if edited.idle:
        print(say.say("cli.watch-idle", files=list(edited.idle)))
    if order.affected:
        print(say.say("cli.watch-first", checks=list(order.affected), count=len(order.affected)))
    elif used and order.failed:
        print(say.say("cli.watch-failed", checks=list(order.failed), count=len(order.failed)))
    sys.stdout.flush()
