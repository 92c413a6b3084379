"""What a play does that no server sees: time passes, the network misbehaves, a client stops to answer by itself.

`(waits 1s)` is for what a protocol promises by the clock: nobody is waited for, so time itself is. It is never cut short
but by the end of the server, and never used in order to find out whether something has come. How long server or grader waited
for a processor meanwhile is recorded, and whether it took too long: a failure behind such a wait is nobody's fault.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Mapping

from grader.clients.client import Client
from grader.clients.datagrams import DatagramClient
from grader.clients.readers import Readers
from grader.clients.record import Record
from grader.conduct.waiting import Waiter
from grader.judge.timing import OVERSLEPT, delay_note, wait_note
from grader.model import SERVER, Kind, Line, Verb
from grader.spec.endings import duration
from grader.stage.server import Server

LATE = 0.1
"""A wait may take so many seconds too long, or such a part of it."""
NOW_AND_THEN = 0.05
"""Seconds after which a crowd, which nobody else reads, is read again, and what a server left behind is looked for."""


class Surroundings:
    """Of one check. `running` says which server there is, if any; `clients` are those of the conductor."""

    def __init__(
        self, record: Record, clients: Mapping[str, Client], readers: Readers, waiter: Waiter, running: Callable[[], Server | None]
    ) -> None:  # fmt: skip
        self._record = record
        self._clients = clients
        self._readers = readers
        self._waiter = waiter
        self._running = running
        self.stopped = False
        """Whether the play has stopped the server: that there is none then ends no wait."""
        self.doings: Mapping[Verb, Callable[[Line], None]] = {
            Verb.WAITS: self._wait, Verb.LOSES: self._network, Verb.DOUBLES: self._network, Verb.SWAPS: self._network,
            Verb.ACKNOWLEDGES: self._acknowledging, Verb.DOES_NOT_ACKNOWLEDGE: self._acknowledging,
        }  # fmt: skip

    def _wait(self, line: Line) -> None:
        """Let time pass. What comes meanwhile is recorded; the end of the server ends it."""
        seconds, server = duration(line.argument) or 0.0, self._running()
        clock, until = self._waiter.clock(reading=self._readers.crowd), time.monotonic() + seconds
        ending = None if self.stopped else server
        while (left := until - time.monotonic()) > 0:
            ended = ending is not None and ending.ended
            self._waiter.note_end()
            if ending is not None and ending.noted_end:
                break
            # Where it has ended and left something behind, which runs on, nothing tells when that ends.
            self._pause(min(left, NOW_AND_THEN) if ended or self._readers.crowd else left, None if ended else ending)
        late = time.monotonic() - until
        if clock is not None:
            self._record.note(SERVER, Kind.NOTED, note=delay_note(line.step, clock.delayed()))
        if late > max(LATE, seconds * LATE):
            self._record.note(SERVER, Kind.NOTED, note=OVERSLEPT)
        for name in line.who:
            self._record.note(name, Kind.NOTED, note=wait_note(line.argument), step=line.step)

    def _pause(self, seconds: float, ending: Server | None) -> None:
        if self._readers.crowd:
            self._readers.attending(list(self._clients.values()))(0)
        select.select([] if ending is None else [ending.pidfd], [], [], seconds)

    def _acknowledging(self, line: Line) -> None:
        """Whether clients answer by themselves from now on."""
        for name in line.who:
            self._clients[name].acknowledges = line.verb is Verb.ACKNOWLEDGES
            self._record.note(name, Kind.NOTED, note=str(line.verb), step=line.step)

    def _network(self, line: Line) -> None:
        """What the network is to do with a client's next datagrams."""
        for name in line.who:
            client = self._clients[name]
            if isinstance(client, DatagramClient):
                client.meddle(line.verb, int(line.argument or 1))
            self._record.note(name, Kind.NOTED, note=f"{line.verb} {line.argument}".strip(), step=line.step)
