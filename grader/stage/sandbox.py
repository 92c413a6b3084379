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

import contextlib
import glob
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grader.errors import HarnessError, UsageError
from grader.registry import Registry
from grader.stage import seccomp
from grader.stage.limits import SHARED_MEMORY, TEMPORARY, WORK
from grader.stage.place import (
    NOBODY,
    Staging,
    View,
    found,
    identity,
    interpreter,
    open_to_all,
    prefix,
    search_path,
)  # fmt: skip

__all__ = [
    "NOBODY", "RUNGS", "Choice", "Rung", "Staging", "View", "choose", "identity", "interpreter", "open_to_all", "search_path",
]  # fmt: skip
PROBE_SECONDS = 10.0
SYSTEM = ("bin", "sbin", "lib", "lib64")


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


def _bubblewrap(staging: Staging, argv: list[str]) -> list[str]:
    work = ["--bind", staging.submission, "/work"] if staging.writable else ["--size", str(WORK), "--tmpfs", "/work"]
    merged = [p for d in SYSTEM if os.path.islink(f"/{d}") for p in ("--symlink", f"usr/{d}", f"/{d}")]
    plain = [p for d in SYSTEM if not os.path.islink(f"/{d}") for p in ("--ro-bind-try", f"/{d}", f"/{d}")]
    recorder = ["--ro-bind", staging.recorder, "/recorder"] if staging.recorder else []
    java = [p for d in glob.glob("/etc/java-*") for p in ("--ro-bind", d, d)]
    python = ["--ro-bind", prefix(), prefix()] if prefix() else []
    return [
        "bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--unshare-net",
        "--disable-userns", "--uid", "1000", "--gid", "1000", "--die-with-parent", "--new-session", "--as-pid-1",
        "--ro-bind", "/usr", "/usr", *merged, *plain, *python,
        "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", *java,
        "--ro-bind", f"{staging.etc}/hosts", "/etc/hosts", "--ro-bind", f"{staging.etc}/passwd", "/etc/passwd",
        "--hostname", "grader", "--proc", "/proc", "--dev", "/dev",
        "--size", str(SHARED_MEMORY), "--tmpfs", "/dev/shm", "--size", str(TEMPORARY), "--tmpfs", "/tmp", *work, *recorder,
        "--ro-bind", staging.submission, "/submission", "--chdir", "/work", "--remount-ro", "/dev", "--remount-ro", "/",
        "--clearenv", "--", *argv,
    ]  # fmt: skip


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
    Rung("full", _bubblewrap, _inside, own_network=True, own_processes=True, own_mounts=True, own_files=True),
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


@contextlib.contextmanager
def filtered(argv: list[str], *, traced: bool = False) -> Iterator[tuple[list[str], tuple[int, ...]]]:
    """A bubblewrap's argv with the seccomp filter, and the descriptors that it needs. There is a filter where we know one.

    `traced`: a tracer of ours runs inside.
    """
    program = seccomp.program(traced=traced)
    if not program:
        yield argv, ()
        return
    readable, writable = os.pipe()
    try:
        os.write(writable, program)
        os.close(writable)
        yield [argv[0], "--seccomp", str(readable), *argv[1:]], (readable,)
    finally:
        os.close(readable)


def refused(rung: Rung, probe: Staging) -> str | None:
    """Run the rung; what was said if it does not work here, or does not hold what it promises."""
    if not rung.own_files:
        from grader.stage.proof import shortcoming

        return shortcoming(rung, probe)  # what Landlock and mounts hold shows only inside
    argv = rung.wrap(probe, ["/bin/true"])
    if not os.path.isabs(found(argv[0])):
        return f"{argv[0]} is not installed"
    with filtered(argv) as (filtered_argv, descriptors):
        try:
            done = subprocess.run(
                filtered_argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PROBE_SECONDS, check=False,
                pass_fds=descriptors, env={}, executable=found(argv[0]), **identity(probe),  # type: ignore[call-overload]
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as problem:
            return str(problem)
    said = str(done.stderr).strip().splitlines()
    return None if done.returncode == 0 else said[-1] if said else f"ended with status {done.returncode}"
