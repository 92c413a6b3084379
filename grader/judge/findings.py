"""Findings put together: alike ones gathered, breaches summed up, exit statuses and evidence named.

Everything here is a small function from values to values; the walk through a transcript stands in `verdict.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from signal import Signals

from grader.judge.laws import Breach
from grader.judge.pairing import Message
from grader.judge.show import shown
from grader.model import SERVER, Event, Evidence, Facts, Finding, Kind
from grader.wire.framing import Broken
from grader.wire.match import Misfit, to_text

MOST_EVENTS = 400
"""Events that one finding keeps: what a page does not know to be wrong it would draw as if it were right."""
WEAKEST_LAST = (Evidence.SEEN, Evidence.QUIET, Evidence.FENCE, Evidence.DEADLINE)


def came_instead(who: str, text: str, message: Message, misfit: Misfit | None, at: tuple[int, ...]) -> Finding:
    """Another message than the one that was due, and why it does not fit."""
    facts: dict[str, object] = {"who": [who], "text": text, "got": shown(message.text)}
    if misfit is not None and (misfit.why != "differs" or misfit.facts["at"]):
        # Where nothing at all is alike, the two texts say it themselves.
        facts |= {"why": misfit.why, **{name: _plain(value) for name, value in misfit.facts.items()}}
    return Finding("came-instead", facts, at)


def broken_off(who: str, message: Message, at: tuple[int, ...]) -> Finding | None:
    """The stream could not be read any further, if that is what the message says."""
    if message.broken is None:
        return None
    facts = {"who": [who], "got": shown(message.whole), **message.broken.facts}
    return Finding(f"broken-{message.broken.why}", facts, at)


def given_up(events: Sequence[Event], event: Event, port: int) -> dict[str, object]:
    """The facts of an act that was given up."""
    code, _, detail = event.note.partition(" ")
    if code == "no-handshake":
        return not_opened(events, event.who)
    if code in ("no-port", "no-number", "program-not-listening"):
        return {"who": [event.who], "text": shown(detail)}
    if code == "no-tls":
        what, _, said = detail.partition(" ")
        return not_opened(events, event.who) | {"alert": None, "certificate": None} | ({what: said} if what else {})
    facts: dict[str, object] = {"who": [event.who]} if event.who != SERVER else {}
    return facts | {"port": port, "signal": detail or None, "unread": int(detail) if detail.isdigit() else 0}


def not_opened(events: Sequence[Event], who: str) -> dict[str, object]:
    """What a client got instead of the answer that opens the connection, if anything."""
    got = (e.data for e in events if e.who == who and e.kind is Kind.RECEIVED and Broken.read(e.note) is not None)
    return {"who": [who], "got": shown(to_text(next(got, b"")))}


def exit_facts(events: Sequence[Event], index: int) -> dict[str, object]:
    """How the server ended, as the event at `index` says it, and the last line of what it printed by then."""
    note = events[index].note
    status = int(note) if note.lstrip("-").isdigit() else None
    errors = b"".join(e.data for e in events[: index + 50] if e.kind is Kind.ERRORS).decode(errors="replace").strip()
    last = errors.splitlines()[-1] if errors else ""
    return {"status": status, "signal": signal_name(status), "last": shown(last)}


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [shown(str(item)) for item in value]
    return shown(value) if isinstance(value, str) else value


def evidence(note: str) -> Evidence:
    return Evidence(note) if note in Evidence.__members__.values() else Evidence.SEEN


def rank(evidence: Evidence) -> int:
    return WEAKEST_LAST.index(evidence) if evidence in WEAKEST_LAST else -1


def gathered(found: list[Finding]) -> list[Finding]:
    """Findings that differ only in whom they concern become one."""
    gathered: dict[tuple[str, str], Finding] = {}
    for finding in found:
        key = (finding.code, str({k: v for k, v in finding.facts.items() if k not in ("who", "aside")}))
        if key in gathered:
            other = gathered[key]
            both = [*names(other), *(n for n in names(finding) if n not in names(other))]
            gathered[key] = Finding(other.code, {**other.facts, "who": both}, (*other.events, *finding.events))
            continue
        gathered[key] = finding
    return list(gathered.values())


def names(finding: Finding) -> list[str]:
    who = finding.facts.get("who", [])
    return list(who) if isinstance(who, list) else []


def by_code(breaches: list[tuple[tuple[int, ...], Breach]]) -> Iterator[Finding]:
    """One finding for each kind of breach, with the first line as the example and how many there were."""
    kinds: dict[str, list[tuple[tuple[int, ...], Breach]]] = {}
    for at, breach in breaches:
        kinds.setdefault(breach.code, []).append((at, breach))
    for code, several in kinds.items():
        facts = dict(several[0][1].facts)
        alike = [b for _, b in several if but_who(b.facts) == but_who(several[0][1].facts)]
        facts["who"] = list(dict.fromkeys(b.who for b in alike))
        got = [g for _, b in several for g in as_list(b.facts.get("got"))]
        if got:
            facts["got"] = [shown(g) for g in got[:5]] if isinstance(facts.get("got"), list) else shown(got[0])
        if code not in ("lost", "two-notices"):
            facts["count"] = len(several)
        yield Finding(code, facts, tuple(i for at, _ in several for i in at)[:MOST_EVENTS])


def but_who(facts: Facts) -> dict[str, object]:
    return {k: v for k, v in facts.items() if k != "who"}


def signal_name(status: int | None) -> str | None:
    """The name of the signal that ended a process, as its exit status tells it (minus the signal's number)."""
    if status is None or status >= 0:
        return None
    try:
        return Signals(-status).name
    except ValueError:
        return str(-status)


def as_list(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else [str(value)] if value is not None else []


def at_step(event: Event, step: int) -> Event:
    """The event with its step (what `_replace` does, at a fifth of its price)."""
    return Event(event.t, event.who, event.kind, event.data, event.note, step, event.cut, event.says)
