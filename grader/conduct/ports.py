"""Who listens where in one check: the ports of the server by transport, and those of everybody else who listens.

One number is enough for most servers. One that speaks TCP and UDP may have both on the same port, or on two; a further
server of the submission and a client of ours that is called have a port of their own each (`Role.own_port`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.judge.ports import ELSEWHERE, LISTENS_AT
from grader.model import Spec
from grader.model.commands import PORTS
from grader.stage.box import Box
from grader.stage.launching import Start
from grader.stage.output import Heard
from grader.stage.server import ANY_HOST, Listener, Server


@dataclass(frozen=True, slots=True)
class Ports:
    """`wanted` has, for each port of the server by its name, the transports on which it is to listen there."""

    wanted: Mapping[str, frozenset[str]] = field(default_factory=lambda: {"port": frozenset({"tcp"})})
    others: Mapping[str, int] = field(default_factory=dict)
    first: str = "tcp"
    """The transport of ordinary clients."""
    shared: bool = False
    """Whether others than the server listen, or speak to each other, in its network."""

    @property
    def transports(self) -> frozenset[str]:
        """All of them."""
        return frozenset(one for several in self.wanted.values() for one in several)

    def server(self, box: Box, start: Start, heard: Heard) -> Server:
        """Start a server that is to listen there."""
        return Server(
            box,
            start.argv,
            heard,
            start.environment,
            transports=self.transports,
            shared=self.shared,
            limits=start.limits,
        )

    def missing(self, found: set[tuple[str, int]], ports: tuple[int, ...]) -> bool:
        """Whether the server does not listen yet where it ought to; `ports` are its own, in their order."""
        if not ports:
            return not self.transports.issubset({transport for transport, _ in found})
        named = zip(PORTS, ports, strict=False)
        return any((one, port) not in found for name, port in named for one in self.wanted.get(name, {self.first}))

    def notes(
        self, found: Sequence[Listener], ports: tuple[int, ...], listener: Listener | None, called: str
    ) -> Iterator[str]:
        """What is to be noted of where the server listens: another address than the one `called`, a port that is missing."""
        if listener is not None and listener.host not in ANY_HOST and listener.address[0] != called:
            yield f"{LISTENS_AT} {listener.host} {called}"
        for astray in self._astray({(x.transport, x.port) for x in found}, ports):
            yield " ".join(map(str, (ELSEWHERE, *astray)))

    def _astray(self, found: set[tuple[str, int]], ports: tuple[int, ...]) -> Iterator[tuple[str, int, int]]:
        """Of each transport that is missing where it ought to be: which, the port, and where it is, 0 if nowhere."""
        for name, port in zip(PORTS, ports, strict=False):
            for one in sorted(self.wanted.get(name, {self.first})):
                if (one, port) not in found and (name, one) != ("port", self.first):
                    yield one, port, min((p for t, p in found if t == one and p not in ports), default=0)


def carried(transport: str) -> str:
    """What the kernel sees of a transport: datagrams, or a connection, whatever is on top of it."""
    return "udp" if transport == "udp" else "tcp"


def ports_of(spec: Spec, first: int) -> Ports:
    """The ports of a spec's plays, where the first one of the server is `first`."""
    main = carried(spec.protocol.transport)
    wanted: dict[str, set[str]] = {"port": {main}}
    for role in spec.roles:
        if role.program is None and not role.listens and (role.port or "port") in PORTS:
            wanted.setdefault(role.port or "port", set()).add(carried(role.protocol.transport))
    others = {role.name: role.own_port(first) for role in spec.roles if role.listens}
    shared = any(role.listens or role.program is not None for role in spec.roles)
    return Ports({name: frozenset(several) for name, several in wanted.items()}, others, main, shared)
