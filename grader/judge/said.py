"""The laws of a chat whose wording nobody knows: what was said is counted in the bytes that each client got.

Nothing is held against a server but its own words: a text that one client said, and that another got more often than it
was said, has been doubled, whatever stands around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.judge.laws import Breach
from grader.model import Check, Event, Finding, Kind, Spec
from grader.wire.framings.heard import BETWEEN
from grader.wire.parts import to_bytes


def demanded(
    check: Check, spec: Spec, findings: list[Finding], remarks: list[Finding]
) -> tuple[list[Finding], list[Finding]]:
    """Findings and remarks as they count: what a course did not demand is told, and costs nothing."""
    if not check.demand or check.demand in spec.demands:
        return findings, remarks
    return [], [*remarks, *findings]


def doubled(spec: Spec, own: set[str], events: Sequence[Event]) -> Iterator[tuple[tuple[int, ...], Breach]]:
    """Texts that somebody else got more often than they were said, where a check carries that law."""
    if not (spec.discover and "doubled" in own):
        return
    protocol = spec.protocol
    times = int(protocol.settings.get("times", 1))
    sent: dict[str, bytes] = {}
    got: dict[str, bytes] = {}
    for event in events:
        if event.kind in (Kind.SENT, Kind.RECEIVED):
            streams = sent if event.kind is Kind.SENT else got
            streams[event.who] = streams.get(event.who, b"") + event.data
    for text in str(protocol.settings.get("said", "")).split(BETWEEN):
        data = to_bytes(text)
        for who, stream in got.items():
            said = sum(s.count(data) for name, s in sent.items() if name != who)
            heard = stream.count(data)
            if text and said and who_is_other(sent, who, data) and heard > said * times:
                at = tuple(
                    i for i, e in enumerate(events) if e.who == who and e.kind is Kind.RECEIVED and data in e.data
                )
                yield (
                    at,
                    Breach("doubled", "doubled", who, {"who": [who], "got": text, "count": heard}, set_aside=False),
                )


def who_is_other(sent: dict[str, bytes], who: str, data: bytes) -> bool:
    """Whether a client has not said this itself: its own words may come back to it as well."""
    return data not in sent.get(who, b"")
