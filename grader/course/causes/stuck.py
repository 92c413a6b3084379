"""Threads that wait for what will not come: for a lock, for a client that does not read, or for nothing, in circles.

Which lock a thread holds and which it wants is known from its stack only, and stacks are taken once for each way in which
plays end. A check without one is explained by a cause found in another only if it ended in exactly the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.course.causes.cases import ACCEPTING, READING, SENDING, Case, Cases, gathered, named, place
from grader.model import Cause, Evidence, Facts, Kind, SourceSpot, Thread

ABSENT = ("never-came", "not-accepted", "not-read", "not-closed", "lost", "did-not-stop", "came-instead")
"""Findings that something did not happen."""
SPINNING = "spinning"
WAITS_FOR_LOCK = "futex"


def deadlock(cases: Cases) -> Iterator[Cause]:
    """Threads wait for each other's locks, in a circle; or one for a lock that it holds itself."""
    for case in cases.of(*ABSENT):
        circle = _circle(case.threads)
        if circle:
            locks = {t.wants for t in circle}
            same = [
                c
                for c in cases.of(*ABSENT)
                if c is case or {t.wants for t in _circle(c.threads)} == locks or _alike(c, case)
            ]
            code = "deadlock" if len(circle) > 1 else "lock-taken-twice"
            yield named(code, gathered(same, case), _waiting_for_each_other(circle), circle[0].spot)
            return


def blocked_by_a_slow_reader(cases: Cases) -> Iterator[Cause]:
    """A send to a client that does not read holds up others: it stands in their thread, or holds a lock that they want."""
    found = [(case, thread) for case in cases.of(*ABSENT) if (thread := _held_up_by(case))]
    if found:
        case, thread = next(((c, t) for c, t in found if t.spot), found[0])
        facts = {
            "who": [thread.of_client],
            "waiting": case.who,
            "lock": next((h.says for h in _kept(thread, case.threads)), None),
        }
        yield named("slow-reader-blocks", gathered([c for c, _ in found], case), facts, thread.spot)


def lock_kept(cases: Cases) -> Iterator[Cause]:
    """A thread keeps a lock while it waits for its client, and others want the lock: one cause for each line it waits in."""
    by_line: dict[object, list[tuple[Case, Thread]]] = {}
    for case in cases.of(*ABSENT):
        keeper = next((t for t in case.threads if t.of_client and t.doing in READING and _kept(t, case.threads)), None)
        if keeper:
            by_line.setdefault(place(keeper.spot), []).append((case, keeper))
    for found in by_line.values():
        case, keeper = found[0]
        lock = _kept(keeper, case.threads)[0]
        same = [c for c in cases.of(*ABSENT) if c in [x for x, _ in found] or _alike(c, case)]
        facts = {"who": [keeper.of_client], "lock": lock.says, "taken": lock.line or None, "thread": keeper.name}
        yield named("lock-kept", gathered(same, case), facts, keeper.spot)


def busy_loop(cases: Cases) -> Iterator[Cause]:
    """A thread runs all the time and never waits, until the time of the check is up."""
    by_line: dict[object, list[tuple[Case, Thread]]] = {}
    for case in cases.of(*ABSENT, "never-listens"):
        thread = case.doing({SPINNING})
        if thread and case.verdict.evidence is Evidence.DEADLINE:
            by_line.setdefault(place(thread.spot), []).append((case, thread))
    if len(by_line) > 1:  # those without a line belong to those with one
        without = by_line.pop(None, [])
        next(iter(by_line.values())).extend(without)
    for found in by_line.values():
        case, thread = found[0]
        gone = case.count(Kind.CLOSED, Kind.CRASHED, Kind.HALF_CLOSED)
        yield named("busy-loop", [c for c, _ in found], {"who": sorted(gone) or None}, thread.spot)


def _circle(threads: Sequence[Thread]) -> list[Thread]:
    """Threads each of which waits for a lock that the next one holds, the last for one of the first."""
    for first in threads:
        chain = [first]
        while len(chain) <= len(threads) and (holder := _holder(chain[-1], threads)) is not None:
            if holder in chain:
                return chain[chain.index(holder) :]
            chain.append(holder)
    return []


def _holder(thread: Thread, threads: Sequence[Thread]) -> Thread | None:
    """Who holds the lock that a thread waits for: itself before others, since then nobody else can."""
    if not thread.wants or thread.doing != WAITS_FOR_LOCK:
        return None
    holders = [t for t in (thread, *threads) if any(h.says == thread.wants for h in t.holds)]
    return holders[0] if holders else None


def _waiting_for_each_other(circle: Sequence[Thread]) -> Facts:
    first, second = circle[0], circle[-1] if len(circle) == 1 else circle[1]
    facts: Facts = {
        "lock": first.wants,
        "line": first.spot.line if first.spot else None,
        "taken": next((h.line for h in second.holds if h.says == first.wants and h.line), None),
        "first": first.name,
        "second": second.name,
        "other": second.wants,
    }
    return facts


def _kept(thread: Thread, threads: Sequence[Thread]) -> list[SourceSpot]:
    """The locks that a thread holds and others wait for, each with where it took it."""
    wanted = {t.wants for t in threads if t is not thread and t.doing == WAITS_FOR_LOCK}
    return [hold for hold in thread.holds if hold.says in wanted]


def _held_up_by(case: Case) -> Thread | None:
    """The thread that stands in a send to a frozen client and holds others up; None if it holds up only itself."""
    frozen = set(case.count(Kind.FROZEN)) - set(case.count(Kind.THAWED))
    first = next((i for i, e in enumerate(case.events) if e.kind is Kind.FROZEN), len(case.events))
    speakers = {e.who for e in case.events[first:] if e.kind is Kind.SENT} | set(case.who)
    heard = {t.of_client for t in case.threads if t.doing in READING}
    polled = case.doing(ACCEPTING - {"accept", "accept4"}) is not None
    for thread in sorted(case.threads, key=lambda t: t.spot is None):
        if thread.of_client in frozen and thread.doing in SENDING:
            unheard = bool(speakers & case.here - heard - frozen) and not polled
            if unheard or _kept(thread, case.threads):
                return thread
    return None


def _alike(case: Case, other: Case) -> bool:
    return not case.has_lines and case.shape == other.shape
