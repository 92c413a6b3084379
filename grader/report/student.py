"""The grade as its student may see it: what a page or an export must not give away is not in it any more.

Reports are drawn for two kinds of reader. Staff see the whole grade. For a student it goes through `student_view` first,
a function from a grade to a grade, so that no drawing has to think of it, and a new one can't forget to.

Gone are, first, the findings of hidden checks: such a verdict is made anew from the few fields that a student may see, so
that a field added tomorrow stays out until somebody lets it in. Second, the machine: its name where a server could learn
it (in the closed box it is called `grader`), and the folders of every path that leads to somebody's home or to a temporary
place; the name of the file stays. This goes through every value of a grade, so it reaches fields that do not exist yet. A
grade never holds another student. Viewing what was viewed changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from grader.model import Cause, Check, Event, Grade, Kind, Line, SourceSpot, Verdict
from grader.results import shown_folder

CLOSED = "full"
"""The sandbox in which a server sees neither the machine's name nor its files."""
HOST = "host"
"""Under which name a run's versions tell the machine's name."""
OF_SPEC = ("spec_id", "spec_title", "spec_digest", "language", "groups", "manual", "milestones")
OURS = ("code", "explains", "blocked_by", "check", "subject", "rung", "doing", "of_client", "recorded")
"""Fields whose words are ours: a machine that is called `echo` changes no finding."""

_ROOTS = "home|root|Users|tmp|private|var|run|mnt|media|srv|opt|data|export|scratch|workspace"
_QUOTED = re.compile(rf"""(["'])/(?:{_ROOTS})/[^"'\n]*/([^"'/\n]*)\1""")
_PATH = re.compile(rf"""(?<![\w/.…])/(?:{_ROOTS})/(?:[^\s"'<>|:;,()\[\]{{}}/]+/)*([^\s"'<>|:;,()\[\]{{}}/]*)""")
_REST = re.compile(r"^[^\s…]*/")
PRINTED = (Kind.OUTPUT, Kind.ERRORS)
Clean = Callable[[str], str]


def student_view(grade: Grade) -> Grade:
    """The grade without what is hidden from its student."""
    clean = _cleaner(grade)
    folder = shown_folder(grade.submission)
    versions = {name: clean(text) for name, text in grade.run.versions.items() if name != HOST}
    ours = {
        "submission": replace(grade.submission, folder=folder),
        "verdicts": tuple(_kept(v) if v.check.hidden else _cleaned(v, clean) for v in grade.verdicts),
        "run": replace(_cleaned(grade.run, clean), argv=("grade", folder), versions=versions),
        "causes": tuple(c for cause in grade.causes if (c := _cause(cause, grade, clean))),
    }
    rest = {f.name: _cleaned(getattr(grade, f.name), clean) for f in fields(grade) if f.name not in (*ours, *OF_SPEC)}
    return replace(grade, **ours, **rest)


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
    shown = Check(
        check.id, check.title, check.points, concept=check.concept, hidden=True,
        group=check.group, bonus=check.bonus, penalty=check.penalty, gate=check.gate,
    )  # fmt: skip
    return Verdict(shown, verdict.outcome, verdict.earned, blocked_by=verdict.blocked_by)


def _cleaned(value: Any, clean: Clean) -> Any:
    """A value of a grade, whatever it is, without the machine in it. What a spec or the student's code says stays."""
    if isinstance(value, str):
        return value if isinstance(value, Enum) else clean(value)
    if isinstance(value, Check | Line) or value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, SourceSpot):
        return replace(value, file=clean(value.file), says=clean(value.says))
    if isinstance(value, Mapping):
        return {name: _cleaned(inner, clean) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        if isinstance(value, Event):
            return next(_events([value], clean))
        events = bool(value) and isinstance(value[0], Event)
        return type(value)(_events(value, clean) if events else (_cleaned(inner, clean) for inner in value))
    if isinstance(value, bytes):
        return clean(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    if is_dataclass(value) and not isinstance(value, type):
        told = (f.name for f in fields(value) if f.name not in OURS)
        return replace(value, **{name: _cleaned(getattr(value, name), clean) for name in told})
    return value


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
        yield event._replace(data=data, note=without_folders(event.note), says=clean(event.says))


def _cause(cause: Cause, grade: Grade, clean: Clean) -> Cause | None:
    """The cause, as far as it rests on checks that are not hidden: else its facts would tell what these found."""
    behind = [v for v in grade.verdicts if v.check.id in cause.explains]
    open_ones = [v for v in behind if not v.check.hidden]
    if len(open_ones) == len(behind):
        whole: Cause = _cleaned(cause, clean)
        return whole
    told = next((v.findings[0] for v in open_ones if v.findings), None)
    if told is None:
        return None
    return Cause(told.code, tuple(v.check.id for v in open_ones), _cleaned(told.facts, clean))
