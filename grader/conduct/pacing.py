"""Pacing: an act begins when the server has taken in the act before it, so that our haste never fails a correct server.

What was sent has been taken in when the server has accepted the connection and read the bytes: the kernel tells both, at
once. Where the same client goes on, no more is needed, since what it sends is one stream. Another client is served by
another thread, perhaps, and that one may be quicker than the first, who has read and not yet done anything. So unless an
answer was waited for meanwhile, whoever acts after somebody else waits until the server rests.

What the server makes of the end of a connection the kernel doesn't tell at all. It may have read the end of the stream, or
even closed its own, and still hold the name; or not have woken up after a reset, of which nothing waits in any queue. So
whoever acts after a connection has ended, by whichever side, waits until the server rests, in any case.

If a server never reads, accepts or rests, that is not judged here: when it is quiet, or its time is over, the play goes on,
and what then does not come is.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.clients.client import Client, Condition
from grader.clients.datagrams import DatagramClient
from grader.conduct.program_client import ProgramClient
from grader.conduct.waiting import Waiter, either
from grader.model import Evidence, Line, Verb
from grader.stage.sockdiag import Diag

PACE = 0.0001
SOON = 0.1
"""Seconds within which a timer of the server is waited for, too: what it does later of itself is for the play to await."""
MOST_IN_VAIN = 8
"""So often a server that can't be seen to rest is waited for between the acts of different clients."""
CHANGES = {Verb.CONNECTS, Verb.SEND, Verb.SEND_RAW, Verb.LEAVES, Verb.HALF_CLOSES, Verb.CRASHES}
"""Acts of which the server may still make something when it has read them."""
ALIKE = {Verb.CONNECTS}
"""Acts that it takes in one by one: of several in a row only the last is waited for."""
UNSEEN = {Verb.FREEZES, Verb.THAWS, Verb.WAITS}
"""Acts of which it sees nothing."""


class Pacing:
    """What the server of a check has been given, and has perhaps not taken in."""

    def __init__(self, waiter: Waiter, diag: Diag, *, unread: Callable[[], bool]) -> None:
        """`unread` says whether the server has datagrams that it has not read."""
        self._waiter = waiter
        self._diag = diag
        self._unread = unread
        self._given: list[Client] = []
        self._acted: set[str] = set()
        self._verbs: set[Verb] = set()
        self._since = self._in_vain = 0

    def gave(self, client: Client) -> None:
        """A client has connected, or said something."""
        if client not in self._given:
            self._given.append(client)

    def left(self, client: Client) -> None:
        """A client has ended its side of the connection, or vanished."""
        self._waiter.left += not client.connectionless

    def acted(self, line: Line) -> None:
        """An act was performed."""
        if line.verb in CHANGES:
            if self._since != self._waiter.rests:
                self.answered()
            self._acted.update(line.who)
            self._verbs.add(line.verb)

    def answered(self) -> None:
        """What was waited for behind the last act has come."""
        self._acted.clear()
        self._verbs.clear()
        self._since = self._waiter.rests

    def taken_in(self, line: Line) -> None:
        """Wait, before this act, until the server has taken in what was done before."""
        self.read()
        if self._waiter.ending or (self._by_others(line) and self._in_vain < MOST_IN_VAIN):
            waited = self._waiter.rest(delivered=False, horizon=SOON)
            self._in_vain += waited.evidence is Evidence.DEADLINE

    def _by_others(self, line: Line) -> bool:
        """Whether somebody else has acted, and nothing was waited for since."""
        if (
            line.verb in UNSEEN
            or line.part == "turns"
            or self._since != self._waiter.rests
            or (line.verb in ALIKE and self._verbs <= ALIKE)
        ):
            return False
        return bool(self._acted) and len(self._acted.union(line.who)) > 1

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
