"""One processor for a server whose threads share one lock, where hundreds of clients are served and nothing else is asked.

The threads of a Python program run one at a time. On several processors they wake each other across them for every line that
they send, and two hundred clients who come in one after the other bring twenty thousand lines: that costs twice as much
as on one processor, and was nearly half of a whole grading. What a correct server is seen to do is the same, since it is
correct on a machine with one processor, too. Where interleavings are what is asked for, nothing is bound.

It is bound when it listens, so it has found as many processors as there are, and made as many threads as it wanted.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence

from grader.stage import processes

_ONE_LOCK = re.compile(r"/python[0-9.]*$")
"""Not the builds without that lock, whose names end in a t."""


def bind(living: Sequence[int]) -> bool:
    """Bind a server to the processor that it ran on last, if it is one Python program. Whether it is bound now."""
    if len(living) != 1:
        return False
    (pid,) = living
    with contextlib.suppress(OSError, ValueError, IndexError):
        if not _ONE_LOCK.search(os.readlink(f"/proc/{pid}/exe")):
            return False
        threads = [int(name) for name in os.listdir(f"/proc/{pid}/task")]
        processor = processes.processor(pid)
        for thread in threads:  # those that they make stay there, too
            os.sched_setaffinity(thread, {processor})
        return True
    return False
