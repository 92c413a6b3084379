"""Which reader reads which process."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from grader.stage import processes
from grader.stage.stacks import java, native, python
from grader.stage.stacks.frames import Names, Sources, Stack

Said = Callable[[], str]
"""What the server has printed since it was first asked."""
MOST_PROCESSES = 4
JAVA_SECONDS = 5.0


def stacks(living: Sequence[int], sources: Sources, said: Said, pause: Callable[[float], None]) -> dict[int, Stack]:
    """The stacks of a server's processes, by thread id; what can't be read is left out.

    `said` is asked for what a Java machine prints, `pause` to wait until it has printed more, for so many seconds at most.
    """
    names = Names()
    found: dict[int, Stack] = {}
    for pid in living[:MOST_PROCESSES]:
        if _program(pid).startswith("python"):
            found |= python.read(pid, sources, names)
        elif processes.is_java(pid):
            if java.ask(pid):
                found |= java.read(pid, _dump(said, pause), sources, names)
        elif native.is_own(pid, sources):
            found |= native.read(pid, sources, names)
    wanted = {stack.wants for stack in found.values()}  # what nobody waits for is nobody's business, or no lock at all
    return {t: replace(s, holds=tuple(h for h in s.holds if h[0] in wanted)) for t, s in found.items()}


def _program(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/exe").rsplit("/", 1)[-1]
    except OSError:
        return ""


def _dump(said: Said, pause: Callable[[float], None]) -> str:
    """The whole dump, or what there is of it when its time is up."""
    until = time.monotonic() + JAVA_SECONDS
    while java.END not in (dump := said()) and (left := until - time.monotonic()) > 0:
        pause(left)
    return dump
