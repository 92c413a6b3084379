"""`life: submission`: one server for all checks of a submission, as one that has been up for a day would meet them.

Between two checks it is kept in its box, still running, and the next check takes it over. That is done only where the check
before came to its end with the server alive: after anything else the next check has a fresh one, so that one failure
does not become the next one's. The grader's clients leave in good order then: no play asked for a reset.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.clients.record import Record
from grader.model import SERVER, Kind
from grader.stage.launching import Start
from grader.stage.output import Heard
from grader.stage.server import Server

STILL_RUNNING = "still-running"
"""The note of the event that says: this server was not started for this check."""


@dataclass(slots=True)
class Kept:
    """A server that outlived a check, and how it was started."""

    server: Server
    start: Start
    port: int
    printed_port: int | None

    def taken_over(self, record: Record, heard: Heard) -> Server:
        """The server, which from now on is heard by the next check, in whose record it stands as started before."""
        record.note(SERVER, Kind.STARTED, note=" ".join(self.start.argv))
        record.note(SERVER, Kind.NOTED, note=STILL_RUNNING)
        self.server.output.tell(heard)
        return self.server

    def close(self) -> None:
        """Forget it; its box ends it."""
        self.server.close()
