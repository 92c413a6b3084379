"""`server (is tidy)`: what a server holds at rest, or when it is known that there will be no rest."""

from __future__ import annotations

from grader.clients.record import Record
from grader.conduct.own_time import OwnTime
from grader.conduct.waiting import Waiter
from grader.judge.tidy import audit_note
from grader.model import SERVER, Evidence, Kind
from grader.stage.audit import audit, ran
from grader.stage.server import Server


def look_closely(server: Server, waiter: Waiter, record: Record, step: int) -> None:
    """Record how many processes, threads, files and ports it has, and how busy it is."""
    before, clock = ran(server.living()), OwnTime(server)
    waited = waiter.quiet()
    waiter.note_end()
    living = server.living()
    # A server that was proven quiet did nothing; of any other it is known how long it ran, of the time that it could.
    busy = 0.0 if waited.evidence is not Evidence.DEADLINE else (ran(living) - before) / max(clock.passed(), 0.001)
    held = audit(living, ports=len(server.listeners()), busy=max(busy, 0.0))
    record.note(SERVER, Kind.NOTED, note=audit_note(held.facts()), step=step)
    record.note(SERVER, Kind.WAITED, note=str(waited.evidence), step=step)
