"""Connections that are being opened: whether one may still come about by itself, though nobody does anything.

On one machine a connection stands at once, nearly always. But the kernel may put off what is on its way through the loopback
device; and it throws a call away when the queue of the port is full, as the short one of `listen(1)` is when two call at
the same moment. It calls again after a second, and then after three. A server that has emptied its queue meanwhile waits for
calls without a limit, looks quiet, and still gets this one.

Where the queue is full, nothing will happen until the server accepts somebody: then the call is not on its way.
"""

from __future__ import annotations

from grader.clients.client import Client
from grader.stage import sockdiag

ANSWERED_SECONDS = 4.0
"""Enough for two further calls."""


def under_way(diag: sockdiag.Diag, client: Client) -> bool:
    """Whether a client that has called, and was not answered yet, will be."""
    return client.connected() is None and has_room(diag, client.there)


def has_room(diag: sockdiag.Diag, address: sockdiag.Address) -> bool:
    """Whether one more would find room in the queue of a port. Where nobody listens, an answer comes as well: a refusal."""
    listening = [row for row in diag.rows() if row.here[1] == address[1]]
    return not listening or any(row.unread <= row.unsent for row in listening)
