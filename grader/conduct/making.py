"""The client that a name of a play stands for: over TCP, TLS on top of it, or datagrams."""

from __future__ import annotations

from grader.clients.client import Client
from grader.clients.datagrams import DatagramClient
from grader.clients.record import Record
from grader.clients.tls import TlsClient
from grader.model import Spec
from grader.stage.box import Box
from grader.wire.framings import framing


def made(box: Box, record: Record, spec: Spec, name: str, host: str) -> Client:
    """A client that is not connected yet; `host` is where it will call."""
    protocol = spec.protocol_of(name)
    if protocol.transport == "udp":
        anywhere, again = protocol.replies == "anywhere", protocol.repeats == "ignored"
        return DatagramClient(name, box.socket("U"), record, framing(protocol), anywhere=anywhere, again=again)
    kind = TlsClient if protocol.transport == "tls" else Client
    return kind(name, box.socket("6" if ":" in host else "4"), record, framing(protocol))
