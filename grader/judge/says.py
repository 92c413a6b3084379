r"""What messages say, where their bytes alone would tell nobody: declared messages, Redis values, WebSocket frames.

    b"\x20\x04UN1X\x00\x00\x00\x2d"      plate plate="UN1X" timestamp=45

The bytes stay in the event; beside them stands how a play writes the message, for whoever reads the report.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.judge.laws import ACKNOWLEDGED
from grader.model import Event, Kind, Spec
from grader.wire.framing import Broken, Framing
from grader.wire.framings import framing


def with_words(events: Sequence[Event], spec: Spec) -> Sequence[Event]:
    """The events, those of messages with what they say; the same ones where bytes speak for themselves."""
    if all(_speaks_for_itself(framing(p)) for p in {spec.protocol, *(role.protocol for role in spec.roles)}):
        return events
    received: dict[str, Framing] = {}
    sent: dict[str, Framing] = {}
    told: list[Event] = []
    for event in events:
        says = ""
        if event.kind is Kind.CONNECTED:
            protocol = spec.protocol_of(event.who)
            received[event.who], sent[event.who] = framing(protocol), framing(protocol, sent=True)
            if _speaks_for_itself(received[event.who]):
                del received[event.who], sent[event.who]
        elif event.kind is Kind.RECEIVED and event.who in received and Broken.read(event.note) is None:
            says = received[event.who].text(event.data)
        elif event.kind is Kind.SENT and event.note in ("", ACKNOWLEDGED) and event.who in sent:
            says = " ".join(map(sent[event.who].text, sent[event.who].feed(event.data)))
        told.append(event._replace(says=says) if says else event)
    return told


def _speaks_for_itself(one: Framing) -> bool:
    return one.reads_itself and not one.codec
