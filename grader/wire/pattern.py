r"""Does a message fit, and if not, where does it stop fitting.

A template whose names are all known is plain text and is compared as such. One with gaps (`<*>`, a name without a
value) becomes a regular expression. A hostile server chooses the message, so that expression must not go astray on
any: with several free gaps a backtracking search takes n² or n³ steps. It need not backtrack. When a free gap follows
later, the first place where the text after a gap occurs is as good as any, because the later gap can take up whatever
stands between. So every gap with its text is an atomic group, `(?>.*?text)`, and the search is linear.

    <*>ana<*>left      (?>.*?ana).*?left

What stays is a gap that must obey more than its neighbours: a word with a regex of its own after a free gap, or a name
that must be the same in two places. Each of these costs one power of n, and is paid for by a lower bound on the length
of the messages that are tried at all (`LONGEST`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from grader.model import Facts

LONGEST = (65_536, 4_096, 512)
"""The longest message that is tried, by how many gaps may have to backtrack: none, one, more."""

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Fit:
    """The message fits; `captures` holds the names that got their value from it."""

    captures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Misfit:
    """The message does not fit.

    `why` is one of `differs`, `case`, `spaces`, `ends-early`, `goes-on`, `word`, `too-long`. The facts are `at` (the
    character where it stops fitting), `expected` and `found` (what should stand there and what does), `name` for
    `word`, `limit` for `too-long`.
    """

    why: str
    facts: Facts = field(default_factory=dict)


class Gap(NamedTuple):
    """A place where the text is not known: anything, a capture, or a word with a regex of its own."""

    name: str | None = None
    regex: str | None = None

    def __str__(self) -> str:
        return f"<{self.name or '*'}>"


Element = str | Gap
"""What a template is made of once the known names have their values."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One alternative of a template, ready to be tried."""

    elements: tuple[Element, ...]
    regex: re.Pattern[str]
    names: tuple[str, ...]
    longest: int | None

    def match(self, text: str) -> dict[str, str] | None:
        """The captures, or None if the text does not fit."""
        if self.longest is not None and len(text) > self.longest:
            return None
        found = self.regex.fullmatch(text)
        return None if found is None else {name: found[f"n{k}"] for k, name in enumerate(self.names)}


def compile_pattern(elements: Iterable[Element]) -> Pattern:
    """The pattern of one alternative."""
    merged = _merge(elements)
    source, names, backtracking = _regex_of(merged, whole=True)
    bounded = bool(names) or backtracking > 0
    longest = LONGEST[min(backtracking, len(LONGEST) - 1)] if bounded else None
    return Pattern(merged, re.compile(source, re.DOTALL), names, longest)


def explain(pattern: Pattern, text: str) -> Misfit:
    """Why `text` does not fit: how far it does, and what should have come there."""
    if pattern.longest is not None and len(text) > pattern.longest:
        return Misfit("too-long", {"at": 0, "length": len(text), "limit": pattern.longest})
    if not any(isinstance(e, Gap) for e in pattern.elements):
        return _compare("".join(map(str, pattern.elements)), text)
    if close := _nearly(pattern, text):
        return Misfit(close, {"at": 0, "expected": _written(pattern.elements), "found": cut(text)})
    fitting, end = _longest_prefix(pattern.elements, text)
    if fitting == len(pattern.elements):
        return Misfit("goes-on", {"at": end, "expected": "", "found": cut(text[end:])})
    wanted = pattern.elements[fitting]
    facts = {"at": end, "expected": _written(pattern.elements[fitting:]), "found": cut(text[end:])}
    if end == len(text):
        return Misfit("ends-early", facts)
    if isinstance(wanted, Gap):
        return Misfit("word", {**facts, "expected": str(wanted), "name": wanted.name or "*"})
    same = _common(wanted, text[end:])
    facts |= {"at": end + same, "expected": cut(wanted[same:]), "found": cut(text[end + same :])}
    return Misfit("ends-early" if end + same == len(text) else "differs", facts)


def cut(text: str) -> str:
    """`text`, shortened for a sentence."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _merge(elements: Iterable[Element]) -> tuple[Element, ...]:
    merged: list[Element] = []
    for element in elements:
        if isinstance(element, str) and merged and isinstance(merged[-1], str):
            merged[-1] += element
        elif element != "":
            merged.append(element)
    return tuple(merged)


def _is_free(gap: Gap, counts: Mapping[str, int]) -> bool:
    return gap.regex is None and counts.get(gap.name or "", 1) == 1


def _segments(elements: Iterable[Element], counts: Mapping[str, int]) -> list[list[Element]]:
    """The elements, cut before each free gap."""
    segments: list[list[Element]] = []
    for element in elements:
        if not segments or (isinstance(element, Gap) and _is_free(element, counts)):
            segments.append([])
        segments[-1].append(element)
    return segments


def _regex_of(elements: tuple[Element, ...], *, whole: bool) -> tuple[str, tuple[str, ...], int]:
    """The regular expression, the names of its groups n0, n1, …, and how many of its gaps may have to backtrack.

    `whole` is false for the beginning of a pattern, which ends wherever it has fitted first.
    """
    counts = Counter(e.name for e in elements if isinstance(e, Gap) and e.name)
    names = tuple(counts)
    seen: set[str] = set()
    backtracking = sum(count > 1 for count in counts.values())
    source = ""
    segments = _segments(elements, counts)
    for segment in segments:
        last = segment is segments[-1]
        written = "".join(_element(e, names, seen, greedy=whole and last and e is segment[-1]) for e in segment)
        led_by_gap = isinstance(segment[0], Gap) and _is_free(segment[0], counts)
        plain = all(isinstance(e, str) for e in segment[1:])
        if led_by_gap and not last:
            backtracking += not plain
            written = f"(?>{written})" if plain else written
        source += written
    return source, names, backtracking


def _element(element: Element, names: tuple[str, ...], seen: set[str], *, greedy: bool) -> str:
    # Greedy only at the very end, where it comes to the same and is one step instead of n.
    if isinstance(element, str):
        return re.escape(element)
    if element.name is None:
        return ".*" if greedy else ".*?"
    group = f"n{names.index(element.name)}"
    if element.name in seen:
        return f"(?P={group})"
    seen.add(element.name)
    return f"(?P<{group}>{element.regex or ('.+' if greedy else '.+?')})"


def _longest_prefix(elements: tuple[Element, ...], text: str) -> tuple[int, int]:
    """How many elements fit at the start of `text`, and where they end."""
    for count in range(len(elements), 0, -1):
        source, _, _ = _regex_of(elements[:count], whole=False)
        if found := re.compile(source, re.DOTALL).match(text):
            return count, found.end()
    return 0, 0


def _nearly(pattern: Pattern, text: str) -> str | None:
    """Whether only letter case or white space is in the way."""
    if re.compile(pattern.regex.pattern, re.DOTALL | re.IGNORECASE).fullmatch(text):
        return "case"
    tidy = " ".join(text.split())
    return "spaces" if tidy != text and pattern.regex.fullmatch(tidy) else None


def _compare(expected: str, text: str) -> Misfit:
    at = _common(expected, text)
    facts = {"at": at, "expected": cut(expected[at:]), "found": cut(text[at:])}
    if expected.casefold() == text.casefold():
        return Misfit("case", facts)
    if expected.split() == text.split() and expected.split():
        return Misfit("spaces", facts)
    if at == len(text):
        return Misfit("ends-early", facts)
    return Misfit("goes-on" if at == len(expected) else "differs", facts)


def _common(one: str, other: str) -> int:
    """How many characters are the same at the start of both."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def _written(elements: tuple[Element, ...]) -> str:
    return cut("".join(map(str, elements)))
