"""`grade submissions/alice/`: one submission graded, its results and its page written, and what they say printed.

Results are written whatever happens afterwards: a grading that is interrupted keeps what it had found.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from grader.cli.asked import Asked, Ended
from grader.cli.asking import SANDBOXES
from grader.cli.changes import First, changes
from grader.cli.codes import GRADED, GRADER_PROBLEM, INTERRUPTED, TOO_FEW, USAGE
from grader.cli.formats import fulfil, wished
from grader.errors import UsageError
from grader.model import Grade, Outcome, Spec, Verdict

if TYPE_CHECKING:
    from grader.words.sentences import Sentences


def _warm() -> None:
    """Load what draws the page, while the first servers are starting."""
    from grader.report import html, rendering, text

    rendering.warm()
    del html, text


def graded(
    asked: Asked, folder: Path, spec: Spec, language: str, say: Sentences, child: subprocess.Popen[bytes],
    before: Grade | None = None, first: First | None = None,
) -> Ended:  # fmt: skip
    """Grade one submission, write, print; what changed since the grade `before` stands on top, and some checks come `first`."""
    from grader.cli.live import Live
    from grader.course import store
    from grader.course.grading import Grading
    from grader.course.marks import marked, marks_in
    from grader.course.wish import Wish

    threading.Thread(target=_warm, daemon=True).start()
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(2**31)
    place = Path(asked.out) / folder.resolve().name
    marks = marks_in(Path(asked.out), spec.manual)
    wishes = wished(asked.formats)
    console = Console(highlight=False, stderr=any(wish.file is None for wish in wishes))
    total = len(asked.only or spec.checks)
    interrupted = False
    with Live(console, say, folder.resolve().name, total, language) as live:
        wish = Wish(
            seed,
            asked.only,
            _command_line(asked),
            asked.sandbox,
            asked.require_sandbox,
            first=first.checks if first else (),
        )

        def heard(verdict: Verdict) -> None:
            live.heard(verdict)
            if first is not None:
                first.heard(verdict, grading, console)

        grading = Grading(folder, spec, wish, heard, child)
        try:
            grade = grading.run()
        except KeyboardInterrupt:
            interrupted = True
            grade = grading.grade()
    from grader.report.text import terminal

    if asked.only:
        grade = store.merged(grade, earlier(place / "results.json"), asked.only)
    grade = marked(grade, marks)
    if before is not None and grade.complete:
        console.print(changes(before, grade, language, staff=asked.view == "staff"), markup=False)
    _write(grade, place, language)
    console.print(terminal(grade, language, page=str(place / "report.html"), staff=asked.view == "staff"))
    if grade.run.rung != SANDBOXES[0]:
        about = say.say(f"rung.{grade.run.rung}")
        console.print(say.say("cli.weak-sandbox", rung=grade.run.rung, about=about), style="yellow", soft_wrap=True)
    if asked.verbose:
        _details(console, grade, say)
    if interrupted:
        console.print(say.say("cli.interrupted"))
    code = _code(grade, asked, interrupted=interrupted)
    try:
        fulfil(wishes, [grade], language, asked.view, incomplete=asked.incomplete)
    except UsageError as problem:
        print(say.say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
        code = code or USAGE
    return Ended(code, grade)


def _write(grade: Grade, place: Path, language: str) -> None:
    """The results, and the pages that are drawn of them."""
    from grader import results
    from grader.course import store
    from grader.report.html import student_page

    store.mark(place.parent)
    store.write(place / "results.json", results.dump(grade))
    store.write(place / "report.html", student_page(grade, language))
    if any(v.check.hidden for v in grade.verdicts):
        store.write(place / "staff.html", student_page(grade, language, staff=True))


def earlier(path: Path) -> Grade | None:
    """The grade of an earlier run, if there is one that can be read; it is only a convenience."""
    from grader import results

    try:
        return results.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _details(console: Console, grade: Grade, say: Sentences) -> None:
    """For `-v`: the circumstances, and how long each check took."""
    run = grade.run
    digests = {"spec": grade.spec_digest[:12], "submission": grade.submission.digest[:12]}
    sandbox = say.say("cli.detail-sandbox", rung=run.rung, why=run.rung_why)
    for line in (sandbox, say.say("cli.detail-run", seed=run.seed, **digests)):
        console.print(line, style="dim", markup=False)
    for verdict in grade.verdicts:
        for attempt in verdict.attempts:
            codes = " ".join(f.code for f in attempt.findings) or "-"
            console.print(
                f"{verdict.check.id:14} {attempt.seconds * 1000:7.1f} ms  {attempt.evidence:8} {codes}",
                style="dim",
                markup=False,
            )


def _code(grade: Grade, asked: Asked, *, interrupted: bool) -> int:
    if interrupted:
        return INTERRUPTED
    if any(v.outcome is Outcome.GRADER_PROBLEM for v in grade.verdicts):
        return GRADER_PROBLEM
    if asked.fail_under is not None and grade.earned < asked.fail_under:
        return TOO_FEW
    return GRADED


def _command_line(asked: Asked) -> tuple[str, ...]:
    only = tuple(word for check in asked.only for word in ("--only", check))
    return ("grade", asked.submission, *only)
