"""What is on the way between a server and its clients: nothing is quiet while a byte travels.

The kernel is asked on both ends. What one end has sent and the other has not received flies; what has arrived with a
client is recorded on the way, so that nobody takes it for silence; and what waits unread with the server is pending: the
server sleeps on it or has yet to wake up.
"""

from __future__ import annotations

from grader.clients.client import Client, Condition
from grader.conduct.calls import has_room, under_way
from grader.stage import sockdiag
from grader.stage.server import Server

OPEN = {sockdiag.ESTABLISHED, sockdiag.CLOSE_WAIT}
CLOSING = {sockdiag.FIN_WAIT1, sockdiag.LAST_ACK, sockdiag.CLOSING}


class OnTheWay:
    """Everything that travels between the clients of a check and the server that is looked at."""

    def __init__(self, clients: dict[str, Client], diag: sockdiag.Diag) -> None:
        self._clients = clients
        self._diag = diag
        self.server: Server | None = None
        self.inside = False
        """Whether programs of the box speak to each other."""
        self.called = False
        """Whether somebody has called of whom only the kernel will yet tell the server."""

    def in_flight(self) -> bool:
        """Whether bytes are on the way between the server and a client. What has arrived is recorded on the way."""
        self.called = False
        printed = self.server is not None and (self.server.output.flying() or self._datagrams_fly(self.server))
        if printed or any(client.flying() for client in list(self._clients.values())):
            return True
        if self.inside and self._inside_flying():
            return True
        return any(self._flying(client) for client in self.connected())

    def _inside_flying(self) -> bool:
        """Whether bytes are on the way between two programs of the box."""
        states = sockdiag.ALL_STATES & ~(1 << sockdiag.LISTEN | 1 << sockdiag.TIME_WAIT | 1 << sockdiag.CLOSE)
        rows = self._diag.rows(states)
        if any(row.state in CLOSING or row.state in (sockdiag.SYN_SENT, sockdiag.SYN_RECV) for row in rows):
            return True
        unread = {(row.here, row.there): row.unread for row in rows}
        for row in rows:
            if row.unsent and not unread.get((row.there, row.here)):
                mine, other = self._diag.server_end(row.there, row.here), self._diag.server_end(row.here, row.there)
                if mine is None or other is None or (mine.sent > other.received and not other.unread):
                    return True
        return False

    def _datagrams_fly(self, server: Server) -> bool:
        if not server.datagrams:
            return False
        for client in list(self._clients.values()):
            client.drain(thoroughly=True)  # what waits in our own queues is on its way to nobody else
        return server.flying()

    def pending(self) -> bool:
        """Whether something that clients sent, or a connection that one opened, has not been taken in by the server."""
        if self.server is not None and self.server.unread():
            return True
        for client in self.connected():
            row = self._diag.server_end(client.here, client.there) if client.here[1] else None
            if row is not None and (row.unread > 0 or (row.inode == 0 and row.state == sockdiag.ESTABLISHED)):
                return True
        return self.server is not None and self.server.output.untyped() > 0

    def connected(self) -> list[Client]:
        """The clients that have a connection; over datagrams none has."""
        return [client for client in list(self._clients.values()) if not client.connectionless]

    def _flying(self, client: Client) -> bool:
        if not client.there[1]:
            return False
        if client.condition is Condition.NEW:
            self.called = self.called or under_way(self._diag, client)
            return self.called
        row = self._diag.server_end(client.here, client.there) if client.here[1] else None
        flying = self._of_row(client, row)
        if not flying:
            client.drain(thoroughly=True)  # last, so that what came in while we asked is recorded, and shows
        return flying

    def _of_row(self, client: Client, row: sockdiag.Row | None) -> bool:
        if row is None:
            # The server's end is gone. If we have not read its end yet, that is still on its way to us.
            client.drain(thoroughly=True)
            return client.condition is Condition.CONNECTED and not (client.at_end or client.frozen)
        if client.condition is Condition.GONE and client.socket.fileno() < 0:
            return client.crashed and row.state in OPEN  # our reset is on its way
        if row.state == sockdiag.SYN_RECV:  # our last word of the greeting is: the server has not been told yet
            self.called = has_room(self._diag, client.there)
            return self.called
        orphan = row.inode == 0 and row.state != sockdiag.ESTABLISHED  # the server has closed it: nobody will read more
        if row.received < client.sent and not row.unread and not orphan:
            return True  # what is unread already has woken whoever reads: more of it would change nothing
        if client.condition is Condition.GONE and row.state == sockdiag.ESTABLISHED:
            return True  # our end of the stream is on its way
        return not client.frozen and not client.at_end and (row.unsent > 0 or row.state in CLOSING)
