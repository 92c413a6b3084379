"""The ladder of sandboxes: ways to run the agent so that a submission can reach as little as this machine allows.

    full         bubblewrap: own files, network, processes, users; system calls filtered
    namespaces   `unshare`: own network, processes, users and mounts; Landlock in place of own files; calls filtered
    landlock     another user where the grader is root, Landlock, calls filtered; the machine's network and processes
    limits       resource limits; another user where the grader is root

A rung is proven by running it: what a kernel, a distribution and a container allow can't be read off version numbers.
`choose` takes the best rung that works and keeps what the better ones said, for the report: a weaker sandbox is used
loudly, never silently. What each holds and what it does not stands in docs/SECURITY.md.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from grader.errors import HarnessError, UsageError
from grader.registry import Registry
from grader.stage import bubblewrap
from grader.stage.place import (
    NOBODY,
    Staging,
    View,
    found,
    identity,
    interpreter,
    open_to_all,
    search_path,
)  # fmt: skip

__all__ = [
    "NOBODY", "RUNGS", "Choice", "Rung", "Staging", "View", "choose", "identity", "interpreter", "open_to_all", "search_path",
]  # fmt: skip
PROBE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to sandbox. `wrap` makes a longer argv of a staging and an argv, `view` tells where things are inside.

    `own_files`: only what is needed is there at all, and two boxes of one submission share no folder that can be written;
    else `landlock` tells whether the kernel opens only what is needed. Where network, processes or mounts are not the box's
    own, they are the machine's.
    """

    name: str
    wrap: Callable[[Staging, list[str]], list[str]]
    view: Callable[[Staging], View]
    own_network: bool = False
    own_processes: bool = False
    own_mounts: bool = False
    own_files: bool = False
    landlock: bool = False


RUNGS: Registry[Rung] = Registry("sandbox")


def _namespaces(staging: Staging, argv: list[str]) -> list[str]:
    """The agent begins as the root of the namespaces, mounts what it needs (`confine.py`), and gives that up."""
    return [
        "unshare", "--user", "--map-root-user", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "--", *argv,
    ]  # fmt: skip


def _bare(staging: Staging, argv: list[str]) -> list[str]:
    return argv


def _inside(staging: Staging) -> View:
    return View("/work" if staging.writable else "/submission", "/work", ("/tmp", "/dev/shm"))


def _in_a_room(staging: Staging) -> View:
    submission = "/mnt/work" if staging.writable else "/mnt/submission"
    return View(submission, "/mnt/work", ("/tmp", "/dev/shm"), "/mnt/recorder")


def _outside(staging: Staging) -> View:
    work = staging.submission if staging.writable else f"{staging.root}/work"
    return View(staging.submission, work, (f"{staging.root}/tmp",), staging.recorder)


for _rung in (
    Rung("full", bubblewrap.wrap, _inside, own_network=True, own_processes=True, own_mounts=True, own_files=True),
    Rung("namespaces", _namespaces, _in_a_room, own_network=True, own_processes=True, own_mounts=True, landlock=True),
    Rung("landlock", _bare, _outside, landlock=True),
    Rung("limits", _bare, _outside),
):
    RUNGS.add(_rung.name)(_rung)


@dataclass(frozen=True, slots=True)
class Choice:
    """The rung in use, and in `why` what each better rung answered when it was tried."""

    rung: Rung
    why: str


def choose(probe: Staging, wanted: str | None = None, least: str | None = None) -> Choice:
    """The best rung that works here, or the one that is `wanted` by name (it must work).

    Raises UsageError if that is less than `least`, and HarnessError if nothing works.
    """
    order = list(RUNGS)
    refusals: list[str] = []
    for name in [wanted] if wanted else order:
        refusal = refused(RUNGS.get(name), probe)
        if refusal is None:
            if least and order.index(name) > order.index(least):
                raise UsageError("sandbox-too-weak", least=least, rung=name, why="; ".join(refusals))
            return Choice(RUNGS.get(name), "; ".join(refusals))
        refusals.append(f"{name}: {refusal}")
    raise HarnessError("no-sandbox", why="; ".join(refusals))


def refused(rung: Rung, probe: Staging) -> str | None:
    """Run the rung; what was said if it does not work here, or does not hold what it promises."""
    if not rung.own_files:
        from grader.stage.proof import shortcoming

        return shortcoming(rung, probe)  # what Landlock and mounts hold shows only inside
    argv = rung.wrap(probe, ["/bin/true"])
    if not os.path.isabs(found(argv[0])):
        return f"{argv[0]} is not installed"
    with bubblewrap.filtered(argv) as (filtered_argv, descriptors):
        try:
            with subprocess.Popen(
                filtered_argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                pass_fds=descriptors, env={}, executable=found(argv[0]), **identity(probe),  # type: ignore[call-overload]
            ) as process, bubblewrap.ended(process):  # fmt: skip
                said = process.communicate(timeout=PROBE_SECONDS)[1].strip().splitlines()
        except (OSError, subprocess.SubprocessError) as problem:
            return str(problem)
    return None if process.returncode == 0 else said[-1] if said else f"ended with status {process.returncode}"
