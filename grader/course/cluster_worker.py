"""The far side of a cluster: what a dask worker holds for one class, and how it does one of its jobs.

`Ground` is told to every worker once, those that join later too. It brings the spec and the reference by content, looks
whether this machine has the grader and the sandbox that are wanted, and only then offers places: jobs ask for a place, so
a worker that was refused gets none. The grading itself happens in a worker process of ours (`course/worker.py`), one
submission at a time: whatever becomes of it, the dask worker lives on to say so; and if the dask worker is killed, the
process reads the end of its input, and takes everything that it started with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from grader.course.circumstances import chosen, code_digest
from grader.course.executor import Job, Task
from grader.course.known_reference import KnownReference, run_once
from grader.course.packing import unpack
from grader.course.pipes import begun, receive, send
from grader.course.worker import Answer, Setting
from grader.errors import HarnessError, UsageError
from grader.model import Finding
from grader.stage.sandbox import Choice

TOPIC = "socket-grader"
"""Under which workers tell what they have begun. A class's own name begins with it, and is also the name of the places that
its jobs ask for: a worker has as many as it has threads.
"""
TRIES = 2
WORKER = "grader.course.worker"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a machine has to offer: places, or the reason why it was refused."""

    places: int = 0
    rung: str = ""
    refused: str = ""
    """The code of the reason, and in `why` what there is to say besides."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """One job on its way: the submission by content, and the earlier results that still hold."""

    job: Job
    folder: bytes
    earlier: bytes = b""


def offered(code: str, rung: str | None, least: str | None, places: int) -> tuple[Offer, Choice | None]:
    """What this machine offers to a grader whose own code has the digest `code`."""
    if code_digest() != code:
        return Offer(refused="other-grader", why=code_digest()), None
    try:
        choice = chosen(rung, least)
    except (UsageError, HarnessError) as problem:
        return Offer(
            refused="sandbox-too-weak", why=str(problem.facts.get("rung") or problem.facts.get("why") or "")
        ), None
    return Offer(places if choice.rung.own_network else 1, choice.rung.name), choice


@dataclass
class Held:
    """What a process holds for one class: the ground that the jobs stand on, and the workers of ours that have time."""

    task: Task
    choice: Choice
    folder: Path
    idle: list[subprocess.Popen[bytes]] = field(default_factory=list)
    busy: list[subprocess.Popen[bytes]] = field(default_factory=list)
    over: bool = False
    known: KnownReference | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def setting(self) -> Setting:
        """What a worker of ours is told first. The reference is run once on this machine, before the first job."""
        with self.lock:
            if self.known is None:
                self.known = run_once(self.task.spec, self.task.spec.checks, self.choice.rung.name, self.task.seed)
        return Setting(self.task, self.known, self.choice)

    def end(self) -> None:
        """No more jobs: what is being done is broken off."""
        self.over = True
        for process in [*self.busy]:
            process.kill()  # whoever asked it reads the end
        while self.idle:
            ended(self.idle.pop())
        shutil.rmtree(self.folder, ignore_errors=True)


_held: dict[str, Held] = {}


class Ground(WorkerPlugin):  # type: ignore[misc]  # dask is not read by the type checker: it takes too long
    """A dask worker plugin: brings what all jobs of a class have in common, and offers places if the machine is fit."""

    def __init__(self, key: str, task: Task, reference: bytes, code: str, least: str | None) -> None:
        self.name = f"{TOPIC}-{key}"
        self.offer = Offer()
        self._key, self._task, self._reference, self._code, self._least = key, task, reference, code, least

    async def setup(self, worker: Any) -> None:
        """Look at this machine, outside the loop that answers the scheduler."""
        import asyncio

        places = worker.state.nthreads
        self.offer = await asyncio.get_running_loop().run_in_executor(None, self._prepare, places)
        if self.offer.places:
            await worker.set_resources(**{self.name: self.offer.places})

    def _prepare(self, places: int) -> Offer:
        offer, choice = offered(self._code, self._task.rung, self._least, places)
        if choice is not None:
            folder = Path(tempfile.mkdtemp(prefix="grade-cluster-"))
            (folder / "reference").mkdir()
            unpack(self._reference, folder / "reference")
            spec = replace(self._task.spec, reference_folder=str(folder / "reference"))
            _held[self._key] = Held(replace(self._task, spec=spec), choice, folder)
        return offer

    def teardown(self, worker: Any) -> None:
        """The class is graded, or the worker ends."""
        held = _held.pop(self._key, None)
        if held is not None:
            held.end()


def do_there(key: str, sent: Sent) -> Answer:
    """The job that dask runs in a thread of a worker: a submission in, its files out."""
    worker = get_worker()
    worker.log_event(TOPIC, {"key": key, "place": sent.job.place, "worker": worker.address})
    held = _held[key]
    with tempfile.TemporaryDirectory(prefix="grade-job-", dir=held.folder, ignore_cleanup_errors=True) as at:
        return done(held, _arrived(sent, Path(at)))


def _arrived(sent: Sent, at: Path) -> Job:
    """The job as it stands on this machine."""
    folder = at / "submission"
    folder.mkdir()
    unpack(sent.folder, folder)
    earlier = ""
    if sent.earlier:
        (at / "earlier.json").write_bytes(sent.earlier)
        earlier = str(at / "earlier.json")
    return replace(sent.job, folder=str(folder), earlier=earlier)


def done(held: Held, job: Job) -> Answer:
    """Do it in a worker of ours, and once more if that ended or hung."""
    try:
        setting = held.setting()
    except HarnessError as problem:
        return Answer(problem=Finding(problem.code, problem.facts))
    answer = Answer()
    with _alone(held.choice):
        for _ in range(TRIES):
            answer = _tried(held, setting, job)
            if answer.problem is None or answer.final or held.over:
                break
    return answer


def _tried(held: Held, setting: Setting, job: Job) -> Answer:
    process = held.idle.pop() if held.idle else _started(setting)
    hung = threading.Event()

    def kill() -> None:
        hung.set()
        process.kill()

    bound = threading.Timer(setting.task.seconds, kill)
    bound.start()
    held.busy.append(process)
    try:
        answer = _asked(process, job)
    finally:
        bound.cancel()
        held.busy.remove(process)
    if isinstance(answer, Answer):
        held.idle.append(process)
        return answer
    ended(process)
    if hung.is_set():
        return Answer(problem=Finding("worker-hung", {"seconds": round(setting.task.seconds)}))
    status = process.returncode
    return Answer(problem=Finding("worker-ended", {"signal": -status if status < 0 else None}))


def _started(setting: Setting) -> subprocess.Popen[bytes]:
    process = begun(WORKER)
    if process.stdin is not None:
        with contextlib.suppress(OSError):  # it has ended: reading says so
            send(process.stdin, setting)
    return process


def _asked(process: subprocess.Popen[bytes], job: Job) -> object:
    if process.stdin is None or process.stdout is None:
        return None
    with contextlib.suppress(OSError):
        send(process.stdin, job)
    return receive(process.stdout)


def ended(process: subprocess.Popen[bytes]) -> None:
    """Have a worker of ours end, and wait for it."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()


@contextlib.contextmanager
def _alone(choice: Choice) -> Iterator[None]:
    """Where servers share the machine's ports, one is graded at a time, whatever workers the machine has."""
    if choice.rung.own_network:
        yield
        return
    with Path(tempfile.gettempdir(), f"socket-grader.{os.getuid()}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def offer_of(name: str, dask_worker: Any) -> Offer:
    """What a worker offers to a class."""
    plugin = dask_worker.plugins.get(name)
    return plugin.offer if isinstance(plugin, Ground) else Offer(refused="no-grader")
