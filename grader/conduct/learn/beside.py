"""Experiments side by side: those that will probably be asked for are begun ahead, each in a box of its own.

Every experiment has a fresh server, so none depends on what another one does, and where a server takes its time, it takes
it in all of them at once. Waiting costs no processor. What is found is the same as if they were done one after the other;
whatever was begun in vain is given up. A box takes as much memory as a submission may, so there are only as many as
there is room for, and none where two boxes would share anything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from grader.conduct.learn.session import Abandoned, Session
from grader.conduct.learn.trial import Start
from grader.errors import HarnessError
from grader.stage.box import AgentGone, Box
from grader.stage.limits import SERVER, available, machine_memory

MOST_BESIDE = 8
K = TypeVar("K")
V = TypeVar("V")
Experiment = Callable[[Start], Any]


@dataclass(slots=True)
class _Begun:
    """One experiment that was begun ahead: what came of it, and the sessions that it had."""

    experiment: Experiment
    sessions: list[Session] = field(default_factory=list)
    taken: bool = False
    given_up: bool = False
    result: Any = None
    whole: bool = False
    ended: threading.Event = field(default_factory=threading.Event)


class Beside:
    """Begins experiments and hands out what came of them. `box` makes a box, `session` a session in it."""

    def __init__(
        self,
        box: Callable[[], AbstractContextManager[Box]],
        session: Callable[[Box], Session],
        *,
        most: int = MOST_BESIDE,
    ) -> None:
        self._box = box
        self._session = session
        self._most = most
        self._begun: dict[Hashable, _Begun] = {}
        self._waiting: list[_Begun] = []
        self._workers: list[threading.Thread] = []
        self._idle = 0
        self._closed = False
        self._changed = threading.Condition()

    def close(self) -> None:
        """Give up whatever goes on, and end the boxes."""
        self.only({})
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for worker in self._workers:
            worker.join()

    def only(self, wanted: Mapping[Hashable, Experiment]) -> None:
        """Begin these; whatever else was begun, and has not been asked for, is given up."""
        with self._changed:
            for key in [key for key in self._begun if key not in wanted]:
                self._give_up(self._begun.pop(key))
            for key, experiment in wanted.items():
                if key not in self._begun:
                    self._begun[key] = _Begun(experiment)
                    self._waiting.append(self._begun[key])
            room = min(self._most, _room()) - len(self._workers)
            for _ in range(min(room, len(self._waiting) - self._idle)):
                self._workers.append(threading.Thread(target=self._work, name="experiment", daemon=True))
                self._workers[-1].start()
            self._changed.notify_all()

    def take(self, key: Hashable) -> tuple[Any, list[Session]] | None:
        """What came of an experiment, waited for if it is on its way, and its sessions; None if it has to be done now."""
        with self._changed:
            begun = self._begun.pop(key, None)
            if begun is None:
                return None
            if not begun.taken:
                self._waiting.remove(begun)
                return None
        begun.ended.wait()
        return (begun.result, begun.sessions) if begun.whole else None

    def _give_up(self, begun: _Begun) -> None:
        begun.given_up = True
        if not begun.taken:
            self._waiting.remove(begun)
        for session in list(begun.sessions):
            session.abandon()

    def _work(self) -> None:
        """A thread with a box of its own, as long as there is anything to do."""
        try:
            with self._box() as box:
                while begun := self._next():
                    self._do(begun, box)
        except (AgentGone, HarnessError, OSError):
            return  # whoever asks does it in the first box, and meets it there if it is to be met

    def _next(self) -> _Begun | None:
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._idle -= 1
            if self._closed:
                return None
            begun = self._waiting.pop(0)
            begun.taken = True
            return begun

    def _do(self, begun: _Begun, box: Box) -> None:
        def start() -> Session:
            with self._changed:
                if begun.given_up:
                    raise Abandoned
                begun.sessions.append(self._session(box))
            return begun.sessions[-1]

        try:
            begun.result = begun.experiment(start)
            begun.whole = True
        except Abandoned:
            return
        finally:
            begun.ended.set()


class _Promise(Generic[V]):
    """One result that is still to come."""

    def __init__(self) -> None:
        self.there = threading.Event()
        self.value: V | None = None


class Promises(Generic[K, V]):
    """Results by what they are of: who needs one before it is there waits for it. After `close` nobody waits any more."""

    def __init__(self) -> None:
        self._of: dict[K, _Promise[V]] = {}
        self._lock = threading.Lock()
        self._over = False

    def close(self) -> None:
        """Nobody waits any more."""
        with self._lock:
            self._over, promises = True, list(self._of.values())
        for promise in promises:
            promise.there.set()

    def keep(self, key: K, value: V) -> None:
        """Here it is."""
        with self._lock:
            promise = self._of.setdefault(key, _Promise())
        promise.value = value
        promise.there.set()

    def wait(self, key: K) -> V:
        """The result, when it is there. Raises Abandoned if it will never be."""
        with self._lock:
            if self._over:
                raise Abandoned
            promise = self._of.setdefault(key, _Promise())
        promise.there.wait()
        if promise.value is None:
            raise Abandoned
        return promise.value


def _room() -> int:
    """How many more servers may take all that one may, before the machine is short of memory."""
    return max(0, min(available(), machine_memory()) // SERVER.memory - 1)
