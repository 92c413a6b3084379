"""What a submission's failures point at in its source: lines of threads, of errors, of a number that stands there.

Everything here comes after the verdict and leaves it as it is. A finding gets a line (`where`), a transcript the lines of
its threads, and, once in a grading, a server that never opened its port and said nothing is started a second time to see
whether it caught an error without a word.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from grader.conduct.closer import CloserLook
from grader.conduct.witness import caught
from grader.course.silent import swallowed
from grader.course.spots import inside, pointed, spot
from grader.errors import HarnessError
from grader.model import Finding, Kind, SourceSpot, Thread, Transcript
from grader.stage.box import AgentGone, Box
from grader.stage.stacks.frames import Sources

SOURCES = (
    ".py",
    ".c",
    ".h",
    ".cc",
    ".cpp",
    ".hpp",
    ".java",
    ".js",
    ".mjs",
    ".ts",
    ".go",
    ".rs",
    ".rb",
    ".cs",
    ".kt",
    ".php",
)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
LARGEST = 1 << 20


class SecondLook:
    """One submission's source, and what has been found in it. `closer` looks at its servers when a play has ended early."""

    def __init__(self, staged: str, work: str) -> None:
        self.closer = CloserLook(Sources(staged, work))
        self._folder = Path(staged)
        self._started_again = False

    def points(self, findings: Sequence[Finding], transcript: Transcript) -> tuple[Finding, ...]:
        """The findings, each with the line that it points at, if something does."""
        return tuple(self._point(finding, transcript) for finding in findings)

    def lines(
        self, findings: Sequence[Finding], transcript: Transcript, box: Box, argv: Sequence[str], port: int
    ) -> Transcript:
        """The transcript, with the lines of code around each thread, and what a second start showed."""
        threads = tuple(self._with_code(thread) for thread in transcript.threads)
        transcript = replace(transcript, threads=threads)
        if self._started_again or box.broken or not _silently_without_a_port(findings, transcript):
            return transcript
        self._started_again = True
        try:
            found = swallowed(caught(box, argv, port), self._folder)
        except (AgentGone, HarnessError):
            return transcript  # whoever uses the box next will meet that again, and say so
        return replace(transcript, server=replace(transcript.server, caught=found))

    def _point(self, finding: Finding, transcript: Transcript) -> Finding:
        if finding.code == "wrong-port":
            return replace(finding, where=literal(str(finding.facts.get("listening")), self._folder))
        return pointed(finding, transcript, self._folder)

    def _with_code(self, thread: Thread) -> Thread:
        path = inside(thread.spot.file, self._folder) if thread.spot else None
        if path is None or thread.spot is None:
            return thread
        return replace(thread, spot=spot(path, thread.spot.line, self._folder))


def _silently_without_a_port(findings: Sequence[Finding], transcript: Transcript) -> bool:
    codes = {finding.code for finding in findings}
    return bool(codes & {"never-listens", "exited-early"}) and not any(e.kind is Kind.ERRORS for e in transcript.events)


def literal(number: str, folder: Path) -> SourceSpot | None:
    """The first line of the submission's code in which a number stands, comments not counted."""
    for path in sorted(p for p in folder.rglob("*") if p.suffix in SOURCES and p.is_file() and not p.is_symlink()):
        if path.stat().st_size > LARGEST:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = _tokens(text) if path.suffix == ".py" else uncommented(text)
        for line, code in lines:
            if re.search(rf"(?<![\w.]){re.escape(number)}(?![\w.])", code):
                return spot(folder.resolve() / path.relative_to(folder), line, folder)
    return None


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """The numbers and the strings of one line of a Python program."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.NUMBER, tokenize.STRING) and token.start[0] == token.end[0]:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def uncommented(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a program in a language whose comments are those of C, without them."""
    bare = COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    yield from enumerate(bare.splitlines(), 1)
