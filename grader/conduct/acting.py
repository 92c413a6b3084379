"""Who is still to act, while several clients act at the same moment.

A server that is quiet says nothing more *of itself*; it is one of our own clients that may yet make it speak. Where lines
are performed one after another, nobody else acts while one waits. Inside `together:` another client may be in the midst of
its lines, or its thread may not have had a processor yet: then a quiet server proves nothing to those who wait.

So every wait is known here while it lasts. It may be taken for hopeless only if all others wait as well, and for nothing
that has come meanwhile, from before the look at the server until after it. Some waits only keep pace: they end by quiet,
too, and then their client goes on. Whoever ends its part with its wait has to outwait those.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Acting:
    """The clients that act at the same moment, each in a thread of its own, and the waits that some of them are in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts = 0
        self._turns = 0
        self._waits: dict[int, tuple[Callable[[], bool], bool]] = {}

    def begin(self, parts: int) -> None:
        """So many clients are about to act: from now on each counts as acting, whether its thread runs or not."""
        with self._lock:
            self._parts += parts
            self._turns += 1

    def end(self) -> None:
        """One of them has come to the end of its part."""
        with self._lock:
            self._parts -= 1
            self._turns += 1

    @contextmanager
    def waiting(self, done: Callable[[], bool], *, last: bool) -> Iterator[None]:
        """The thread that calls this waits until `done`. `last`: if that is hopeless, its client does nothing more."""
        me = threading.get_ident()
        with self._lock:
            outer = self._waits.get(me)
            self._waits[me] = (done, last)
            self._turns += 1
        try:
            yield
        finally:
            with self._lock:
                self._turns += 1
                if outer is None:
                    del self._waits[me]
                else:
                    self._waits[me] = outer

    def still(self, *, last: bool) -> int | None:
        """A number if no other client acts or will by itself; None if one does. The same number later: nobody did meanwhile.

        `last`: whoever only keeps pace still acts, for it goes on when its wait ends.
        """
        with self._lock:
            if not self._parts:
                return self._turns
            me, waits, turns = threading.get_ident(), dict(self._waits), self._turns
            if self._parts > len(waits):
                return None
        for thread, (done, ends) in waits.items():
            if thread != me and ((last and not ends) or done()):
                return None
        return turns
