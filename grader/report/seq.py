"""Draw rows as a sequence diagram: the server on the left, one lifeline per client, time running down.

Three rules. Each event has a row of its own, so a label never competes with another, and in the wide drawing it stands at
the client's end of its arrow: a column reads like that client's own terminal. Ink is grey and black; red is spent only on
what is wrong, and shape, dash and words say again what the colour says. The distance of rows is real time, within bounds:
a long silence is folded and says how long it was.

Times are taken in the grader's clients, not in the server: that is why arrows are level.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from grader.model import Kind
from grader.report.elements import el, join
from grader.report.folds import Row, Way
from grader.report.layout import NARROW, WIDE, Layout, Shape
from grader.report.rows import Picture
from grader.report.show import width as columns_of
from grader.words import Sentences, cut

LETTER = 7.55
"""Width of one letter of a label: 12.5 px in a fixed font."""


class _Drawing:
    """One drawing of one picture in one shape."""

    def __init__(self, picture: Picture, shape: Shape, server: str, say: Sentences) -> None:
        self.place = Layout(picture, shape)
        self.shape, self.say, self.server = shape, say, server
        self.rows, self.numbers = picture.rows, picture.numbers
        self.xs, self.ys = self.place.xs, self.place.ys
        self.width, self.height = self.place.width, self.place.height

    def draw(self, uid: str, title: str, story: str) -> Markup:
        shape = self.shape
        parts = [
            el("title", title, id=f"{uid}-t"),
            el("desc", story, id=f"{uid}-d"),
            *self._tints(),
            *self._lives(),
            *self._heads(),
            *self._folds(),
            *self._waits(),
            *self._arrows(),
        ]
        return el(
            "svg",
            parts,
            class_=f"seq {shape.name}",
            role="img",
            aria_labelledby=f"{uid}-t {uid}-d",
            viewBox=f"0 0 {self.width} {self.height}",
            width=self.width,
            height=self.height,
        )

    def _tints(self) -> list[Markup]:
        tall = 33 if self.shape.inline else 46
        return [
            el("rect", class_="row", x=0, y=round(y - 22, 1), width=self.width, height=tall if row.mark else 33)
            for row, y in zip(self.rows, self.ys, strict=True)
            if row.tone in ("miss", "forbid", "boom")
        ]

    def _lives(self) -> list[Markup]:
        """The server's bar, ended where it ended; each client's line, broken where it was not there."""
        out: list[Markup] = []
        for top, end in self.place.spans(None):
            x = self.shape.left - 5
            out.append(el("rect", class_="busy", x=x, y=top, width=10, height=round(end - top, 1), rx=3))
        for client, x in self.xs.items():
            out += [el("line", class_="life", x1=x, x2=x, y1=top, y2=end) for top, end in self.place.spans(client)]
            frozen = None
            for row, y in [*zip(self.rows, self.ys, strict=True), (None, float(self.height - 12))]:
                if row is not None and row.who == client and row.kind is Kind.FROZEN:
                    frozen = y
                elif frozen is not None and (row is None or (row.who == client and row.kind is Kind.THAWED)):
                    out.append(el("line", class_="frozen", x1=x, x2=x, y1=frozen, y2=y))
                    frozen = None
        return out

    def _heads(self) -> list[Markup]:
        say, (server, client) = self.say, self.shape.heads
        client = min(client, round(self.place.step) - 6)
        places = [(self.shape.left, say.say("seq.server"), self.server, server)]
        places += [
            (x, c, say.say("seq.client", number=n), client)
            for n, (c, x) in zip(self.numbers, self.xs.items(), strict=True)
        ]
        out: list[Markup] = []
        for x, name, role, wide in places:
            out.append(el("rect", class_="head", x=round(x - wide / 2, 1), y=8, width=wide, height=44, rx=7))
            out.append(
                el("text", cut(name, int(wide / self.shape.letter)), class_="who", x=x, y=27, text_anchor="middle")
            )
            if len(role) * 6 < wide:
                out.append(el("text", role, class_="role", x=x, y=43, text_anchor="middle"))
        return out

    def _folds(self) -> list[Markup]:
        """Where time or lines are left out, every line of life is broken."""
        out: list[Markup] = []
        for y, gap in self.place.silences:
            text = "⋮ " + self.say.say("unit.seconds", seconds=round(gap, 1))
            out.append(el("text", text, class_="gap", x=6, y=round(y + 4, 1)))
            out += self._breaks(y)
        for row, y in zip(self.rows, self.ys, strict=True):
            if row.way is Way.FOLD:
                out += self._breaks(y - 4)
                out.append(el("text", row.label, class_="gap lbl", x=self.shape.left + 16, y=round(y, 1)))
        return out

    def _breaks(self, y: float) -> list[Markup]:
        out: list[Markup] = []
        for client, x in [(None, self.shape.left), *self.xs.items()]:
            if any(top < y < end for top, end in self.place.spans(client)):
                out.append(el("rect", class_="cut", x=x - 8, y=round(y - 6, 1), width=16, height=11))
                lines = f"M{x - 7} {y - 2:.1f}l5 -4l5 5l4 -4M{x - 7} {y + 5:.1f}l5 -4l5 5l4 -4"
                out.append(el("path", class_="fold", d=lines))
        return out

    def _waits(self) -> list[Markup]:
        """The time in which a client waited for what never came, broken where time is folded."""
        out: list[Markup] = []
        for row, y in zip(self.rows, self.ys, strict=True):
            if row.kind is not Kind.GAVE_UP or row.since is None or row.who not in self.xs:
                continue
            since = row.since
            top = next((b for a, b in zip(self.rows, self.ys, strict=True) if a.t >= since), y)
            folds = [f for f, _ in self.place.silences if top < f < y]
            x = self.xs[row.who]
            for a, b in zip([top, *(f + 7 for f in folds)], [*(f - 8 for f in folds), y - 7], strict=True):
                if b - a > 6:
                    out.append(el("line", class_="wait", x1=x, x2=x, y1=round(a, 1), y2=round(b, 1)))
        return out

    def _arrows(self) -> list[Markup]:
        out: list[Markup] = []
        before = ""
        for row, y in zip(self.rows, self.ys, strict=True):
            if row.way is Way.FOLD:
                continue
            stamp = self.say.clock(row.t) + (" s" if self.shape.inline else "")
            if stamp != before:
                out.append(el("text", stamp, class_="t", x=6, y=round(y + 4, 1)))
            before = stamp
            out.append(el("g", self._row(row, y), class_=row.tone or None))
        return out

    def _row(self, row: Row, y: float) -> list[Markup]:
        left = self.shape.left
        if row.way is Way.SERVER:
            cross = row.kind in (Kind.EXITED, Kind.ERRORS) or row.tone == "boom"
            sign = _cross(left, y) if cross else el("circle", class_="tip", cx=left, cy=y, r=3.5)
            return [sign, self._text(row.label, left + 16, y + 4, "start")]
        x = self.xs[row.who]
        if row.way is Way.CLIENT:
            at_right = x + 12 + columns_of(row.label) * LETTER < self.width
            side = (x + 12, "start") if at_right else (x - 12, "end")
            return [
                el("path", class_="pause", d=f"M{x - 3} {y - 6:.1f}v12m6 0v-12"),
                self._text(row.label, side[0], y + 4, side[1]),
            ]
        start, end, back = (x, left + 6, 8) if row.way is Way.IN else (left + 6, x, -8)
        parts = [
            el("path", class_="arrow", d=f"M{start} {y}H{end + back}"),
            el("path", class_="tip", d=f"M{end} {y}l{back * 9 // 8} -5v10z"),
        ]
        parts += self._labelled(row, x, y)
        if row.kind in (Kind.CLOSED, Kind.CRASHED, Kind.SERVER_CLOSED, Kind.SERVER_RESET):
            parts.append(_cross(x, y, "end"))
        return parts

    def _labelled(self, row: Row, x: int, y: float) -> list[Markup]:
        """The label above the arrow, at the client's end where there is room; what is wrong beside it, or below."""
        left = self.shape.left
        label = cut(row.label, self.shape.label)
        long = columns_of(label) * LETTER
        if not self.shape.inline:
            parts = [self._text(label, left + 14, y - 7, "start")]
            if row.mark:
                parts.append(el("text", row.mark, class_="verdict", x=left + 14, y=round(y + 16, 1)))
            return parts
        verdict_at = x + 12.0
        if long <= x - left - 30:
            parts = [self._text(label, x - 14, y - 7, "end")]
        else:
            parts = [self._text(label, left + 16, y - 7, "start")]
        if row.mark:
            room = self.width - 4 - len(row.mark) * 7.0
            side = {"text_anchor": "end", "x": self.width - 4} if verdict_at > room else {"x": verdict_at}
            parts.append(el("text", row.mark, class_="verdict lbl", y=round(y + 4, 1), **side))
        return parts

    @staticmethod
    def _text(text: str, x: float, y: float, anchor: str) -> Markup:
        return el("text", text, class_="lbl", x=x, y=round(y, 1), text_anchor=None if anchor == "start" else anchor)


def _cross(x: float, y: float, class_: str = "arrow") -> Markup:
    return el("path", class_=class_, d=f"M{x - 6} {y - 6:.1f}l12 12m0 -12l-12 12")


def draw(wide: Picture, narrow: Picture, server: str, uid: str, title: str, say: Sentences) -> Markup:
    """Both drawings; the style sheet shows the one that fits. `uid` makes ids unique on the page."""
    return join(
        [
            _Drawing(wide, WIDE, server, say).draw(f"w-{uid}", title, wide.story),
            _Drawing(narrow, NARROW, server, say).draw(f"n-{uid}", title, narrow.story),
        ]
    )


def key(rows: Sequence[Row], say: Sentences) -> Markup:
    """The legend: only what this drawing uses."""
    arrows = [r for r in rows if r.way in (Way.IN, Way.OUT)]
    tip = el("path", class_="tip", d="M35 6l-9 -4.5v9z")
    arrow = [el("path", class_="arrow", d="M1 6H27"), tip]
    entries = [
        ("ok", any(not r.tone for r in arrows), el("g", arrow)),
        ("faint", any(r.tone == "faint" for r in arrows), el("g", arrow, class_="faint")),
        ("miss", any(r.tone == "miss" for r in arrows), el("g", arrow, class_="miss")),
        ("forbid", any(r.tone == "forbid" for r in arrows), el("g", arrow, class_="forbid")),
        ("wait", any(r.kind is Kind.GAVE_UP and r.who for r in rows), el("path", class_="wait", d="M4 6H32")),
        ("frozen", any(r.kind is Kind.FROZEN for r in rows), el("path", class_="frozen", d="M4 6H32")),
        ("boom", any(r.tone == "boom" for r in rows), el("g", _cross(18, 6), class_="boom")),
    ]
    shown = [
        el("span", el("svg", sign, class_="seq", viewBox="0 0 36 12", aria_hidden="true"), say.say(f"seq.key.{name}"))
        for name, used, sign in entries
        if used
    ]
    return el("p", shown, class_="key")
