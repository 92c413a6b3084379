"""What is asked of a client that is a program: what it shows, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence

from grader.judge.show import shown
from grader.model import SERVER, Event, Finding, Kind, Line
from grader.wire.match import to_text

EXITED = "program-exited"
"""The note that says, behind a space, with which status a client's program has ended."""
LAST = 3


def ended(events: Sequence[Event], who: str) -> tuple[int, int] | None:
    """Where a client's program ended, and its status."""
    for at in reversed(range(len(events))):
        event = events[at]
        if event.who == who and event.kind is Kind.NOTED and event.note.startswith(f"{EXITED} "):
            status = event.note.split()[1]
            return at, int(status) if status.lstrip("-").isdigit() else 0
    return None


def screen(events: Sequence[Event], who: str) -> list[str]:
    """The last lines that a client's program has shown."""
    lines = [to_text(e.data).strip() for e in events if e.who == who and e.kind is Kind.RECEIVED]
    return [shown(line) for line in lines if line][-LAST:]


def not_shown(events: Sequence[Event], who: str, text: str, at: tuple[int, ...]) -> Finding:
    """A line that was due never stood on the screen: because the program has ended, or it showed others."""
    end = ended(events, who)
    facts = {"who": [who], "text": text, **({"shown": lines} if (lines := screen(events, who)) else {})}
    if end is not None:
        return Finding("program-exited", {**facts, "status": end[1]}, (end[0], *at))
    return Finding("never-shown", facts, at)


def other_status(events: Sequence[Event], at: int, line: Line) -> Finding | None:
    """The server, or a client's program, ended with another exit status than the one that the play asks for."""
    for who in line.who if line.argument else ():
        end = server_end(events[: at + 1]) if who == SERVER else ended(events[:at], who)
        if end is not None and end[1] != int(line.argument):
            facts = {"status": end[1], "wanted": int(line.argument)}
            if who == SERVER:
                return Finding("wrong-status", facts, (end[0],))
            return Finding("program-status", {"who": [who], **facts}, (end[0],))
    return None


def server_end(events: Sequence[Event]) -> tuple[int, int] | None:
    """Where the server ended, and its status if somebody saw it."""
    ends = [(i, e.note) for i, e in enumerate(events) if e.kind is Kind.EXITED]
    return (ends[-1][0], int(ends[-1][1])) if ends and ends[-1][1].lstrip("-").isdigit() else None
