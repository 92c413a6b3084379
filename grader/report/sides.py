"""Two transcripts side by side: what the student's server did at each line of the play, and what the reference did.

Rows are lines of the play, so the two need no common clock. Within a row deliveries are compared by who got how many, not
by the order in which they happened to come, and not by their text where no finding says that a text is wrong: a server may
word a refusal in its own way. Only what a finding is about is tinted. What did not happen is said in words.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.model import Event, Finding, Kind, Line, Transcript, Verb
from grader.report.elements import el, join
from grader.report.rows import judged_events, message, signal_name
from grader.report.show import EOL
from grader.trim import left_out
from grader.words import Sentences

LONGEST = 96
ITEMS = 3
ROWS = 36

_DONE = {
    Kind.CONNECTED: "connected",
    Kind.CLOSED: "closed",
    Kind.HALF_CLOSED: "closed",
    Kind.CRASHED: "cut-off",
    Kind.FROZEN: "stopped-reading",
    Kind.THAWED: "reading-again",
    Kind.SERVER_CLOSED: "ended-by-server",
    Kind.SERVER_RESET: "reset-by-server",
    Kind.REFUSED: "refused",
    Kind.LISTENING: "running",
    Kind.EXITED: "ended",
    Kind.SIGNALLED: "got-signal",
}
_VERBS = {
    Verb.SEND: "send",
    Verb.SEND_RAW: "send",
    Verb.EXPECT: "receive",
    Verb.EXPECT_RAW: "receive",
    Verb.EXPECT_MAYBE: "maybe",
    Verb.SKIPS_TO: "skips",
}
_READING = (Verb.EXPECT, Verb.EXPECT_RAW, Verb.EXPECT_MAYBE, Verb.SKIPS_TO)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened at a line: `who`, in words or bytes, and whether a finding is about it."""

    who: str
    text: str
    kind: Kind
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One row of the table, drawn. A row without a time stands for several that are left out."""

    time: str
    step: str
    yours: Markup
    theirs: Markup
    differs: bool = False
    note: str = ""


class _Column:
    """One transcript, looked up by step."""

    def __init__(self, transcript: Transcript, findings: Sequence[Finding], say: Sentences) -> None:
        self.events = judged_events(transcript)
        self.say = say
        self.wrong = {i: f for f in reversed(findings) for i in f.events if i < len(self.events)}
        self.by_step: dict[int, list[int]] = {}
        for index, event in enumerate(self.events):
            if event.step is not None:
                self.by_step.setdefault(event.step, []).append(index)
        ended = any(e.kind is Kind.GAVE_UP for e in self.events)
        self.reached: float = max(self.by_step, default=-1) if ended else math.inf
        self.trimmed = any(left_out(e) for e in self.events)

    def items(self, line: Line) -> list[Item]:
        indices = self.by_step.get(line.step, [])
        limit = LONGEST if len(indices) < ITEMS else LONGEST // 2
        found = [x for i in indices if (x := self.item(i, limit)) is not None]
        if line.verb is Verb.IS_DISCONNECTED and not found:
            ends = (Kind.SERVER_CLOSED, Kind.SERVER_RESET)
            at = [i for i, e in enumerate(self.events) if e.who in line.who and e.kind in ends]
            found = [x for i in at if (x := self.item(i)) is not None]
        order = {who: n for n, who in enumerate(line.who)}
        return sorted(found, key=lambda x: order.get(x.who, len(order)))

    def item(self, index: int, limit: int = LONGEST) -> Item | None:
        event = self.events[index]
        bad = index in self.wrong and event.kind is not Kind.SENT
        if event.kind in (Kind.SENT, Kind.RECEIVED):
            return Item(event.who, message(event, self.say, limit), event.kind, bad)
        if event.kind is Kind.GAVE_UP:
            return Item(event.who, self._gave_up(event), event.kind, bad=True)
        if event.kind in _DONE:
            return Item(event.who, self._done(event), event.kind, bad)
        return None

    def time(self, line: Line) -> str:
        at = self.by_step.get(line.step)
        return f"{self.say.clock(self.events[at[0]].t)} s" if at else self.say.say("sides.dash")

    def _gave_up(self, event: Event) -> str:
        key = f"seq.mark.{event.note.partition(' ')[0]}"
        if self.say.has(key):
            return self.say.say(key).removeprefix("✕ ")
        known = event.data or event.note in ("", "close")
        return self.say.say("sides.never" if known else "sides.not-reached")

    def _done(self, event: Event) -> str:
        name = _DONE[event.kind]
        status = int(event.note) if event.kind is Kind.EXITED and event.note.lstrip("-").isdigit() else None
        signal = signal_name(event.note) if event.kind is Kind.SIGNALLED else None
        if status is not None and status < 0:
            signal = signal_name(-status)
        return self.say.say(f"sides.{name}", signal=signal, status=status)


def sides(
    transcript: Transcript,
    reference: Transcript | None,
    play: Sequence[Line],
    findings: Sequence[Finding],
    say: Sentences,
) -> list[Side]:
    """The rows of the table, the equal ones in the middle left out when there are many."""
    yours = _Column(transcript, findings, say)
    theirs = _Column(reference, (), say) if reference else None
    lines = [x for x in play if x.part != "join" and x.verb is not Verb.SETTLES]
    placed = _placed(yours, lines)
    rows: list[Side] = []
    for line in lines:
        own = [x for i in placed.get(line.step, []) if (x := yours.item(i)) is not None]
        instead = {x.who for x in own}
        own += [x for x in yours.items(line) if x.kind is not Kind.GAVE_UP or x.who not in instead]
        rows.append(_row(line, own, yours, theirs, say))
        rows += _extra(placed.get(-1 - line.step, []), yours, say)
    rows += _extra(placed.get(_AT_END, []), yours, say, at_end=True)
    return _folded(rows, say)


_AT_END = -1_000_000


def _placed(column: _Column, lines: Sequence[Line]) -> dict[int, list[int]]:
    """Where the messages of findings go that belong to no line.

    A step: to the line that failed on them; -1 - step: behind the line before them; `_AT_END`: to the end.
    """
    placed: dict[int, list[int]] = {}
    for index, finding in sorted(column.wrong.items()):
        event = column.events[index]
        if event.step is not None or event.kind not in (Kind.RECEIVED, Kind.SERVER_CLOSED, Kind.SERVER_RESET):
            continue
        own = [x for x in lines if event.who in x.who and x.step <= column.reached]
        if finding.code in ("came-instead", "closed-instead", "came-unasked"):
            verbs = (Verb.NOTHING,) if finding.code == "came-unasked" else _READING
            failed = [x.step for x in own if x.verb in verbs]
            step = failed[-1] if failed else _AT_END
        elif finding.code == "left-over":
            step = _AT_END
        else:
            before = [x.step for x in lines if any(i < index for i in column.by_step.get(x.step, []))]
            step = -1 - before[-1] if before else _AT_END
        placed.setdefault(step, []).append(index)
    return placed


def _row(line: Line, own: list[Item], yours: _Column, theirs: _Column | None, say: Sentences) -> Side:
    other = theirs.items(line) if theirs else []
    reached = line.step <= yours.reached
    bad = any(x.bad for x in own)
    if theirs and reached and not bad and not yours.trimmed and not theirs.trimmed:
        counts = [Counter((x.who, x.kind) for x in side if x.kind is not Kind.SENT) for side in (own, other)]
        bad = counts[0] != counts[1] and line.verb is not Verb.EXPECT_MAYBE
    return Side(
        time=yours.time(line),
        step=phrase(line, say),
        yours=_cell(line, own, yours),
        theirs=_cell(line, other, theirs) if theirs else Markup(),
        differs=bad,
    )


def _extra(indices: list[int], yours: _Column, say: Sentences, *, at_end: bool = False) -> list[Side]:
    """Messages that no line of the play accounts for: a row for each client that got some."""
    by_client: dict[str, list[int]] = {}
    for index in indices:
        by_client.setdefault(yours.events[index].who, []).append(index)
    rows = []
    for who, several in by_client.items():
        step = say.say("sides.verb.receive", who=who)
        items = [x for i in several if (x := yours.item(i, LONGEST // 2)) is not None]
        rows.append(
            Side(
                time=f"{say.clock(yours.events[several[0]].t)} s",
                step=f"{step}, {say.say('sides.at-end')}" if at_end else step,
                yours=_items(items, several=False, say=say),
                theirs=el("span", say.say("sides.nothing"), class_="none"),
                differs=True,
            )
        )
    return rows


def phrase(line: Line, say: Sentences) -> str:
    """What a line does, in words: “beto reads”."""
    return say.say(f"sides.verb.{_VERBS.get(line.verb, line.verb.value.replace(' ', '-'))}", who=list(line.who))


def _cell(line: Line, items: list[Item], column: _Column) -> Markup:
    if items:
        return _items(items, several=len(line.who) > 1 or len({x.who for x in items}) > 1, say=column.say)
    if line.step > column.reached:
        word = "not-reached"
    elif line.verb is Verb.NOTHING:
        word = "as-due"
    elif column.trimmed and line.verb in _VERBS:
        word = "left-out"
    else:
        word = "nothing" if line.verb in _READING else "dash"
    return el("span", column.say.say(f"sides.{word}"), class_="none")


def _items(items: list[Item], *, several: bool, say: Sentences) -> Markup:
    """The items, one a line; equal ones of several clients in one."""
    grouped: dict[tuple[str, bool, Kind], list[str]] = {}
    for item in items:
        grouped.setdefault((item.text, item.bad, item.kind), []).append(item.who)
    shown: list[Markup] = []
    for (text, bad, kind), who in list(grouped.items())[:ITEMS]:
        wire = kind in (Kind.SENT, Kind.RECEIVED)
        names = say.names(list(dict.fromkeys(who)))
        prefix = el("span", f"{names}: ", class_="of") if several else None
        times = el("span", f" ×{len(who)}", class_="of") if len(who) > len(set(who)) else None
        class_ = " ".join(["bad"] * bad + ["none"] * (not wire)) or None
        shown.append(el("span", prefix, el("span", _with_ends(text), class_=class_), times, class_="item"))
    if len(grouped) > ITEMS:
        shown.append(el("span", say.say("sides.more", count=len(grouped) - ITEMS), class_="none item"))
    return join(shown)


def _with_ends(text: str) -> Markup:
    """The text with its line ends in grey."""
    return el("span", EOL, class_="eol").join([join([piece]) for piece in text.split(EOL)])


def _folded(rows: list[Side], say: Sentences) -> list[Side]:
    if len(rows) <= ROWS:
        return rows
    bad = [i for i, r in enumerate(rows) if r.differs][: ROWS // 3]
    keep = {*range(4), *range(len(rows) - 3, len(rows))}.union(*(range(max(0, i - 1), i + 2) for i in bad))
    shown: list[Side] = []
    gap: list[Side] = []
    for index, row in enumerate(rows):
        if index not in keep:
            gap.append(row)
            continue
        if gap:
            # Steps that your server never came to are not "the same": there is nothing to compare.
            alike = not any(r.differs or r.time == say.say("sides.dash") for r in gap)
            shown.append(
                Side("", "", Markup(), Markup(), note=say.say("sides.same" if alike else "sides.more", count=len(gap)))
            )
            gap = []
        shown.append(row)
    return shown
