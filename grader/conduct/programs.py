"""The clients of a play that are programs of the submission: each is started in the box, told where the server is."""

from __future__ import annotations

import shlex

from grader.clients.client import Client
from grader.clients.record import Record
from grader.conduct.given_up import GivenUp
from grader.conduct.ports import Ports
from grader.conduct.program_client import ProgramClient
from grader.conduct.server_acts import READY_SECONDS, STOP_SECONDS
from grader.conduct.waiting import Waiter
from grader.model import Command, Kind, Line, Spec
from grader.stage.box import Box
from grader.stage.launchers import prepared


class Programs:
    """Starts them. `name in programs` tells whether a client is one."""

    def __init__(
        self, box: Box, record: Record, waiter: Waiter, command: Command | None, spec: Spec, ports: Ports
    ) -> None:
        self._box = box
        self._record = record
        self._waiter = waiter
        self._command = command
        self._spec = spec
        self._ports = ports
        self._names = frozenset(spec.programs)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def start(self, name: str, address: tuple[str, int], step: int) -> ProgramClient:
        """Start a client's program. ``<name>`` in its command is the client's."""
        role = self._spec.role_of(name)
        command = (role.program if role is not None else self._command) or Command("")
        argv = [word.replace("<name>", name) for word in shlex.split(command.run)]
        start = prepared(command, argv, [address[1]] * 9, self._box.view.work, self._ports.others)
        for file, content in start.files.items():
            self._box.write(file, content)
        client = ProgramClient(name, self._record, self._box)
        client.start(start.argv, start.environment, step, start.limits)
        for _, answer in start.answers:
            client.type(answer.encode() + b"\n")
        return client

    def await_listener(self, name: str, client: Client) -> None:
        """Wait until a further server listens. Raises GivenUp."""
        role = self._spec.role_of(name)
        if role is None or not role.serves or not isinstance(client, ProgramClient):
            return
        port, udp = self._ports.others[role.name], role.protocol.transport == "udp"

        def listens() -> bool:
            rows = self._box.diag.datagram_rows() if udp else self._box.diag.rows()
            return client.ended or any(row.here[1] == port for row in rows)

        waited = self._waiter.until(
            listens, deadline=READY_SECONDS, horizon=READY_SECONDS, trust_cycles=False, pause=client.wait_for_end
        )
        if not waited.seen or client.ended:
            raise GivenUp(name, f"program-not-listening {port}", waited)

    def exits(self, client: Client, line: Line) -> None:
        """A program must end by itself. Raises GivenUp."""
        if not isinstance(client, ProgramClient):
            raise GivenUp(client.name, "broke-off", self._waiter.quiet())
        waited = self._waiter.until(
            lambda: client.ended,
            deadline=STOP_SECONDS,
            horizon=STOP_SECONDS,
            trust_cycles=False,
            pause=client.wait_for_end,
        )
        if not waited.seen:
            raise GivenUp(client.name, "program-stays", waited)
        self._record.note(client.name, Kind.NOTED, note="looked", step=line.step)
