"""What results.json says of a server, its threads, their lines, and of how points add up, as plain values, and back."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from grader.model.grades import Grade
from grader.model.plays import Check
from grader.model.scoring import Group, Manual, Milestone, Tier
from grader.model.transcripts import Event, Kind, ServerFacts, SourceSpot, Thread

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


def a_scoring(grade: Grade) -> dict[str, Any]:
    """How the points of a grade add up, where there is more to it than a sum."""
    kinds = (("groups", grade.groups), ("manual", grade.manual), ("milestones", grade.milestones))
    return {name: [asdict(one) for one in several] for name, several in kinds if several}


def read_scoring(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a grade that were written."""
    return {
        "groups": tuple(Group(**one) for one in plain.get("groups", ())),
        "manual": tuple(Manual(**one) for one in plain.get("manual", ())),
        "milestones": tuple(
            Milestone(one["id"], one["title"], tuple(one["checks"])) for one in plain.get("milestones", ())
        ),
    }


def a_worth(check: Check) -> dict[str, Any]:
    """What is special about a check's points; nothing where they are plain points."""
    told = {"group": check.group, "of": check.of, "bonus": check.bonus, "penalty": check.penalty}
    gate = {"gate": check.gate} if check.gate is not None else {}
    tiers = {"tiers": [asdict(one) for one in check.tiers]} if check.tiers else {}
    return {**{key: value for key, value in told.items() if value}, **gate, **tiers}


def read_worth(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a check that were written."""
    return {
        "group": plain.get("group", ""),
        "of": plain.get("of", ""),
        "bonus": plain.get("bonus", False),
        "penalty": plain.get("penalty", 0.0),
        "gate": plain.get("gate"),
        "tiers": tuple(Tier(**one) for one in plain.get("tiers", ())),
    }


def an_event(event: Event) -> dict[str, Any]:
    """An event as plain values: bytes as text where they are UTF-8; what is empty is left out."""
    plain: dict[str, Any] = {"t": event.t, "who": event.who, "kind": event.kind.value}
    if event.step is not None:
        plain["step"] = event.step
    if event.data:
        try:
            plain["text"] = event.data.decode()
        except UnicodeDecodeError:
            plain["b64"] = base64.b64encode(event.data).decode()
    if event.note:
        plain["note"] = event.note
    if event.cut:
        plain["cut"] = event.cut
    if event.says:
        plain["says"] = event.says
    return plain


def read_event(plain: Mapping[str, Any]) -> Event:
    """The event that was written."""
    return Event(
        t=plain["t"],
        who=plain["who"],
        kind=Kind(plain["kind"]),
        data=base64.b64decode(plain["b64"]) if "b64" in plain else plain.get("text", "").encode(),
        note=plain.get("note", ""),
        step=plain.get("step"),
        cut=plain.get("cut", 0),
        says=plain.get("says", ""),
    )
