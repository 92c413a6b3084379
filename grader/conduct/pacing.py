"""Pacing: an act begins when the server has taken in the act before it, so that our haste never fails a correct server.

What was sent has been taken in when the server has accepted the connection and read the bytes: the kernel tells both, at
once. What it makes of the end of a connection the kernel doesn't tell. A server may have read the end of the stream, or
even closed its own, and still hold the name; or not have woken up after a reset, of which nothing waits in any queue. So
whoever acts after a connection has ended, by whichever side, waits until the server rests again: then it has done with it
whatever it does. If a server never reads or accepts, that is not judged here: once it is quiet, the play goes on, and what
then does not come is.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.clients.client import Client, Condition
from grader.clients.datagrams import DatagramClient
from grader.conduct.program_client import ProgramClient
from grader.conduct.waiting import Waiter, either
from grader.stage.sockdiag import Diag

PACE = 0.0001


class Pacing:
    """What the server of a check has been given, and has perhaps not taken in."""

    def __init__(self, waiter: Waiter, diag: Diag, *, unread: Callable[[], bool]) -> None:
        """`unread` says whether the server has datagrams that it has not read."""
        self._waiter = waiter
        self._diag = diag
        self._unread = unread
        self._given: list[Client] = []

    def gave(self, client: Client) -> None:
        """A client has connected, or said something."""
        if client not in self._given:
            self._given.append(client)

    def left(self, client: Client) -> None:
        """A client has ended its side of the connection, or vanished."""
        self._waiter.left += not client.connectionless

    def taken_in(self) -> None:
        """Wait until the server has taken in what it was given, and that connections have ended."""
        self.read()
        self._waiter.settle()

    def read(self) -> None:
        """Wait until the server has taken in what it was given."""
        given, self._given = self._given, []
        if given:
            self._waiter.until(lambda: all(self._read(client) for client in given), pause=lambda s: either([], PACE))

    def _read(self, client: Client) -> bool:
        if isinstance(client, ProgramClient):
            return client.has_read
        if isinstance(client, DatagramClient):
            return not self._unread()
        if client.condition is not Condition.CONNECTED or client.frozen:
            return True
        row = self._diag.server_end(client.here, client.there)
        return row is None or (row.inode != 0 and row.unread == 0 and row.received >= client.sent)
