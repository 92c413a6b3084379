"""The grader's end of the one socket pair that leads into a box: commands out, answers and exit notices in."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time

from grader.stage import processes

AGENT_SECONDS, LISTEN_SECONDS = 60.0, 0.5
ROOM = 1 << 18
CLIENTS, SEVERAL = "4", 8
"""The kind of socket that clients have, and how many of them are asked for at a time: an answer holds so many descriptors."""


class AgentGone(Exception):
    """The agent has ended. Only the submission can have killed it, so this is a finding, not a failure of ours."""


class Channel:
    """One packet out, one answer in; exit notices on the way are kept. `agent` is who answers, once that is known."""

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self._ours, self.theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
        self._ours.settimeout(LISTEN_SECONDS)
        self._exits: dict[int, int] = {}
        self._spare: list[int] = []
        """Sockets for clients that nobody has asked for yet."""
        self._lock = threading.RLock()
        self.agent = 0
        self.broken = False

    def call(self, packet: bytes, wanted: bytes, descriptors: tuple[int, ...] = ()) -> tuple[bytes, list[int]]:
        """Send a command; the answer, and the descriptors that came with it. Raises AgentGone."""
        with self._lock:
            try:
                socket.send_fds(self._ours, [packet], list(descriptors))
            except OSError as problem:
                self.broken = True
                raise AgentGone from problem
            return self.hear(wanted)

    def hear(self, wanted: bytes) -> tuple[bytes, list[int]]:
        """The next packet that begins with one of the wanted letters. Raises AgentGone."""
        with self._lock:
            began = time.monotonic()
            while True:
                try:
                    packet, passed, _, _ = socket.recv_fds(self._ours, 4096, SEVERAL)
                except TimeoutError as late:
                    if time.monotonic() - began < AGENT_SECONDS and not self.stopped():
                        continue
                    self.broken = True
                    raise AgentGone from late
                except OSError as problem:
                    self.broken = True
                    raise AgentGone from problem
                if not packet:
                    self.broken = True
                    raise AgentGone
                if packet[:1] == b"X":
                    pid, status = struct.unpack_from("<ii", packet, 1)
                    self._exits[pid] = status
                if packet[:1] in wanted:
                    return packet, passed

    def socket(self, kind: str) -> int:
        """The descriptor of a socket that the agent has made. Of the kind that every client needs it makes several at once.

        Raises AgentGone, also where some are left that it had made before.
        """
        with self._lock:
            if self.broken or (self.agent and processes.state(self.agent) in processes.ENDED):
                self.broken = True
                raise AgentGone
            if kind != CLIENTS:
                return self.call(f"{kind}1".encode(), b"F")[1][0]
            if not self._spare:
                self._spare += self.call(f"{kind}{SEVERAL}".encode(), b"F")[1]
            return self._spare.pop()

    def exit_status(self, pid: int) -> int | None:
        """The exit status of a started process that has ended; None if nobody can tell any more."""
        with self._lock:
            while pid not in self._exits:
                try:
                    self.hear(b"X")
                except AgentGone:
                    return None
            return self._exits[pid]

    def stopped(self) -> bool:
        """Whether somebody has stopped the agent by a signal: it would never answer."""
        with contextlib.suppress(OSError), open(f"/proc/{self.agent}/stat", "rb") as stat:
            return bool(self.agent) and stat.read().rpartition(b") ")[2][:1] in (b"T", b"t")
        return False

    def close(self) -> None:
        """Hang up: the agent ends everything that it started, and itself."""
        self._ours.close()
        self.theirs.close()
        while self._spare:
            os.close(self._spare.pop())


def outer_pid(pidfd: int, *, close: bool = False) -> int:
    """The pid on this side of the sandbox of the process behind a pidfd; -1 if it has ended."""
    with open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as lines:
        pid = next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))
    if close:
        os.close(pidfd)
    return pid
