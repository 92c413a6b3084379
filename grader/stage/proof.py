"""The proof of a rung that rests on Landlock or on nothing: a box is made, and what it promises to hold is tried.

What is tried harms nobody: a file of our own is read, and our own process is asked whether it could be signalled.
"""

from __future__ import annotations

import ctypes
import functools
import os
import select
import tempfile

from grader.errors import HarnessError
from grader.stage import seccomp
from grader.stage.box import Box
from grader.stage.channel import AgentGone
from grader.stage.place import Staging, search_path
from grader.stage.rungs import Rung

OUTSIDE = "this file is out of reach"
TRY = """cat "$1"; if kill -0 "$2"; then echo signal; fi"""
PROOF_SECONDS = 10.0
CREATE_RULESET, ASK_VERSION = 444, 1
WITH_NETWORK, WITH_SIGNALS = 4, 6
AFTER = 64 << 10


def shortcoming(rung: Rung, probe: Staging) -> str | None:
    """Why a rung does not work here, or what it does not hold; None if it is as it should be."""
    with tempfile.NamedTemporaryFile("w", prefix="grade-proof-", dir=os.path.dirname(probe.root)) as outside:
        outside.write(OUTSIDE)
        outside.flush()
        os.chmod(outside.name, 0o644)
        try:
            status, said = _run(rung, probe, ["/bin/sh", "-c", TRY, "sh", outside.name, str(os.getpid())])
        except HarnessError as problem:
            return str(problem.facts.get("why", problem.code))
        except AgentGone:
            return "the agent did not stay"
    if "can't start" in said:
        return said.strip().splitlines()[-1]
    if not rung.landlock:
        return None
    if OUTSIDE in said:
        return "files of this machine can be read"
    if "signal" in said.split() and not rung.own_processes and "signals" not in gaps(rung):
        return "processes of this machine can be signalled"
    return None if status is not None else "it did not end"


def gaps(rung: Rung) -> tuple[str, ...]:
    """What a rung leaves open on this machine, beside what no rung holds: each a word that has a sentence."""
    found = []
    if not rung.own_network:
        found += ["ports", "udp", *(["tcp"] if not rung.landlock or landlock_version() < WITH_NETWORK else [])]
    if not rung.own_processes and os.geteuid() != 0 and not (rung.landlock and landlock_version() >= WITH_SIGNALS):
        found += ["signals"]
    if not rung.own_files and not rung.landlock:
        found += ["files"]
    if not seccomp.program():
        found += ["calls"]
    return tuple(found)


@functools.cache
def landlock_version() -> int:
    """The version of the kernel's Landlock; 0 where there is none."""
    return max(0, int(ctypes.CDLL(None).syscall(CREATE_RULESET, None, 0, ASK_VERSION)))


def _run(rung: Rung, probe: Staging, argv: list[str]) -> tuple[int | None, str]:
    with Box(rung, probe) as box:
        out, inward = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        try:
            inner, pidfd = box.start(argv, {"PATH": search_path()}, (nothing, inward, inward))
            ended = bool(select.select([pidfd], [], [], PROOF_SECONDS)[0])
            os.close(pidfd)
            status = box.exit_status(inner) if ended else None
        finally:
            os.close(inward)
            os.close(nothing)
        box.kill()
        with open(out, "rb") as reader:
            return status, reader.read(AFTER).decode(errors="replace")
