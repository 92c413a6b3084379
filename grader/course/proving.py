"""The servers of known worth, graded side by side: each worker is a process of its own and takes the next that waits.

Processes, because the clients of two gradings in one would take turns on one interpreter lock. The reference is one of
the servers and is not run beside the others: what they are worth is known, so there is nobody to be protected from a
check that is at fault.

A worker hears of the end of its input in a thread of its own, and is interrupted: it then ends its server and goes. All
that it made lies in one temporary folder, which the parent removes. So an interruption leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from grader.course.grading import Grading
from grader.course.pipes import begun, receive, send
from grader.course.proof import Trial, fell, trial_of
from grader.course.reference import dismiss
from grader.course.stumbles import stumbled
from grader.course.wish import Wish
from grader.errors import GraderError, HarnessError, UsageError
from grader.model import Command, Spec
from grader.spec.proof import KnownServer

WAYS: Mapping[str, tuple[str, Command]] = {
    ".py": ("server.py", Command("python3 server.py <port>")),
    ".c": ("server.c", Command("./server <port>", "gcc -O1 -pthread -o server server.c")),
    ".java": ("Server.java", Command("java -Xshare:auto -XX:TieredStopAtLevel=1 Server <port>", "javac Server.java")),
    ".js": ("server.js", Command("node server.js <port>")),
}
"""How a single file is called and started where the spec's own command names no file of its language."""

Heard = Callable[[Trial], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One server to be graded once. `folder` is laid out like a submission."""

    server: str
    folder: str
    is_reference: bool
    number: int
    seed: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that could not be done: a folder that can't be read, or (`ours`) no sandbox."""

    code: str
    facts: Mapping[str, object]
    ours: bool


class Proving:
    """The trials of these servers, `runs` of each. `heard` is told each trial, one at a time, from several threads."""

    def __init__(
        self, spec: Spec, servers: Sequence[KnownServer], seeds: Sequence[int], workers: int, heard: Heard
    ) -> None:
        self.trials: list[Trial] = []
        self._spec = spec
        self._servers = servers
        self._seeds = seeds
        self._workers = workers
        self._heard = heard
        self._lock = threading.Lock()
        self._problem: GraderError | None = None
        self._stopping = False

    def run(self) -> None:
        """Try them all; returns when everything has ended. Raises what kept a worker from its work."""
        with tempfile.TemporaryDirectory(prefix="prove-") as place:
            os.chmod(place, 0o755)  # noqa: S103 - it holds nothing secret, and whoever a server runs as must enter
            jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
            for job in self._jobs(Path(place)):
                jobs.put(job)
            children = [begun(__name__, place) for _ in range(min(self._workers, jobs.qsize()))]
            threads = [
                threading.Thread(target=self._feed, args=(child, jobs), name="prove", daemon=True) for child in children
            ]
            try:
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            finally:
                self._stopping = True
                for child in children:
                    if child.stdin:
                        child.stdin.close()  # all are told before one is waited for
                for child in children:
                    dismiss(child)
        if self._problem is not None:
            raise self._problem

    def _jobs(self, place: Path) -> list[Job]:
        """Every server once, then every server again: a machine that changes changes for all of them."""
        folders = [str(laid_out(s, self._spec, place / str(n))) for n, s in enumerate(self._servers)]
        return [
            Job(server.name, folder, server.is_reference, number, seed)
            for number, seed in enumerate(self._seeds)
            for server, folder in zip(self._servers, folders, strict=True)
        ]

    def _feed(self, child: subprocess.Popen[bytes], jobs: queue.SimpleQueue[Job]) -> None:
        """One worker's thread: hands it the next job when it has done the last."""
        inward, outward = child.stdin, child.stdout
        if inward is None or outward is None:
            raise RuntimeError("a worker has no pipes")
        try:
            send(inward, self._spec)
            while not self._stopping and self._problem is None:
                job = jobs.get_nowait()
                send(inward, job)
                self._keep(job, receive(outward))
        except queue.Empty:
            return
        except (OSError, ValueError):  # it has ended, or its pipes were closed because all are to end
            self._fail(HarnessError("grading-ended"))

    def _keep(self, job: Job, told: object) -> None:
        if isinstance(told, Trial):
            with self._lock:
                if not self._stopping:
                    self.trials.append(told)
                    self._heard(told)
        elif isinstance(told, Failed):
            kind = HarnessError if told.ours else UsageError
            self._fail(kind(told.code, **told.facts))
        else:
            self._fail(HarnessError("grading-ended", what=job.server))

    def _fail(self, problem: GraderError) -> None:
        with self._lock:
            if not self._stopping:
                self._problem = self._problem or problem


def laid_out(server: KnownServer, spec: Spec, place: Path) -> Path:
    """A folder that is started like a submission: the server's own, or one made for a single file."""
    if server.path.is_dir():
        return server.path
    suffix = server.path.suffix
    own = f"{spec.server.build or ''} {spec.server.run}".split()
    named = next((word for word in own if word.endswith(suffix) and "/" not in word and "<" not in word), None)
    name, command = WAYS[suffix]
    place.mkdir()
    shutil.copyfile(server.path, place / (named or name))
    if named is None:
        lines = {"build": command.build, "run": command.run}
        written = "".join(f"{key}: {json.dumps(value)}\n" for key, value in lines.items() if value)
        (place / "submission.yaml").write_text(written, encoding="utf-8")
    return place


def child() -> None:
    """The worker's side: a spec in, then jobs, and a trial out for each."""
    gc.set_threshold(100_000, 20, 100)  # (see `cli.main`)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # begun in the background, it would be ignored
    inward, outward = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever might print must not land between the answers
    spec = receive(inward)
    jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    threading.Thread(target=_hear, args=(inward, jobs), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        while isinstance(spec, Spec) and (job := jobs.get()) is not None:
            send(outward, _tried(spec, job))
    os._exit(0)  # the hearing thread sits in a read that only the parent can end


def _hear(inward: IO[bytes], jobs: queue.SimpleQueue[Job | None]) -> None:
    while isinstance(job := receive(inward), Job):
        jobs.put(job)
    jobs.put(None)
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _tried(spec: Spec, job: Job) -> Trial | Failed:
    # Only what is compared with the reference's own answers needs it at hand.
    alone = job.is_reference or not any(check.beside_reference for check in spec.checks)
    wish = Wish(job.seed, alone=alone, explained=False)
    try:
        grading = Grading(Path(job.folder), replace(spec, server=spec.reference) if job.is_reference else spec, wish)
        return trial_of(job.server, job.number, grading.run())
    except (HarnessError, UsageError) as problem:
        return Failed(problem.code, problem.facts, ours=isinstance(problem, HarnessError))
    except Exception as problem:  # noqa: BLE001 - a server that brings the grader to fall is what proving has to find
        return fell(job.server, job.number, spec, stumbled(problem))
