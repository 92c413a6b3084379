"""The client that a name of a play stands for, over TCP, TLS on top of it, or datagrams; and which port it calls."""

from __future__ import annotations

from grader.clients.client import Client
from grader.clients.datagrams import DatagramClient
from grader.clients.record import Record
from grader.clients.tls import TlsClient
from grader.conduct.given_up import GivenUp
from grader.conduct.waiting import Waited
from grader.judge.follow import Follow
from grader.model import Evidence, Line, Spec, Verb
from grader.stage.box import Box
from grader.wire.framings import framing

MOST = 65536
"""More than any port."""


def made(box: Box, record: Record, spec: Spec, name: str, host: str) -> Client:
    """A client that is not connected yet; `host` is where it will call."""
    protocol = spec.protocol_of(name)
    if protocol.transport == "udp":
        anywhere, again = protocol.replies == "anywhere", protocol.repeats == "ignored"
        return DatagramClient(name, box.socket("U"), record, framing(protocol), anywhere=anywhere, again=again)
    kind = TlsClient if protocol.transport == "tls" else Client
    return kind(name, box.socket("6" if ":" in host else "4"), record, framing(protocol))


def port_called(spec: Spec, follow: Follow, name: str, line: Line, seed: int) -> str:
    """The port that somebody calls: what the play says, else what its kind says; empty for the server's first one."""
    role = spec.role_of(name)
    port = line.argument if line.verb is Verb.CONNECTS else ""
    port = port or (role.port if role is not None else "")
    if "<" not in port:
        return port
    said = follow.template(line).fill(follow.known, seed=seed)
    if not (said.isascii() and said.isdecimal() and 0 < int(said[:6]) < MOST):
        raise GivenUp(name, f"no-port {said[:40]}", Waited(True, Evidence.SEEN))
    return said
