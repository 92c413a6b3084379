"""Where everything of a sequence diagram stands: a column for each client, a y for each row.

The distance of rows is real time, within bounds; a silence longer than `FOLD` is folded, and the drawing says how long it
was. A line of life is there while its owner is: a client's until it leaves or is cut off, the server's until it ends.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import Kind
from grader.report.folds import Way
from grader.report.rows import Picture

HEAD = 58
FOLD = 0.35
"""Seconds of silence that are drawn; a longer one is folded."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Measures of a drawing: `inline` puts the label at the client's end, and the verdict right of the arrow."""

    name: str
    left: int
    width: int
    margin: int
    columns: tuple[int, int]
    row: int
    join: int
    heads: tuple[int, int]
    label: int
    letter: float
    """Width of a letter of a name."""
    inline: bool


WIDE = Shape("wide", 128, 928, 118, (80, 310), 34, 25, (108, 88), 40, 7.9, inline=True)
NARROW = Shape("narrow", 74, 322, 30, (36, 110), 40, 31, (80, 56), 30, 6.9, inline=False)
NARROW_COLUMNS = 5


class Layout:
    """The measures of one picture in one shape: `xs` by client, `ys` by row, `silences` as (y, seconds)."""

    def __init__(self, picture: Picture, shape: Shape) -> None:
        self.shape = shape
        self.rows = picture.rows
        least, most = shape.columns
        count = max(1, len(picture.clients))
        first = sum(shape.heads) / 2 + 4  # the server's head is wider than the others
        last = picture.clients[-1] if picture.clients else ""
        marks = [len(r.mark) * 7 + 24 for r in picture.rows if r.who == last and shape.inline]
        margin = max(shape.margin, *marks) if marks else shape.margin
        room = shape.width - shape.left - margin
        step = min(most, room / count)
        if step < first and count > 1:
            step = max(least, (room - first) / (count - 1))
        self.step = step
        self.xs = {c: round(shape.left + max(first, step) + step * n) for n, c in enumerate(picture.clients)}
        self.width = max(shape.width if shape.inline else 0, max(self.xs.values(), default=0) + margin)
        self._spans: dict[str | None, list[tuple[float, float]]] = {}
        self.ys, self.silences = self._place()
        self.height = round(self.ys[-1] + 34) if self.ys else HEAD + 34

    def _place(self) -> tuple[list[float], list[tuple[float, float]]]:
        """The y of each row, and each long silence: where it is drawn, and how long it was."""
        y, before = HEAD + 4.0, None
        ys: list[float] = []
        silences: list[tuple[float, float]] = []
        for row in self.rows:
            step = self.shape.join if row.join and not row.telling else self.shape.row
            gap = 0.0 if before is None else row.t - before
            if gap > FOLD and row.way is not Way.FOLD:
                silences.append((y + 24, gap))
                y += step + 26
            else:
                y += min(step + max(0.0, gap) * 120, step + 22)
            ys.append(round(y, 1))
            y += 15 if row.mark and not self.shape.inline else 0
            before = row.t
        return ys, silences

    def spans(self, client: str | None) -> list[tuple[float, float]]:
        """From where to where a client was there, or the server (None)."""
        if client not in self._spans:
            self._spans[client] = self._lives(client)
        return self._spans[client]

    def _lives(self, client: str | None) -> list[tuple[float, float]]:
        ends = (Kind.EXITED,) if client is None else (Kind.CLOSED, Kind.CRASHED, Kind.SERVER_CLOSED, Kind.SERVER_RESET)
        starts = Kind.STARTED if client is None else Kind.CONNECTED
        spans: list[tuple[float, float]] = []
        top: float | None = float(HEAD)
        for row, y in zip(self.rows, self.ys, strict=True):
            mine = row.way is Way.SERVER if client is None else row.who == client
            if mine and row.kind in ends and top is not None:
                spans.append((top, y))
                top = None
            elif mine and row.kind is starts and top is None:
                top = y
        return spans if top is None else [*spans, (top, float(self.height - 12))]
