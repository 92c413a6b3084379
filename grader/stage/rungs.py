"""The rungs of the sandbox ladder: ways to run the agent so that a submission can reach as little as this machine allows.

    full         bubblewrap: own files, network, processes, users; system calls filtered
    namespaces   `unshare`: own network, processes, users and mounts; Landlock in place of own files; calls filtered
    landlock     another user where the grader is root, Landlock, calls filtered; the machine's network and processes
    limits       resource limits; another user where the grader is root

Which of them works here is for `sandbox` to find out. What each holds and what it does not stands in docs/SECURITY.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.registry import Registry
from grader.stage import bubblewrap
from grader.stage.place import Staging, View


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
