"""Why connections wait un-accepted: what the thread that should accept them is doing instead.

The evidence is a thread that waits in a read on one client's connection while nobody waits for new ones. Who that client is
tells the rest: the only one that is being served; a newcomer who has not said a name yet; or one among several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.course.causes.cases import ACCEPTING, READING, Case, Cases, named
from grader.course.causes.starting import MAIN
from grader.model import Cause, Event, Kind, SourceSpot


def one_at_a_time(cases: Cases) -> Iterator[Cause]:
    """Only one client is served; the others wait until it has gone."""
    waiting = [
        c for c in cases.of("not-accepted") if len(c.served) == 1 and not c.greeted and _may_be_alone(c, *c.served)
    ]
    proven = [c for c in waiting if c.threads]
    if not proven and len(waiting) < 2:
        return
    best = (proven or waiting)[0]
    alone = [
        c for c in cases.of("not-accepted") if not c.served and len(c.greeted) == 1 and _may_be_alone(c, *c.greeted)
    ]
    every = [c for c in cases.left if c in waiting or c in alone]
    recorded = next((c.finding.where for c in waiting if c.finding.where), None)  # how it came to serve one alone
    where = recorded or next((s for c in waiting if (s := _line(c, *c.served))), None)
    yield named("one-at-a-time", every, {"who": sorted(best.served), "waiting": best.who}, where)


def handshake_in_the_accept_loop(cases: Cases) -> Iterator[Cause]:
    """Others are served, but while a newcomer has not said a word, nobody else comes in."""
    found = [c for c in cases.of("not-accepted") if len(c.greeted) == 1 and _reads_instead(c, *c.greeted)]
    if found and (found[0].served or any(len(_speakers(t.events)) > 1 for t in cases.passed)):
        facts = {"who": sorted(found[0].greeted), "waiting": found[0].who}
        yield named(
            "handshake-in-accept-loop", found, facts, next((s for c in found if (s := _line(c, *c.greeted))), None)
        )


def held_up_by_one(cases: Cases) -> Iterator[Cause]:
    """One thread serves everybody, and it waits in a read for one of them."""
    found = []
    for case in cases.of("not-accepted"):
        thread = case.doing(READING)
        if thread and thread.of_client and case.threads and _reads_instead(case, thread.of_client):
            found.append((case, thread))
    if found:
        case, thread = next(((c, t) for c, t in found if t.spot), found[0])
        facts = {"who": [thread.of_client], "waiting": case.who}
        yield named("held-up-by-one", [c for c, _ in found], facts, thread.spot)


def _reads_instead(case: Case, client: str) -> bool:
    """Whether a thread waits for this client, and none for new ones; where no thread was seen, that may be so."""
    return not case.threads or (case.doing(READING, client) is not None and case.doing(ACCEPTING) is None)


def _may_be_alone(case: Case, client: str) -> bool:
    """Whether it may be the thread that accepts which waits for the client, and not one of several."""
    if not _reads_instead(case, client):
        return False
    reader = case.doing(READING, client)
    return reader is None or len(case.threads) == 1 or reader.spot is None or reader.name in MAIN


def _line(case: Case, client: str) -> SourceSpot | None:
    reader = case.doing(READING, client)
    return reader.spot if reader else None


def _speakers(events: Sequence[Event]) -> set[str]:
    return {e.who for e in events if e.kind is Kind.SENT}
