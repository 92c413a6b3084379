"""The grade as its student may see it: what a page or an export must not give away is not in it any more.

Reports are drawn for two kinds of reader. Staff see the whole grade. For a student it goes through `student_view` first,
a function from a grade to a grade, so that no drawing has to think of it, and a new one can't forget to.

Gone are, first, the findings of hidden checks: such a verdict is made anew from the few fields that a student may see, so
that a field added tomorrow stays out until somebody lets it in. Second, the machine: its name where a server could learn
it (in the closed box it is called `grader`), and the folders of every path that leads to somebody's home or to a temporary
place; the name of the file stays. A grade never holds another student. Viewing what was viewed changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from grader.model import (
    Attempt,
    Cause,
    Check,
    Event,
    Finding,
    Grade,
    Kind,
    SourceSpot,
    Submission,
    Thread,
    Transcript,
    Verdict,
)
from grader.results import shown_folder

CLOSED = "full"
"""The sandbox in which a server sees neither the machine's name nor its files."""
HOST = "host"
"""Under which name a run's versions tell the machine's name."""

_ROOTS = "home|root|Users|tmp|private|var|run|mnt|media|srv|opt|data|export|scratch|workspace"
_QUOTED = re.compile(rf"""(["'])/(?:{_ROOTS})/[^"'\n]*/([^"'/\n]*)\1""")
_PATH = re.compile(rf"""(?<![\w/.…])/(?:{_ROOTS})/(?:[^\s"'<>|:;,()\[\]{{}}/]+/)*([^\s"'<>|:;,()\[\]{{}}/]*)""")
_REST = re.compile(r"^[^\s…]*/")
PRINTED = (Kind.OUTPUT, Kind.ERRORS)
Clean = Callable[[str], str]


def student_view(grade: Grade) -> Grade:
    """The grade without what is hidden from its student."""
    clean = _cleaner(grade)
    verdicts = tuple(_kept(v) if v.check.hidden else _verdict(v, clean) for v in grade.verdicts)
    folder = shown_folder(grade.submission)
    run = replace(
        grade.run,
        argv=("grade", folder),
        rung_why=clean(grade.run.rung_why),
        versions={name: clean(text) for name, text in grade.run.versions.items() if name != HOST},
    )
    build = grade.build
    return replace(
        grade,
        submission=Submission(grade.submission.name, folder, grade.submission.digest),
        verdicts=verdicts,
        run=run,
        causes=tuple(c for cause in grade.causes if (c := _cause(cause, grade, clean))),
        build=replace(build, command=clean(build.command), log=clean(build.log)) if build else None,
        problem=_finding(grade.problem, clean) if grade.problem else None,
    )


def without_folders(text: str) -> str:
    """The text, in which paths into homes and temporary places have lost their folders."""
    if "/" not in text:
        return text
    return _PATH.sub(r"…/\1", _QUOTED.sub(r"\1…/\2\1", text))


def _cleaner(grade: Grade) -> Clean:
    name = grade.run.versions.get(HOST, "")
    if grade.run.rung == CLOSED or not name or name == "localhost":
        return without_folders
    names = "|".join(re.escape(x) for x in dict.fromkeys((name, name.split(".")[0])) if x)
    host = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)
    return lambda text: host.sub("grader", without_folders(text))


def _kept(verdict: Verdict) -> Verdict:
    """A hidden check: what it is called, what it is worth, and how it ended."""
    check = verdict.check
    shown = Check(check.id, check.title, check.points, concept=check.concept, hidden=True)
    return Verdict(shown, verdict.outcome, verdict.earned, blocked_by=verdict.blocked_by)


def _verdict(verdict: Verdict, clean: Clean) -> Verdict:
    return replace(
        verdict,
        attempts=tuple(_attempt(a, clean) for a in verdict.attempts),
        findings=tuple(_finding(f, clean) for f in verdict.findings),
        remarks=tuple(_finding(f, clean) for f in verdict.remarks),
        reference=_transcript(verdict.reference, clean) if verdict.reference else None,
    )


def _attempt(attempt: Attempt, clean: Clean) -> Attempt:
    return replace(
        attempt,
        findings=tuple(_finding(f, clean) for f in attempt.findings),
        remarks=tuple(_finding(f, clean) for f in attempt.remarks),
        transcript=_transcript(attempt.transcript, clean),
    )


def _transcript(transcript: Transcript, clean: Clean) -> Transcript:
    return replace(
        transcript,
        events=tuple(_events(transcript.events, clean)),
        server=replace(transcript.server, argv=tuple(map(clean, transcript.server.argv))),
        threads=tuple(_thread(t, clean) for t in transcript.threads),
    )


def _events(events: Sequence[Event], clean: Clean) -> Iterator[Event]:
    """What travelled and what was printed. Bytes that are no text come through as they are.

    Prints come in pieces that end anywhere: one that goes on in the middle of a word may begin in the middle of a path.
    """
    halfway: dict[Kind, bool] = {}
    plain = clean is without_folders
    for event in events:
        data = event.data
        if plain and event.kind not in PRINTED and b"/" not in data and "/" not in event.note:
            yield event  # nearly all of them: there is nothing to look for
            continue
        if data:
            text = clean(data.decode("utf-8", "surrogateescape"))
            if event.kind in PRINTED:
                if halfway.get(event.kind) or event.cut:
                    text = _REST.sub("…/", text, count=1)
                halfway[event.kind] = not text[-1:].isspace()
            data = text.encode("utf-8", "surrogateescape")
        yield event._replace(data=data, note=clean(event.note))


def _thread(thread: Thread, clean: Clean) -> Thread:
    return replace(thread, name=clean(thread.name), spot=_spot(thread.spot, clean) if thread.spot else None)


def _spot(spot: SourceSpot, clean: Clean) -> SourceSpot:
    return replace(spot, file=clean(spot.file), says=clean(spot.says))


def _finding(finding: Finding, clean: Clean) -> Finding:
    where = _spot(finding.where, clean) if finding.where else None
    return replace(finding, facts=_facts(finding.facts, clean), where=where)


def _facts(facts: Mapping[str, object], clean: Clean) -> dict[str, object]:
    return {name: _fact(value, clean) for name, value in facts.items()}


def _fact(value: object, clean: Clean) -> object:
    if isinstance(value, str):
        return clean(value)
    return [_fact(v, clean) for v in value] if isinstance(value, list | tuple) else value


def _cause(cause: Cause, grade: Grade, clean: Clean) -> Cause | None:
    """The cause, as far as it rests on checks that are not hidden: else its facts would tell what these found."""
    behind = [v for v in grade.verdicts if v.check.id in cause.explains]
    open_ones = [v for v in behind if not v.check.hidden]
    if len(open_ones) == len(behind):
        return replace(cause, facts=_facts(cause.facts, clean))
    told = next((v.findings[0] for v in open_ones if v.findings), None)
    if told is None:
        return None
    return Cause(told.code, tuple(v.check.id for v in open_ones), _facts(told.facts, clean))
