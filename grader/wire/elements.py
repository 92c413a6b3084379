r"""What a template is made of once the known names have their values, and how that is written as a regular expression.

    "* ", <name>, " joined"        \*\ (?P<n0>[a-z]+)\ joined

Two engines read expressions. Python's is quick and backtracks; RE2 never does (`linear`). Which of them may be asked is
decided here, by how many gaps could have to backtrack (see `pattern`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from grader.wire.demands import Demand
from grader.wire.linear import Linear, repeats, spelled_out

LONGEST = (65_536, 4_096, 512, 128, 64)
"""The longest message that the quick engine tries, by how many gaps may have to backtrack: none, one, … more."""


class Gap(NamedTuple):
    """A place where the text is not known: anything, a capture, a regex, or something that a demand is made of."""

    name: str | None = None
    regex: str | None = None
    demand: Demand | None = None

    def __str__(self) -> str:
        if self.demand is not None:
            return str(self.demand)
        return f"</{self.regex}/>" if self.regex is not None and self.name is None else f"<{self.name or '*'}>"


Element = str | Gap
"""What a template is made of once the known names have their values."""


def limit_of(power: int) -> int:
    """How long a text the quick engine may search, if so many gaps may have to backtrack."""
    return LONGEST[min(power, len(LONGEST) - 1)]


def is_quick(elements: tuple[Element, ...]) -> bool:
    """Whether the quick engine may look for these elements, in texts up to its limit."""
    power = power_of(elements)
    return power is not None and (power < 2 or stands_twice(elements))


def merge(elements: Iterable[Element]) -> tuple[Element, ...]:
    """The elements, neighbouring texts made one."""
    merged: list[Element] = []
    for element in elements:
        if isinstance(element, str) and merged and isinstance(merged[-1], str):
            merged[-1] += element
        elif element != "":
            merged.append(element)
    return tuple(merged)


def counts_of(elements: Iterable[Element]) -> Counter[str]:
    return Counter(e.name for e in elements if isinstance(e, Gap) and e.name)


def stands_twice(elements: Iterable[Element]) -> bool:
    return any(count > 1 for count in counts_of(elements).values())


def _is_free(gap: Gap, counts: Mapping[str, int]) -> bool:
    return gap.regex is None and (gap.demand is None or gap.demand.regex is None) and counts.get(gap.name or "", 1) == 1


def power_of(elements: tuple[Element, ...]) -> int | None:
    """How many gaps may have to backtrack: the power of n that a search may take, less one. None: it may take for ever."""
    own = [e.regex if e.demand is None else e.demand.regex for e in elements if isinstance(e, Gap)]
    varying = [repeats(regex) for regex in own if regex is not None]
    if None in varying:
        return None
    # Where nothing before it may move, one plain word costs nothing.
    return regex_of(elements, whole=True)[1] + max(0, sum(n or 0 for n in varying) - 1)


# -- for Python's engine --------------------------------------------------------------------------------------------


def _segments(elements: Iterable[Element], counts: Mapping[str, int]) -> list[list[Element]]:
    """The elements, cut before each free gap."""
    segments: list[list[Element]] = []
    for element in elements:
        if not segments or (isinstance(element, Gap) and _is_free(element, counts)):
            segments.append([])
        segments[-1].append(element)
    return segments


def regex_of(elements: tuple[Element, ...], *, whole: bool) -> tuple[str, int]:
    """The regular expression, its groups named n0, d0, …, and how many of its gaps may have to backtrack.

    `whole` is false for the beginning of a pattern, which ends wherever it has fitted first.
    """
    counts = counts_of(elements)
    write = _Writer(tuple(counts), plain=True)
    backtracking = sum(count > 1 for count in counts.values())
    source = ""
    segments = _segments(elements, counts)
    for segment in segments:
        last = segment is segments[-1]
        written = "".join(write.element(e, greedy=whole and last and e is segment[-1]) for e in segment)
        led_by_gap = isinstance(segment[0], Gap) and _is_free(segment[0], counts)
        simple = all(isinstance(e, str) for e in segment[1:])
        if led_by_gap and not last:
            backtracking += not simple
            written = f"(?>{written})" if simple else written
        source += written
    return source, backtracking


class _Writer:
    """Writes elements as a regular expression, for one engine or the other."""

    def __init__(self, names: tuple[str, ...], *, plain: bool) -> None:
        self._names = names
        self._plain = plain
        self._seen: Counter[str] = Counter()
        self._demands = 0

    def element(self, element: Element, *, greedy: bool) -> str:
        # Greedy only at the very end, where it comes to the same and is one step instead of n.
        if isinstance(element, str):
            return re.escape(element)
        if element.demand is not None:
            self._demands += 1
            own = self._own(element.demand.regex) or (".*" if greedy else ".*?")
            return f"(?P<d{self._demands - 1}>{own})"
        if element.name is None:
            return f"(?:{self._own(element.regex)})" if element.regex else ".*" if greedy else ".*?"
        group = f"n{self._names.index(element.name)}"
        self._seen[group] += 1
        if self._seen[group] > 1 and self._plain:
            return f"(?P={group})"
        again = "x" * (self._seen[group] - 1)
        return f"(?P<{group}{again}>{self._own(element.regex) or ('.+' if greedy else '.+?')})"

    def _own(self, regex: str | None) -> str | None:
        return regex if regex is None or self._plain else spelled_out(regex)


# -- for RE2 --------------------------------------------------------------------------------------------------------


def linear_of(elements: tuple[Element, ...], *, whole: bool, any_case: bool = False) -> Linear:
    """The elements as an expression for RE2. Names that stand twice are groups n0, n0x, … of their own."""
    write = _Writer(tuple(counts_of(elements)), plain=False)
    last = len(elements) - 1
    source = "".join(write.element(e, greedy=whole and at == last) for at, e in enumerate(elements))
    return Linear(source, any_case=any_case)
