"""Who takes part in a play besides the server and its ordinary clients: clients of another kind, and further programs.

clients: {up: {listens: true}}              the server under test calls it: the grader is the server behind a proxy
clients: {news: {protocol: …, port: port2}} speaks in another way, or at another port, than the others
clients: {net: {carries: true}}             no client: the network between programs that speak in datagrams
programs: {ana: {run: …}}                   a program of the submission that is typed to and read at its terminal
servers: {two: {run: …}}                    a further server of the submission, which listens at a port of its own
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.commands import Command
from grader.model.protocols import Protocol

PORTS_FROM = 10
"""The ports of roles come so far behind the first one of the server."""


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of participant. `played_by` are its names in plays.

    `port` is where such a client calls if its play says nothing: `port2`, or the name of a further server.
    """

    name: str
    played_by: tuple[str, ...]
    protocol: Protocol
    port: str = ""
    listens: bool = False
    """It is called, at a port of its own: by the server under test, or, where it is a `program`, by clients."""
    program: Command | None = None
    number: int = 0
    carries: bool = False
    """It is no client but a network: what is sent to its port goes on to the server, or to whoever stands under `port`."""

    @property
    def called(self) -> bool:
        """Whether it is a client of the grader's that waits to be called."""
        return self.listens and self.program is None and not self.carries

    @property
    def serves(self) -> bool:
        """Whether it is a further server of the submission."""
        return self.listens and self.program is not None

    def own_port(self, first: int) -> int:
        """Its port, where the first one of the server is `first`."""
        return first + PORTS_FROM + self.number


def port_of(name: str) -> str:
    """The placeholder of the port of a role, and the name under which plays know its value."""
    return f"port-of-{name}"
