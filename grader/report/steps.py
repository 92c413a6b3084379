"""The rows of the table of both servers, and which of them are worth drawing.

A play may have hundreds of lines. Those that a failed play never came to, those of which nothing was kept, and those that
are the same on both sides are counted, not shown. A row is drawn only once it is known to stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from markupsafe import Markup

from grader.words import Sentences

ROWS = 36
UNREACHED = 3
"""Lines behind the one that failed which are shown: what the reference did there. The rest is counted."""


@dataclass(frozen=True, slots=True)
class Side:
    """One row of the table, drawn. One with a note stands for several that are left out."""

    time: str
    step: str
    yours: Markup
    theirs: Markup
    differs: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row before it is drawn."""

    draw: Callable[[], Side]
    differs: bool = False
    told: str = "whole"
    """`unreached` where the server never came to the line, `left-out` where nothing was kept of it; or both."""
    timed: bool = True
    """Whether something happened there in the student's server."""


def shortened(rows: list[Row], say: Sentences) -> list[Row]:
    """Rows that tell nothing of the student's server are counted: what it never came to, and what was not kept."""
    shown: list[Row] = []
    for told, group in groupby(rows, key=lambda r: r.told.partition(",")[0]):
        run = list(group)
        keep = [r for r in run[:UNREACHED] if r.told == "unreached"]
        missing = len(run) - len(keep)
        if told == "whole" or (missing == 1 and run[-1].told == "unreached"):
            shown += run
        else:
            shown += [*keep, _note(say.say(f"sides.more-{told}", count=missing))] if missing else keep
    return shown


def folded(rows: list[Row], say: Sentences, most: int) -> list[Row]:
    """If there are more than `most` rows: the beginning, the end, and what is around a difference."""
    if len(rows) <= most:
        return rows
    bad = [i for i, r in enumerate(rows) if r.differs][: most // 3]
    keep = {*range(min(4, most // 3)), *range(len(rows) - 3, len(rows))}
    keep = keep.union(*(range(max(0, i - 1), i + 2) for i in bad))
    shown: list[Row] = []
    gap: list[Row] = []
    for index, row in enumerate(rows):
        if index not in keep:
            gap.append(row)
            continue
        if gap:
            # Steps that the server never came to are not “the same”: there is nothing to compare.
            alike = all(r.told == "whole" and r.timed and not r.differs for r in gap)
            shown.append(_note(say.say(f"sides.{'same' if alike else 'more'}", count=len(gap))))
            gap = []
        shown.append(row)
    return shown


def _note(text: str) -> Row:
    return Row(partial(Side, "", "", Markup(), Markup(), note=text), told="note")
