"""Processes of our own that are told values and tell values: each one pickled, behind its length.

A child ends when its input does, so it never outlives its parent, whatever ended that.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import IO

import grader

CHILD = "import sys; sys.path[:0] = {path!r}; from {module} import child; child()"
LENGTH = 8


def begun(module: str, temporary: str | None = None) -> subprocess.Popen[bytes]:
    """A process that runs `child` of a module: it loads what it needs while its first task is still being prepared.

    `temporary` is where it puts its temporary files, if not where everybody does.
    """
    path = str(Path(grader.__file__).parent.parent)
    return subprocess.Popen(
        [sys.executable, "-c", CHILD.format(path=[path], module=module)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "TMPDIR": temporary} if temporary else None,
    )


def send(stream: IO[bytes], what: object) -> None:
    """Tell the other side a value. Raises OSError if it has gone."""
    data = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
    stream.write(len(data).to_bytes(LENGTH, "little") + data)
    stream.flush()


def receive(stream: IO[bytes]) -> object:
    """The next value; None when the other side has ended, even in the middle of one."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    length = int.from_bytes(head, "little")
    data = stream.read(length)
    if len(data) < length:
        return None
    return pickle.loads(data)  # noqa: S301 - from our own process, not from a student's
