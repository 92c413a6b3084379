"""Two transcripts side by side: what the student's server did at each line of the play, and what the reference did.

Rows are lines of the play, so the two need no common clock. Within a row deliveries are compared by who got how many, not
by the order in which they happened to come, and not by their text where no finding says that a text is wrong: a server may
word a refusal in its own way. Only what a finding is about is tinted. What did not happen is said in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from markupsafe import Markup

from grader.model import Finding, Kind, Line, Transcript, Verb
from grader.report.columns import ITEMS, LONGEST, Column, Item
from grader.report.elements import el, join
from grader.report.show import EOL
from grader.report.steps import ROWS, Row, Side, folded, shortened
from grader.words import Sentences

_VERBS = {
    Verb.SEND: "send",
    Verb.SEND_RAW: "send",
    Verb.EXPECT: "receive",
    Verb.EXPECT_RAW: "receive",
    Verb.EXPECT_MAYBE: "maybe",
    Verb.SKIPS_TO: "skips",
}
_READING = (Verb.EXPECT, Verb.EXPECT_RAW, Verb.EXPECT_MAYBE, Verb.SKIPS_TO)


def sides(
    transcript: Transcript,
    reference: Transcript | None,
    play: Sequence[Line],
    findings: Sequence[Finding],
    say: Sentences,
    *,
    most: int = ROWS,
) -> list[Side]:
    """The rows of the table, the equal ones in the middle left out when there are many."""
    lines = _lines(play, transcript, findings)
    yours = Column(transcript, findings, lines, say)
    theirs = Column(reference, (), lines, say) if reference else None
    placed = _placed(yours, lines)
    rows: list[Row] = []
    for line in lines:
        bad = [x for i in placed.get(line.step, []) if (x := yours.item(i)) is not None]
        instead = {x.who for x in bad}
        own = [x for x in yours.items(line) if x.kind is not Kind.GAVE_UP or x.who not in instead]
        own = [*own, *bad] if len(own) + len(bad) <= ITEMS else [*bad, *own]
        rows.append(_row(line, own, yours, theirs, say))
        rows += _extra(placed.get(-1 - line.step, []), yours, theirs, say)
    rows += _extra(placed.get(_AT_END, []), yours, theirs, say, at_end=True)
    return [row.draw() for row in folded(shortened(rows, say), say, most)]


_AT_END = -1_000_000


def _lines(play: Sequence[Line], transcript: Transcript, findings: Sequence[Finding]) -> list[Line]:
    """The lines that make rows: those of the play itself, and the joins of clients for whom joining went wrong."""
    events = transcript.events
    bad = {events[i].step for f in findings for i in f.events if i < len(events)}
    bad |= {e.step for e in events if e.kind is Kind.GAVE_UP}
    kept_out = {who for x in play if x.part == "join" and x.step in bad for who in x.who}
    return [x for x in play if x.verb is not Verb.SETTLES and (x.part != "join" or kept_out & {*x.who})]


def _placed(column: Column, lines: Sequence[Line]) -> dict[int, list[int]]:
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
            step = -1 - column.behind[index] if index in column.behind else _AT_END
        placed.setdefault(step, []).append(index)
    return placed


def _row(line: Line, own: list[Item], yours: Column, theirs: Column | None, say: Sentences) -> Row:
    other = theirs.items(line) if theirs else []
    reached = line.step <= yours.reached
    bad = any(x.bad for x in own)
    if theirs and reached and not bad and not yours.trimmed and not theirs.trimmed:
        counts = [Counter((x.who, x.kind) for x in side if x.kind is not Kind.SENT) for side in (own, other)]
        bad = counts[0] != counts[1] and line.verb is not Verb.EXPECT_MAYBE

    def draw() -> Side:
        left = _cell(line, own, yours)
        return Side(
            yours.time(line), phrase(line, say), left, _cell(line, other, theirs) if theirs else Markup(), differs=bad
        )

    return Row(draw, differs=bad, told=_told(line, own, other, yours, theirs), timed=line.step in yours.by_step)


def _told(line: Line, own: list[Item], other: list[Item], yours: Column, theirs: Column | None) -> str:
    if own:
        return "whole"
    if line.step > yours.reached:
        return "unreached" if other or not (theirs and theirs.trimmed) else "unreached, left-out"
    missing = yours.trimmed and line.verb in _VERBS and not (other and theirs and not theirs.trimmed)
    return "left-out" if missing else "whole"


def _extra(
    indices: list[int], yours: Column, theirs: Column | None, say: Sentences, *, at_end: bool = False
) -> list[Row]:
    """Messages that no line of the play accounts for: a row for each client that got some, with what came around them."""
    by_client: dict[str, list[int]] = {}
    for index in indices:
        by_client.setdefault(yours.events[index].who, []).append(index)
    rows = []
    for who, bad in by_client.items():
        draw = partial(_unasked, who, bad, yours, theirs, say, at_end=at_end)
        rows.append(Row(draw, differs=True))
    return rows


def _unasked(who: str, bad: list[int], yours: Column, theirs: Column | None, say: Sentences, *, at_end: bool) -> Side:
    """What one client got that it should not have, with what came around it, and what the reference sent it there."""
    behind = yours.behind.get(bad[0])
    own = yours.loose(who, behind) if behind is not None else []
    if long := len(own) > ITEMS and bad[0] in own:
        own = own[max(0, own.index(bad[0]) - 1) :]  # from the one before the first bad one
    own = sorted({*own, *bad})
    since = yours.events[own[0]].data if long else None
    step = say.say("sides.verb.receive", who=who)
    return Side(
        f"{say.clock(yours.events[bad[0]].t)} s",
        f"{step}, {say.say('sides.at-end')}" if at_end else step,
        _window(own, yours),
        _beside(since, who, behind, theirs) if theirs else Markup(),
        differs=True,
    )


def _beside(since: bytes | None, who: str, behind: int | None, theirs: Column) -> Markup:
    """What the reference sent that client there, from the message `since` on if it sent that one too."""
    loose = theirs.loose(who, behind) if behind is not None else []
    same = [n for n, i in enumerate(loose) if theirs.events[i].data == since]
    if loose:
        return _window(loose[same[0] :] if same else loose, theirs)
    return el("span", theirs.say.say("sides.left-out" if theirs.trimmed else "sides.nothing"), class_="none")


def _window(indices: list[int], column: Column) -> Markup:
    """The first few of these messages, and how many more there are."""
    items = [x for i in indices[:ITEMS] if (x := column.item(i, LONGEST // 2)) is not None]
    return _items(items, column, several=False, more=len(indices) - len(items))


def phrase(line: Line, say: Sentences) -> str:
    """What a line does, in words: “beto reads”."""
    said = say.say(f"sides.verb.{_VERBS.get(line.verb, line.verb.value.replace(' ', '-'))}", who=list(line.who))
    # How long stands in what was written, which is all of a line that results keep.
    return f"{said} {line.text.rstrip(' )').rpartition(' ')[2]}" if line.verb is Verb.WAITS else said


def _cell(line: Line, items: list[Item], column: Column) -> Markup:
    if items:
        several = len(line.who) > 1 or len({x.who for x in items}) > 1
        done = len([x for x in items if x.kind in (Kind.SENT, Kind.RECEIVED)])
        unseen = column.trimmed and done and line.verb in _VERBS and done < line.times  # not all of it was kept
        return _items(items, column, several=several, more=int(unseen))
    if line.step > column.reached:
        word = "not-reached"
    elif line.verb is Verb.NOTHING:
        word = "as-due"
    elif column.trimmed and line.verb in _VERBS:
        word = "left-out"
    else:
        word = "nothing" if line.verb in _READING else "dash"
    return el("span", column.say.say(f"sides.{word}"), class_="none")


def _items(items: list[Item], column: Column, *, several: bool, more: int = 0) -> Markup:
    """The items, one a line; equal ones of several clients in one."""
    grouped: dict[tuple[str, bool, Kind], list[str]] = {}
    for item in items:
        grouped.setdefault((item.text, item.bad, item.kind), []).append(item.who)
    shown: list[Markup] = []
    for (text, bad, kind), who in list(grouped.items())[:ITEMS]:
        wire = kind in (Kind.SENT, Kind.RECEIVED)
        names = column.say.names(list(dict.fromkeys(who)))
        prefix = el("span", f"{names}: ", class_="of") if several else None
        times = el("span", f" ×{len(who)}", class_="of") if len(who) > len(set(who)) else None
        class_ = " ".join(["bad"] * bad + ["none"] * (not wire)) or None
        shown.append(el("span", prefix, el("span", _with_ends(text), class_=class_), times, class_="item"))
    if more := more + max(0, len(grouped) - ITEMS):
        # Of a transcript that was shortened nobody knows how many there were.
        word = column.say.say("sides.more-uncounted" if column.trimmed else "sides.more", count=more)
        shown.append(el("span", word, class_="none item"))
    return join(shown)


def _with_ends(text: str) -> Markup:
    """The text with its line ends in grey."""
    return el("span", EOL, class_="eol").join([join([piece]) for piece in text.split(EOL)])
