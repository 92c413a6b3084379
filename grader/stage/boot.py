"""The command that starts the agent: its code, compiled already, and all that it is told.

The code travels in the command line, so that no file of ours need be readable inside. It is compiled here and not there
because that would take a tenth of the time in which a box comes up; only an interpreter of another version than our own
is given the source.
"""

from __future__ import annotations

import functools
import marshal
import os
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

from grader.stage import seccomp
from grader.stage.limits import MOST_ENTRIES, SHARED_MEMORY, TEMPORARY, WORK
from grader.stage.place import Staging, View, interpreter, prefix
from grader.stage.rungs import Rung

READ = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sys/devices/system/cpu", "/etc/alternatives",
    "/etc/ld.so.cache", "/etc/hosts", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/localtime",
)  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
JAVA = "/etc/java-"
SHARED = "/dev/shm"


def command(rung: Rung, staging: Staging, view: View, channel: int, *, traced: bool) -> list[str]:
    """The argv of the agent, before the rung wraps it. `traced`: a tracer of ours will run inside."""
    modules = ("confine", "agent_files", "agent") if _confined(rung) else ("agent_files", "agent")
    settings = _settings(rung, staging, view, channel, traced)
    if _same_version():
        run = [f"exec(marshal.loads(bytes.fromhex({_compiled(m)!r})), g)" for m in modules]
    else:
        run = [f"exec({_source(m)!r}, g)" for m in modules]
    code = "\n".join(["import marshal", f"g = {{'__name__': 'agent', 'SETTINGS': {settings!r}}}", *run, "g['main']()"])
    return [interpreter(), "-I", "-S", "-c", code]


def _confined(rung: Rung) -> bool:
    """Whether the agent has to do itself what bubblewrap does on the full rung."""
    return not rung.own_files


def _settings(rung: Rung, staging: Staging, view: View, channel: int, traced: bool) -> dict[str, object]:
    settings: dict[str, object] = {
        "channel": channel, "submission": view.submission, "work": view.work, "temporary": view.temporary,
        "own_processes": rung.own_processes, "confined": _confined(rung), "own_ipc": rung.own_mounts or rung.own_files,
    }  # fmt: skip
    if not _confined(rung):
        return settings
    dropped = os.geteuid() == 0
    apart = rung.own_mounts or dropped or not rung.landlock
    shared = [] if rung.own_mounts or not rung.landlock else [SHARED]
    java = [f"/etc/{name}" for name in os.listdir("/etc") if f"/etc/{name}".startswith(JAVA)]
    return settings | {
        "own_network": rung.own_network, "own_mounts": rung.own_mounts, "dropped": dropped, "landlock": rung.landlock, "staged": staging.root, "writable": staging.writable,
        "recorder": staging.recorder, "prefix": prefix(), "sizes": {"shm": SHARED_MEMORY, "tmp": TEMPORARY, "work": WORK, "entries": MOST_ENTRIES},
        "read": [*READ, *java, *([prefix()] if prefix() else []), view.submission, *([view.recorder] if staging.recorder else [])],
        "write": [view.work, *view.temporary, *shared], "device": DEVICES,
        # Sockets of other programs that lie among the files are out of Landlock's sight. Another user can't open them;
        # where there is none, the server is left without that kind of socket (but with pairs of them). So are the modes and
        # times of this user's files; a build has to be able to make a program, and a server changes nothing of that.
        "filter": seccomp.program(unix_sockets=apart, file_modes=apart or staging.writable, traced=traced),
    }  # fmt: skip


def _same_version() -> bool:
    """Whether the interpreter inside reads what ours compiles: it is ours, or its name has our version."""
    own = os.path.realpath(sys.executable)
    return interpreter() == own or Path(interpreter()).name == f"python{sys.version_info[0]}.{sys.version_info[1]}"


@functools.cache
def _compiled(module: str) -> str:
    return marshal.dumps(_loader(module).get_code(f"grader.stage.{module}")).hex()


def _source(module: str) -> str:
    return _loader(module).get_data(_loader(module).path).decode()


def _loader(module: str) -> SourceFileLoader:
    return SourceFileLoader(f"grader.stage.{module}", str(Path(__file__).parent / f"{module}.py"))
