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
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from grader.model import Facts
from grader.wire.demands import Demand
from grader.wire.linear import Linear, repeats, spelled_out

LONGEST = (65_536, 4_096, 512)
"""The longest message that the quick engine tries, by how many gaps may have to backtrack: none, one, more."""


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
            return self._again(captures, text)
        return captures

    def unmet(self, text: str) -> tuple[Demand, str] | None:
        """The first demand that a text does not meet whose shape fits."""
        if self.longest is not None and len(text) > self.longest:
            return None
        found = self.groups(text) or {}
        return next(
            ((d, found[f"d{k}"]) for k, d in enumerate(self.demands) if found and not d.met(found[f"d{k}"])), None
        )

    def _again(self, captures: Mapping[str, str], text: str) -> dict[str, str] | None:
        """The same, a name that stands twice now having the value that its first place has got."""
        twice = {name for name, count in _counts(self.elements).items() if count > 1}
        first = next(e.name for e in self.elements if isinstance(e, Gap) and e.name in twice) or ""
        value = captures[first]
        known = compile_pattern(value if isinstance(e, Gap) and e.name == first else e for e in self.elements)
        found = known.match(text)
        return None if found is None else {first: value, **found}


def compile_pattern(elements: Iterable[Element]) -> Pattern:
    """The pattern of one alternative."""
    merged = merge(elements)
    names = tuple(_counts(merged))
    demands = tuple(e.demand for e in merged if isinstance(e, Gap) and e.demand is not None)
    power = power_of(merged)
    if power is None:
        return Pattern(merged, names, None, demands, _linear(merged), again=_repeated(merged))
    longest = LONGEST[min(power, len(LONGEST) - 1)] if names or power else None
    fullmatch = re.compile(regex_of(merged, whole=True)[0], re.DOTALL).fullmatch
    if longest is not None and power and not _repeated(merged):
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


def merge(elements: Iterable[Element]) -> tuple[Element, ...]:
    """The elements, neighbouring texts made one."""
    merged: list[Element] = []
    for element in elements:
        if isinstance(element, str) and merged and isinstance(merged[-1], str):
            merged[-1] += element
        elif element != "":
            merged.append(element)
    return tuple(merged)


def _counts(elements: Iterable[Element]) -> Counter[str]:
    return Counter(e.name for e in elements if isinstance(e, Gap) and e.name)


def _repeated(elements: Iterable[Element]) -> bool:
    return any(count > 1 for count in _counts(elements).values())


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
    counts = _counts(elements)
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


def _linear(elements: tuple[Element, ...]) -> Groups:
    expression = linear_of(elements, whole=True)

    def groups(text: str) -> Mapping[str, str] | None:
        found = expression.fullmatch(text)
        return None if found is None else found.groups

    return groups


def linear_of(elements: tuple[Element, ...], *, whole: bool, any_case: bool = False) -> Linear:
    """The elements as an expression for RE2. Names that stand twice are groups n0, n0x, … of their own."""
    write = _Writer(tuple(_counts(elements)), plain=False)
    last = len(elements) - 1
    source = "".join(write.element(e, greedy=whole and at == last) for at, e in enumerate(elements))
    return Linear(source, any_case=any_case)
