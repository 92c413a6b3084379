"""What a server printed: its lines with their times, the errors among them, and what to show of it.

A server's output comes in pieces that end anywhere, so the pieces are joined first and cut into lines then; a line's time
is that of the piece in which it begins. The last line of a traceback is what a reader looks for, in any language: it is
found by its form, never by guessing what the program meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.model import Event, Kind, SourceSpot
from grader.report.elements import el, join
from grader.trim import left_out
from grader.words import Sentences, cut, printable, printable_lines

LINES = 36
"""Lines of output that a page shows, the last ones first in line to stay."""
LONGEST = 200

_OWN = re.compile(r'(["(]|\bat |^\s+)/work/')
"""How a traceback names the folder of a submission inside its box: nobody else has such a folder."""
_LIBRARY = re.compile(r'^(\s*(?:File "|at (?:.*\()?))/[^"()]*/(?=[^"()/]+[":)])')
"""The folders of a library in a line of a traceback: they tell of a machine, not of the program."""

_COMPLAINT = re.compile(
    r"(?:Exception in thread \"[^\"]*\" )?(?:[\w$]+\.)*[A-Z]?\w*(?:Error|Exception|Interrupt|Exit|timeout)(?::\s.*)?"  # Python, Java
    r"|panic: .*|thread '.*' panicked at .*|Segmentation fault.*|terminate called .*|.*Sanitizer: .*"  # Go, Rust, C, C++
)
_FRAME = re.compile(r'\s*File "([^"]+)", line (\d+)|\s*at .*?\(?([\w./-]+):(\d+)(?::\d+)?\)?$|\s*([\w./-]+\.\w+):(\d+)')


@dataclass(frozen=True, slots=True)
class Printed:
    """One line that a server printed; `first` is false for the rest of a piece, whose time is not repeated."""

    t: float
    text: str


def printed(events: Sequence[Event], kind: Kind) -> list[Printed]:
    """Every line of one stream."""
    lines: list[Printed] = []
    open_line = False
    for event in events:
        if event.kind is not kind or left_out(event):
            continue
        text = event.data.decode(errors="backslashreplace").replace("\r\n", "\n")
        if event.cut:
            open_line = False
            lines.append(Printed(event.t, f"… {event.cut} bytes …"))
        pieces = text.split("\n")
        for number, piece in enumerate(pieces):
            if number == 0 and open_line and lines:
                lines[-1] = Printed(lines[-1].t, lines[-1].text + piece)
            elif piece or number < len(pieces) - 1:
                lines.append(Printed(event.t, piece))
        open_line = bool(pieces[-1])
    return [Printed(line.t, _LIBRARY.sub(r"\1", _OWN.sub(r"\1", line.text[: 4 * LONGEST]))) for line in lines]


def complaints(events: Sequence[Event], most: int = 6) -> list[tuple[float, str]]:
    """The errors that a server reported: the time and the telling line of each, not more than `most`."""
    found: list[tuple[float, str]] = []
    for line in printed(events, Kind.ERRORS):
        if is_complaint(line.text) and len(found) < most:
            name, _, rest = line.text.strip().partition(": ")
            found.append((line.t, cut(printable(name if rest and " " not in name else line.text.strip()), 48)))
    return found


def is_complaint(text: str) -> bool:
    """Whether a line is the telling one of an error message."""
    return bool(_COMPLAINT.fullmatch(text.strip()[:LONGEST]))


def listing(
    lines: Sequence[Printed], spot: SourceSpot | None, say: Sentences, *, most: int = LINES, clock: bool = True
) -> Markup:
    """The lines with their times, the middle left out if there are many, the known place and the error marked."""
    head = most // 4
    shown: list[Printed | None] = [*lines]
    if len(lines) > most:
        shown = [*lines[:head], None, *lines[len(lines) - (most - head) :]]
    rows: list[Markup] = []
    before = None
    stamp_width = max((len(say.clock(x.t)) for x in lines), default=5) + 4 if clock else 0
    for line in shown:
        if line is None:
            rows.append(el("span", say.say("page.lines-cut", count=len(lines) - most), class_="soft"))
            continue
        stamp = f"{say.clock(line.t)} s" if clock and line.t != before else ""
        before = line.t
        number = el("span", stamp.ljust(stamp_width), class_="ln")
        text = printable_lines(cut(line.text, LONGEST))
        if is_complaint(line.text):
            rows.append(el("span", number, el("span", text, class_="last"), class_="l"))
        elif spot is not None and names(line.text, spot):
            rows.append(el("span", number, text, class_="hot"))
        else:
            rows.append(el("span", number, text, class_="l"))
    return el("pre", el("code", join(rows, "\n")), tabindex="0")


def names(text: str, spot: SourceSpot) -> bool:
    """Whether a line of a traceback names this place."""
    found = _FRAME.match(text)
    if not found:
        return False
    file, line = next((found[n], found[n + 1]) for n in (1, 3, 5) if found[n])
    return int(line) == spot.line and file.rsplit("/", 1)[-1] == spot.file.rsplit("/", 1)[-1]
