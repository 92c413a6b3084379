"""One sandbox with the agent inside: where a submission's servers are started, one after the other.

A `Box` belongs to the thread that makes it, and that thread must outlive it: `--die-with-parent` watches a thread, not a
process. Everything the grader needs from inside comes through one socket pair: clients' sockets, the socket with which
the kernel is asked, the started server's pid and exit status. The box dies by one signal, and everything in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Self

from grader.errors import HarnessError
from grader.stage import sockdiag
from grader.stage.sandbox import Rung, Staging, identity, interpreter, search_path

AGENT_SECONDS = 60.0
LIMITS = "NPROC=512 FSIZE=33554432 NOFILE=1024 CPU=120 CORE=0 DATA=4294967296"
ONE_BOX, ALL_OF_A_USER = "NPROC=512", "NPROC=4096"
"""The kernel counts processes and threads by user. Without a namespace of users that is also everything else of this user:
the reference beside the submission, other boxes, a desktop. With 512 for all of them an honest server's threads fail."""
BUILD_LIMITS = "NPROC=512 FSIZE=268435456 NOFILE=1024 CPU=120 CORE=0"
LEFT_BEHIND = (1 << sockdiag.TIME_WAIT) | (1 << sockdiag.FIN_WAIT1) | (1 << sockdiag.FIN_WAIT2)
LEFT_BEHIND |= (
    (1 << sockdiag.CLOSE_WAIT) | (1 << sockdiag.LAST_ACK) | (1 << sockdiag.CLOSING) | (1 << sockdiag.ESTABLISHED)
)


class AgentGone(Exception):
    """The agent has ended. Only the submission can have killed it, so this is a finding, not a failure of ours."""


@dataclass(slots=True)
class Extra:
    """What every program started in a box is given besides its own: more of an environment, descriptors from 3 on.

    It may be changed between two starts. `traced`: the program that traces the servers is ours, and none of them.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    descriptors: tuple[int, ...] = ()
    traced: bool = False


class Box:
    """A sandbox that is up. Use it as a context; it is empty of processes and files of the submission's after `clear`."""

    def __init__(self, rung: Rung, staging: Staging, extra: Extra | None = None, *, wait: bool = True) -> None:
        self.rung = rung
        self.extra = extra or Extra()
        self.staging = staging
        self.view = rung.view(staging)
        self.exits: dict[int, int] = {}
        self.broken = False
        self._started: list[int] = []
        self._lock = threading.RLock()
        with self._or_nothing():
            self._start()
        if wait:
            self.up()

    def up(self) -> None:
        """Wait until the agent answers. A box made with `wait=False` needs this before anything else is asked of it."""
        if hasattr(self, "diag"):
            return
        with self._or_nothing():
            self.agent = outer_pid(self._hear(b"u")[1][0], close=True)
            self.diag = sockdiag.Diag(self.socket("D"))

    @contextlib.contextmanager
    def _or_nothing(self) -> Iterator[None]:
        """Nothing of a box that does not come up stays behind. Raises HarnessError."""
        try:
            yield
        except AgentGone as gone:
            said = self._process.stderr.read().decode(errors="replace") if self._process.stderr else ""
            self.close()
            raise HarnessError(
                "no-sandbox", why=said.strip().splitlines()[-1] if said.strip() else "no answer"
            ) from gone
        except BaseException:
            process = getattr(self, "_process", None)  # interrupted half-way: nothing of the box may stay behind
            if process is not None:
                process.kill()
                process.wait()
            raise

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
        self._channel = ours
        self._channel.settimeout(AGENT_SECONDS)
        agent = [
            interpreter(), "-I", "-S", "-c", _agent_source(), str(theirs.fileno()), os.readlink("/proc/self/ns/pid"),
            self.view.submission, self.view.work, *self.view.temporary,
        ]  # fmt: skip
        argv = self.rung.wrap(self.staging, agent)
        info, info_in = os.pipe()
        if self.rung.name == "full":
            argv[1:1] = ["--info-fd", str(info_in)]
        # The environment is empty: /proc/1/environ inside would show whatever bubblewrap itself was given.
        self._process = subprocess.Popen(
            argv, pass_fds=[theirs.fileno(), info_in], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env={"PATH": search_path()} if self.rung.name != "full" else {}, cwd="/",
            executable=_found(argv[0]), start_new_session=True, **identity(),  # type: ignore[call-overload]
        )  # fmt: skip
        theirs.close()
        os.close(info_in)
        with open(info, "rb") as reader:
            said = reader.read() if self.rung.name == "full" else b""
        self._init = os.pidfd_open(json.loads(said)["child-pid"] if said else self._process.pid)

    def socket(self, kind: str = "4") -> socket.socket:
        """A socket made inside: "4" TCP, "6" TCP over IPv6, "U" UDP, "D" for a `Diag`. Not connected yet."""
        descriptor = self._call(kind.encode(), b"F")[1][0]
        return socket.socket(fileno=descriptor)

    def start(
        self, argv: list[str], environment: dict[str, str], descriptors: tuple[int, int, int], limits: str = LIMITS
    ) -> tuple[int, int]:
        """Start a command in the work folder. Returns its pid inside, and a pidfd. Raises HarnessError if it can't fork."""
        if self.rung.name == "limits":
            limits = limits.replace(ONE_BOX, ALL_OF_A_USER)
        pairs = [f"{k}={v}" for k, v in {**environment, **self.extra.environment}.items()]
        fields = [self.view.work, limits, str(len(pairs)), *pairs, *argv]
        packet = b"S" + b"\0".join(os.fsencode(f) for f in fields)
        answer, passed = self._call(packet, b"PE", descriptors + self.extra.descriptors)
        if answer[:1] == b"E":
            raise HarnessError("grader-error", what=answer[1:].decode(errors="replace"))
        if self.rung.name == "limits":
            self._started.append(os.dup(passed[0]))
        return int.from_bytes(answer[1:5], "little"), passed[0]

    def exit_status(self, pid: int) -> int | None:
        """The exit status of a started process that has ended (minus the signal's number if one ended it)."""
        with self._lock:
            while pid not in self.exits:
                try:
                    self._hear(b"X")
                except AgentGone:
                    return None
            return self.exits[pid]

    def check(self) -> None:
        """Raise AgentGone if the agent has been killed meanwhile."""
        self._call(b"N", b"N")

    def kill(self) -> None:
        """End every process that was started."""
        self._call(b"K", b"K")

    def clear(self) -> None:
        """Kill all that was started, empty the folders, copy the submission afresh, remove sockets left behind."""
        self._call(b"A", b"A")
        if self.rung.own_network:
            for row in self.diag.rows(LEFT_BEHIND):
                self.diag.destroy(row)

    def close(self) -> None:
        """End everything inside by one kill, and wait until the kernel says that it is so."""
        if self.rung.name == "limits":
            # Nothing but the agent holds this box together: it is told, and kills everything before it ends itself.
            self._channel.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(AGENT_SECONDS)
            for pidfd in self._started:  # in case a submission has killed the agent before
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                os.close(pidfd)
            self._started.clear()
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            signal.pidfd_send_signal(self._init, signal.SIGKILL)
        self._channel.close()
        self._process.kill()
        self._process.wait()
        select.select([self._init], [], [], AGENT_SECONDS)
        os.close(self._init)
        if self._process.stderr:
            self._process.stderr.close()
        if hasattr(self, "diag"):
            self.diag.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, packet: bytes, wanted: bytes, descriptors: tuple[int, ...] = ()) -> tuple[bytes, list[int]]:
        with self._lock:
            try:
                socket.send_fds(self._channel, [packet], list(descriptors))
            except OSError as problem:
                self.broken = True
                raise AgentGone from problem
            return self._hear(wanted)

    def _hear(self, wanted: bytes) -> tuple[bytes, list[int]]:
        """The next packet that begins with one of the wanted letters; exit notices on the way are kept."""
        with self._lock:
            while True:
                try:
                    packet, passed, _, _ = socket.recv_fds(self._channel, 4096, 4)
                except OSError as problem:
                    self.broken = True
                    raise AgentGone from problem
                if not packet:
                    self.broken = True
                    raise AgentGone
                if packet[:1] == b"X":
                    pid, status = struct.unpack_from("<ii", packet, 1)
                    self.exits[pid] = status
                if packet[:1] in wanted:
                    return packet, passed


def outer_pid(pidfd: int, *, close: bool = False) -> int:
    """The pid on this side of the sandbox of the process behind a pidfd; -1 if it has ended."""
    with open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as lines:
        pid = next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))
    if close:
        os.close(pidfd)
    return pid


def _agent_source() -> str:
    return resources.files("grader.stage").joinpath("agent.py").read_text(encoding="utf-8")


def _found(program: str) -> str:
    for folder in (*search_path().split(":"), *os.environ.get("PATH", "").split(":")):
        if os.access(Path(folder) / program, os.X_OK):
            return str(Path(folder) / program)
    return program
