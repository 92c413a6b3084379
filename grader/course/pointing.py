"""Which line of the student's code a finding points at, by what the flight recorder saw. Never guessed.

For each kind of finding one question is put to the recording: which call sent this, which call read that, which close
never came. Only what the record shows is claimed, and what it lacks only if it had room for everything. Of a call's stack
the line is chosen where the program decided: in the function that had taken the input in, on its way to the call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from grader.course.spots import excerpt
from grader.course.streams import SENDS, Accounts, Connection
from grader.course.triggers import Trigger, of_awaited, of_lost
from grader.judge.show import shown
from grader.model import CodeLine, Finding, Kind, Recording, SocketCall, SourceSpot, Transcript

SHORT = 48
CALLERS = 3
CLOSINGS = ("closed", "shutdown", "detach")
Stack = Sequence[CodeLine]


def point(finding: Finding, transcript: Transcript, recording: Recording, folder: Path) -> SourceSpot | None:
    """The line of the submission in `folder` at which a finding of the recorded run points, if the record shows one."""
    answer = ANSWERS.get(finding.code)
    if answer is None or not recording.calls:
        return None
    spot = answer(finding, transcript, Accounts(transcript, recording))
    return _with_excerpt(spot, folder) if spot else None


# -- what was sent ----------------------------------------------------------------------------------------------------


def _sent(finding: Finding, transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """The call that sent the first message that should not have come."""
    for index in finding.events:
        if index < len(transcript.events) and transcript.events[index].kind is Kind.RECEIVED:
            found = accounts.sender(index)
            return _decided("sent", *found, accounts) if found else None
    return None


def _closed(finding: Finding, transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """The call that ended a connection too early."""
    for index in finding.events:
        if index < len(transcript.events) and transcript.events[index].kind is Kind.SERVER_CLOSED:
            connection = accounts.at(index)
            calls = [(n, c) for n, c in connection.calls if c.call in CLOSINGS] if connection else []
            return _decided("closed", *calls[0], accounts) if calls and calls[0][1].stack else None
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
        return _unanswered(trigger, who, accounts) or _stuck(transcript, accounts)
    return _end_unnoticed(trigger.connection, who, accounts) or _stuck(transcript, accounts)


def _nothing_sent(connection: Connection) -> SourceSpot | None:
    accept = connection.accept
    return _at("accepted", accept.call) if accept and not connection.gives else None


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
        return _at("taken", last, shown(_brief(trigger.text)))
    if len(takers) > 1:
        return _at("pieces", takers[0].call, shown(_brief(takers[0].call.data)))
    if takers[0].end - takers[0].start > trigger.end - trigger.start:
        return _at("several", last, shown(_brief(last.data)))
    return None


def _end_unnoticed(connection: Connection, who: str, accounts: Accounts) -> SourceSpot | None:
    """Where the end of a connection was read, if nothing was sent to who waited for the notice."""
    ends = [(n, c) for n, c in connection.calls if c.call in ("recv", "read") and (c.error or c.count == 0)]
    shows = [(n, c) for n, c in ends if c.stack]
    if not shows or accounts.sent_after(who, ends[0][0]):
        return None
    call = shows[0][1]
    return _at("raised" if call.error else "ended", call, call.error)


def _stuck(transcript: Transcript, accounts: Accounts) -> SourceSpot | None:
    """A call that was still sending at the end, to a client that we had stopped from reading."""
    frozen: set[str] = set()
    for event in transcript.events:
        if event.kind is Kind.FROZEN:
            frozen.add(event.who)
        elif event.kind is Kind.THAWED:
            frozen.discard(event.who)
    for connection in accounts.connections:
        if connection.who in frozen:
            for _, call in connection.calls:
                if call.call in SENDS and not call.returned:
                    return _at("stuck", call)
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
            return _at("held", call)
    last = next((c for _, c in reversed(connection.calls) if c.stack and c.returned), None)
    spot = _at("kept-open", connection.accept.call)
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
    for call in calls[number + 1 :]:
        if (call.process, call.thread) == same and call.stack and call.socket == accept.made:
            parted = _parted(call.stack, accept.stack)
            if parted is None:
                return None
            return replace(spot, via=()) if (spot := _spot("busy", call.stack, parted)) else None
    return None


Answer = Callable[[Finding, Transcript, Accounts], SourceSpot | None]
ANSWERS: dict[str, Answer] = {
    **dict.fromkeys(("echo", "came-instead", "came-unasked", "left-over", "two-notices", "before-welcome"), _sent),
    **dict.fromkeys(("line-end", "doubled", "torn", "invented", "reordered"), _sent),
    **dict.fromkeys(("closed-instead", "was-closed"), _closed),
    **dict.fromkeys(("never-came", "lost"), _never_came),
    "not-closed": _not_closed,
    "not-accepted": _not_accepted,
}


# -- from a stack to a line -------------------------------------------------------------------------------------------


def _decided(word: str, number: int, call: SocketCall, accounts: Accounts) -> SourceSpot | None:
    """The line on a call's stack where it parted from what the same thread had read before; else the call's own."""
    before = accounts.before(number, call)
    at = _parted(call.stack, before.stack) if before else None
    return _spot(word, call.stack, at or 0)


def _parted(stack: Stack, other: Stack) -> int | None:
    """Where two stacks part, as a place in the first: the line in the innermost function that both were in."""
    found = None
    for place in range(1, min(len(stack), len(other)) + 1):
        one, two = stack[-place], other[-place]
        if (one.file, one.function, one.first) != (two.file, two.function, two.first):
            break
        found = len(stack) - place
        if one.line != two.line:
            break
    return found


def _spot(word: str, stack: Stack, at: int) -> SourceSpot | None:
    """The line at a place of a stack; `via` is the line of the call itself, where that is another."""
    if not stack:
        return None
    via = ((stack[0].file, stack[0].line),) if at else ()
    return SourceSpot(stack[at].file, stack[at].line, recorded=word, via=via)


def _at(word: str, call: SocketCall, says: str = "") -> SourceSpot | None:
    """The line of the call itself; `via` are the lines that it was called from."""
    if not call.stack:
        return None
    own, *callers = call.stack
    via = tuple((c.file, c.line) for c in callers[:CALLERS])
    return SourceSpot(own.file, own.line, says=says, recorded=word, via=via)


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


def _brief(data: bytes) -> str:
    text = data.decode("utf-8", "backslashreplace")
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def _first(value: object) -> object:
    return value[0] if isinstance(value, list | tuple) and value else value
