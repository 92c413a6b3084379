"""What is known of a server's timers: how far ahead they go off, and whether anything comes of them.

Many servers wake up several times a second for nothing, some let people in, or deliver, only then. To wait for that after
each act takes most of the time, and to wait too briefly makes nonsense of all that follows. So the kernel is asked: which
threads wait with a limit, and which of them ran while something came. One whole period of these is what has to be waited.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from grader.stage.processes import Task
from grader.stage.quiet import JAVA_HOUSEKEEPING, Look
from grader.stage.syscalls import FOREVER

HORIZON = 0.3
"""Seconds: so far ahead timers are waited for, in any case: several deliveries may follow one another by short ones."""
LONG = 1.0
"""Seconds: so far ahead timers are looked for where it is found out whether anything comes of them."""
MORE, MARGIN = 1.25, 0.02
"""A period is read from what is left of it: it may be a little longer than that."""


@dataclass(slots=True)
class Timers:
    """Of one server, over all its starts. Threads may share it: the numbers only grow."""

    longest: float = 0.0
    """The longest period of a thread, up to `LONG`."""
    bringing: float = 0.0
    """The longest one of a thread that ran while something came, after everything had been read and all threads waited."""
    brought: bool = False
    """Whether anything came so."""
    drove: bool = False
    """Whether a thread with a timer ran in consequence of an act: it looks for what clients do, or it is woken by it."""

    @property
    def reach(self) -> float:
        """Seconds that hold a whole period of any timer."""
        return _reach(self.longest)

    @property
    def patience(self) -> float:
        """Seconds that hold a whole period of those timers by which something came."""
        return _reach(self.bringing)

    def note(self, before: dict[int, Task], look: Look | None, *, late: bool) -> dict[int, Task]:
        """What a wait showed: the tasks at its end, and those at the end of the wait before. `late`: something came by a timer."""
        if look is None:
            return before
        now = time.monotonic()
        after = {t.tid: t for t in look.tasks if not t.name.startswith(JAVA_HOUSEKEEPING)}
        ahead = {tid: t.wait.until - now for tid, t in after.items() if t.wait and t.wait.until != FOREVER}
        ahead = {tid: seconds for tid, seconds in ahead.items() if seconds <= LONG}
        self.longest = max([self.longest, *ahead.values()])
        ran = [tid for tid in ahead if tid in before and before[tid].runs != after[tid].runs]
        self.drove = self.drove or bool(ran)
        if late:
            self.brought = True
            self.bringing = max([self.bringing, *(ahead[tid] for tid in ahead if tid in ran or tid not in before)])
        return after


def _reach(period: float) -> float:
    return max(HORIZON, MORE * period + MARGIN)
