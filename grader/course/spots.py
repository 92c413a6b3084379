"""The line of the student's code that the server's own words point at. Never guessed: no traceback, no line."""

from __future__ import annotations

import re
from pathlib import Path

from grader.model import Finding, Kind, SourceSpot, Transcript

FRAME = re.compile(r'^\s*File "(?P<file>[^"\n]{1,300})", line (?P<line>\d{1,7})', re.MULTILINE)
SAYS = re.compile(r"^(?P<says>[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning)?(?:: .*)?)$")
AROUND = 3
LONGEST_LINE = 160
POINTED_AT = {
    "never-came",
    "closed-instead",
    "not-closed",
    "exited",
    "exited-early",
    "never-listens",
    "not-read",
    "not-accepted",
}


def pointed(finding: Finding, transcript: Transcript, folder: Path) -> Finding:
    """The finding, with the line at which the server's last traceback stood, if it printed one that lies in `folder`."""
    if finding.code not in POINTED_AT or finding.where is not None:
        return finding
    errors = b"".join(e.data for e in transcript.events if e.kind is Kind.ERRORS).decode(errors="replace")
    spot = last_traceback(errors, folder)
    if spot is None:
        return finding
    return Finding(finding.code, finding.facts, finding.events, spot)


def last_traceback(errors: str, folder: Path) -> SourceSpot | None:
    """The innermost line of the last traceback that lies in the submission, with what was raised there."""
    begin = errors.rfind("Traceback (most recent call last)")
    if begin < 0:
        return None
    text = errors[begin:]
    top = folder.resolve()
    for frame in reversed(list(FRAME.finditer(text))):
        below = _below_work(frame["file"])
        inside = top / below if below else None
        if inside is None or not inside.is_file() or not inside.resolve().is_relative_to(top):
            continue
        says = next((line for line in reversed(text.strip().splitlines()) if SAYS.match(line)), "")
        number = int(frame["line"])
        return SourceSpot(str(inside.relative_to(top)), number, excerpt(inside, number), says[:LONGEST_LINE])
    return None


def excerpt(path: Path, number: int) -> tuple[tuple[int, str], ...]:
    """A line of a file and the lines around it."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    first, last = max(1, number - AROUND), min(len(lines), number + AROUND)
    return tuple((n, lines[n - 1][:LONGEST_LINE]) for n in range(first, last + 1))


def _below_work(file: str) -> str:
    """The path below the server's work folder; empty for a file of the library, even one of the same name."""
    if "/work/" in file:
        return file.split("/work/", 1)[1]
    return "" if file.startswith("/") else file
