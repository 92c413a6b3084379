"""A grade made small enough to keep: the events around each finding stay, the rest becomes a count.

A check with two hundred clients records forty thousand events, and a flooding server prints for ever. What a page can
show is the beginning, the end, and what stands around a finding; everything between is replaced by one `noted` event
that says how many events were there. Indices of findings move along. Trimming what is trimmed changes nothing, so a page
drawn from a run and one drawn from its file are the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader.model import SERVER, Attempt, Event, Finding, Grade, Kind, Outcome, Transcript, Verdict

LARGEST = 1_800_000
"""Characters of JSON that a trimmed grade may come to, estimated from above."""
LONGEST_MESSAGE = 400
LONGEST_PRINT = 4000
"""Bytes that stay of one event: of a message its beginning, of what a server printed its end (there stands the error)."""
EACH = 3
"""Events that stay of each step and client, as long as there is room."""

NOTED, RECEIVED = Kind.NOTED, Kind.RECEIVED  # (see `judge/follow.py`)
_LEFT_OUT = re.compile(r"… (\d+) more")
_TELLING = (Kind.CRASHED, Kind.EXITED, Kind.GAVE_UP, Kind.SERVER_RESET, Kind.SIGNALLED, Kind.ERRORS)


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a transcript stays: all of it up to `whole` events, else both `ends` and what is `around` findings."""

    whole: int
    around: int
    ends: int


_LAST: list[Grade] = []
"""The grade that was trimmed last, trimmed."""
ROOMS = (Room(500, 20, 40), Room(180, 12, 24), Room(90, 6, 14), Room(48, 3, 8), Room(24, 1, 4))


def left_out(event: Event) -> int:
    """How many events this one stands for, if it stands for events that were left out; else 0."""
    found = _LEFT_OUT.fullmatch(event.note) if event.kind is Kind.NOTED else None
    return int(found[1]) if found else 0


def shown_attempt(verdict: Verdict) -> Attempt | None:
    """The attempt that a verdict's findings are about: the last with just these, else the last that did not pass.

    One whose threads were looked at closely tells more than one whose were not.
    """
    same = [a for a in verdict.attempts if a.findings and a.findings == verdict.findings]
    unlike = [a for a in verdict.attempts if a.outcome is not Outcome.PASSED and verdict.outcome is not Outcome.PASSED]
    chosen = same or unlike or verdict.attempts
    chosen = [a for a in chosen if any(t.spot for t in a.transcript.threads)] or chosen
    return chosen[-1] if chosen else None


def trimmed(grade: Grade) -> Grade:
    """The grade with its long transcripts shortened, the first of `ROOMS` in which it is small enough."""
    if _LAST and _LAST[0] is grade:
        return grade  # whoever draws and whoever writes ask for it one after the other
    verdicts = grade.verdicts
    for number, room in enumerate(ROOMS):
        smaller = ROOMS[min(number + 1, len(ROOMS) - 1)] if number else room
        verdicts = tuple(_verdict(v, room, smaller) for v in grade.verdicts)
        transcripts = [t for v in verdicts for t in _transcripts(v)]
        if sum(map(_at_most, transcripts)) <= LARGEST or sum(map(_size, transcripts)) <= LARGEST:
            break
    build = replace(grade.build, log=_log(grade.build.log)) if grade.build else None
    _LAST[:] = [made := replace(grade, verdicts=verdicts, build=build)]
    return made


def shortened(transcript: Transcript) -> Transcript:
    """One transcript with no more events than results ever keep of one."""
    return _transcript(transcript, ROOMS[0], ())[0]


def _verdict(verdict: Verdict, room: Room, smaller: Room) -> Verdict:
    """The attempt that is shown keeps `room`, the other attempts and the reference `smaller`."""
    main = shown_attempt(verdict)
    claimed = (*verdict.findings, *verdict.remarks)
    place: dict[int, int] = {}
    attempts = []
    for attempt in verdict.attempts:
        found = (*attempt.findings, *attempt.remarks)
        about = _events((*found, *claimed) if attempt is main else found)
        transcript, moved = _transcript(attempt.transcript, room if attempt is main else smaller, about)
        findings = tuple(_moved(f, moved) for f in attempt.findings)
        remarks = tuple(_moved(f, moved) for f in attempt.remarks)
        attempts.append(replace(attempt, transcript=transcript, findings=findings, remarks=remarks))
        place = moved if attempt is main else place
    return replace(
        verdict,
        attempts=tuple(attempts),
        findings=tuple(_moved(f, place) for f in verdict.findings),
        remarks=tuple(_moved(f, place) for f in verdict.remarks),
        reference=_transcript(verdict.reference, smaller, ())[0] if verdict.reference else None,
    )


def _events(findings: Iterable[Finding]) -> tuple[int, ...]:
    """The events of findings, in the order in which they deserve a place: the first of each, then the second, ..."""
    rows = [f.events for f in findings]
    longest = max(map(len, rows), default=0)
    return tuple(dict.fromkeys(row[n] for n in range(longest) for row in rows if n < len(row)))


def _transcript(transcript: Transcript, room: Room, about: tuple[int, ...]) -> tuple[Transcript, dict[int, int]]:
    """The transcript in its room, and where each event that stayed has gone."""
    events = transcript.events
    count = len(events)
    if count <= room.whole:
        keep = set(range(count))
    else:
        keep = {*range(room.ends), *range(count - room.ends, count)}
        telling = [i for i, e in enumerate(events) if e.kind is not RECEIVED and e.kind in _TELLING]
        for index in (*about, *telling):
            if len(keep) + 2 * room.around >= room.whole * 0.8:  # a fifth is for the notes that say what is missing
                break
            keep |= set(range(max(0, index - room.around), min(count, index + room.around + 1)))
        for begun in _beginnings(events):
            new = [i for i in begun if i not in keep]
            if len(keep) + len(new) + 1 >= room.whole * 0.8:
                break
            keep |= {*new}
    shorter: list[Event] = []
    place: dict[int, int] = {}
    gap, since = 0, 0.0
    for index, event in enumerate(events):
        missing = (event.kind is NOTED and left_out(event)) or index not in keep
        if missing:
            since = since if gap else event.t
            gap += missing
            continue
        if gap:
            shorter.append(_note(since, gap))
            gap = 0
        place[index] = len(shorter)
        shorter.append(_short(event))
    if gap:
        shorter.append(_note(since, gap))
    return replace(transcript, events=tuple(shorter)), place


def _beginnings(events: tuple[Event, ...]) -> list[list[int]]:
    """The first events of each step and client: what a page shows of a step, on both sides of its table."""
    begun: dict[tuple[int, str], list[int]] = {}
    for index, event in enumerate(events):
        if event.step is not None and len(found := begun.setdefault((event.step, event.who), [])) < EACH:
            found.append(index)
    return list(begun.values())


def _note(t: float, count: int) -> Event:
    return Event(round(t, 6), SERVER, Kind.NOTED, note=f"… {count} more")


def _short(event: Event) -> Event:
    printed = event.kind in (Kind.OUTPUT, Kind.ERRORS)
    limit = LONGEST_PRINT if printed else LONGEST_MESSAGE
    if len(event.says) > limit:
        event = event._replace(says=event.says[:limit] + "…")
    if len(event.data) <= limit:
        t = round(event.t, 6)
        return event if t == event.t else event._replace(t=t)
    data = _whole_characters(event.data[-limit:] if printed else event.data[:limit], event.data)
    return event._replace(t=round(event.t, 6), data=data, cut=event.cut + len(event.data) - len(data))


def _whole_characters(piece: bytes, whole: bytes) -> bytes:
    """The piece without the broken character at its edge, if the whole is text."""
    try:
        whole.decode()
    except UnicodeDecodeError:
        return piece
    return piece.decode(errors="ignore").encode()


def _log(log: str) -> str:
    if len(log) <= LONGEST_PRINT * 2:
        return log
    return f"{log[:LONGEST_PRINT]}\n…\n{log[-(LONGEST_PRINT - 3) :]}"


def _moved(finding: Finding, place: dict[int, int]) -> Finding:
    return replace(finding, events=tuple(place[i] for i in finding.events if i in place))


def _transcripts(verdict: Verdict) -> list[Transcript]:
    return [a.transcript for a in verdict.attempts] + ([verdict.reference] if verdict.reference else [])


def _at_most(transcript: Transcript) -> int:
    """A bound for `_size` that costs next to nothing: no byte takes more than six in JSON."""
    data = sum(len(e.data) for e in transcript.events)
    return 110 * len(transcript.events) + 6 * data + 120 * len(transcript.play) + 2000


def _size(transcript: Transcript) -> int:
    """How long the transcript will be as JSON, a little overestimated."""
    data = sum(len(json.dumps(e.data.decode(errors="replace"), ensure_ascii=False).encode()) for e in transcript.events)
    return 110 * len(transcript.events) + data + 120 * len(transcript.play) + 2000
