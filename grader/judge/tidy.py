"""Does a server keep something of everybody who has come and gone?

`server (is tidy)` stands in a play after each of several waves of clients, when all of them have left. What the server
holds is noted there. A pool of threads fills up with the first wave, a log file is opened once; only what grows with each
of the last two waves, by at least one for every two clients, would grow for ever. And nobody is there: a server that
keeps a processor busy now, and so can't be proven quiet, runs in circles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.model import GATHERED, SERVER, Cause, Event, Finding, Kind, Verdict

WORD = "audit"
KEPT = ("processes", "threads", "files", "ended")
BUSY = 50
"""Percent of a processor from which on a server without clients is busy."""
SAID_BY = {"busy-loop": "left-busy", "descriptor-leak": "left-open"}
"""Causes that tell what a remark would tell again."""
_FACT = re.compile(r"(\w+)=(\d+)")


def audit_note(facts: Mapping[str, int]) -> str:
    """What the event of an audit says."""
    return " ".join([WORD, *(f"{name}={value}" for name, value in facts.items())])


def left(events: Sequence[Event], end: int) -> list[Finding]:
    """Remarks on what was left when the last client had gone: the audit that stands behind the end of the transcript."""
    for at in range(len(events) - 1, end, -1):
        event = events[at]
        if event.who == SERVER and event.kind is Kind.NOTED and event.note.startswith(f"{WORD} "):
            facts = {name: int(value) for name, value in _FACT.findall(event.note)}
            told = (
                {"count": facts.get("open", 0), "of": facts.get("of", 0)},
                {"count": facts.get("outlived", 0)},
                {"spent": facts.get("spent", 0)},
            )
            found = zip(GATHERED, told, strict=True)
            return [Finding(code, more, (at,)) for code, more in found if next(iter(more.values()))]
    return []


def left_everywhere(verdicts: Sequence[Verdict], causes: Sequence[Cause] = ()) -> tuple[Finding, ...]:
    """These remarks of all checks in one for each kind: the one that shows most, and in how many checks it was so.

    What a cause tells already is not remarked on as well.
    """
    found = []
    named = {SAID_BY[cause.code] for cause in causes if cause.code in SAID_BY}
    for code in (one for one in GATHERED if one not in named):
        told = [r for v in verdicts for r in {r.code: r for r in v.remarks if r.code == code}.values()]
        if told:
            most = max(told, key=lambda remark: int(str(remark.facts.get("count") or remark.facts.get("spent") or 0)))
            found.append(replace(most, facts={**most.facts, "checks": len(told)}, events=()))
    return tuple(found)


Told = tuple[int, Mapping[str, int], int]
"""Where an audit was made, what it says, and how many clients had connected since the one before."""


def untidy(events: Sequence[Event], at: int) -> Finding | None:
    """What is wrong at the audit with this index."""
    told = _audits(events, at)
    if not told or told[-1][0] != at:
        return None
    _, now, came = told[-1]
    if now.get("busy", 0) >= BUSY:
        return Finding("spins", {"percent": min(now["busy"], 100)}, (at,))
    if len(told) < 3:
        return None
    (_, first, _), (_, second, came_before) = told[-3:-1]
    for name in KEPT:
        grew = now.get(name, 0) - second.get(name, 0), second.get(name, 0) - first.get(name, 0)
        if came and came_before and grew[0] * 2 >= came and grew[1] * 2 >= came_before:
            facts = {
                "kept": name,
                "before": first.get(name, 0),
                "after": now.get(name, 0),
                "clients": came + came_before,
            }
            return Finding(f"keeps-{name}", facts, (at,))
    return None


def _audits(events: Sequence[Event], until: int) -> list[Told]:
    found: list[Told] = []
    came = 0
    for index, event in enumerate(events[: until + 1]):
        if event.kind is Kind.CONNECTED:
            came += 1
        elif event.who == SERVER and event.kind is Kind.NOTED and event.note.startswith(f"{WORD} "):
            found.append((index, {name: int(value) for name, value in _FACT.findall(event.note)}, came))
            came = 0
    return found
