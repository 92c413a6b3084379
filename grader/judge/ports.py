"""Is the server where it ought to be: on the port that it was told, or on the one that it printed."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Event, Finding, Kind

LISTENS_AT = "listens-at"
"""The note that says at which address the server listens, and at which its clients call: another one."""
PRINTED_PORT = "printed-port"
"""The note that says, behind a space, which port the server printed; 0 if it printed none."""

OWN_PORT = "own-port"
"""The note that says, behind a space, at which port a participant of its own listens."""

ELSEWHERE = "other-transport"
"""The note of a transport on which the server is not where it ought to be: which, the port, and where it is, 0 if nowhere."""


def own_port(note: str) -> str:
    """The port that such a note tells; empty if it tells none."""
    return note[len(OWN_PORT) + 1 :] if note.startswith(f"{OWN_PORT} ") else ""


def misplaced(events: Sequence[Event], at: int, port: int) -> Finding | None:
    """What is wrong with the port, seen at the event `at`; `port` is the one that was told, 0 if any will do."""
    listening = [int(e.note) for e in events[:at] if e.kind is Kind.LISTENING]
    if found := misprinted(events[:at], at):
        return found
    if listening and port and listening[-1] != port:
        return Finding("wrong-port", {"port": port, "listening": listening[-1]}, (at,))
    for event in events[:at]:
        if event.kind is Kind.NOTED and event.note.startswith(f"{ELSEWHERE} "):
            transport, wanted, elsewhere = event.note.split()[1:]
            if int(elsewhere):
                return Finding("wrong-port", {"port": int(wanted), "listening": int(elsewhere)}, (at,))
            return Finding("port-missing", {"port": int(wanted), "transport": transport.upper()}, (at,))
    return None


def misprinted(events: Sequence[Event], at: int) -> Finding | None:
    """The server had to print its port, and printed none, or another one; None if nothing is wrong with that."""
    said = [int(e.note.split()[1]) for e in events if e.kind is Kind.NOTED and e.note.startswith(PRINTED_PORT)]
    listening = [int(e.note) for e in events if e.kind is Kind.LISTENING]
    if not said or not listening or said[-1] == listening[-1]:
        return None
    code = "other-port-printed" if said[-1] else "port-not-printed"
    return Finding(code, {"printed": said[-1], "listening": listening[-1]}, (at,))
