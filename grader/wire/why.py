"""Why a message does not fit: how far it does, and what should have come there.

    beto < ana: <text>          got "ana:"           ends-early, at 4, expected " <text>"
    beto < * <name> joined      got "* ana left"     differs, at 6, expected "joined", found "left"

What comes out is a word and facts; the sentence stands in `words`, in each language.
"""

from __future__ import annotations

import re

from grader.wire.elements import Element, Gap, is_quick, limit_of, linear_of, power_of, regex_of
from grader.wire.pattern import Misfit, Pattern

_SHOWN = 60


def explain(pattern: Pattern, text: str) -> Misfit:
    """Why `text` does not fit the pattern."""
    if pattern.longest is not None and len(text) > pattern.longest:
        return Misfit("too-long", {"at": 0, "length": len(text), "limit": pattern.longest})
    if not any(isinstance(e, Gap) for e in pattern.elements):
        return compare("".join(map(str, pattern.elements)), text)
    if found := pattern.unmet(text):
        why, facts = found[0].why(found[1])
        return Misfit(why, {"at": 0, **{k: cut(v) if isinstance(v, str) else v for k, v in facts.items()}})
    if other := pattern.unequal(text):
        return Misfit("word", {"at": 0, "expected": f"<{other[0]}>", "found": cut(other[1]), "name": other[0]})
    if close := _nearly(pattern, text):
        return Misfit(close, {"at": 0, "expected": _written(pattern.elements), "found": cut(text)})
    fitting, end = _longest_prefix(pattern.elements, text[: limit_of(power_of(pattern.elements) or 0)])
    if fitting == len(pattern.elements):
        return Misfit("goes-on", {"at": end, "expected": "", "found": cut(text[end:])})
    wanted = pattern.elements[fitting]
    facts = {"at": end, "expected": _written(pattern.elements[fitting:]), "found": cut(text[end:])}
    if isinstance(wanted, str) and fitting and _is_anything(pattern.elements[fitting - 1]) and wanted not in text[end:]:
        return Misfit("lacks", {"at": end, "expected": cut(wanted), "found": cut(text[end:])})
    if end == len(text):
        return Misfit("ends-early", facts)
    if isinstance(wanted, Gap):
        return Misfit("word", {**facts, "expected": str(wanted), "name": wanted.name or "*"})
    same = common(wanted, text[end:])
    facts |= {"at": end + same, "expected": cut(wanted[same:]), "found": cut(text[end + same :])}
    return Misfit("ends-early" if end + same == len(text) else "differs", facts)


def compare(expected: str, text: str) -> Misfit:
    """Where a text differs from the one that was expected."""
    at = common(expected, text)
    facts = {"at": at, "expected": cut(expected[at:]), "found": cut(text[at:])}
    if expected.casefold() == text.casefold():
        return Misfit("case", facts)
    if expected.split() == text.split() and expected.split():
        return Misfit("spaces", facts)
    if at == len(text):
        return Misfit("ends-early", facts)
    return Misfit("goes-on" if at == len(expected) else "differs", facts)


def common(one: str, other: str) -> int:
    """How many characters are the same at the start of both."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def cut(text: str) -> str:
    """`text`, shortened for a sentence."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _is_anything(element: Element) -> bool:
    return isinstance(element, Gap) and element.regex is None and element.demand is None


def _longest_prefix(elements: tuple[Element, ...], text: str) -> tuple[int, int]:
    """How many elements fit at the start of `text`, and where they end."""
    for count in range(len(elements), 0, -1):
        if (end := _end_of(elements[:count], text)) is not None:
            return count, end
    return 0, 0


def _end_of(elements: tuple[Element, ...], text: str) -> int | None:
    if not is_quick(elements):
        spans = linear_of(elements, whole=False).match(text)
        return None if spans is None else spans.end
    found = re.compile(regex_of(elements, whole=False)[0], re.DOTALL).match(text)
    return None if found is None else found.end()


def _nearly(pattern: Pattern, text: str) -> str | None:
    """Whether only letter case or white space is in the way."""
    elements = pattern.elements
    if not is_quick(elements) or len(text) > limit_of(power_of(elements) or 0):
        same = linear_of(elements, whole=True, any_case=True).fullmatch(text) is not None
    else:
        source = regex_of(elements, whole=True)[0]
        same = re.compile(source, re.DOTALL | re.IGNORECASE).fullmatch(text) is not None
    if same:
        return "case"
    tidy = " ".join(text.split())
    return "spaces" if tidy != text and pattern.match(tidy) is not None else None


def _written(elements: tuple[Element, ...]) -> str:
    return cut("".join(map(str, elements)))
