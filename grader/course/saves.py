"""When something in a folder is saved: the kernel says so (inotify), and nobody has to look again and again.

Editors save in several steps: a new file, a name that changes, another time stamp. So one event is followed by those that come
right behind it, and whoever waits then looks at the content: a folder whose digest is what it was has not changed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
from pathlib import Path
from typing import Self

from grader.errors import UsageError
from grader.stage.staging import NOT_COPIED

IN_CLOSE_WRITE, IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE = 0x8, 0x40, 0x80, 0x100, 0x200
IN_ONLYDIR, IN_CLOEXEC = 0x01000000, 0o2000000
WANTED = IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ONLYDIR
SETTLES = 80
"""Milliseconds without an event after which a save has ended."""
MOST_FOLDERS, EVENTS = 2000, 1 << 16


class Saves:
    """A context in which `wait` returns when something was saved in the folder, or has been since the last time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = -1

    def __enter__(self) -> Self:
        begin = getattr(self._libc, "inotify_init1", None)
        self._watch = begin(IN_CLOEXEC) if begin else -1
        if self._watch < 0:
            raise UsageError("no-watching", path=str(self._folder))
        self._look()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._watch)

    def wait(self) -> None:
        """Return when something was saved. KeyboardInterrupt passes through."""
        poll = select.poll()
        poll.register(self._watch, select.POLLIN)
        poll.poll()
        while poll.poll(SETTLES):
            os.read(self._watch, EVENTS)
        self._look()  # there may be new folders

    def _look(self) -> None:
        """Watch every folder; one that is watched already stays so."""
        for count, (folder, names, _) in enumerate(os.walk(self._folder)):
            names[:] = [name for name in names if name not in NOT_COPIED][: MOST_FOLDERS - count]
            with contextlib.suppress(OSError):
                self._libc.inotify_add_watch(self._watch, os.fsencode(folder), WANTED)
