"""Looks at a box from outside every now and then, and ends what uses more than it may.

The kernel has no limit on the memory of several processes together that an ordinary user could set, and a submission may
spread itself over hundreds of processes, or hide memory where no process has it mapped. So the whole tree below the agent
is added up, together with the folders that live in memory and with shared memory that is not attached. Pages that a
forking server shares with its children count once: they are told apart only when the simple sum is too large, and then at
once only if they are few or the machine has really become short of that much, because telling them apart is slow. What others
give back at the same time may hide that, so now and then it is done anyway.

Limits that the kernel keeps (processes, open files, a full folder) are noticed here too, so that they can be named.
A check can end between two looks; so what it had used up by then is looked at once more before it is ended.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable, Sequence

from grader.stage import processes
from grader.stage.limits import Limits, Met, available

SHORTEST, LONGEST, SHARE = 0.05, 1.0, 20
"""Seconds between two looks: at least, at most, and how many times longer than a look takes."""
RARELY = 0.15
"""Seconds between two looks at least where the kernel keeps the limits of memory and processes, and only names are wanted."""
PAGE = os.sysconf("SC_PAGE_SIZE")
NEARLY = 8
"""The agent and what is just ending count too: so many below the limit, it is met."""
ROOM_LEFT = 64 << 10
FEW = 8
"""Processes that are told apart at once."""
WALK_EVERY = EXACT_EVERY = 20
"""Looks from one to the next of those that are slow: through the folders, and at what processes share."""


class Watch:
    """Watches what runs below the process `top`, the agent aside. `end` ends all that; the watching thread calls it.

    `folders` are open descriptors of those folders that are file systems of their own; other folders that may be written
    are walked, by their `paths`. `shared` is the kernel's list of shared memory, opened inside.
    """

    def __init__(
        self,
        top: int,
        agent: int,
        folders: Sequence[int],
        shared: int | None,
        paths: Sequence[str],
        end: Callable[[], None],
        shortest: float = SHORTEST,
    ) -> None:
        self.limits = Limits()
        self._top = top
        self._agent = agent
        self._folders = folders
        self._shared = shared
        self._reading = threading.Lock()  # its copies share one place in the list
        self._paths = paths
        self._end = end
        self._shortest = shortest
        self._met: dict[str, Met] = {}
        self._most_available = available()
        self._turn = 0
        self._stop, self._stopping = os.pipe()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def meet(self, limit: str, used: int, most: int) -> None:
        """Note that a limit was met; of several times, the first."""
        self._met.setdefault(limit, Met(limit, used, most))

    def take(self) -> list[Met]:
        """The limits that were met since the last time this was asked."""
        met, self._met = self._met, {}
        return list(met.values())

    def close(self) -> None:
        """Stop watching."""
        os.close(self._stopping)
        self._thread.join()
        os.close(self._stop)

    def _run(self) -> None:
        rest = self._shortest
        while not select.select([self._stop], [], [], rest)[0]:
            began = time.monotonic()
            with contextlib.suppress(OSError, ValueError):  # whatever was looked at has just ended
                self._look()
            rest = min(max(self._shortest, SHARE * (time.monotonic() - began)), LONGEST)

    def _look(self) -> None:
        living = [pid for pid in processes.descendants(self._top) if pid != self._agent]
        self._turn += 1
        if not living:
            self._most_available = max(self._most_available, available())
            return
        self._look_at_processes(living)
        self.look_at_folders()
        if self._paths and self._turn % WALK_EVERY == 0:
            self._walk()
        if (memory := self._memory(living, last=False)) is not None:
            self._stop_it("memory", memory, self.limits.memory)

    def _memory(self, living: list[int], *, last: bool) -> int | None:
        """Bytes of memory in use if that is more than may be. `last`: there will be no other look in which to be exact."""
        memory = sum(map(_resident, living)) + self._detached()
        if memory <= self.limits.memory:
            return None
        short = self._most_available - available()
        now = last or len(living) <= FEW or self._turn % EXACT_EVERY == 0
        if not now and short <= self.limits.memory // 2:
            return None
        memory = sum(map(_proportional, living)) + self._detached()
        return memory if memory > self.limits.memory else None

    def _stop_it(self, limit: str, used: int, most: int) -> None:
        self.meet(limit, used, most)
        self._end()

    def look_at_processes(self) -> None:
        """Note what is used up now: whoever is about to end all processes asks, for the thread may be late."""
        with contextlib.suppress(OSError, ValueError):
            living = [pid for pid in processes.descendants(self._top) if pid != self._agent]
            self._count(living)
            if (memory := self._memory(living, last=True)) is not None:
                self.meet("memory", memory, self.limits.memory)

    def _look_at_processes(self, living: list[int]) -> None:
        # On a rung on which the kernel counts other programs too, it allows more than the limit.
        if self._count(living) > self.limits.processes + NEARLY:
            self._end()

    def _count(self, living: list[int]) -> int:
        """How many processes and threads there are; that they, or open files, are as many as may be is noted."""
        tasks, most = 0, self.limits.processes
        for pid in living:
            with contextlib.suppress(OSError):
                tasks += os.stat(f"/proc/{pid}/task").st_nlink - 2
                # Where the kernel is older than 6.2 this size is 0, and a server that runs out of files is not told so.
                files = os.stat(f"/proc/{pid}/fd").st_size
                if files >= self.limits.files:
                    self.meet("files", files, self.limits.files)
        if tasks >= most - min(NEARLY, most // 4):
            self.meet("processes", tasks, most)
        return tasks

    def look_at_folders(self) -> None:
        """Note a folder that is full; end what makes files without end."""
        entries = 0
        for folder in self._folders:
            there = os.fstatvfs(folder)
            size = there.f_blocks * there.f_frsize
            if there.f_bavail * there.f_frsize < ROOM_LEFT:
                self.meet("disk", size, size)
            entries += there.f_files - there.f_ffree
        if entries > self.limits.entries:
            self._stop_it("entries", entries, self.limits.entries)

    def _walk(self) -> None:
        """Add up the folders that lie on a disk of the machine."""
        used = entries = 0
        waiting = list(self._paths)
        while waiting and entries <= self.limits.entries:
            with contextlib.suppress(OSError), os.scandir(waiting.pop()) as listing:
                for entry in listing:
                    entries += 1
                    used += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        if used > self.limits.disk:
            self._stop_it("disk", used, self.limits.disk)
        if entries > self.limits.entries:
            self._stop_it("entries", entries, self.limits.entries)

    def _detached(self) -> int:
        """Bytes of System V shared memory that no process has attached, and so none counts."""
        if self._shared is None:
            return 0
        with self._reading, open(os.dup(self._shared), encoding="ascii") as listing:
            listing.seek(0)
            head, *rows = listing.read().splitlines()
        names = head.split()
        attached, resident = names.index("nattch"), names.index("rss")
        return sum(int(row[resident]) for row in map(str.split, rows) if row[attached] == "0")


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as line:
            return int(line.read().split()[1]) * PAGE
    except OSError:
        return 0


def _proportional(pid: int) -> int:
    """A process's memory, with its part only of what it shares; all of it, where it hides the difference."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
            return next(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return _resident(pid)
