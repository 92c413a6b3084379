"""`clients:`, `programs:` and `servers:`: who takes part in plays besides the server and its ordinary clients.

    clients:
      up: {listens: true}                                      the server under test calls it, at <port-of-up>
      net: {carries: true}                                     the network to the server, at <port-of-net>, over UDP
      news: {protocol: {transport: udp}, played_by: [n1, n2]}  another transport, the same number
    programs: {ana: {run: python3 client.py <host> <port>}}    a program of the submission's
    servers: {two: {run: python3 server.py <port-of-two>}}     a further server of the submission's

A name of the map is the name of the one who plays it, unless `played_by` lists others. Whoever is named here has no
`join:`; joining is connecting, or being started.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from grader.model import Protocol, Role
from grader.model.commands import PORTS
from grader.spec.commands import read_command
from grader.spec.complaints import joined, shown
from grader.spec.keys import Reading, Values
from grader.spec.names import RESERVED, is_word
from grader.spec.protocol import read_protocol

MOST = 50


def read_roles(reading: Reading, top: Values) -> tuple[Role, ...]:
    """Everybody who is named, in the order of the file. Commands are read when all names are known."""
    kinds = [(name, got, "clients") for name, got in top.get("clients", {}).items() if name != "any"]
    members = [(name, got, "programs") for name, got in top.get("programs", {}).items()]
    further = [(name, got, "servers") for name, got in top.get("servers", {}).items()]
    named = [*kinds, *members, *further]
    taken: set[str] = set()
    roles = []
    for number, (name, got, of) in enumerate(named):
        players = tuple(who for who, _ in got.get("played_by", ())) or (name,)
        for who in (*players, *((name,) if name not in players else ())):
            _check_name(reading, who, got, taken)
        carries = bool(got.get("carries"))
        listens = of == "servers" or carries or bool(got.get("listens"))
        port, protocol = got.get("port", ""), _protocol(reading, got, of)
        if carries and (protocol.transport != "udp" or players != (name,)):
            hint = f"Write {name}: {{carries: true}}, with `transport: udp`."
            reading.complain(got.place_of("carries"), f"{name} carries datagrams, for all who send to its port.", hint)
        roles.append(Role(name, players, protocol, port, listens, None, number, carries))
        if of == "clients":
            _check_port(reading, roles[-1], got, [x for x, _, kind in named if kind == "servers"])
    if len(named) > MOST:
        reading.complain(top.place, f"More than {MOST} kinds of clients, programs and servers.")
    reading.roles = tuple(roles)
    return tuple(_with_commands(reading, named))


def _check_name(reading: Reading, who: str, got: Values, taken: set[str]) -> None:
    if who in RESERVED or not is_word(who):
        reading.complain(got.place, f"{shown(who)} can't be the name of somebody who plays.", "Choose another name.")
    elif who in taken:
        reading.complain(got.place, f"{shown(who)} is named twice.")
    taken.add(who)


def _protocol(reading: Reading, got: Values, of: str) -> Protocol:
    if of == "programs":
        return Protocol()  # lines on a screen
    if any(key in got.places for key in ("protocol", "messages", "types")):
        return read_protocol(reading, got)
    return reading.protocol


def _check_port(reading: Reading, role: Role, got: Values, servers: list[str]) -> None:
    if not role.port:
        return
    if role.listens and not role.carries:
        reading.complain(got.place_of("port"), f"{role.name} listens: it has a port of its own.", "Remove `port`.")
    elif role.port not in PORTS and role.port not in servers:
        known = ["port2", *servers]
        message, hint = f"{shown(role.port)} is no port of a server.", f"Write {joined(known)}."
        reading.complaints.unknown(got.place_of("port"), message, role.port, known, hint)


def _with_commands(reading: Reading, named: list[tuple[str, Values, str]]) -> Iterator[Role]:
    for role, (_, got, of) in zip(reading.roles, named, strict=True):
        if of == "clients":
            yield role
            continue
        command = read_command(reading, got, program=True, told=of == "servers")
        yield replace(role, program=command)
        own = f"<port-of-{role.name}>"
        if of == "servers" and not any(own in text for text in command.told):
            hint = f"Write python3 server.py {own}."
            reading.complain(got.place_of("run"), f"The command of {role.name} does not say where its port goes.", hint)


def with_limits(roles: tuple[Role, ...], limits: Mapping[str, int]) -> tuple[Role, ...]:
    """The roles, whose programs may use no more than the server."""
    return tuple(r if r.program is None else replace(r, program=replace(r.program, limits=limits)) for r in roles)
