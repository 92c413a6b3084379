"""What becomes of a stream of bytes: whether a server makes lines of it, or takes each recv for a line.

The evidence is in what others received. A message that ends with a mere piece of a line can only come from a server that
took the piece for the whole; so can a second line that arrives bare, behind a first one that was given its author's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from grader.course.causes.cases import READING, Case, Cases, before_the_end, gathered, named
from grader.model import Cause, Event, Kind, SourceSpot

DAMAGED = {"torn", "invented", "lost", "reordered"}
SHORTEST = 2
"""Letters of a piece that tells: a single one ends too many messages by chance."""
MOST_ODD = 24
MANY = 10
"""Lines sent without waiting that surely run into each other."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was sent in one piece, what came of it, and who sent it."""

    who: str
    sent: str
    got: str


def recv_is_a_line(cases: Cases) -> Iterator[Cause]:
    """Pieces of lines are treated as lines, or several lines as one."""
    shown = [(case, seen) for case in cases.left if (seen := _piece_as_line(case) or _rest_left_bare(case))]
    if not shown:
        return
    best, seen = shown[0]
    others = [c for c in cases.left if _stumbled_over_a_piece(c) or _rest_lost(c) or _damaged_by_haste(c)]
    every = [c for c in cases.left if c in others or c in [x for x, _ in shown]]
    facts = {"who": [seen.who], "sent": seen.sent, "got": seen.got}
    yield named("recv-is-a-line", gathered(every, best), facts, _reader([c for c, _ in shown], seen.who))


def one_line_per_recv(cases: Cases) -> Iterator[Cause]:
    """Of several lines that arrive at once only the first is handled; a line that arrives in pieces is none the worse."""
    shown = [(case, seen) for case in cases.left if (seen := _rest_lost(case))]
    if shown:
        best, seen = shown[0]
        others = [c for c in cases.left if _stumbled_over_a_piece(c) or _damaged_by_haste(c)]
        facts = {"who": [seen.who], "sent": seen.sent, "got": seen.got}
        every = [c for c in cases.left if c in others or c in [x for x, _ in shown]]
        yield named("one-line-per-recv", gathered(every, best), facts, _reader([c for c, _ in shown], seen.who))


def _piece_as_line(case: Case) -> Seen | None:
    """A message that ends with a piece which was no line, where the reference sent none like it."""
    pieces = [(at, e) for at, e in _odd(case) if "\n" not in _text(e) and len(_text(e).strip()) >= SHORTEST]
    if not pieces:
        return None
    lines = {line for who in case.count(Kind.SENT) for line in _whole_lines(case.events, who)}
    if not lines:
        return None  # nobody speaks in lines here
    usual = _of_the_reference(case)
    for at, event in pieces:
        piece = _text(event)
        before = {_text(e).rstrip("\r\n") for e in case.events[:at] if e.kind is Kind.RECEIVED} | usual
        for later in case.events[at:]:
            text = _text(later).rstrip("\r\n") if later.kind is Kind.RECEIVED else ""
            if text.endswith(piece) and text not in before and not _ends(text, lines):
                return Seen(event.who, piece, text)
    return None


def _rest_left_bare(case: Case) -> Seen | None:
    """Two lines sent at once, of which the first came with something before it and the second without."""
    several = [(at, e, _lines(e)) for at, e in _odd(case) if len(_lines(e)) > 1 and all(_lines(e))]
    usual = _of_the_reference(case) if several else set()
    for at, event, (first, second, *_) in several:
        got: dict[str, set[str]] = {}
        for e in case.events[at:]:
            if e.kind is Kind.RECEIVED and e.who != event.who:
                got.setdefault(e.who, set()).add(_text(e).rstrip("\r\n"))
        for received in got.values():
            dressed = any(text.endswith(first) and text != first for text in received)
            if dressed and second in received and second not in usual:
                return Seen(event.who, _text(event), second)
    return None


def _rest_lost(case: Case) -> Seen | None:
    """Several lines sent at once, of which the first came and a later one never did."""
    if case.code != "never-came":
        return None
    for at, event in _odd(case):
        first, *others = _lines(event) or [""]
        if first and any(line and case.text.endswith(line) for line in others):
            got = (_text(e).rstrip("\r\n") for e in case.events[at:] if e.kind is Kind.RECEIVED)
            if came := next((text for text in got if text.endswith(first)), ""):
                return Seen(event.who, _text(event), came)
    return None


def _odd(case: Case) -> list[tuple[int, Event]]:
    """What was sent in one piece and was not one single line: the first few, since each is looked for in all that came."""
    sent = ((at, e) for at, e in enumerate(case.events) if e.kind is Kind.SENT)
    return list(islice(((at, e) for at, e in sent if not _is_one_line(_text(e))), MOST_ODD))


def _damaged_by_haste(case: Case) -> bool:
    """Whether messages were damaged, or did not come, where their author had sent many without waiting."""
    hasty = [who for who, times in case.count(Kind.SENT).items() if times >= MANY]
    missing = case.code == "never-came" and any(who in case.text for who in hasty)
    return bool(hasty) and (missing or bool(case.codes & DAMAGED))


def _stumbled_over_a_piece(case: Case) -> bool:
    """Whether what was sent last was not one single line, and what was to follow did not come."""
    sent = [e for e in case.events if e.kind is Kind.SENT]
    last = [_text(e) for e in sent if e.step == sent[-1].step and e.who == sent[-1].who]
    return case.code in ("never-came", "came-instead", "closed-instead") and not all(map(_is_one_line, last))


def _whole_lines(events: Sequence[Event], who: str) -> list[str]:
    """The lines that a client sent, put together from whatever pieces, without the last if it was not ended."""
    stream = "".join(_text(e) for e in events if e.kind is Kind.SENT and e.who == who)
    return [line.rstrip("\r") for line in stream.split("\n")[:-1]]


def _lines(event: Event) -> list[str]:
    """The whole lines that were sent in one piece."""
    return [line.rstrip("\r") for line in _text(event).split("\n")[:-1]]


def _is_one_line(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith("\n")


def _ends(text: str, lines: set[str]) -> bool:
    return any(line and text.endswith(line) for line in lines)


def _of_the_reference(case: Case) -> set[str]:
    """The messages that the reference sent in this check."""
    return {_text(e).rstrip("\r\n") for e in before_the_end(case.verdict.reference) if e.kind is Kind.RECEIVED}


def _reader(cases: Sequence[Case], client: str) -> SourceSpot | None:
    """The line in which a thread reads from this client, or from anybody: that is where a recv is."""
    threads = [t for c in cases for t in (c.doing(READING, client), c.doing(READING)) if t]
    return next((t.spot for t in threads if t.spot and t.of_client), None)


def _text(event: Event) -> str:
    return event.data.decode("utf-8", "replace")
