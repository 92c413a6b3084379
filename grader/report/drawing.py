"""One transcript drawn twice, wide and narrow, with its legend: what a page places where something travelled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.model import Finding, Line, Transcript
from grader.report.layout import NARROW_COLUMNS
from grader.report.rows import CAP, COLUMNS, picture
from grader.report.seq import draw, key
from grader.words import Sentences


@dataclass(frozen=True, slots=True)
class Drawing:
    """Both drawings; the style sheet shows the one that fits. `note` says which clients they leave out."""

    picture: Markup
    legend: Markup
    note: str = ""


def drawing(
    transcript: Transcript,
    play: Sequence[Line],
    findings: Sequence[Finding],
    remarks: Sequence[Finding],
    say: Sentences,
    uid: str,
    title: str,
    *,
    rows: int = CAP,
) -> Drawing | None:
    """The drawing of a transcript; None when no client ever came to the server. `uid` is nobody else's on the page."""
    wide = picture(transcript, play, findings, remarks, say, cap=rows, columns=COLUMNS)
    if wide is None:
        return None
    narrow = wide  # where every client has a column in both, the rows are the same
    if wide.total > NARROW_COLUMNS:
        narrow = picture(transcript, play, findings, remarks, say, cap=rows, columns=NARROW_COLUMNS) or wide
    note = say.say("page.diagram-some", total=wide.total) if wide.total > len(wide.clients) else ""
    return Drawing(draw(wide, narrow, program(transcript.server.argv), uid, title, say), key(wide.rows, say), note)


def program(argv: Sequence[str]) -> str:
    """The name of the server's file, if its command names one; else of its class or module, else the command's."""
    words = [a for a in argv[1:] if re.fullmatch(r"[\w./][\w./-]*", a) and not a.isdigit()]
    files = [a for a in words if re.search(r"\.[A-Za-z]\w*$", a)]
    named = files[0] if files else words[-1] if words else argv[0] if argv else ""
    return named.rstrip("/").rsplit("/", 1)[-1]
