"""A worker's side: it is told what a class is about, then one job after the other, and does each in a process of its own.

The worker itself grades nothing. It loads what a grading needs, once, and for each job makes a copy of itself by `fork`;
so a job begins in milliseconds, shares nothing with the one before, and whatever ends it, the worker lives on to say so.
The worker has one thread, since only then is a fork sound. The copy's answer goes through a pipe that only it writes to:
one that is killed in the middle of it spoils nothing.

When the grader goes away, by whatever end, the worker reads the end of its input, kills the job and goes too. If the worker
is killed, the kernel kills the job; both are of one process group, so that a grader that lives can kill both. Boxes die with the process that made them, and what it staged is removed.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import pickle
import select
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import IO

from grader.course import job as jobs
from grader.course.circumstances import code_digest
from grader.course.executor import Job, Task
from grader.course.known_reference import KnownReference
from grader.course.pipes import receive, send
from grader.course.stumbles import stumbled
from grader.course.turns import Look, Looked
from grader.errors import HarnessError, UsageError
from grader.model import Finding
from grader.stage.sandbox import Choice

PR_SET_PDEATHSIG = 1
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Setting:
    """What a worker is told first."""

    task: Task
    known: KnownReference
    choice: Choice


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one job: files, or a problem. `final` tells that another try would come to the same."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    problem: Finding | None = None
    final: bool = False
    ran: float = 0.0
    waited: float = 0.0
    """Seconds for which it had a processor, and was ready to run and had none."""


def child() -> None:
    """The worker: a setting in, then jobs, and an answer out for each."""
    gc.set_threshold(100_000, 20, 100)  # (see `cli.main`)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader says when to end, by closing the pipe
    inward, outward = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever might print must not land between the answers
    setting = receive(inward)
    if isinstance(setting, Setting):
        code_digest()
        with contextlib.suppress(Exception):  # whatever it is, the first job meets it again, and says so
            jobs.warm(setting.task)
        gc.collect()
        gc.freeze()  # what is loaded is shared by all copies for good
        with contextlib.suppress(BrokenPipeError):
            while isinstance(job := receive(inward), Job | Look):
                send(outward, _in_a_copy(setting, job, inward, outward))
    os._exit(0)


def _in_a_copy(setting: Setting, job: Job | Look, inward: IO[bytes], outward: IO[bytes]) -> Answer | Looked:
    """The job's answer, from a copy of this process that does it."""
    readable, writable = os.pipe()
    worker = os.getpid()
    copy = os.fork()
    if copy == 0:
        os.close(outward.fileno())  # the end of the worker is heard even where the copy lives on for a moment
        os.close(readable)
        _copied(setting, job, writable, worker)
    os.close(writable)
    data = _heard(readable, inward)
    os.close(readable)
    if data is None:  # the grader has gone
        os.kill(copy, signal.SIGKILL)
        os.waitpid(copy, 0)
        os._exit(0)
    _, status = os.waitpid(copy, 0)
    how = os.waitstatus_to_exitcode(status)
    if how != 0:
        return Answer(problem=Finding("worker-ended", {"signal": -how if how < 0 else None, "status": how}))
    answer = pickle.loads(data)  # noqa: S301 - from our own copy, and whole: it ended as it should
    return answer if isinstance(answer, Answer | Looked) else Answer(problem=Finding("worker-ended", {"status": 0}))


def _heard(readable: int, inward: IO[bytes]) -> bytes | None:
    """All that a copy says; None if the grader closed our input before."""
    poll = select.poll()
    poll.register(readable, select.POLLIN)
    poll.register(inward, select.POLLIN)  # nothing comes while a job is being done, but the end
    parts: list[bytes] = []
    while True:
        ready = {number for number, _ in poll.poll()}
        if inward.fileno() in ready:
            return None
        if not (part := os.read(readable, CHUNK)):
            return b"".join(parts)
        parts.append(part)


def _copied(setting: Setting, job: Job | Look, writable: int, worker: int) -> None:
    """The copy's side: do the job, answer, end."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != worker:  # it died before we could ask to die with it
            os._exit(1)
        gc.set_threshold(500_000, 20, 100)  # it lives for seconds, in which a crowd makes many things that all stay
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        answer = _timed(_answer(setting, job))
        with os.fdopen(writable, "wb") as pipe:
            pickle.dump(answer, pipe, pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        os._exit(status)


def _timed(answer: Answer | Looked) -> Answer | Looked:
    """An answer, with the processor's time that this process had; all of it went by since the job began."""
    try:
        with open("/proc/self/schedstat", encoding="ascii") as line:
            ran, waited = (int(word) / 1e9 for word in line.read().split()[:2])
    except (OSError, ValueError):
        return answer  # this system does not say
    return replace(answer, ran=ran, waited=waited) if isinstance(answer, Answer) else answer


def _answer(setting: Setting, job: Job | Look) -> Answer | Looked:
    try:
        if isinstance(job, Look):
            return jobs.look(setting.task, job.job, setting.choice)
        return Answer(jobs.do(setting.task, job, setting.known, setting.choice))
    except UsageError as problem:
        return Answer(problem=Finding(problem.code, problem.facts), final=True)
    except HarnessError as problem:
        return Answer(problem=Finding(problem.code, problem.facts))
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is ours, and the others go on
        return Answer(problem=stumbled(problem))
