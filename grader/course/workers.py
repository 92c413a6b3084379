"""The executor of this machine: worker processes that take the next submission when they have done the last.

One thread decides everything: who gets which job, who has taken too long, how many may work at the same time. It waits in
one queue, into which each worker's reader puts what it hears. A worker that ends without an answer, or does not answer
in time, costs its job one try; a new worker takes its place. A job that has cost two workers is given up, with its problem.

Where the jobs under way wait, and leave processors idle (`spare.py`), one more is done beside them, up to twice as many.
Whoever asks for one at a time gets one at a time.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from grader.course.circumstances import chosen
from grader.course.executor import Begun, Done, Job, Noticed, Task, Tell
from grader.course.known_reference import KnownReference, run_once
from grader.course.machine import Machine
from grader.course.pipes import begun, receive, send
from grader.course.spare import Spare
from grader.course.turns import AHEAD, Look, Looked, Turns
from grader.course.worker import Answer, Setting
from grader.errors import HarnessError
from grader.model import Check, Finding, Notice, Spec
from grader.stage.sandbox import Choice

TRIES = 2
BORN_DEAD = 3
"""Workers that may end one after the other without having done anything: then it is not the submissions' doing."""
PARTING = 10.0
"""Seconds that a worker has to end after it was told to."""
WORKER = "grader.course.worker"
STARVED = "starved"
"""The shortage for which no fewer than half are done at a time: less would not help, and come to an end much later."""


@dataclass
class Worker:
    """A process, and what it is doing."""

    number: int
    process: subprocess.Popen[bytes]
    job: Job | Look | None = None
    since: float = 0.0
    hung: bool = False
    told: bool = False


class Workers:
    """`most` jobs at the same time, fewer while the machine has too little for so many, more while they only wait."""

    def __init__(self, most: int, machine: Machine | None = None, spare: Spare | None = None) -> None:
        self._most = most
        self._now = most
        self._machine = machine or Machine()
        self._spare = spare or Spare()
        self._heard: queue.SimpleQueue[tuple[Worker, object]] = queue.SimpleQueue()
        self._workers: list[Worker] = []
        self._said: dict[str, int] = {}
        self._started = 0
        self._born_dead = 0
        self.choice: Choice | None = None
        """The sandbox in use, once it is known."""

    @property
    def width(self) -> int:
        """How many jobs are done at the same time, if none of them only waits."""
        return self._now

    def run(self, task: Task, jobs: Iterable[Job], tell: Tell) -> None:
        """Do them all. KeyboardInterrupt passes through, after every worker has ended."""
        jobs_left = Turns(deque(jobs))
        if not jobs_left.waiting:
            return
        self.choice = self.choice or chosen(task.rung, task.least_rung)
        if not self.choice.rung.own_network and self._most > 1:
            self._share(task.spec, jobs_left, self.choice.rung.name, tell)
        for _ in range(min(self._most, len(jobs_left.waiting))):
            self._start()  # they load what they need while the reference runs
        try:
            setting = Setting(task, self._reference(task, jobs_left.waiting, tell), self.choice)
            self._work(setting, jobs_left, tell)
        finally:
            self._end()

    def _share(self, spec: Spec, jobs: Turns, rung: str, tell: Tell) -> None:
        """Have those that share the machine's ports meet nobody who could fail them."""
        if apart(spec):
            jobs.shared, jobs.ahead = True, AHEAD * self._most
            tell(Noticed(Notice("same-port-one-at-a-time", {"rung": rung})))
        else:
            self._most = self._now = 1
            tell(Noticed(Notice("one-at-a-time-here", {"rung": rung})))

    def _reference(self, task: Task, jobs: Iterable[Job], tell: Tell) -> KnownReference:
        known = run_once(task.spec, needed(task.spec, jobs), self.choice.rung.name if self.choice else "", task.seed)
        if known.failed:
            tell(Noticed(Notice("reference-fails", {"checks": [*known.failed]})))
        return known

    def _work(self, setting: Setting, jobs: Turns, tell: Tell) -> None:
        while jobs.waiting or any(w.job for w in self._workers):
            for worker in self._workers:
                if worker.job is None and jobs.waiting and self._room(tell):
                    self._give(worker, jobs, setting, tell)
            if self._one_more(jobs):
                self._give(self._free(), jobs, setting, tell)
            try:
                worker, answer = self._heard.get(timeout=self._left(jobs, setting.task.seconds))
            except queue.Empty:
                self._kill_hung(setting.task.seconds)
                continue
            if worker in self._workers:
                self._ended(worker, answer, jobs, setting.task, tell)

    def _room(self, tell: Tell) -> bool:
        """Whether one more may begin now; the first always may."""
        running = sum(w.job is not None for w in self._workers)
        if running == 0:
            return True
        if running >= self._now:
            return False
        shortage = self._machine.shortage()
        if shortage is None or (shortage.code == STARVED and running * 2 < self._most):
            return True
        self._now = max(1, running)
        if self._now < self._said.get(shortage.code, self._most):  # it may come and go: each is said once
            self._said[shortage.code] = self._now
            tell(Noticed(Notice(shortage.code, {**shortage.facts, "jobs": self._now})))
        return False

    def _may_widen(self, jobs: Turns) -> bool:
        """Whether it may come to one more than were asked for, if those under way only wait."""
        running = sum(w.job is not None for w in self._workers)
        # One at a time is one at a time, and ports that are shared are kept apart.
        may = self._most > 1 and not jobs.shared
        return may and bool(jobs.waiting) and self._now == self._most <= running < 2 * self._most

    def _one_more(self, jobs: Turns) -> bool:
        """Whether one more is begun beside as many as were asked for."""
        if not self._may_widen(jobs):
            return False
        workers = [w.process.pid for w in self._workers]
        return self._spare.found(workers, self._most) and self._machine.shortage() is None

    def _free(self) -> Worker:
        """A worker that has nothing to do, a new one if there is none."""
        if all(w.job for w in self._workers):
            self._start()
        return next(w for w in self._workers if w.job is None)

    def _left(self, jobs: Turns, seconds: float) -> float | None:
        """For how long there is nothing to do but to hear the workers; None: until one says something."""
        bounds = [w.since + seconds for w in self._workers if w.job and not w.hung]
        left = max(0.0, min(bounds) - time.monotonic()) if bounds else None
        if not self._may_widen(jobs):
            return left
        return self._spare.shortest if left is None else min(left, self._spare.shortest)

    def _give(self, worker: Worker, jobs: Turns, setting: Setting, tell: Tell) -> None:
        job = jobs.next([w.job for w in self._workers if w.job])
        if job is None:
            return
        worker.job, worker.since, worker.hung = job, time.monotonic(), False
        if isinstance(job, Job):
            tries = jobs.tries[job.place] = jobs.tries.get(job.place, 0) + 1
            tell(Begun(job, str(worker.process.pid), again=tries > 1))
        if worker.process.stdin is None:
            raise RuntimeError("a worker has no pipes")
        with contextlib.suppress(OSError):  # it has ended: its reader says so
            if not worker.told:
                send(worker.process.stdin, setting)
                worker.told = True
            send(worker.process.stdin, job)

    def _ended(self, worker: Worker, answer: object, jobs: Turns, task: Task, tell: Tell) -> None:
        """A worker has answered, or has ended (an answer of None)."""
        job, worker.job = worker.job, None
        seconds = round(time.monotonic() - worker.since, 3)
        if answer is None:
            self._replace(worker)
            facts = {"seconds": round(task.seconds)} if worker.hung else {"signal": _signal(worker)}
            answer = Answer(problem=Finding("worker-hung" if worker.hung else "worker-ended", facts))
        else:
            self._born_dead = 0
            if isinstance(answer, Answer):
                self._machine.heard(answer.ran, answer.waited)
            if self._now < self._most and self._machine.shortage() is None:
                self._now += 1
        if isinstance(job, Look):
            jobs.looked(job, answer if isinstance(answer, Looked) else Looked())
        if not isinstance(job, Job) or not isinstance(answer, Answer):
            return
        if answer.problem is not None and not answer.final and jobs.tries[job.place] < TRIES:
            jobs.again(job)
            return
        tell(Done(job, answer.files, answer.problem, seconds, str(worker.process.pid)))

    def _kill_hung(self, seconds: float) -> None:
        for worker in self._workers:
            if worker.job and not worker.hung and time.monotonic() - worker.since >= seconds:
                worker.hung = True
                _kill(worker)  # its reader hears the end

    def _replace(self, worker: Worker) -> None:
        self._workers.remove(worker)
        _kill(worker)
        _closed(worker)
        self._born_dead += not worker.hung
        if self._born_dead > BORN_DEAD * self._most:
            raise HarnessError("workers-end")
        self._start()

    def _start(self) -> None:
        self._started += 1
        worker = Worker(self._started, begun(WORKER))
        self._workers.append(worker)
        threading.Thread(target=self._listen, args=(worker,), name=f"worker {worker.number}", daemon=True).start()

    def _listen(self, worker: Worker) -> None:
        """A worker's reader: hands on each answer, and None when there will be no more."""
        stream = worker.process.stdout
        while stream is not None and (answer := receive(stream)) is not None:
            self._heard.put((worker, answer))
        self._heard.put((worker, None))

    def _end(self) -> None:
        for worker in self._workers:
            if worker.process.stdin:
                with contextlib.suppress(OSError):
                    worker.process.stdin.close()  # all are told before one is waited for
        for worker in self._workers:
            _closed(worker)
        self._workers.clear()


def apart(spec: Spec) -> bool:
    """Whether submissions that share a network can be kept apart, if not all have one port anyway.

    Each needs a user of its own as well, or the processes of one would count as another's.
    """
    return os.geteuid() == 0 and sys.platform == "linux" and spec.server.port is None


def needed(spec: Spec, jobs: Iterable[Job]) -> list[Check]:
    """The checks that some job is going to run, in the order of the spec."""
    wanted: set[str] = set()
    for job in jobs:
        wanted |= set(job.only or (c.id for c in spec.checks)) - set(job.given)
    return [check for check in spec.checks if check.id in wanted]


def _kill(worker: Worker) -> None:
    """Kill a worker and what it is doing, also where that can't hear any more. Its number is still its own: nobody waited."""
    with contextlib.suppress(OSError):
        os.killpg(worker.process.pid, signal.SIGKILL)


def _closed(worker: Worker) -> None:
    """Wait until a worker has ended, whose input has been closed or who was killed."""
    process = worker.process
    if process.stdin:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(PARTING)
    except subprocess.TimeoutExpired:
        _kill(worker)
        process.wait()
    if process.stdout and not process.stdout.closed:
        with contextlib.suppress(OSError, ValueError):
            process.stdout.close()


def _signal(worker: Worker) -> int | None:
    status = worker.process.returncode
    return -status if status is not None and status < 0 else None
