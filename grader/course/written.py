"""Where the words of a message stand in a submission's source, if they stand in one place only.

Some servers can't be recorded and print no error, and yet their source shows what the check found: a notice that came
after a command and never without it is written in one place, which only the command leads to. Nothing is concluded from
that place. It is named because the words stand there and nowhere else, which anybody can see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from grader.course.causes import causes
from grader.course.second_look import LARGEST, SOURCES, uncommented
from grader.course.spots import spot
from grader.model import Cause, Finding, SourceSpot, Verdict

CAUSES = frozenset({"leave-only-on-command"})
"""Causes of which it is known that the server does send the message, elsewhere."""
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`(?:[^`\\]|\\.)*`')
LETTERS = 4
"""Fewer letters in a row would say nothing."""


def written(verdicts: Mapping[str, Verdict], folder: Path) -> dict[str, Verdict]:
    """The verdicts of such causes, those of their findings that have no line with the one where the words stand."""
    told: dict[str, Verdict] = {}
    for cause in causes(tuple(verdicts.values())):
        found = _place(cause, folder) if cause.code in CAUSES and cause.where is None else None
        for verdict in (verdicts[i] for i in cause.explains if found and i in verdicts):
            told[verdict.check.id] = replace(
                verdict,
                findings=_placed(verdict.findings, found),
                attempts=tuple(replace(a, findings=_placed(a.findings, found)) for a in verdict.attempts),
            )
    return told


def _placed(findings: tuple[Finding, ...], found: SourceSpot | None) -> tuple[Finding, ...]:
    return tuple(replace(f, where=f.where or found) if f.code == "never-came" else f for f in findings)


def _place(cause: Cause, folder: Path) -> SourceSpot | None:
    who, text = cause.facts.get("who"), str(cause.facts.get("text", ""))
    names = [str(w) for w in who] if isinstance(who, list | tuple) else []
    pieces = re.split("|".join(map(re.escape, names)), text) if names else [text]
    words = max((p for p in pieces if re.search(rf"[^\W\d_]{{{LETTERS}}}", p)), key=len, default="")
    found = list(_with(words.strip(), folder)) if words else []
    return replace(spot(found[0][0], found[0][1], folder), recorded="written") if len(found) == 1 else None


def _with(words: str, folder: Path) -> Iterator[tuple[Path, int]]:
    """The lines in which a text of the program has these words."""
    top = folder.resolve()
    for path in sorted(p for p in top.rglob("*") if p.suffix in SOURCES and p.is_file() and not p.is_symlink()):
        if path.stat().st_size > LARGEST:
            continue
        for line, code in uncommented(path.read_text(encoding="utf-8", errors="replace")):
            if any(re.search(rf"\b{re.escape(words)}\b", text[0]) for text in STRING.finditer(code)):
                yield path, line
