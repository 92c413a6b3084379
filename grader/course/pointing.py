"""Which line of the student's code a finding points at, by what the flight recorder saw. Never guessed.

For each kind of finding one question is put to the recording: which call sent this, which call read that, which close
never came. Only what the record shows is claimed, and what it lacks only if it had room for everything. Which line of a
call's stack is shown is `stacks.py`'s affair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from grader.course.misread import brief, misread
from grader.course.spots import excerpt
from grader.course.stacks import call_itself, of_form, parted, way_to
from grader.course.streams import SENDS, Accounts, Connection
from grader.course.triggers import Trigger, of_awaited, of_lost
from grader.judge.show import shown
from grader.model import Dialect, Finding, Kind, Recording, SocketCall, SourceSpot, Transcript

CLOSINGS = ("closed", "shutdown", "detach")


def point(
    finding: Finding, transcript: Transcript, recording: Recording, folder: Path, dialect: Dialect
) -> SourceSpot | None:
    """The line of the submission in `folder` at which a finding of the recorded run points, if the record shows one."""
    answer = ANSWERS.get(finding.code)
    if answer is None or not recording.calls:
        return None
    spot = answer(finding, transcript, Accounts(transcript, recording, dialect))
    return _with_excerpt(spot, folder) if spot else None


# -- what was sent ----------------------------------------------------------------------------------------------------


def _sent(finding: Finding, transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """The call that sent the first message that should not have come."""
    for index in finding.events:
        if index < len(transcript.events) and transcript.events[index].kind is Kind.RECEIVED:
            found = accounts.sender(index)
            if found is None:
                return None
            message = transcript.events[index].data
            at = of_form(found[1], message, accounts.recording, accounts.dialect)
            return _decided("sent", *found, accounts) if at is None else way_to("sent", found[1].stack, at)
    return None


def _came_instead(finding: Finding, transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """The call that took a mere piece of a line, or several lines, for one, if that made the message; else what sent it."""
    return misread(finding, transcript, accounts) or _sent(finding, transcript, accounts)


def _closed(finding: Finding, transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """The call that ended a connection too early."""
    for index in finding.events:
        if index < len(transcript.events) and transcript.events[index].kind is Kind.SERVER_CLOSED:
            connection = accounts.at(index)
            calls = [c for _, c in connection.calls if c.call in CLOSINGS] if connection else []
            return call_itself("closed", calls[0]) if calls else None
    return None


# -- what never came --------------------------------------------------------------------------------------------------


def _never_came(finding: Finding, transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """The call that took the input which nothing followed."""
    if finding.code == "lost":
        who, trigger = str(_first(finding.facts.get("who"))), of_lost(transcript, accounts, finding)
    else:
        gave_up = next((i for i in finding.events if transcript.events[i].kind is Kind.GAVE_UP), None)
        if gave_up is None:
            return None
        who, trigger = transcript.events[gave_up].who, of_awaited(transcript, accounts, gave_up)
    if trigger is None or not accounts.recording.whole:
        return None
    if trigger.kind is Kind.CONNECTED:
        return _nothing_sent(trigger.connection)
    if trigger.kind is Kind.SENT:
        return _stuck(transcript, accounts) or _unanswered(trigger, who, accounts)
    return _stuck(transcript, accounts) or _end_unnoticed(trigger.connection, who, accounts)


def _nothing_sent(connection: Connection) -> SourceSpot | None:
    accept = connection.accept
    return call_itself("accepted", accept.call) if accept and not connection.gives else None


def _unanswered(trigger: Trigger, who: str, accounts: Accounts) -> SourceSpot | None:
    """Where the line was read: nothing was sent then, or it was read in pieces, or with others in one call."""
    takers = trigger.connection.taken(trigger.start, trigger.end)
    if not takers or len({t.call.stack[0] for t in takers}) > 1:
        return None
    after = accounts.sent_after(who, takers[0].number)
    if any(trigger.answered(give.data) for give in after):
        return None  # it was sent: then it is not this that went wrong
    last = takers[-1].call
    if not after:
        return call_itself("taken", last, shown(brief(trigger.text)))
    if len(takers) > 1:
        return call_itself("pieces", takers[0].call, shown(brief(takers[0].call.data)))
    if takers[0].end - takers[0].start > trigger.end - trigger.start:
        return call_itself("several", last, shown(brief(last.data)))
    return None


def _end_unnoticed(connection: Connection, who: str, accounts: Accounts) -> SourceSpot | None:
    """Where the end of a connection was read, if nothing was sent to who waited for the notice."""
    ends = [(n, c) for n, c in connection.calls if c.call in ("recv", "read") and (c.error or c.count == 0)]
    shows = [(n, c) for n, c in ends if c.stack]
    if not shows or accounts.sent_after(who, ends[0][0]):
        return None
    call = shows[0][1]
    return call_itself("raised" if call.error else "ended", call, call.error)


def _stuck(transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """A call that was still sending at the end, to a client that we had stopped from reading, and that held others up.

    A thread that only ever sends to that client may wait as long as it likes; one that also takes input may not.
    """
    frozen: set[str] = set()
    for event in transcript.events:
        if event.kind is Kind.FROZEN:
            frozen.add(event.who)
        elif event.kind is Kind.THAWED:
            frozen.discard(event.who)
    for connection in accounts.connections:
        for number, call in connection.calls if connection.who in frozen else ():
            if call.call in SENDS and not call.returned:
                before = accounts.before(number, call)
                if before is not None and before.socket not in (call.socket, ""):
                    return call_itself("stuck", call)
    return None


# -- what was not done ------------------------------------------------------------------------------------------------


def _not_closed(finding: Finding, transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """Where the connection was accepted that was never closed, or where it was closed in vain."""
    connection = accounts.of(str(_first(finding.facts.get("who"))))
    if connection is None or connection.accept is None or not accounts.recording.whole:
        return None
    home = connection.accept.call.process
    if any(c.call in CLOSINGS and c.process == home for _, c in connection.calls):
        return None
    for _, call in connection.calls:
        if call.call == "close" and call.count and call.process == home:
            return call_itself("held", call)
    last = next((c for _, c in reversed(connection.calls) if c.stack and c.returned), None)
    spot = call_itself("kept-open", connection.accept.call)
    if spot is None or last is None:
        return spot
    return replace(spot, via=((last.stack[0].file, last.stack[0].line),))


def _not_accepted(finding: Finding, transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """Where the thread that accepted went on to serve the one that it had accepted, instead of accepting the next."""
    calls = accounts.recording.calls
    accepts = [(n, c) for n, c in enumerate(calls) if c.call == "accept"]
    if not accepts or not accounts.recording.whole or not all(c.returned for _, c in accepts):
        return None
    number, accept = accepts[-1]
    same = (accept.process, accept.thread)
    later = [
        c for c in calls[number + 1 :]
        if (c.process, c.thread) == same and c.stack and c.socket == accept.made
    ]  # fmt: skip
    call = next((c for c in later if not c.returned), later[0] if later else None)
    at = parted(call.stack, accept.stack) if call else None
    spot = way_to("busy", call.stack, at) if call and at is not None else None
    return replace(spot, via=()) if spot else None


Answer = Callable[[Finding, Transcript, Accounts], SourceSpot | None]
ANSWERS: dict[str, Answer] = {
    **dict.fromkeys(("echo", "came-unasked", "left-over", "two-notices", "before-welcome"), _sent),
    **dict.fromkeys(("line-end", "doubled", "torn", "invented", "reordered", "two-welcomes"), _sent),
    "came-instead": _came_instead,
    **dict.fromkeys(("closed-instead", "was-closed"), _closed),
    **dict.fromkeys(("never-came", "lost"), _never_came),
    "not-closed": _not_closed,
    "not-accepted": _not_accepted,
}


def _decided(word: str, number: int, call: SocketCall, accounts: Accounts) -> SourceSpot | None:
    """The line on a call's stack where it parted from what the same thread had read before; else the call's own."""
    before = accounts.before(number, call)
    at = parted(call.stack, before.stack) if before else None
    return way_to(word, call.stack, at or 0)


def _with_excerpt(spot: SourceSpot, folder: Path) -> SourceSpot | None:
    """The spot with the lines around it, if its file is one of the submission's and has that line."""
    top = folder.resolve()
    inside = top / spot.file
    if not inside.is_file() or not inside.resolve().is_relative_to(top):
        return None
    lines = excerpt(inside, spot.line)
    if spot.line not in {number for number, _ in lines}:
        return None
    return replace(spot, file=str(inside.relative_to(top)), excerpt=lines)


def _first(value: object) -> object:
    return value[0] if isinstance(value, list | tuple) and value else value
