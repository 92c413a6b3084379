"""The experiments of one learner: what was started, what it showed, and what is begun ahead of being asked for.

In haste a server's timers are waited for only where it is watched: in the first trial, and where somebody leaves. What is
found wanting in haste is tried again so, because late it may have come after all; where something really came late, haste
was wrong, and nothing that was found in it counts (`Late`).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Self

from grader.conduct.learn.beside import MOST_BESIDE, Beside, Experiment, Promises
from grader.conduct.learn.leaving import Left, by_command, by_socket
from grader.conduct.learn.session import Late, Session
from grader.conduct.learn.settled import disordered
from grader.conduct.learn.timers import Timers
from grader.conduct.learn.trial import Guess, Seen, Start, attempt
from grader.model import Command
from grader.stage.box import Box

WAYS = ("quit", "close", "reset")
More = Callable[[], AbstractContextManager[Box]]


class Experiments:
    """Experiments with one server. `box` is its own, and `more` makes further ones, where they share nothing with it.

    `goodbyes` says which words may end a connection. Use it as a context, once.
    """

    def __init__(
        self, box: Box, command: Command, port: int, more: More | None, goodbyes: Callable[[Guess], list[str]]
    ) -> None:
        self._box = box
        self._command = command
        self._port = port
        self._goodbyes = goodbyes
        self._counting = threading.Lock()
        self._promises: Promises[Guess, Seen] = Promises()
        self._first: Seen | None = None
        self.hasty = True
        self.starts = 0
        self.sessions: list[Session] = []
        """Those of all experiments that were asked for."""
        self.timers = Timers()
        opened = more or (lambda: contextlib.nullcontext(box))
        self._beside = Beside(opened, self._session, most=MOST_BESIDE if more else 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._promises.close()
        self._beside.close()

    def with_patience(self) -> None:
        """Begin again from nothing, and from here on wait for timers wherever something may come by one."""
        self._promises.close()
        self._promises = Promises()
        self._beside.only({})
        self.hasty, self.starts, self.sessions, self._first = False, 0, [], None

    @property
    def unproven(self) -> bool:
        """Whether timers went off, or would have, that were not waited for."""
        return any(s.waiter.unproven for s in self.sessions)

    @property
    def idles(self) -> bool:
        """Whether timers were waited for, and nothing came of them."""
        return any(s.waiter.timed for s in self.sessions) and not any(s.waiter.late for s in self.sessions)

    def _session(self, box: Box, noticed: Callable[[Session, bool], None] | None = None) -> Session:
        with self._counting:
            self.starts += 1
        return Session(box, self._command, self._port, self.timers, hasty=self.hasty, noticed=noticed)

    def start(self) -> Session:
        """A fresh server in the learner's own box."""
        self.sessions.append(self._session(self._box))
        return self.sessions[-1]

    def watched(self, guess: Guess, usual: Callable[[], None] = lambda: None) -> Seen:
        """Try a guess and watch what comes by timers. Raises Late where that should have been waited for before.

        `usual` begins what is usually asked for next, as soon as the server is seen to do something by a timer.
        """

        def noticed(session: Session, late: bool) -> None:
            if late and self.hasty:
                raise Late
            if self.timers.drove and not session.restless:
                usual()

        def start() -> Session:
            self.sessions.append(self._session(self._box, noticed))
            return self.sessions[-1]

        seen = attempt(start, guess, patient=True)
        if self.hasty and self.timers.longest and disordered(seen):
            self.timers.bringing = max(self.timers.bringing, self.timers.longest)
            raise Late
        self._first = self._first or seen
        self._promises.keep(guess, seen)
        return seen

    def trial(self, guess: Guess) -> Seen:
        """Try a guess."""
        before = len(self.sessions)
        seen: Seen = self._asked(("trial", guess), self._trying(guess))
        waiters = [session.waiter for session in self.sessions[before:]]
        hasted = self.hasty and any(waiter.unproven for waiter in waiters)
        if hasted and (self._wanting(seen) or any(waiter.late for waiter in waiters)):
            return self.watched(guess)
        self._promises.keep(guess, seen)
        return seen

    def _wanting(self, seen: Seen) -> bool:
        """Whether a trial in haste showed less than the first one, which was watched, or something besides."""
        first = self._first
        fewer = first is not None and first.guess.hello == seen.guess.hello and first.notices != seen.notices
        return fewer or not seen.whole or disordered(seen)

    def left(self, seen: Seen, way: str) -> Left:
        """What comes of it when somebody leaves in one of the `WAYS`."""
        self._promises.keep(seen.guess, seen)
        left: Left = self._asked((way, seen.guess), self._leaving(seen.guess, way, lambda: seen.heard))
        return left

    def _trying(self, guess: Guess) -> Experiment:
        promises = self._promises

        def trying(start: Start) -> Seen:
            seen = attempt(start, guess)
            if not (self.hasty and self._wanting(seen)):
                promises.keep(guess, seen)
            return seen

        return trying

    def _leaving(self, guess: Guess, way: str, heard: Callable[[], str]) -> Experiment:
        if way == "quit":
            return lambda start: by_command(start, guess, self._goodbyes(guess), heard)
        return lambda start: by_socket(start, guess, way, heard)

    def _asked(self, key: tuple[str, Guess], experiment: Experiment) -> Any:
        taken = self._beside.take(key)
        if taken is None:
            return experiment(self.start)
        self.sessions += taken[1]
        return taken[0]

    def ahead(self, trials: Sequence[Guess], leaves: Sequence[Guess]) -> None:
        """Begin experiments that will probably be asked for, where the server's timers make each of them slow."""
        if not (self.timers.drove or self.timers.brought):
            return
        wanted: dict[Any, Experiment] = {("trial", guess): self._trying(guess) for guess in trials}
        for guess in leaves:
            heard = partial(_heard, self._promises, guess)
            wanted |= {(way, guess): self._leaving(guess, way, heard) for way in WAYS}
        self._beside.only(wanted)


def _heard(promises: Promises[Guess, Seen], guess: Guess) -> str:
    """The form of a message after this guess, when its trial has shown it."""
    return promises.wait(guess).heard
