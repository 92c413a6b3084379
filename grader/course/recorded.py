"""Failed checks run once more, outside the grade, with the server's socket calls recorded: so findings get their lines.

It happens when every verdict stands, once for each cause and kind of finding, and never changes an outcome or a point. A
recorded run in which the server behaves in another way is dropped. What all of it may cost is a part of what the grading
took; and whatever goes wrong with it, also on our side, costs a line on the page and nothing else.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course.causes import causes
from grader.course.entry import Entry
from grader.course.pointing import ANSWERS, point
from grader.course.subject import REFERENCE_PATIENCE, Subject
from grader.judge.pace import LEAST
from grader.model import Attempt, Command, Finding, Kind, Outcome, Recorded, RecorderState, SourceSpot, Spec, Verdict
from grader.stage.place import Staging
from grader.stage.recorder.choose import CannotRecord, Recorder, recorder_for
from grader.stage.recorder.lines import Damaged
from grader.stage.rungs import Rung
from grader.trim import shown_attempt

SHARE, AT_LEAST = 0.35, 2.0
"""How much of the time that the grading took may be spent on recording, and the seconds that always may."""
DEARER = 1.5
"""How much longer a recorded run may take than the graded one."""
DEEPER = {"not-accepted"}
"""Where a thread's stack has named a line already, the recorder still shows more: how the thread came there."""
LOOPS = {"busy-loop"}
"""Causes whose line says all: a server that runs in circles makes no calls while it does, and to watch it costs seconds."""
OF_BYTES = {"taken", "pieces", "several"}
"""What the recorder says with the bytes of one check."""
LONG = 400
"""Messages beyond which a check is not run again if another shows the same, nor with a recorder that slows every call."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is needed to run the submission once more: `folder` is where it was handed in, `staging` where it is built."""

    spec: Spec
    folder: Path
    staging: Staging
    rung: Rung
    entry: Entry
    seed: int


@dataclass(frozen=True, slots=True)
class Group:
    """Failed checks with one cause and one kind of finding; the first is the one that is run again."""

    verdicts: tuple[Verdict, ...]
    worth: float


def explain(verdicts: Mapping[str, Verdict], scene: Scene, spent: float) -> dict[str, Verdict]:
    """The verdicts that a recorded run can say more about, with the lines that it showed. `spent` seconds went before."""
    groups = list(grouped(verdicts))
    if not groups or scene.entry.command is None:
        return {}
    try:
        return _explained(groups, scene, max(AT_LEAST, SHARE * spent))
    except CannotRecord as cannot:
        state = cannot.state
    except Exception:  # noqa: BLE001 - a story that can't be told must not cost a grade that stands
        state = RecorderState.BROKEN
    return {v.check.id: _noted(v, Recorded(state)) for g in groups for v in g.verdicts}


def grouped(verdicts: Mapping[str, Verdict]) -> Iterator[Group]:
    """What is worth a recorded run, the dearest first: nothing else has named the line that it would."""
    found: dict[tuple[int, str], list[Verdict]] = {}
    for number, cause in enumerate(causes(tuple(verdicts.values()))):
        for verdict in (verdicts[i] for i in cause.explains if i in verdicts):
            first = verdict.findings[0] if verdict.findings else None
            failed = verdict.outcome in (Outcome.FAILED, Outcome.UNSTEADY)
            if not failed or first is None or first.where is not None or first.code not in ANSWERS:
                continue
            if cause.where is None or (first.code in DEEPER and cause.code not in LOOPS):
                found.setdefault((number, first.code), []).append(verdict)
    groups = [
        # The check that shows it best stands first in its cause, and is run again if it is none of the long ones.
        Group(tuple(sorted(several, key=_long)), sum(v.check.points - v.earned for v in several))
        for several in found.values()
    ]
    yield from sorted(groups, key=lambda g: -g.worth)


def _explained(groups: list[Group], scene: Scene, allowed: float) -> dict[str, Verdict]:
    began = time.monotonic()
    command = scene.entry.command or Command("")
    recorder = recorder_for(scene.rung, scene.staging, scene.entry.argv, scene.folder, command.build)
    entry = Entry(replace(command, run=shlex.join(recorder.command(scene.entry.argv))))
    subject = Subject(recorder.staging, scene.spec, scene.rung, entry, "submission", scene.seed, recorder.extra)
    # A server that spins was given all patience in its grading, and here nothing is graded.
    subject.patience = lambda check: REFERENCE_PATIENCE if check is None else LEAST
    told: dict[str, Verdict] = {}
    try:
        for group in groups:
            state, spots, calls = RecorderState.NO_TIME, dict[str, SourceSpot](), 0
            start = time.monotonic()
            try:
                if start - began + DEARER * _seconds(group.verdicts[0]) <= allowed:
                    state, spots, calls = _record(group.verdicts[0], recorder, subject, scene)
            except Exception:  # noqa: BLE001 - (see `explain`: the others may still be told)
                state = RecorderState.BROKEN
            note = Recorded(state, calls, round(time.monotonic() - start, 3))
            alike = {code: _alike(spot) for code, spot in spots.items()}
            for number, verdict in enumerate(group.verdicts):
                told[verdict.check.id] = _noted(_pointed(verdict, alike if number else spots), note)
    finally:
        subject.close()
        recorder.close()
    return told


def _record(
    verdict: Verdict, recorder: Recorder, subject: Subject, scene: Scene
) -> tuple[RecorderState, dict[str, SourceSpot], int]:
    """Run a check once more, recorded: what came of it, the line for each kind of finding, and how many calls there were."""
    graded = shown_attempt(verdict)
    if graded is None:
        return RecorderState.SILENT, {}, 0
    if recorder.slow and _long(verdict):
        return RecorderState.TOO_LONG, {}, 0
    recorder.begin()
    again = subject.attempt(verdict.check, verdict.attempts.index(graded))
    try:
        recording = recorder.recording()
    except Damaged:
        return RecorderState.NOTHING, {}, 0
    calls = len(recording.calls)
    if not calls:
        return RecorderState.NOTHING, {}, 0
    if _codes(again) != _codes(graded):
        return RecorderState.DIFFERENT, {}, calls
    if not any(call.stack for call in recording.calls):
        return RecorderState.NO_LINES, {}, calls
    spots: dict[str, SourceSpot] = {}
    folder = Path(scene.staging.submission)
    for finding in again.findings:
        spot = point(finding, again.transcript, recording, folder, scene.spec.dialect)
        if spot is not None:
            spots.setdefault(finding.code, spot)
    return RecorderState.POINTED if spots else RecorderState.SILENT, spots, calls


def _pointed(verdict: Verdict, spots: Mapping[str, SourceSpot]) -> Verdict:
    """The verdict, and its attempts, with the lines in those findings that had none."""
    return replace(
        verdict,
        findings=_with_spots(verdict.findings, spots),
        attempts=tuple(replace(a, findings=_with_spots(a.findings, spots)) for a in verdict.attempts),
    )


def _with_spots(findings: tuple[Finding, ...], spots: Mapping[str, SourceSpot]) -> tuple[Finding, ...]:
    return tuple(replace(f, where=f.where or spots.get(f.code)) for f in findings)


def _alike(spot: SourceSpot) -> SourceSpot:
    """The spot for a check with the same cause that was not run again itself: the bytes that were read are not its own."""
    return replace(spot, says="", recorded="alike") if spot.recorded in OF_BYTES else spot


def _noted(verdict: Verdict, note: Recorded) -> Verdict:
    return replace(verdict, recorder=note)


def _codes(attempt: Attempt) -> list[str]:
    return sorted(f.code for f in attempt.findings)


def _seconds(verdict: Verdict) -> float:
    """How long the attempt took that would be run again."""
    graded = shown_attempt(verdict)
    return graded.seconds if graded else 0.0


def _long(verdict: Verdict) -> bool:
    graded = shown_attempt(verdict)
    return graded is not None and _messages(graded) > LONG


def _messages(attempt: Attempt) -> int:
    return sum(e.kind in (Kind.SENT, Kind.RECEIVED) for e in attempt.transcript.events)
