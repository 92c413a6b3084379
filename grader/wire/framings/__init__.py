"""The framings, each in a file of its own; a new one is a file and its line here.

framing(spec.protocol)              for what a client receives
framing(spec.protocol, sent=True)   for what it sends
"""

from __future__ import annotations

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, Framing
from grader.wire.framings import (  # noqa: F401  each files itself under its name
    counted,
    datagram,
    fixed,
    header,
    heard,
    json_values,
    length,
    line,
    messages,
    python,
    quiet,
    resp,
    until,
    websocket,
)

__all__ = ["FRAMINGS", "Framing", "framing"]


def framing(protocol: Protocol, *, sent: bool = False) -> Framing:
    """A framing for one connection and one direction."""
    return FRAMINGS.get(protocol.framing)(protocol, sent=sent)
