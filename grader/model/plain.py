"""What is known of a server, its threads and the lines in which they stood, as plain values for results.json, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.model.transcripts import ServerFacts, SourceSpot, Thread

ENDS = ("port", "listening", "ready_after", "exit_status")


def a_spot(spot: SourceSpot | None) -> dict[str, Any] | None:
    """A line of code as plain values."""
    if spot is None:
        return None
    return {
        **{key: getattr(spot, key) for key in ("file", "line", "says", "recorded")},
        "excerpt": [[n, text] for n, text in spot.excerpt],
        "via": [[file, n] for file, n in spot.via],
    }


def read_spot(plain: Mapping[str, Any] | None) -> SourceSpot | None:
    """The line that was written."""
    if plain is None:
        return None
    excerpt = tuple((int(n), str(text)) for n, text in plain["excerpt"])
    via = tuple((str(file), int(n)) for file, n in plain.get("via", ()))
    return SourceSpot(plain["file"], plain["line"], excerpt, plain.get("says", ""), plain.get("recorded", ""), via)


def a_thread(thread: Thread) -> dict[str, Any]:
    """A thread as plain values."""
    return {
        **{key: getattr(thread, key) for key in ("name", "doing", "of_client", "unread", "wants")},
        "spot": a_spot(thread.spot),
        "calls": [a_spot(s) for s in thread.calls],
        "holds": [a_spot(s) for s in thread.holds],
    }


def read_thread(plain: Mapping[str, Any]) -> Thread:
    """The thread that was written; earlier graders knew less of it."""
    return Thread(
        plain["name"],
        plain["doing"],
        plain["of_client"],
        plain["unread"],
        read_spot(plain["spot"]),
        _spots(plain.get("calls", ())),
        _spots(plain.get("holds", ())),
        plain.get("wants", ""),
    )


def a_server(server: ServerFacts) -> dict[str, Any]:
    """How a server was run, as plain values."""
    ends = {key: getattr(server, key) for key in ENDS}
    return {"argv": [*server.argv], **ends, "caught": [a_spot(s) for s in server.caught]}


def read_server(plain: Mapping[str, Any]) -> ServerFacts:
    """What was written of how a server was run."""
    port, listening, ready_after, exit_status = (plain[key] for key in ENDS)
    caught = _spots(plain.get("caught", ()))
    return ServerFacts(tuple(plain["argv"]), port, listening, ready_after, exit_status, caught)


def _spots(plain: Sequence[Mapping[str, Any]]) -> tuple[SourceSpot, ...]:
    return tuple(s for x in plain if (s := read_spot(x)) is not None)
