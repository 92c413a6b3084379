"""What of a transcript is worth drawing: one row per event, in the order of the events, and a story in words.

A row is made of the event alone, the findings that point at it, and the line of the play it belongs to; `folds.py` then
leaves out what says nothing new.

`tone` says what a row is: plain (judged and right), faint (outside the check's steps), miss (never came), forbid (must not have
come), boom (an error or the end of the server). Only the last three are drawn in red.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from grader.model import SERVER, Event, Finding, Kind, Line, Transcript
from grader.report.folds import Row, Way, drawn_clients, fold, fold_joins, fold_runs
from grader.report.printed import complaints
from grader.report.show import show_bytes
from grader.trim import left_out
from grader.words import Sentences, cut_in_a_word

LABEL = 40
"""Characters of a label; a longer message is cut."""
CAP = 60
COLUMNS = 8
TOGETHER = 3
"""More clients than this join in one row."""
END = "end"
"""The note of the event from which on the grader itself closes its clients: recorded, never judged, not drawn."""
_ENDS = re.compile(r"(exit|signal|status)?\s*(-?\d+)")


@dataclass(frozen=True, slots=True)
class Picture:
    """The rows to draw, the clients that get a column (of `total`), and the story for those who can't see it."""

    rows: tuple[Row, ...]
    clients: tuple[str, ...]
    numbers: tuple[int, ...]
    """Which of all clients each of them is, counted from 1."""
    total: int
    story: str


@dataclass
class _Reading:
    """One pass over the events of a transcript."""

    say: Sentences
    joins: frozenset[int]
    wrong: dict[int, str]
    aside: frozenset[int]
    played: int
    """Index of the first event of the check's own play."""
    acted: float = 0.0
    refused: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    """Clients that left by themselves: that the server closes its side then is as it should be."""

    def row(self, index: int, event: Event) -> Row | None:
        if count := left_out(event):
            return Row(event.t, Way.FOLD, event.kind, count=count)
        if event.who == SERVER:
            return self._server(index, event)
        join = event.step in self.joins or (event.step is None and index < self.played)
        row = self._client(index, event)
        if row is not None and join:
            return replace(row, join=True, tone=row.tone or "faint")
        return row

    def _server(self, index: int, event: Event) -> Row | None:
        say, code = self.say, self.wrong.get(index, "")
        if event.kind is Kind.EXITED:
            number = _ENDS.search(event.note)
            status = int(number[2]) if number else None
            signal = signal_name(-status) if status is not None and status < 0 else None
            label = say.say("seq.exited", signal=signal, status=status)
            return Row(event.t, Way.SERVER, event.kind, label=label, tone="boom" if code else "")
        if event.kind is Kind.SIGNALLED:
            label = say.say("seq.signalled", signal=signal_name(event.note))
            return Row(event.t, Way.SERVER, event.kind, label=label)
        if event.kind in (Kind.STARTED, Kind.LISTENING) and index > self.played:
            return Row(event.t, Way.SERVER, event.kind, label=say.say(f"seq.{event.kind.value}"), tone="faint")
        if event.kind is Kind.GAVE_UP:
            code = code or event.note.partition(" ")[0]
            return Row(event.t, Way.SERVER, event.kind, label=self._mark(code, "missing"), tone="boom")
        return None

    def _client(self, index: int, event: Event) -> Row | None:
        say, kind, code = self.say, event.kind, self.wrong.get(index, "")
        way, label, tone, mark = Way.IN, "", "", ""
        if kind in (Kind.CONNECTED, Kind.CLOSED, Kind.HALF_CLOSED, Kind.CRASHED):
            label = say.say(f"seq.{_ACTS[kind]}")
            tone = "faint" if kind is Kind.CONNECTED and event.step is None else ""
        elif kind is Kind.SENT:
            label = message(event, say)
            mark = self._mark(code, "lost") if code == "lost" else ""
            tone = "forbid" if mark else ""
        elif kind is Kind.RECEIVED:
            way, label = Way.OUT, message(event, say)
            tone = "forbid" if code else "faint" if event.step is None or index in self.aside else ""
            mark = self._mark(code, "wrong") if code else ""
        elif kind in (Kind.FROZEN, Kind.THAWED):
            return Row(event.t, Way.CLIENT, kind, event.who, say.say(f"seq.{_ACTS[kind]}"))
        elif kind in (Kind.SERVER_CLOSED, Kind.SERVER_RESET):
            way, label = Way.OUT, say.say("seq.server-closes" if kind is Kind.SERVER_CLOSED else "seq.server-resets")
            tone = "forbid" if code else "faint" if event.who in self.gone else ""
            mark = self._mark("closed", "closed") if code else ""
        elif kind is Kind.REFUSED:
            self.refused.add(event.who)
            label, tone, mark = say.say("seq.connects"), "miss", self._mark("refused", "refused")
        elif kind is Kind.GAVE_UP:
            return self._gave_up(event, code)
        else:
            return None
        if way is Way.IN:
            self.acted = event.t
            (self.gone.add if kind in (Kind.CLOSED, Kind.CRASHED) else self.gone.discard)(event.who)
        return Row(event.t, way, kind, event.who, label, tone, mark)

    def _gave_up(self, event: Event, code: str) -> Row | None:
        """A wait that came to nothing: for a message, for the end of a connection, or to be accepted or read."""
        noted = event.note.partition(" ")[0]
        if noted == "refused" and event.who in self.refused:
            return None  # the refusal itself is drawn
        if noted in ("not-accepted", "refused", "not-read"):
            label, mark = self.say.say("seq.connects") if noted == "refused" else "", self._mark(noted, "missing")
            return Row(event.t, Way.IN, event.kind, event.who, label, "miss", mark, since=self.acted)
        if not event.data and noted not in ("", "close"):
            return None  # an act that was never begun
        label = message(event, self.say) if event.data else self.say.say("seq.nothing")
        mark = self._mark("due" if code == "came-instead" else "missing", "missing")
        return Row(event.t, Way.OUT, event.kind, event.who, label, "miss", mark, since=self.acted)

    def _mark(self, code: str, otherwise: str) -> str:
        key = f"seq.mark.{code}"
        return self.say.say(key if self.say.has(key) else f"seq.mark.{otherwise}")


_ACTS = {
    Kind.CONNECTED: "connects",
    Kind.CLOSED: "closes",
    Kind.HALF_CLOSED: "half-closes",
    Kind.CRASHED: "crashes",
    Kind.FROZEN: "freezes",
    Kind.THAWED: "thaws",
}


def picture(
    transcript: Transcript,
    play: Sequence[Line],
    findings: Sequence[Finding],
    remarks: Sequence[Finding],
    say: Sentences,
    *,
    cap: int = CAP,
    columns: int = COLUMNS,
) -> Picture | None:
    """What to draw of a transcript; None when no client ever came to the server."""
    events = judged_events(transcript)
    steps = {line.step for line in play if line.part != "join"}
    reading = _Reading(
        say=say,
        joins=frozenset(line.step for line in play if line.part == "join"),
        wrong={i: f.code for f in reversed(findings) for i in f.events if i < len(events)},
        aside=frozenset(i for f in remarks for i in f.events),
        played=next((i for i, e in enumerate(events) if e.step in steps), len(events)),
    )
    rows = [row for i, e in enumerate(events) if (row := reading.row(i, e))]
    everybody = list(dict.fromkeys(r.who for r in rows if r.who))
    if not everybody:
        return None
    rows += [Row(t, Way.SERVER, Kind.ERRORS, label=text, tone="boom") for t, text in complaints(events)]
    rows.sort(key=lambda r: r.t)
    rows = fold_joins(rows, say, together=len(everybody) > TOGETHER)
    clients = drawn_clients(everybody, rows, findings, columns)
    rows = fold(fold_runs([r for r in rows if not r.who or r.who in clients]), cap, say)
    numbers = tuple(everybody.index(c) + 1 for c in clients)
    return Picture(tuple(rows), tuple(clients), numbers, len(everybody), _story(rows, say))


def judged_events(transcript: Transcript) -> tuple[Event, ...]:
    """The events up to the moment at which the grader closes its clients."""
    end = next((i for i, e in enumerate(transcript.events) if e.note == END), len(transcript.events))
    return transcript.events[:end]


def message(event: Event, say: Sentences, limit: int = LABEL) -> str:
    """What travelled, as a label; of a very long message also how long it was."""
    if event.says:
        return show_bytes(event.says.encode("utf-8", "surrogateescape"), limit)
    whole = len(event.data) + event.cut
    if whole <= 4 * limit:
        return show_bytes(event.data, limit)
    beginning = cut_in_a_word(show_bytes(event.data, limit), limit - 10)
    return say.say("seq.long", text=beginning, size=_size(whole))


def _size(count: int) -> str:
    for unit, size in (("MB", 1_000_000), ("KB", 1000)):
        if count >= size:
            return f"{round(count / size)} {unit}"
    return f"{count} B"


def signal_name(signal: object) -> str:
    """``SIGSEGV`` for 11; a name stays what it is."""
    number = int(str(signal)) if str(signal).lstrip("-").isdigit() else 0
    return _SIGNALS.get(abs(number), str(signal)) if number else str(signal)


_SIGNALS = {
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
    11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
}  # fmt: skip
"""The numbers of Linux: results may be read on another system than the one that wrote them."""


def _story(rows: Iterable[Row], say: Sentences, most: int = 16) -> str:
    """The drawing in sentences."""
    told = [s for s in (_sentence(r, say) for r in rows if not r.join or r.telling) if s]
    if len(told) > most:
        told = [*told[: most - 1], say.say("seq.story.more", count=len(told) - most + 1)]
    return " ".join(told)


def _sentence(row: Row, say: Sentences) -> str:
    key = {
        Kind.SENT: "sends",
        Kind.RECEIVED: "wrong" if row.tone == "forbid" else "receives",
        Kind.GAVE_UP: "never" if row.way is Way.OUT else "",
        Kind.SERVER_CLOSED: "server-closes",
        Kind.SERVER_RESET: "server-closes",
        Kind.REFUSED: "refused",
        Kind.ERRORS: "error",
        Kind.EXITED: "exited",
        Kind.STARTED: "started",
        Kind.SIGNALLED: "signalled",
        **_ACTS,
    }.get(row.kind, "")
    if row.way is Way.FOLD:
        return say.say("seq.story.more", count=row.count) if not row.join else ""
    return say.say(f"seq.story.{key}", who=row.who, text=row.label) if key else ""
