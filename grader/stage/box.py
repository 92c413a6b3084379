"""One sandbox with the agent inside: where a submission's servers are started, one after the other.

Everything the grader needs from inside comes through one socket pair: clients' sockets, the socket with which the kernel
is asked, the started server's pid and exit status. A `Watch` looks at it from outside while it is up. The box dies by one
signal, and everything in it; where the grader is killed, at whatever moment, the end of the socket pair makes the agent do
it. So nobody else may hold our end: it is closed in whatever program we start.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from grader.errors import HarnessError
from grader.stage import boot, bubblewrap, cgroup, sockdiag
from grader.stage.channel import AgentGone, Channel, outer_pid
from grader.stage.limits import SERVER, Limits, Met, tasks_of
from grader.stage.place import Staging, found, identity, search_path
from grader.stage.rungs import Rung
from grader.stage.watch import RARELY, SHORTEST, Watch

__all__ = ["AgentGone", "Box", "outer_pid"]
CLOSING_SECONDS = 5.0
MORE_PROCESSES = 1024
"""Where the kernel counts all that this user runs: room for what may be started meanwhile. The watch keeps the limit."""
LEFT_BEHIND = (1 << sockdiag.TIME_WAIT) | (1 << sockdiag.FIN_WAIT1) | (1 << sockdiag.FIN_WAIT2)
LEFT_BEHIND |= (
    (1 << sockdiag.CLOSE_WAIT) | (1 << sockdiag.LAST_ACK) | (1 << sockdiag.CLOSING) | (1 << sockdiag.ESTABLISHED)
)


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
        self._started: list[int] = []
        self.others: set[int] = set()
        """The sessions of programs that are not the server: of clients, and of further servers."""
        self._folders: list[int] = []
        self._watch: Watch | None = None
        self._group: cgroup.Group | None = None
        self._killed = 0
        self._limits = SERVER
        self.kept: Any = None
        """A server that goes on running between two checks (`conduct/lasting.py`)."""
        self._channel = Channel()
        self.view = rung.view(staging)
        with self._or_nothing():
            self._start()
        if wait:
            self.up()

    @property
    def broken(self) -> bool:
        """Whether the agent has gone, and with it all use of this box."""
        return self._channel.broken

    @property
    def agent(self) -> int:
        """The agent's pid on this side: every process of the submission is below it."""
        return self._channel.agent

    def up(self) -> None:
        """Wait until the agent answers. A box made with `wait=False` needs this before anything else is asked of it."""
        if hasattr(self, "diag"):
            return
        with self._or_nothing():
            pidfd, *self._folders = self._channel.hear(b"u")[1]
            self._channel.agent = outer_pid(pidfd, close=True)
            self.diag = sockdiag.Diag(self.socket("D"))
            if self._group is None:
                self._join(self.agent)
            self._watch = self._watching()

    def _watching(self) -> Watch:
        """What looks at this box from outside; where a folder is no file system of its own, it has to be walked."""
        own, count = self.rung.own_processes, 1 + len(self.view.temporary)
        shared = self._folders[count] if own and len(self._folders) > count else None
        sized = self._folders[1 if self.staging.writable else 0 : count] if self.rung.own_mounts else []
        walked = [] if self.rung.own_mounts else [self.view.work, *self.view.temporary]
        if self.staging.writable:
            walked = [self.staging.submission]
        # Whoever loses the agent falls to its keeper, where there is one: the first process of all.
        above, often = self.agent if own else self._process.pid, SHORTEST if self._group is None else RARELY
        return Watch(above, self.agent, sized, shared, walked, self._end_all, often)

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
            self._channel.close()
            if process is not None:
                bubblewrap.end(process)
            self._leave_nothing()
            raise

    def _start(self) -> None:
        theirs = self._channel.theirs
        traced = self.extra.traced
        agent = boot.command(self.rung, self.staging, self.view, theirs.fileno(), traced=traced)
        argv = self.rung.wrap(self.staging, agent)
        info, info_in = os.pipe()
        apart = bubblewrap.filtered(argv, traced=traced) if self.rung.own_files else contextlib.nullcontext((argv, ()))
        # The reading end goes along: a grader that is killed now takes the last reader away from nobody.
        kept = (theirs.fileno(), info, info_in) if self.rung.own_files else (theirs.fileno(),)
        with apart as (whole, filtering):
            if self.rung.own_files:
                whole[1:1] = ["--info-fd", str(info_in)]
            # The environment is empty: /proc/1/environ inside would show whatever bubblewrap itself was given.
            self._process = subprocess.Popen(
                whole, pass_fds=[*kept, *filtering], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, env={} if self.rung.own_files else {"PATH": search_path()}, cwd="/",
                executable=found(argv[0]), start_new_session=True, **identity(self.staging),  # type: ignore[call-overload]
            )  # fmt: skip
        theirs.close()
        os.close(info_in)
        with open(info, "rb") as reader:
            said = reader.read() if self.rung.own_files else b""
        first = json.loads(said)["child-pid"] if said else self._process.pid
        self._init = os.pidfd_open(first)
        if self.rung.own_files:
            self._join(first)  # it is still loading: the kernel takes its time over this

    def _join(self, pid: int) -> None:
        self._group = cgroup.join(pid, SERVER.memory, SERVER.processes)

    def socket(self, kind: str = "4") -> socket.socket:
        """A socket made inside: "4" TCP, "6" TCP over IPv6, "U" UDP, "D" for a `Diag`, "R" for routes. Not connected yet."""
        return socket.socket(fileno=self._channel.socket(kind))

    def write(self, name: str, content: bytes) -> None:
        """Write a file into the work folder, in the place of whatever has its name."""
        self._channel.call(b"W" + os.fsencode(name) + b"\0" + content, b"W")

    def start(
        self, argv: list[str], environment: dict[str, str], descriptors: tuple[int, int, int], limits: Limits = SERVER
    ) -> tuple[int, int]:
        """Start a command in the work folder. Returns its pid inside, and a pidfd. Raises HarnessError if it can't fork."""
        self._limits = limits
        if self._watch is not None:
            self._watch.limits = limits
        if (
            not self.rung.own_mounts and environment.get("HOME") == "/tmp"
        ):  # that is the machine's, and may be out of reach
            environment = environment | {"HOME": self.view.temporary[0], "TMPDIR": self.view.temporary[0]}
        pairs = [f"{k}={v}" for k, v in {**environment, **self.extra.environment}.items()]
        fields = [self.view.work, limits.words(self._more_processes()), str(len(pairs)), *pairs, *argv]
        packet = b"S" + b"\0".join(os.fsencode(f) for f in fields)
        answer, passed = self._channel.call(packet, b"PE", descriptors + self.extra.descriptors)
        if answer[:1] == b"E":
            raise HarnessError("grader-error", what=answer[1:].decode(errors="replace"))
        if not self.rung.own_processes:
            self._started.append(os.dup(passed[0]))
        return int.from_bytes(answer[1:5], "little"), passed[0]

    def _more_processes(self) -> int:
        """What the kernel will count besides the submission's own processes."""
        if self.rung.own_processes:
            return 0
        return MORE_PROCESSES + (0 if os.geteuid() == 0 else tasks_of(os.geteuid()))

    def exit_status(self, pid: int) -> int | None:
        """The exit status of a started process that has ended (minus the signal's number if one ended it)."""
        return self._channel.exit_status(pid)

    def check(self) -> None:
        """Raise AgentGone if the agent has been killed meanwhile."""
        self._channel.call(b"N", b"N")

    def kill(self) -> None:
        """End every process that was started. A limit that is met by then is noted."""
        if self._watch is not None:
            self._watch.look_at_processes()
        self._channel.call(b"K", b"K")

    def clear(self) -> None:
        """Kill all that was started, empty the folders, copy the submission afresh, remove sockets left behind."""
        if self._watch is not None:
            self._watch.look_at_folders()
        answer, _ = self._channel.call(b"A", b"A")
        self.others.clear()
        if answer[1:2] == b"\1":
            self.meet("file-size", self._limits.file_size, self._limits.file_size)
        if self.rung.own_network:
            for row in self.diag.rows(LEFT_BEHIND):
                self.diag.destroy(row)

    def meet(self, limit: str, used: int, most: int) -> None:
        """Note that a limit was met which is kept elsewhere."""
        if self._watch is not None:
            self._watch.meet(limit, used, most)

    def met(self) -> list[Met]:
        """The limits that were met since the last time this was asked."""
        if self._watch is None:
            return []
        if self._group and (killed := self._group.killed()) > self._killed:
            self._killed = killed
            self.meet("memory", self._limits.memory, self._limits.memory)
        return self._watch.take()

    def close(self) -> None:
        """End everything inside by one kill, and wait until the kernel says that it is so."""
        kept, self.kept = self.kept, None
        if kept is not None:
            kept.close()
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        stopped = self._channel.stopped()
        self._channel.close()
        if not self.rung.own_processes:
            self._end_without_namespace(stopped)
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            signal.pidfd_send_signal(self._init, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(CLOSING_SECONDS)  # bubblewrap ends by itself, once it has seen its child off
        self._process.kill()
        self._process.wait()
        select.select([self._init], [], [], CLOSING_SECONDS)
        os.close(self._init)
        if self._process.stderr:
            self._process.stderr.close()
        if hasattr(self, "diag"):
            self.diag.close()
        self._leave_nothing()

    def _end_without_namespace(self, stopped: bool) -> None:
        """Nothing but the agent and its keeper hold this box together: they see the end of the channel, and end all."""
        if stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.agent, signal.SIGKILL)  # then the keeper does it
        ended = True
        try:
            self._process.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            ended = False
        if os.geteuid() == 0 and (self.broken or not ended):
            # All that runs as this user, in one call that nothing can escape by forking.
            subprocess.run(
                ["/bin/sh", "-c", "kill -9 -1"], stdin=subprocess.DEVNULL, check=False, **identity(self.staging),  # type: ignore[call-overload]
            )  # fmt: skip
        for pidfd in self._started:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.close(pidfd)
        self._started.clear()

    def _leave_nothing(self) -> None:
        for descriptor in self._folders:
            os.close(descriptor)
        self._folders = []
        if self._group is not None:
            self._group.close()

    def _end_all(self) -> None:
        """End what was started, from the watching thread: it uses more than it may."""
        try:
            self.kill()
        except AgentGone:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._init, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
