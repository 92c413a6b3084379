"""Limits that a server met, as findings: named first, because what follows from them tells less.

The stage notes each limit that was met with its figures; two more show in how the server ended, since the kernel keeps
them by a signal. A server that met a limit and passed nevertheless keeps its points: then it is only a remark.
"""

from __future__ import annotations

from collections.abc import Sequence
from signal import SIGXCPU, SIGXFSZ

from grader.model import Event, Evidence, Finding, Kind

NOTE = "limit "
ENDS = {"memory", "entries"}
"""Limits whose meeting ends the server."""
MEASURED_IN = {"memory": 1 << 20, "disk": 1 << 20, "file-size": 1 << 20, "output": 1 << 10}
"""Bytes of the unit that a figure is told in; the others are numbers of things."""
BY_SIGNAL = {-SIGXCPU: "seconds", -SIGXFSZ: "file-size"}
FOLLOWS = ("exited", "exited-early")
TELLS = {Kind.NOTED, Kind.EXITED}


def note(limit: str, used: int, most: int) -> str:
    """The note of the event that says that a limit was met."""
    return f"{NOTE}{limit} {used} {most}"


def met(events: Sequence[Event]) -> list[Finding]:
    """A finding for each limit that was met, those first that ended the server."""
    found: dict[str, Finding] = {}
    for index, event in enumerate(events):
        if event.kind not in TELLS:
            continue
        if event.kind is Kind.NOTED and event.note.startswith(NOTE):
            name, used, most = event.note.removeprefix(NOTE).split()
            unit = MEASURED_IN.get(name, 1)
            facts = {"used": -(-int(used) // unit), "most": int(most) // unit}
            found.setdefault(name, Finding(f"limit-{name}", facts, (index,)))
        elif event.kind is Kind.EXITED and event.note.lstrip("-").isdigit() and int(event.note) in BY_SIGNAL:
            name = BY_SIGNAL[int(event.note)]
            found.setdefault(name, Finding(f"limit-{name}", {}, (index,)))
    return [found[name] for name in sorted(found, key=lambda n: n not in ENDS)]


def with_limits(
    findings: list[Finding], remarks: list[Finding], events: Sequence[Event], evidence: Evidence
) -> tuple[list[Finding], list[Finding], Evidence]:
    """Findings and remarks with the limits that were met, and what the whole now rests on."""
    limits = met(events)
    if not limits:
        return findings, remarks, evidence
    reasons = [f for f in limits if f.code != "limit-output"]
    if not (findings and reasons):
        return findings, [*remarks, *limits], evidence
    ended = any(f.code.removeprefix("limit-") in {*ENDS, *BY_SIGNAL.values()} for f in reasons)
    rest = [f for f in findings if f.code not in FOLLOWS] if ended else findings
    others = [f for f in limits if f not in reasons]
    return [*reasons, *rest], [*remarks, *others], Evidence.SEEN if ended else evidence
