"""A closer look at a server whose play ended early: the line in which each of its threads stood, and whether it idled.

It is taken after the play, when nothing is judged any more, and before the server is ended. It costs 10 to 40 ms for
Python and Java and up to a second for a compiled program, so it is taken once for each way in which plays of a submission
end, not for each check: two plays end alike when they gave up for the same reason, with as many threads in the same calls.
Only threads that wait for a lock are looked at more often, since a lock that comes free and one that never will look alike
from outside.
"""

from __future__ import annotations

import select
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from grader.clients.record import Record
from grader.conduct.waiting import MOST_THREADS, Waiter
from grader.model import Kind, SourceSpot, Thread
from grader.stage import processes
from grader.stage.quiet import Look, Sight
from grader.stage.stacks import Frame, Stack, stacks
from grader.stage.stacks.frames import Sources

MOST_LOOKS, MOST_SECONDS = 8, 2.5
SAMPLES, BETWEEN = 10, 0.005
SPINNING = "spinning"
RUNNING = "R"


class NoCloser:
    """What /proc says, and no closer: for a server that nobody has to explain."""

    def at(self, look: Look | None, waiter: Waiter, record: Record) -> tuple[Thread, ...]:
        """What each thread did, from the look that ended the play."""
        return waiter.threads(look)


class CloserLook(NoCloser):
    """What is known of one submission's servers: which ways of ending have been looked at, and how long that took."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._seen: set[object] = set()
        self._looks = 0
        self._seconds = 0.0

    def at(self, look: Look | None, waiter: Waiter, record: Record) -> tuple[Thread, ...]:
        """What each thread did, from the look that ended the play; with its lines, if this ending is a new one."""
        threads = super().at(look, waiter, record)
        if look is None or not threads:
            return threads
        if look.sight is Sight.BUSY:
            spinning = _spinning(waiter.living())
            tids = [task.tid for task in look.tasks[:MOST_THREADS]]
            threads = tuple(
                replace(t, doing=SPINNING) if tid in spinning else t for t, tid in zip(threads, tids, strict=True)
            )
        if not self._is_new(threads, record):
            return threads
        began = time.monotonic()
        try:
            found = self._stacks(waiter.living(), record)
        except OSError:
            found = {}  # what /proc says has been told
        self._looks += 1
        self._seconds += time.monotonic() - began
        tasks = look.tasks[:MOST_THREADS]
        return tuple(_with(t, found.get(task.tid)) for t, task in zip(threads, tasks, strict=True))

    def _is_new(self, threads: Sequence[Thread], record: Record) -> bool:
        why = frozenset(e.note.split(" ")[0] for e in record.events if e.kind is Kind.GAVE_UP)
        ending = (why, frozenset(Counter((t.doing, t.of_client is not None) for t in threads).items()))
        known = ending in self._seen and not any(t.doing == "futex" for t in threads)
        self._seen.add(ending)
        return not known and self._looks < MOST_LOOKS and self._seconds < MOST_SECONDS

    def _stacks(self, living: list[int], record: Record) -> dict[int, Stack]:
        since = len(record.events)

        def said() -> str:
            return b"".join(e.data for e in record.events[since:] if e.kind is Kind.OUTPUT).decode(errors="replace")

        return stacks(living, self._sources, said, lambda seconds: record.wait(len(record.events), seconds))


def _with(thread: Thread, stack: Stack | None) -> Thread:
    if stack is None:
        return thread
    spots = [_spot(frame) for frame in stack.frames]
    holds = tuple(
        replace(_spot(frame), says=name) if frame else SourceSpot("", 0, says=name) for name, frame in stack.holds
    )
    return replace(
        thread, name=stack.name or thread.name, spot=spots[0] if spots else None, calls=tuple(spots[1:]), holds=holds, wants=stack.wants
    )  # fmt: skip


def _spot(frame: Frame) -> SourceSpot:
    return SourceSpot(frame.file, frame.line)


def _spinning(living: list[int]) -> set[int]:
    """The threads of processes that never sleep: at each of several moments one of its threads runs, or could.

    Threads of one interpreter take turns, so it is the process that never sleeps, and those of its threads that were met
    running often enough are the ones that keep it awake.
    """
    met: Counter[int] = Counter()
    awake: Counter[int] = Counter()
    of: dict[int, int] = {}
    for _ in range(SAMPLES):
        select.select([], [], [], BETWEEN)
        running = [t for t in processes.look(living, waits=False).values() if t.state == RUNNING]
        met.update(t.tid for t in running)
        awake.update({t.process for t in running})
        of |= {t.tid: t.process for t in running}
    return {tid for tid, times in met.items() if awake[of[tid]] == SAMPLES and 4 * times >= SAMPLES}
