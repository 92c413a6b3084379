"""Datagrams that came and are no message of the play: lost on the way, from another port, or once more.

The client that hears them notes what they were; here these notes become findings and remarks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from grader.judge.laws import Breach
from grader.judge.show import shown
from grader.model import Event, Finding, Kind
from grader.wire.match import to_text

LOST, STRAY, AGAIN = "lost-on-the-way", "stray", "again"
"""Notes of datagrams that did not count; a stray one says from which port it came, and which one was called, one that came
again how many seconds after the one before."""
SENT_ONCE = "sent-once"
"""The law that nothing is sent twice but because nobody acknowledged it."""
AT_ONCE = 0.02
"""Seconds: what comes again sooner was not sent because a time had passed."""
_AGAIN = f"{AGAIN} "


def from_elsewhere(stray: tuple[int, Event] | None) -> Finding | None:
    """An answer came, but not from where it was asked for; given is the first stray one of a client, with its index."""
    if stray is None:
        return None
    at, event = stray
    source, called = map(int, event.note.split()[1:])
    facts = {"who": [event.who], "port": source, "called": called, "got": shown(to_text(event.data))}
    return Finding("from-elsewhere", facts, (at,))


def came_again(events: Sequence[Event]) -> list[Finding]:
    """Remarks: how often each client got the same datagram once more."""
    counted = Counter(e.who for e in events if e.note and e.note.startswith(_AGAIN) and e.kind is Kind.NOTED)
    return [Finding("came-again", {"who": [who], "count": count}) for who, count in counted.items()]


def sent_twice(laws: Collection[str], events: Sequence[Event]) -> Iterator[tuple[tuple[int, ...], Breach]]:
    """Datagrams that came twice without any time between, where a check carries that law."""
    for index, event in enumerate(events) if SENT_ONCE in laws else ():
        if (
            event.note.startswith(_AGAIN)
            and event.kind is Kind.NOTED
            and 0 <= float(event.note[len(_AGAIN) :]) < AT_ONCE
        ):
            facts = {"who": [event.who], "got": to_text(event.data)}
            yield (index,), Breach(SENT_ONCE, "sent-twice", event.who, facts, set_aside=False)
