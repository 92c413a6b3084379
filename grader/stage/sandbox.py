"""The ladder of sandboxes: ways to wrap the agent's command so that a submission can reach as little as this machine allows.

Each rung is one function from a `Staging` and an argv to a longer argv. A rung is proven by running it: what a kernel,
a distribution and a container allow can't be read off version numbers. `choose` takes the best rung that works and keeps
what the better ones said, for the report: a weaker sandbox is used loudly, never silently.

As root the user is dropped before the sandbox is made (`Identity`): bubblewrap run by root keeps every capability, and
the kernel counts no processes of the real root.
"""

from __future__ import annotations

import functools
import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import HarnessError
from grader.registry import Registry

NOBODY = 65534
PROBE_SECONDS = 10.0
KIB, MIB = 1 << 10, 1 << 20
SHARED_MEMORY, TEMPORARY, WORK = 16 * MIB, 64 * MIB, 256 * MIB


@dataclass(frozen=True, slots=True)
class Staging:
    """The folders of one box on this machine, under an opaque name: no student's name reaches the sandbox.

    `writable` is for the build: the work folder is then the staged submission itself. `recorder` is a folder of the
    grader's own that is to be seen inside, if something is recorded.
    """

    root: str
    writable: bool = False
    recorder: str = ""

    @property
    def submission(self) -> str:
        return f"{self.root}/submission"

    @property
    def etc(self) -> str:
        return f"{self.root}/etc"


@dataclass(frozen=True, slots=True)
class View:
    """What the agent is told: where the submission, its work folder and the temporary folders are, seen from inside."""

    submission: str
    work: str
    temporary: tuple[str, ...]
    recorder: str = "/recorder"


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to sandbox. `own_network` tells whether ports are the server's alone, `own_files` whether two boxes of one
    submission share no folder that can be written.
    """

    name: str
    own_network: bool
    wrap: Callable[[Staging, list[str]], list[str]]
    view: Callable[[Staging], View]
    own_files: bool = False


RUNGS: Registry[Rung] = Registry("sandbox")


def identity() -> dict[str, object]:
    """The keyword arguments of Popen that drop root; none for an ordinary user."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


@functools.cache
def interpreter() -> str:
    """The Python that submissions and the agent run with, readable by whom they run as.

    It is the grader's own, so that a student's `python3` is the one that the course was told of; where root's own Python
    lies in a folder that only root may enter, the system's takes its place.
    """
    own = os.path.realpath(sys.executable)
    if os.geteuid() != 0 or open_to_all(own):
        return own
    system = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin")
    if system is None:
        raise HarnessError("no-tool", tool="python3")
    return os.path.realpath(system)


def open_to_all(path: str) -> bool:
    """Whether everybody may read a file or folder, and enter every folder on the way to it."""
    return all(os.stat(p).st_mode & 0o005 == 0o005 for p in [path, *map(str, Path(path).parents)])


def search_path() -> str:
    """Where programs are looked for inside: the interpreter's folder first, then the system's."""
    return f"{Path(interpreter()).parent}:/usr/local/bin:/usr/bin:/bin"


def _prefix() -> list[str]:
    """The interpreter's folder, where it does not lie in /usr and so has to be shown separately."""
    prefix = str(Path(interpreter()).parent.parent)
    return [] if prefix.startswith("/usr") else ["--ro-bind", prefix, prefix]


def _bubblewrap(staging: Staging, argv: list[str]) -> list[str]:
    work = ["--bind", staging.submission, "/work"] if staging.writable else ["--size", str(WORK), "--tmpfs", "/work"]
    merged = [
        p
        for d in ("bin", "sbin", "lib", "lib64")
        if os.path.islink(f"/{d}")
        for p in ("--symlink", f"usr/{d}", f"/{d}")
    ]
    plain = [
        p
        for d in ("bin", "sbin", "lib", "lib64")
        if not os.path.islink(f"/{d}")
        for p in ("--ro-bind-try", f"/{d}", f"/{d}")
    ]
    java = [p for d in glob.glob("/etc/java-*") for p in ("--ro-bind", d, d)]
    return [
        "bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--unshare-net",
        "--disable-userns", "--uid", "1000", "--gid", "1000", "--die-with-parent", "--new-session",
        "--ro-bind", "/usr", "/usr", *merged, *plain, *_prefix(),
        "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", *java,
        "--ro-bind", f"{staging.etc}/hosts", "/etc/hosts", "--ro-bind", f"{staging.etc}/passwd", "/etc/passwd",
        "--hostname", "grader", "--proc", "/proc", "--dev", "/dev",
        "--size", str(SHARED_MEMORY), "--tmpfs", "/dev/shm", "--size", str(TEMPORARY), "--tmpfs", "/tmp", *work,
        *(["--ro-bind", staging.recorder, "/recorder"] if staging.recorder else []), "--ro-bind", staging.submission, "/submission", "--chdir", "/work", "--remount-ro", "/dev", "--remount-ro", "/",
        "--clearenv", "--", *argv,
    ]  # fmt: skip


def _namespaces(staging: Staging, argv: list[str]) -> list[str]:
    """Own network, processes and users, but the machine's files: the agent gives up the capabilities that come with it."""
    return [
        "unshare", "--user", "--map-root-user", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "--", *argv,
    ]  # fmt: skip


def _bare(staging: Staging, argv: list[str]) -> list[str]:
    return argv


def _inside(staging: Staging) -> View:
    submission = "/work" if staging.writable else "/submission"
    return View(submission, "/work", ("/tmp", "/dev/shm"))


def _outside(staging: Staging) -> View:
    work = staging.submission if staging.writable else f"{staging.root}/work"
    return View(staging.submission, work, (f"{staging.root}/tmp",), staging.recorder)


RUNGS.add("full")(Rung("full", own_network=True, wrap=_bubblewrap, view=_inside, own_files=True))
RUNGS.add("namespaces")(Rung("namespaces", own_network=True, wrap=_namespaces, view=_outside))
RUNGS.add("limits")(Rung("limits", own_network=False, wrap=_bare, view=_outside))


@dataclass(frozen=True, slots=True)
class Choice:
    """The rung in use, and in `why` what each better rung answered when it was tried."""

    rung: Rung
    why: str


def choose(probe: Staging, wanted: str | None = None) -> Choice:
    """The best rung that works here, or the one that is `wanted` by name (it must work)."""
    refusals: list[str] = []
    for name in [wanted] if wanted else list(RUNGS):
        refusal = _refusal(RUNGS.get(name), probe)
        if refusal is None:
            return Choice(RUNGS.get(name), "; ".join(refusals))
        refusals.append(f"{name}: {refusal}")
    raise HarnessError("no-sandbox", why="; ".join(refusals))


def _refusal(rung: Rung, probe: Staging) -> str | None:
    """Run the rung with a command that does nothing; what it said if that did not work."""
    argv = rung.wrap(probe, ["/bin/true"])
    if shutil.which(argv[0]) is None:
        return f"{argv[0]} is not installed"
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PROBE_SECONDS,
            check=False,
            **identity(),  # type: ignore[call-overload]
        )
    except (OSError, subprocess.SubprocessError) as problem:
        return str(problem)
    said = str(done.stderr).strip().splitlines()
    return None if done.returncode == 0 else said[-1] if said else f"ended with status {done.returncode}"
