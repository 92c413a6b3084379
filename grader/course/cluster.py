"""More than one machine: a class graded by dask.distributed, an engine that others wrote and many clusters have.

Submissions, the spec and the reference travel by content, so the machines share no files. What all jobs have in common is
told to every worker once, by a plugin (`cluster_worker.Ground`); a job carries its submission. A worker that lacks the
grader, has another one, or gives a weaker sandbox than is wanted is refused, and said so. If a worker is killed, the
scheduler has its jobs done by another: a job is the same wherever and however often it is done, and only its first answer
counts. Results come home one by one, the moment they exist, and are kept by whoever asked.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.course.circumstances import code_digest
from grader.course.executor import Begun, Done, Job, Noticed, Task, Tell
from grader.course.packing import packed
from grader.errors import HarnessError, UsageError
from grader.model import Finding, Notice
from grader.spec.proof import listed_paths

CONNECT = 20.0
"""Seconds in which a scheduler answers."""
ARRIVE = 120.0
"""Seconds in which the first worker joins: a cluster may have to start its machines."""
AHEAD = 2
"""Jobs on their way for each place, so that a worker need not wait for the next."""
DEATHS = 3
"""Workers that a job may lose before it is given up."""


@dataclass
class _Run:
    """One class on its way."""

    task: Task
    tell: Tell
    key: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    lock: threading.Lock = field(default_factory=threading.Lock)
    under_way: dict[str, Job] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    futures: dict[Any, tuple[Job, float]] = field(default_factory=dict)
    home: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    """What has come home."""

    def heard(self, event: tuple[float, Any]) -> None:
        """A worker has begun a job."""
        told = event[1]
        with self.lock:
            if told.get("key") == self.key and (job := self.under_way.get(told["place"])):
                self.tell(Begun(job, str(told["worker"]), again=job.place in self.begun))
                self.begun.add(job.place)

    def ended(self, done: Done) -> None:
        """A job has ended; of whatever is heard of it later nobody is told."""
        with self.lock:
            del self.under_way[done.job.place]
            self.tell(done)


class Cluster:
    """The workers of a dask scheduler at `address`, such as tcp://scheduler:8786; `least` is the weakest sandbox allowed."""

    def __init__(self, address: str, least: str | None = None, patience: float = CONNECT) -> None:
        self._address, self._least, self._patience = address, least, patience
        self._places = 0

    @property
    def width(self) -> int:
        """How many jobs are done at the same time."""
        return self._places

    def run(self, task: Task, jobs: Iterable[Job], tell: Tell) -> None:
        """Do them all. Raises UsageError where there is no scheduler, or no worker that may."""
        waiting = deque(jobs)
        if not waiting:
            return
        with self._client() as client:
            run = _Run(task, tell)
            ground = self._ground(run)
            client.subscribe_topic(_worker_side().TOPIC, run.heard)
            try:
                self._offered(client, ground, run)
                self._work(client, ground.name, run, waiting)
            finally:
                client.cancel([*run.futures], force=True)
                with suppress(Exception):  # the scheduler may have gone, and the workers with it
                    client.unregister_worker_plugin(ground.name)

    @contextmanager
    def _client(self) -> Iterator[Any]:
        try:
            import dask
            from distributed import Client
        except ImportError as problem:
            raise UsageError("no-dask") from problem
        settings = {
            "distributed.admin.large-graph-warning-threshold": "1GB",
            "distributed.scheduler.allowed-failures": DEATHS,
        }
        with dask.config.set(settings):
            try:
                client = Client(self._address, timeout=self._patience, set_as_default=False)
            except (OSError, TimeoutError, ValueError) as problem:
                raise UsageError("no-cluster", address=self._address, why=str(problem)[:200]) from problem
            with client:
                yield client

    def _ground(self, run: _Run) -> Any:
        spec = run.task.spec
        reference = packed(Path(spec.reference_folder), listed_paths(spec))
        return _worker_side().Ground(run.key, run.task, reference, code_digest(), self._least)

    def _offered(self, client: Any, ground: Any, run: _Run) -> None:
        """Tell all workers what it is about, and hear what they offer."""
        try:
            client.wait_for_workers(1, timeout=ARRIVE)
        except TimeoutError as problem:
            raise UsageError("cluster-empty", address=self._address) from problem
        with suppress(
            Exception
        ):  # some worker has no grader: the others were told all the same, and each is asked below
            client.register_plugin(ground, name=ground.name)
        offers = client.run(_worker_side().offer_of, ground.name, on_error="return")
        refused = {at: o for at, o in offers.items() if not getattr(o, "places", 0)}
        self._places = sum(o.places for at, o in offers.items() if at not in refused)
        told = [
            Notice(f"refused-{getattr(o, 'refused', '') or 'no-grader'}", {"worker": at, "why": getattr(o, "why", "")})
            for at, o in refused.items()
        ]
        with run.lock:
            for notice in told:
                run.tell(Noticed(notice))
        if not self._places:
            raise UsageError("cluster-unfit", address=self._address, count=len(refused))

    def _work(self, client: Any, places: str, run: _Run, waiting: deque[Job]) -> None:
        while waiting or run.futures:
            self._places = _places(client, places) or self._places
            while waiting and len(run.futures) < AHEAD * self._places + 1:
                self._sent(client, places, run, waiting.popleft())
            if run.futures:
                self._home(run.home.get(), client, run)

    def _sent(self, client: Any, places: str, run: _Run, job: Job) -> None:
        """Send a job on its way, unless its folder can't be read, which is then all that there is to say of it."""
        there = _worker_side()
        run.under_way[job.place] = job
        try:
            earlier = Path(job.earlier).read_bytes() if job.earlier else b""
            sent = there.Sent(job, packed(Path(job.folder)), earlier)
        except UsageError as problem:
            run.ended(Done(job, problem=Finding(problem.code, problem.facts)))
            return
        future = client.submit(
            there.do_there, run.key, sent, key=f"{places}-{uuid.uuid4().hex}", resources={places: 1}, pure=False
        )
        run.futures[future] = (job, time.monotonic())
        future.add_done_callback(run.home.put)

    @staticmethod
    def _home(future: Any, client: Any, run: _Run) -> None:
        """An answer has come home."""
        job, since = run.futures.pop(future)
        files, problem = {}, None
        try:
            answer = future.result()
            files, problem = dict(answer.files), answer.problem
        except (Exception, asyncio.CancelledError) as lost:  # whatever happened to it over there is ours
            if client.status != "running":
                raise HarnessError("cluster-gone") from lost
            problem = Finding("worker-ended", {"signal": None, "what": type(lost).__name__})
        future.release()
        run.ended(Done(job, files, problem, round(time.monotonic() - since, 3), "cluster"))


def _places(client: Any, name: str) -> int:
    """How many places all workers offer now: some have joined, others were lost."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return int(sum(w.get("resources", {}).get(name, 0) for w in workers))


def _worker_side() -> Any:
    """The module of the far side, which can't be imported without dask."""
    from grader.course import cluster_worker

    return cluster_worker
