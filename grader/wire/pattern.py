r"""Does a message fit? A template with gaps (`<*>`, a name without a value) becomes a regular expression.

A hostile server chooses the message, so that expression must not go astray on any: with several free gaps a
backtracking search takes n² or n³ steps. It need not backtrack. When a free gap follows later, the first place where
the text after a gap occurs is as good as any, because the later gap can take up whatever stands between. So every gap
with its text is an atomic group, `(?>.*?text)`, and the search is linear.

    <*>ana<*>left      (?>.*?ana).*?left

What stays is a gap that must obey more than its neighbours: a word with a regex of its own, or a name that must be the
same in two places. Of such gaps all but one may have to backtrack, and each costs one power of n. On the messages that
travel this is nothing; on a hostile one it is paid for by a bound on the length of what is tried at all (`LONGEST`), and
longer messages go to an engine that never backtracks (`linear`), as expressions that are not plain always do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from grader.model import Facts
from grader.wire.demands import Demand
from grader.wire.elements import (
    Element,
    Gap,
    counts_of,
    limit_of,
    linear_of,
    merge,
    power_of,
    regex_of,
    stands_twice,
)

MOST_AGAIN, LONGEST_AGAIN = 64, 1024
"""Values of a name that stands twice which are tried where no engine can refer back to them, and how long they may be."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The message fits; `captures` holds the names that got their value from it."""

    captures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Misfit:
    """The message does not fit.

    `why` is a word that `misfit.<why>` has a sentence for. The facts are `at` (the character where it stops fitting),
    `expected` and `found` (what should stand there and what does), and what else that sentence needs.
    """

    why: str
    facts: Facts = field(default_factory=dict)


Groups = Callable[[str], Mapping[str, str] | None]
"""The groups of an expression in a text that fits it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One alternative of a template, ready to be tried."""

    elements: tuple[Element, ...]
    names: tuple[str, ...]
    longest: int | None
    demands: tuple[Demand, ...]
    groups: Groups
    again: bool = False
    """Whether names that stand twice are still to be compared."""
    quick: Callable[[str], re.Match[str] | None] | None = None
    """For most patterns: the search itself, whose groups are the names. A flood runs through it."""

    def match(self, text: str) -> dict[str, str] | None:
        """The captures, or None if the text does not fit."""
        if self.longest is not None and len(text) > self.longest:
            return None
        if self.quick is not None:
            fit = self.quick(text)
            return None if fit is None else dict(zip(self.names, fit.groups(), strict=True))
        found = self.groups(text)
        if found is None or not all(demand.met(found[f"d{k}"]) for k, demand in enumerate(self.demands)):
            return None
        captures = {name: found[f"n{k}"] for k, name in enumerate(self.names)}
        if self.again and any(found[key] != found[key.rstrip("x")] for key in found):
            return self._again(text)
        return captures

    def unmet(self, text: str) -> tuple[Demand, str] | None:
        """The first demand that a text does not meet whose shape fits."""
        if self.longest is not None and len(text) > self.longest:
            return None
        found = self.groups(text) or {}
        return next(
            ((d, found[f"d{k}"]) for k, d in enumerate(self.demands) if found and not d.met(found[f"d{k}"])), None
        )

    def unequal(self, text: str) -> tuple[str, str] | None:
        """A name whose second place has another text than its first, where that alone does not fit."""
        found = (self.groups(text) if self.again else None) or {}
        wrong = (key for key, value in found.items() if value != found[key.rstrip("x")])
        return next(((self.names[int(key.rstrip("x")[1:])], found[key]) for key in wrong), None)

    def _again(self, text: str) -> dict[str, str] | None:
        """The same, a name that stands twice having each of the values in turn that it can have where it begins."""
        twice = {name for name, count in counts_of(self.elements).items() if count > 1}
        at = next(n for n, e in enumerate(self.elements) if isinstance(e, Gap) and e.name in twice)
        gap = self.elements[at]
        name = gap.name if isinstance(gap, Gap) and gap.name else ""
        begin = self._begin(text, at)
        alone = compile_pattern((gap,))
        last = min(len(text), begin + LONGEST_AGAIN)
        ends = range(last, begin, -1) if isinstance(gap, Gap) and gap.regex else range(begin + 1, last + 1)
        values = (text[begin:end] for end in ends if text.find(text[begin:end], end) >= 0)
        for value in islice((v for v in values if alone.match(v) is not None), MOST_AGAIN):
            known = compile_pattern(value if isinstance(e, Gap) and e.name == name else e for e in self.elements)
            if (found := known.match(text)) is not None:
                return {name: value, **found}
        return None

    def _begin(self, text: str, at: int) -> int:
        """Where the element at this place begins in a text that fits."""
        spans = linear_of(self.elements[:at], whole=False).match(text) if at else None
        return 0 if spans is None else spans.end


def compile_pattern(elements: Iterable[Element]) -> Pattern:
    """The pattern of one alternative."""
    merged = merge(elements)
    names = tuple(counts_of(merged))
    demands = tuple(e.demand for e in merged if isinstance(e, Gap) and e.demand is not None)
    power = power_of(merged)
    if power is None:
        return Pattern(merged, names, None, demands, _linear(merged), again=stands_twice(merged))
    longest = limit_of(power) if names or power else None
    if power > 1 and not stands_twice(merged):
        return Pattern(merged, names, None, demands, _linear(merged))
    fullmatch = re.compile(regex_of(merged, whole=True)[0], re.DOTALL).fullmatch
    if longest is not None and power and not stands_twice(merged):
        return Pattern(merged, names, None, demands, _by_length(fullmatch, longest, merged))

    def groups(text: str) -> Mapping[str, str] | None:
        found = fullmatch(text)
        return None if found is None else found.groupdict()

    quick = None if demands or power else fullmatch
    return Pattern(merged, names, longest, demands, groups, quick=quick)


def _by_length(fullmatch: Callable[[str], re.Match[str] | None], longest: int, elements: tuple[Element, ...]) -> Groups:
    """What is short is tried by the quick engine, what is long by the one that can't go astray."""
    linear: list[Groups] = []

    def groups(text: str) -> Mapping[str, str] | None:
        if len(text) <= longest:
            found = fullmatch(text)
            return None if found is None else found.groupdict()
        if not linear:
            linear.append(_linear(elements))
        return linear[0](text)

    return groups


def _linear(elements: tuple[Element, ...]) -> Groups:
    expression = linear_of(elements, whole=True)

    def groups(text: str) -> Mapping[str, str] | None:
        found = expression.fullmatch(text)
        return None if found is None else found.groups

    return groups
