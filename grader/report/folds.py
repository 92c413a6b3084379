"""Rows that say nothing new are folded: a drawing of everything shows nothing.

Joins in which nothing is wrong are one row for each client, or one for all when many join. Runs of equal traffic keep
their first two lines and their last. What is still too long keeps its beginning, its end and what is around a fault. A
fold is a row as well: it says how many lines are missing. Of many clients, those get a column that the check is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from grader.model import Finding, Kind
from grader.words import Sentences

SAME = 5
"""Rows with the same fault that are shown, when not all can be."""
RUN = 7
"""Equal lines in a row from which on they are folded."""


class Way(StrEnum):
    """Where a row is drawn."""

    IN = "in"
    """An arrow from a client to the server."""
    OUT = "out"
    SERVER = "server"
    """A mark on the server's bar."""
    CLIENT = "client"
    """A mark on a client's lifeline."""
    FOLD = "fold"
    """Lines that are left out."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the drawing. `count` is how many events it stands for, `since` when a wait for it began."""

    t: float
    way: Way
    kind: Kind
    who: str = ""
    label: str = ""
    tone: str = ""
    mark: str = ""
    since: float | None = None
    count: int = 1
    join: bool = False

    @property
    def telling(self) -> bool:
        """Whether a reader must see it."""
        return self.tone in ("miss", "forbid", "boom") or self.way in (Way.SERVER, Way.CLIENT)

    @property
    def alike(self) -> tuple[object, ...]:
        """Rows with the same of this say the same with another text."""
        return self.way, self.who, self.kind, self.tone, self.mark


def fold_joins(rows: list[Row], say: Sentences, *, together: bool) -> list[Row]:
    """Joins in which nothing is wrong: one row for all of them together, or a faint one for each client."""
    folded: list[Row] = []
    whose: list[str] = []
    for row in rows:
        last = folded[-1] if folded else None
        if not row.join or row.telling:
            folded.append(row)
            whose = []
        elif together:
            if last and last.join and last.way is Way.FOLD and whose:
                folded.pop()
            else:
                last = None
            whose.append(row.who)
            count = (last.count if last else 0) + (row.kind in (Kind.SENT, Kind.RECEIVED))
            label = say.say("seq.join", who=list(dict.fromkeys(whose)), count=count)
            folded.append(Row(last.t if last else row.t, Way.FOLD, row.kind, label=label, count=count, join=True))
        elif row.kind is Kind.CONNECTED:
            folded.append(replace(row, label=say.say("seq.joins")))
            whose = [row.who]
        elif not whose:
            folded.append(row)  # the middle of a join that went wrong is drawn line by line
    return folded


def drawn_clients(everybody: list[str], rows: list[Row], findings: Sequence[Finding], most: int) -> list[str]:
    """The clients to draw: all, or those that something went wrong with, then those that act."""
    if len(everybody) <= most:
        return everybody
    ranked = [r.who for r in rows if r.who and r.telling]
    for finding in findings:
        for fact in ("who", "about", "waiting"):
            value = finding.facts.get(fact)
            ranked += [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]
    ranked += [r.who for r in rows if r.way is Way.IN and not r.join and r.kind is not Kind.CONNECTED]
    chosen = set(list(dict.fromkeys(w for w in [*ranked, *everybody] if w in everybody))[:most])
    return [w for w in everybody if w in chosen]


def fold_runs(rows: list[Row]) -> list[Row]:
    """Runs of equal traffic (one client, one way, judged alike): the first two lines, the last, and what is between.

    What was left out of the transcript in the middle of a run is a part of it.
    """
    folded: list[Row] = []
    run: list[Row] = []
    for row in rows:
        if run and (_gap(row) or row.alike == run[0].alike):
            run.append(row)
            continue
        folded += _shorter(run)
        run = [row] if row.way in (Way.IN, Way.OUT) else []
        folded += [] if run else [row]
    return folded + _shorter(run)


def _gap(row: Row) -> bool:
    return row.way is Way.FOLD and not row.join


def _shorter(run: list[Row]) -> list[Row]:
    """A run, which may end in gaps, with its middle folded if it is long."""
    traffic = [at for at, row in enumerate(run) if not _gap(row)]
    if len(traffic) < RUN:
        return run
    last = traffic[-1]
    start = traffic[2] if traffic[:2] == [0, 1] else 1
    middle = Row(run[start].t, Way.FOLD, Kind.NOTED, count=sum(r.count for r in run[start:last]))
    return [*run[:start], middle, *run[last:]]


def fold(rows: list[Row], cap: int, say: Sentences) -> list[Row]:
    """If there are more than `cap` rows: the beginning, the end, and what is around telling rows; gaps say their size."""
    keep = set(range(len(rows)))
    if len(rows) > cap:
        telling = _telling(rows, cap // 3)
        for around, ends in ((5, 8), (3, 5), (2, 4), (1, 2), (0, 1)):
            near = (range(max(0, i - around), min(len(rows), i + around + 1)) for i in telling)
            keep = {*range(ends), *range(len(rows) - ends, len(rows))}.union(*near)
            keep |= {i for i in range(len(rows)) if i - 1 in keep and i + 1 in keep}  # a gap takes a row as well
            if len(keep) + len([i for i in keep if i + 1 not in keep]) <= cap * 2 // 3:
                break
    folded: list[Row] = []
    for index, row in enumerate(rows):
        last = folded[-1] if folded else None
        if index in keep and (row.join or row.way is not Way.FOLD):
            folded.append(row)
        elif last and last.way is Way.FOLD and not last.join:
            folded[-1] = replace(last, count=last.count + row.count)
        else:
            folded.append(Row(row.t, Way.FOLD, Kind.NOTED, count=row.count))
    return [replace(r, label=say.say("seq.more", count=r.count)) if r.kind is Kind.NOTED else r for r in folded]


def _telling(rows: list[Row], most: int) -> list[int]:
    """The rows that must stay; of those that say the same again and again, the first four and the last."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, row in enumerate(rows):
        if row.telling:
            groups.setdefault((row.way, row.kind, row.tone, row.mark), []).append(index)
    return sorted(i for g in groups.values() for i in (g if len(g) <= SAME else [*g[: SAME - 1], g[-1]]))[:most]
