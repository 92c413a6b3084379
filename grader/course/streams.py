"""Two accounts of the same connections, laid side by side: what our clients sent and got, and what the server's calls
took and gave.

A connection is two streams of bytes, so a byte has one place that both accounts agree on: that is how a message in the
transcript finds the call that sent it, and a line the call that read it, without any clock. Where the bytes of the two
accounts differ (threads that wrote at the same time, calls that were not recorded), nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.model import Dialect, Event, Kind, Recording, SocketCall, Transcript

SENDS = ("send", "sendall", "sendmsg")
ENDINGS = (Kind.CLOSED, Kind.HALF_CLOSED, Kind.CRASHED)
SEARCHED = 200
"""Bytes of a message that are looked for where its place does not tell who sent it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A call with its number in the recording, and the bytes of a stream that it carried, from `start` to `end`."""

    number: int
    call: SocketCall
    start: int
    end: int


@dataclass
class Connection:
    """One connection: of whom, since which event; what its client sent and got, and the server's calls on it."""

    who: str
    opened: int
    sent: bytearray = field(default_factory=bytearray)
    got: dict[int, int] = field(default_factory=dict)
    """Event of a message that the client got -> the place of its first byte."""
    sent_at: dict[int, int] = field(default_factory=dict)
    received: int = 0
    accept: Placed | None = None
    calls: list[tuple[int, SocketCall]] = field(default_factory=list)
    takes: list[Placed] = field(default_factory=list)
    reads: list[Placed] = field(default_factory=list)
    gives: list[Placed] = field(default_factory=list)

    def fits(self, takes: Iterable[Placed]) -> bool:
        """Whether these calls can have read what this client sent."""
        return all(
            t.end <= len(self.sent) and self.sent[t.start : t.start + len(t.call.data)] == t.call.data for t in takes
        )

    def taken(self, start: int, end: int) -> list[Placed]:
        """The calls that read these bytes; what a coroutine got of them, where the reading itself shows no line."""
        covering = [t for t in self.takes if t.start < end and t.end > start]
        if covering and covering[-1].end < end:
            return []  # not all of it was read
        if all(t.call.stack for t in covering):
            return covering
        return [r for r in self.reads if r.start < end and r.end > start and r.call.stack]


class Accounts:
    """Both accounts of one run. `connections` stand in the order in which they were opened."""

    def __init__(self, transcript: Transcript, recording: Recording, dialect: Dialect) -> None:
        self.events = transcript.events
        self.dialect = dialect
        self.recording = recording
        self.connections = list(_connections(transcript.events))
        _match(self.connections, recording)

    def at(self, index: int) -> Connection | None:
        """The connection of an event's client, the one that was open then."""
        who = self.events[index].who
        return next((c for c in reversed(self.connections) if c.who == who and c.opened <= index), None)

    def of(self, who: str) -> Connection | None:
        """A client's last connection."""
        return next((c for c in reversed(self.connections) if c.who == who), None)

    def sender(self, index: int) -> tuple[int, SocketCall] | None:
        """The call that sent a received message: by its place in the stream, else by its text, if that is one line's."""
        connection, data = self.at(index), self.events[index].data
        if connection is None or not data or index not in connection.got:
            return None
        place = connection.got[index]
        for give in connection.gives:
            if give.start <= place < give.end:
                kept = give.call.data[place - give.start :]
                common = min(len(kept), len(data))
                if common and kept[:common] == data[:common]:
                    return give.number, give.call
        alike = [g for g in connection.gives if data[:SEARCHED] in g.call.data]
        if alike and len({g.call.stack for g in alike}) == 1:
            return alike[0].number, alike[0].call
        return None

    def sent_after(self, who: str, number: int) -> list[SocketCall]:
        """What was sent to a client, on any of its connections, by calls that ended after a call did."""
        return [g.call for c in self.connections if c.who == who for g in c.gives if g.number > number]

    def answers(self, take: Placed) -> set[bytes]:
        """The different messages that a thread sent, to anybody, after it had read something and before it read on."""
        sent: set[bytes] = set()
        for call in self.recording.calls[take.number + 1 :]:
            if (call.process, call.thread) != (take.call.process, take.call.thread):
                continue
            if call.call in ("recv", "read", "accept"):
                break
            if call.call in SENDS:
                sent.update(line for line in call.data.split(b"\n") if line)
        return sent

    def before(self, number: int, call: SocketCall) -> SocketCall | None:
        """The last call with which the same thread took something in, before a call."""
        same = (call.process, call.thread)
        for earlier in reversed(self.recording.calls[:number]):
            took = earlier.call in ("recv", "read", "accept") and earlier.returned and earlier.stack
            if took and (earlier.process, earlier.thread) == same:
                return earlier
        return None


def _connections(events: tuple[Event, ...]) -> Iterator[Connection]:
    last: dict[str, Connection] = {}
    for index, event in enumerate(events):
        if event.kind is Kind.CONNECTED:
            last[event.who] = Connection(event.who, index)
            yield last[event.who]
        connection = last.get(event.who)
        if connection is None:
            continue
        if event.kind is Kind.SENT:
            connection.sent_at[index] = len(connection.sent)
            connection.sent += event.data
        elif event.kind is Kind.RECEIVED:
            connection.got[index] = connection.received
            connection.received += len(event.data) + event.cut


def _match(connections: list[Connection], recording: Recording) -> None:
    """Give each connection the calls on it: accepted in the order in which they were opened, if the bytes agree."""
    by_socket: dict[str, list[tuple[int, SocketCall]]] = {}
    for number, call in enumerate(recording.calls):
        by_socket.setdefault(call.socket, []).append((number, call))
    by_peer: dict[str, list[str]] = {}
    for socket, peer in recording.peers.items():
        by_peer.setdefault(peer or socket, []).append(socket)
    free = list(connections)
    for number, call in enumerate(recording.calls):
        if call.call != "accept" or not call.made:
            continue
        sockets = by_peer.get(recording.peers.get(call.made, "") or call.made, [call.made])
        own = sorted((pair for s in sockets for pair in by_socket.get(s, ())), key=lambda pair: pair[0])
        takes = list(_placed(own, ("recv",)))
        found = next((c for c in free if c.fits(takes)), None)
        if found is None:
            continue
        free.remove(found)
        found.accept = Placed(number, call, 0, 0)
        found.calls, found.takes = own, takes
        found.reads = list(_placed(own, ("read",)))
        found.gives = list(_placed(own, SENDS))


def _placed(calls: list[tuple[int, SocketCall]], kinds: tuple[str, ...]) -> Iterator[Placed]:
    """The calls that carried bytes, each with its place; one that failed half-way ends what is known."""
    place = 0
    for number, call in calls:
        if call.call not in kinds or not call.returned:
            continue
        if call.error:
            if call.call == "sendall":
                return
            continue
        if call.count:
            yield Placed(number, call, place, place + call.count)
            place += call.count
