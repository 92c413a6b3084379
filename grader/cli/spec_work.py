"""The work behind `grade spec`: a spec read, told back, or written for the first time; an exit code for each."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.codes import GRADED, USAGE
from grader.errors import SpecError, UsageError
from grader.model import Spec
from grader.registry import nearest
from grader.report.sums import plain
from grader.words.sentences import Sentences


def check_spec(file: Path, language: str) -> int:
    """Every mistake of a spec, or that there is none."""
    say = Sentences(language)
    spec = _read(file, say)
    if spec is None:
        return USAGE
    total = plain(round(sum(c.points for c in spec.checks if not c.bonus), 2))
    print(say.say("spec-work.fine", path=str(file), count=len(spec.checks), points=total))
    return GRADED


def explain_spec(file: Path, only: tuple[str, ...], language: str) -> int:
    """What will be sent and expected."""
    from grader.cli.explaining import Explainer

    say = Sentences(language)
    spec = _read(file, say)
    if spec is None:
        return USAGE
    known = [name for check in spec.checks for name in dict.fromkeys((check.id, check.of)) if name]
    for name in only:
        if name not in known:
            near = {"nearest": found} if (found := nearest(name, known)) else {}
            print(say.say("cli.unknown-check", name=name, **near), file=sys.stderr)
            return USAGE
    checks = [check for check in spec.checks if not only or check.id in only or check.of in only]
    for line in Explainer(spec, say).lines(checks):
        print(line)
    return GRADED


def new_spec(file: Path, language: str) -> int:
    """Five questions, and a spec that loads."""
    from grader.cli.new_spec import ask_all, keep, written

    say = Sentences(language)
    if file.exists():
        print(say.say("spec-work.exists", path=str(file)), file=sys.stderr)
        return USAGE
    answers = ask_all(lambda text, otherwise: click.prompt(text, default=otherwise), say, file.parent)
    try:
        keep(file, written(answers, say))
    except OSError as problem:
        print(say.say("cli.cannot-write", path=str(file), why=problem.strerror), file=sys.stderr)
        return USAGE
    print(say.say("spec-work.written", path=str(file)))
    return check_spec(file, language)


def _read(file: Path, say: Sentences) -> Spec | None:
    from grader.spec.load import load

    try:
        return load(file)
    except UsageError as problem:
        print(say.say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
    except SpecError as problem:
        from grader.words.complaints import in_language

        print(in_language(problem, say.lang), file=sys.stderr)
        print(say.say("spec-work.mistakes", count=len(problem.complaints)), file=sys.stderr)
    return None
