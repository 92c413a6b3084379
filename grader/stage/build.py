"""The build: once for a submission, inside the sandbox, with everything that it printed.

It runs where the servers will run, but with the staged submission itself as its work folder, so that what it makes is
there for every server that is started later.
"""

from __future__ import annotations

import os
import re
import select
import shlex
import time
from dataclasses import replace

from grader.errors import HarnessError
from grader.model import Build
from grader.stage.box import Box
from grader.stage.limits import BUILD
from grader.stage.output import Output
from grader.stage.place import Staging, inside
from grader.stage.rungs import Rung
from grader.stage.server import environment

BUILD_SECONDS = 120.0
LOG = 32 << 10
NOT_FOUND = 127
QUICK_JAVAC = re.compile(r"^\s*javac(?=\s)")
"""A compiler that runs for a second is not worth a second compiler's time to make it fast: it costs a third less without."""
ASSIGNED = re.compile(r"[A-Za-z_]\w*=")


def need_program(command: str) -> None:
    """Raise HarnessError when the program that a command begins with is not on this machine: no student's fault."""
    words = shlex.split(command)
    while words and ASSIGNED.match(words[0]) and not words[0].endswith(";"):
        words.pop(0)
    if words and not ASSIGNED.match(words[0]) and "/" not in words[0] and not inside(words[0]):
        raise HarnessError("no-tool", tool=words[0])


def build(command: str, rung: Rung, staging: Staging) -> Build:
    """Run a build command. Raises HarnessError when a program that it needs is missing on this machine."""
    need_program(command)
    quick = QUICK_JAVAC.sub(r"\g<0> -J-XX:TieredStopAtLevel=1", command)
    began = time.monotonic()
    log: list[bytes] = []
    with Box(rung, replace(staging, writable=True)) as box:
        output = Output(lambda _, data, cut: log.append(b"\n...\n" * (cut > 0) + data))
        inner, pidfd = box.start(["/bin/sh", "-c", quick], environment(), output.descriptors, BUILD)
        output.started()
        in_time = bool(select.select([pidfd], [], [], BUILD_SECONDS)[0])
        status = (box.exit_status(inner) if in_time else None) or (0 if in_time else -9)
        box.kill()
        output.close()
        os.close(pidfd)
    text = b"".join(log).decode(errors="replace")[-LOG:]
    if (
        status == NOT_FOUND
        or (status and ": not found" in text)
        or (status and "No such file or directory" in text and "make:" in text)
    ):
        missing = next(
            (w for w in ("gcc", "cc", "g++", "javac", "cargo", "go", "npm", "make") if w in text and not inside(w)),
            None,
        )
        if missing:
            raise HarnessError("no-tool", tool=missing)
    return Build(command, status, time.monotonic() - began, text)
