"""The line of the student's code that the server's own words point at. Never guessed: no trace of an error, no line.

A runtime that stops at an error prints where it was. Each language has its own form (`FORMS`); in all of them the line that
counts is the innermost one of the submission's own, and the last error that was printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.model import Finding, Kind, SourceSpot, Transcript

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


@dataclass(frozen=True, slots=True)
class Form:
    """How a runtime prints where an error came up: what begins it, one frame, and where the error itself is named.

    `innermost` is the first or the last frame; the error is named in the line that begins it, or in the last line.
    """

    begins: re.Pattern[str]
    frame: re.Pattern[str]
    innermost: str
    named: str


BUILD_ERROR = re.compile(
    r"^.*(?:\berror(?:\[\w+\])?: \S|undefined reference to ).*$|^\S+\.go:\d+:\d+: .*$", re.MULTILINE | re.IGNORECASE
)
"""How compilers begin an error: gcc, clang and javac, rustc, the linker, go."""
PYTHON_FRAME = re.compile(r'^\s*File "(?P<file>[^"\n]{1,300})", line (?P<line>\d{1,7})', re.MULTILINE)
SAYS = re.compile(r"^(?P<says>[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning)?(?:: .*)?)$")
FORMS = (
    Form(re.compile(r"^.*Traceback \(most recent call last\)", re.MULTILINE), PYTHON_FRAME, "last", "last"),
    # An error in the source itself has no traceback: the program has not begun.
    Form(re.compile(r'^  File "[^"\n]{1,300}", line \d+\n(?=(?:    .*\n){1,3}(?:Syntax|Indentation|Tab)Error: )', re.MULTILINE), PYTHON_FRAME, "last", "last"),
    Form(
        re.compile(r'^(?:Exception in thread "[^"\n]*" |Caused by: )?(?P<says>[a-z][\w.]*\.[\w.$]*(?:Exception|Error)(?:: .*)?)\n(?=\s+at )', re.MULTILINE),
        re.compile(r"^\s+at [^(\n]+\((?P<file>[\w$]+\.java):(?P<line>\d{1,7})\)", re.MULTILINE), "first", "first",
    ),
    Form(
        re.compile(r"^(?:Uncaught )?(?P<says>(?:\w+ \[\w+\]|\w*Error)(?:: .*)?)\n(?=\s+at )", re.MULTILINE),
        re.compile(r"^\s+at (?:[^(\n]+\()?(?:file://)?(?P<file>/[^:\n]{1,300}):(?P<line>\d{1,7}):\d+\)?", re.MULTILINE), "first", "first",
    ),
)  # fmt: skip


def pointed(finding: Finding, transcript: Transcript, folder: Path) -> Finding:
    """The finding, with the line at which the server's last error stood, if it printed one that lies in `folder`."""
    if finding.code not in POINTED_AT or finding.where is not None:
        return finding
    errors = b"".join(e.data for e in transcript.events if e.kind is Kind.ERRORS).decode(errors="replace")
    return replace(finding, where=last_traceback(errors, folder))


def last_traceback(errors: str, folder: Path) -> SourceSpot | None:
    """The innermost line of the last printed error that lies in the submission, with what was raised there."""
    last = _last(errors)
    if last is None:
        return None
    begins, form = last
    text = errors[begins.start() :]
    for frame in _frames(text, form):
        path = inside(frame["file"], folder)
        if path is not None:
            return spot(path, int(frame["line"]), folder, _says(begins, text, form))
    return None


def first_of_build(log: str) -> str:
    """The first error in what a build printed; the later ones often follow from it."""
    found = BUILD_ERROR.search(log)
    return found[0].strip()[:LONGEST_LINE] if found else ""


def last_error(errors: str) -> str:
    """The last error that was printed with the way to it, wherever it came up."""
    last = _last(errors)
    return _says(last[0], errors[last[0].start() :], last[1]) if last else ""


def _last(errors: str) -> tuple[re.Match[str], Form] | None:
    found = ((at, form) for form in FORMS for at in form.begins.finditer(errors))
    return max(found, key=lambda x: x[0].start(), default=None)


def _frames(text: str, form: Form) -> Iterator[re.Match[str]]:
    found = list(form.frame.finditer(text))
    yield from found if form.innermost == "first" else reversed(found)


def _says(begins: re.Match[str], text: str, form: Form) -> str:
    if form.named == "first":
        return begins["says"].strip()[:LONGEST_LINE]
    return next((line for line in reversed(text.strip().splitlines()) if SAYS.match(line)), "")[:LONGEST_LINE]


def spot(path: Path, number: int, folder: Path, says: str = "") -> SourceSpot:
    """A line of a file of the submission, with the lines around it."""
    return SourceSpot(str(path.relative_to(folder.resolve())), number, excerpt(path, number), says)


def inside(file: str, folder: Path) -> Path | None:
    """The file of the submission that a runtime means; None for a file of the library, even one of the same name."""
    top = folder.resolve()
    below = file.split("/work/", 1)[1] if "/work/" in file else "" if file.startswith("/") else file
    path = top / below
    if below.endswith(".java") and not path.is_file():  # Java names no folder
        named = [p for p in top.rglob(Path(below).name) if p.is_file()]
        path = named[0] if len(named) == 1 else path
    return path if below and path.is_file() and path.resolve().is_relative_to(top) else None


def excerpt(path: Path, number: int) -> tuple[tuple[int, str], ...]:
    """A line of a file and the lines around it."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    first, last = max(1, number - AROUND), min(len(lines), number + AROUND)
    return tuple((n, lines[n - 1][:LONGEST_LINE]) for n in range(first, last + 1))
