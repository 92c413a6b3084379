"""Whether a wrong answer shows that the server misread a line: a piece taken for the whole, or several lines for one.

A server that answers `welcome ca` to a client whose name comes as `ca` and `ro` sends from a line that is right; what went
wrong is where it read. That is said only where the recording proves it: the answer went out before the rest of the line had
been read, or what was read at once held more lines than were dealt with.
"""

from __future__ import annotations

from grader.course.stacks import call_itself
from grader.course.streams import Accounts
from grader.course.triggers import of_awaited
from grader.judge.show import shown
from grader.model import Finding, Kind, SocketCall, SourceSpot, Transcript

SHORT = 48
SEVERAL = 2


def misread(finding: Finding, transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """Where the line was read which the awaited message would have answered, if the answer shows that it was misread.

    It does if it was sent before the rest of the line had been read; if it is the bare second line of what was read at once;
    or if the thread that read several lines at once sent fewer messages for them than there were lines.
    """
    came, gave_up = (_first_of(kind, finding, transcript) for kind in (Kind.RECEIVED, Kind.GAVE_UP))
    trigger = of_awaited(transcript, accounts, gave_up) if gave_up is not None else None
    sender = accounts.sender(came) if came is not None else None
    if trigger is None or trigger.kind is not Kind.SENT or sender is None or not accounts.recording.whole:
        return None
    takers = trigger.connection.taken(trigger.start, trigger.end)
    if not takers or len({t.call.stack[0] for t in takers}) > 1:
        return None
    first, last = takers[0], takers[-1]
    if first.number < sender[0] < last.number and _same_thread(first.call, sender[1]):
        return call_itself("pieces", first.call, shown(brief(first.call.data)))
    lines = [line.strip(b"\r") for line in first.call.data.split(b"\n")[:-1]]
    if len(takers) > 1 or len(lines) < SEVERAL or came is None:
        return None
    bare = transcript.events[came].data.strip(b"\r\n") in lines[1:]
    if bare or (sender[0] > first.number and len(accounts.answers(first)) < len(lines)):
        return call_itself("several", first.call, shown(brief(first.call.data)))
    return None


def _first_of(kind: Kind, finding: Finding, transcript: Transcript) -> int | None:
    """The first event of this kind that a finding rests on."""
    events = transcript.events
    return next((i for i in finding.events if i < len(events) and events[i].kind is kind), None)


def _same_thread(one: SocketCall, other: SocketCall) -> bool:
    return (one.process, one.thread) == (other.process, other.thread)


def brief(data: bytes) -> str:
    """What was read, no longer than fits into a sentence."""
    text = data.decode("utf-8", "backslashreplace")
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
