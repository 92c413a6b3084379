"""The laws that only the end can tell: was a message lost, did one sender's messages change places.

Held against whoever could have heard everything: clients that were welcomed before the message was sent, read all the
time, and were still there at the end. Messages of a client that crashed may be lost, as the protocol allows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from grader.judge.findings import rank
from grader.judge.laws import Breach, LawWatch, Voice
from grader.judge.strays import SENT_ONCE
from grader.model import Evidence


@dataclass
class _Author:
    """All that was said under one name: by one client, by one that came back, or by one that took the name of another who had left.

    `due` is what has to arrive: not what was said on a connection that crashed.
    """

    name: str
    said: list[tuple[int, str]] = field(default_factory=list)
    due: list[tuple[int, str]] = field(default_factory=list)
    stayed: bool = False
    wild: bool = False


def rests_on(laws: Iterable[str], last_wait: Evidence) -> Evidence:
    """What a breach of these laws rests on, the strongest of it: most are seen, what was lost never came, and one is of clocks."""
    on = {"lost": last_wait, SENT_ONCE: Evidence.DEADLINE}
    return min((on.get(law, Evidence.SEEN) for law in laws), key=rank)


def told_by_the_end(watch: LawWatch, laws: set[str]) -> Iterator[tuple[tuple[int, ...], Breach]]:
    """Each breach of those of these laws that only the end can tell, with the events that show it."""
    if laws & {"lost", "order"}:
        yield from (breach for breach in lost_or_reordered(watch) if breach[1].law in laws)
    if "total-order" in laws:
        yield from other_order(watch)


def lost_or_reordered(watch: LawWatch) -> Iterator[tuple[tuple[int, ...], Breach]]:
    """Each breach of `lost` and `order` with the events that show it, one for each pair of author and receiver."""
    heard: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for index, by, author, text in watch.heard:
        heard.setdefault((by, author), []).append((index, text))
    authors = _authors(watch)
    for who, receiver in watch.voices.items():
        if receiver.welcomed is None or receiver.frozen or receiver.over:
            continue
        for known in authors:
            if known.name != receiver.name and not known.wild:
                yield from _pair(who, receiver, known, heard.get((who, known.name), []))


def _authors(watch: LawWatch) -> Iterable[_Author]:
    """Who has said anything, by the names under which they did. Who only ever crashed is left out."""
    found: dict[str, _Author] = {}
    for voice in (*watch.past, *watch.voices.values()):
        if voice.name is not None:
            author = found.setdefault(voice.name, _Author(voice.name))
            author.said = sorted([*author.said, *voice.said])
            author.due = author.due if voice.crashed else sorted([*author.due, *voice.said])
            author.stayed = author.stayed or not voice.crashed
            author.wild = author.wild or voice.wild
    return [author for author in found.values() if author.stayed]


def _pair(
    who: str, receiver: Voice, author: _Author, got: list[tuple[int, str]]
) -> Iterator[tuple[tuple[int, ...], Breach]]:
    due = [text for index, text in author.due if index > (receiver.welcomed or 0)]
    # What was sent before its welcome was read may have come too: who joins among talkers hears the end of a sentence.
    missing = (Counter(due) - Counter(text for _, text in got)).total()
    if missing:
        have = {text for _, text in got}
        first = next((t for t in due if t not in have), "")
        facts = {"who": [who], "about": author.name, "count": missing, "of": len(due), "text": first}
        yield (), Breach("lost", "lost", who, facts, set_aside=False)
    places: dict[str, list[int]] = {}
    for place, (_, text) in enumerate(author.said):
        places.setdefault(text, []).append(place)
    before, last = -1, ""
    for index, text in got:
        of_text = places.get(text, [])
        later = bisect_right(of_text, before)
        if later == len(of_text):
            facts = {"who": [who], "about": author.name, "first": last, "then": text}
            yield (index,), Breach("order", "reordered", who, facts, set_aside=False)
            return
        before, last = of_text[later], text


def other_order(watch: LawWatch) -> Iterator[tuple[tuple[int, ...], Breach]]:
    """Each breach of `total-order`: two messages that one receiver heard the other way round than the first receiver did.

    Only what both have heard, and heard once, is compared: what is lost or doubled is the affair of other laws.
    """
    heard: dict[str, dict[tuple[str, str], int]] = {}
    for index, who, author, text in watch.heard:
        heard.setdefault(who, {}).setdefault((author, text), index)
    receivers = list(heard)
    for who in receivers[1:]:
        # Somebody who speaks does not hear itself, so each is held against everybody before it.
        for other in receivers[: receivers.index(who)]:
            if pair := _first_swapped(heard[other], heard[who]):
                first, then = pair
                facts = {"who": [who], "other": other, "first": first[1], "then": then[1]}
                yield (heard[who][then],), Breach("total-order", "other-order", who, facts, set_aside=False)
                break


def _first_swapped(
    theirs: dict[tuple[str, str], int], mine: dict[tuple[str, str], int]
) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """The first two messages that came in another order: (the one that came first here, the one that came after it)."""
    shared = [said for said in mine if said in theirs]
    for first, then in pairwise(shared):
        if theirs[first] > theirs[then]:
            return first, then
    return None
