"""“Look at these yourself”: what a person has to see before grades go out, with the command that runs it again.

Four kinds, the most pressing first: what the grader could not judge; gradings that were interrupted; servers that never
opened their port, with what they printed last; checks that a server passes at one time and not at another. Submissions of
which the same is to be said stand in one line.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from grader.model import Cohort, Finding, Member, Outcome
from grader.report.cohort.reasons import never_started
from grader.report.summary import Summary
from grader.results import shown_folder
from grader.words import Sentences

WHICH, OWN = "which-server", "submission.yaml"
FEW = 4
"""Folders that a command names one by one; of more, the folder that holds them."""


@dataclass(frozen=True, slots=True)
class Look:
    """One line: what it is, whom it concerns, and what to type."""

    what: str
    members: tuple[Member, ...]
    command: tuple[str, ...] = ()
    printed: str = ""
    """What the server printed last, as it stood there."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What makes two submissions stand in one line."""

    rank: int
    what: str
    printed: str = ""
    only: tuple[str, ...] = ()
    again: bool = False
    start: str = ""
    """The check that never came to its start: of a whole class it is run again, since what holds would be kept."""
    settles: tuple[str, ...] = ()
    """What is typed instead of a grading: a question is answered by it."""


def look(cohort: Cohort, say: Sentences) -> list[Look]:
    """The lines, the most pressing first; within a kind, those that concern most submissions first."""
    first = [Look(say.say(f"notice.{n.code}", **n.facts), ()) for n in (*cohort.refused, *cohort.run.notices)]
    found: dict[_Kind, list[Member]] = {}
    for member in cohort.members:
        for kind in dict.fromkeys(_kinds(member, say)):
            found.setdefault(kind, []).append(member)
    ranked = sorted(found.items(), key=lambda item: (item[0].rank, -len(item[1])))
    return first + [Look(k.what, tuple(those), _command(those, k), k.printed) for k, those in ranked]


def _kinds(member: Member, say: Sentences) -> Iterator[_Kind]:
    grade, summary = member.grade, Summary(member.grade, say, staff=True)
    stumbled = [v for v in grade.verdicts if v.outcome is Outcome.GRADER_PROBLEM]
    if stumbled and (grade.problem or len(stumbled) == len(grade.verdicts)):
        first = grade.problem or next(
            (v.findings[0] for v in stumbled if v.findings), Finding("grader-error", {"what": ""})
        )
        if first.code == WHICH and isinstance(lines := first.facts.get("lines"), list) and lines:
            yield _Kind(0, say.say("class.which-server", **first.facts), settles=_answer(member, str(lines[0])))
        else:
            yield _Kind(0, f"{say.say('class.not-judged-all')} {summary.finding(first, 'one')}")
    else:
        for verdict in stumbled:
            why = summary.finding(
                verdict.findings[0] if verdict.findings else Finding("grader-error", {"what": ""}), "one"
            )
            what = say.say("class.not-judged", title=summary.title(verdict))
            yield _Kind(0, f"{what} {why}", only=(verdict.check.id,))
    if any(v.outcome is None for v in grade.verdicts) or (not grade.complete and not stumbled):
        yield _Kind(1, say.say("class.interrupted"))
    if why_not := never_started(grade):
        last = str(why_not.facts.get("last") or why_not.facts.get("error") or "")
        about = f": {why_not.about}" if why_not.about and not last else ""
        failed = next((v.check.id for v in grade.verdicts if v.outcome is Outcome.FAILED), "")
        yield _Kind(2, f"{brief(why_not.code, why_not.facts, say)}{about}.", printed=last, start=failed)
    for verdict in grade.verdicts:
        if verdict.outcome is Outcome.UNSTEADY:
            what = say.say("class.unsteady", title=summary.title(verdict))
            yield _Kind(3, what, only=(verdict.check.id,), again=True)


def brief(code: str, facts: object, say: Sentences) -> str:
    """A reason in a few words, with the server as the subject that is not said."""
    if say.has(f"finding.{code}.brief"):
        return say.say(f"finding.{code}.brief")
    told = facts if isinstance(facts, dict) else {}
    return say.of_finding(code, "one", told).rstrip(".")


def _answer(member: Member, line: str) -> tuple[str, ...]:
    """How the question which file is the server is answered; names are the student's, so they are quoted."""
    return ("printf", "'%s\\n'", shlex.quote(line), ">", shlex.quote(f"{shown_folder(member.grade.submission)}{OWN}"))


def _command(members: Sequence[Member], kind: _Kind) -> tuple[str, ...]:
    if kind.settles:
        return kind.settles
    folders = [shown_folder(e.grade.submission).rstrip("/") for e in members]
    checks = kind.only
    if len(folders) > FEW:
        folders = list(dict.fromkeys(str(PurePath(f).parent) for f in folders))
        checks = checks or ((kind.start,) if kind.start else ())
    only = [word for check in checks for word in ("--only", check)]
    return tuple(shlex.quote(w) for w in ("grade", *folders, *only, *(["--again"] if kind.again else [])))
