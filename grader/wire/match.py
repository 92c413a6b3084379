r"""Templates: what stands after a mark, to be compared with what came or filled in for what goes out.

    beto < ana: <text>     fit("ana: hola", {})            Fit({"text": "hola"})
    ana  > hola <i>        fill({}, number=3)              "hola 3"
    caro >> ho|la\n        pieces({})                      [b"ho", b"la\n"]

A name is a known value where there is one, else it captures: at least one character, as few as possible, from left to
right; what is declared under `words:` fits only what its regex fits. `match` answers yes or no at the price that a
flood of thousands of lines can pay; `fit` also says why not.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from grader.registry import nearest
from grader.wire.demands import demand
from grader.wire.elements import Element, Gap
from grader.wire.linear import NotLinear, check
from grader.wire.parts import (
    RENDER,
    UNCERTAIN,
    Part,
    Style,
    TemplateError,
    What,
    names_in,
    take_apart,
    to_bytes,
    to_text,
)
from grader.wire.pattern import Fit, Misfit, Pattern, compile_pattern
from grader.wire.values import names_of
from grader.wire.why import explain

__all__ = ["Fit", "Misfit", "Style", "Template", "TemplateError", "to_bytes", "to_text"]

_KEPT = 512
"""Compiled patterns kept per template: one for each set of known values."""


@dataclass(frozen=True, slots=True)
class Template:
    """The text after a mark, parsed once. Made by `Template.parse`."""

    source: str
    parts: tuple[Part, ...]
    words: Mapping[str, str] = field(hash=False)
    style: Style
    names: tuple[str, ...]
    """The placeholders that need a value or capture one, in the order of their first use."""
    literal: bool
    """Nothing but text: the same for every repetition and every client."""
    counts: bool
    """Uses `<i>`: different for every repetition."""
    _text: str
    _open: bool
    _patterns: dict[tuple[object, ...], tuple[Pattern, ...]] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def parse(source: str, words: Mapping[str, str], *, raw: bool = False, style: Style = Style.LINE) -> Template:
        """The template that `source` spells. Raises TemplateError."""
        return _parse(source, tuple(words.items()), Style.RAW if raw else style)

    @property
    def raw(self) -> bool:
        """Whether it stands for bytes rather than for a message."""
        return self.style is Style.RAW

    def match(self, text: str, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> Mapping[str, str] | None:
        """The names that got a value from `text`, or None if it does not fit."""
        if self.literal:
            return {} if text == self._text else None
        if not self._open and all(name in known for name in self.names):
            wanted = self._alternatives(known, number, seed)
            return {} if any(text == "".join(map(str, elements)) for elements in wanted) else None
        for pattern in self._compiled(known, number, seed):
            captures = pattern.match(text)
            if captures is not None:
                return captures
        return None

    def fit(self, text: str, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> Fit | Misfit:
        """Like `match`, but a misfit says why: that of the alternative which fits furthest."""
        captures = self.match(text, known, number=number, seed=seed)
        if captures is not None:
            return Fit(captures)
        misfits = [explain(pattern, text) for pattern in self._compiled(known, number, seed)]
        return max(misfits, key=lambda misfit: (misfit.why in _CLOSE, misfit.facts["at"]))

    def fill(self, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> str:
        """The text to send. Raises KeyError for a name without a value."""
        return self._text if self.literal else "".join(self._rendered(self.parts, known, number, seed))

    def pieces(self, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> list[bytes]:
        """The bytes to send, cut at the packet boundaries of a raw template."""
        if not self.raw:
            return [to_bytes(self.fill(known, number=number, seed=seed))]
        return [to_bytes("".join(self._rendered(parts, known, number, seed))) for parts in _cut_at_bars(self.parts)]

    def elements(self, known: Mapping[str, str], number: int = 0, seed: int = 0) -> list[list[Element]]:
        """Each alternative with the known names replaced by their values."""
        return [list(elements) for elements in self._alternatives(known, number, seed)]

    def _rendered(self, parts: Iterable[Part], known: Mapping[str, str], number: int, seed: int) -> Iterator[str]:
        return (RENDER[part.what](part, known, number, seed) for part in parts)

    def _alternatives(self, known: Mapping[str, str], number: int, seed: int) -> Iterator[list[Element]]:
        # In raw bytes a bar is a packet boundary: it means nothing to who reads.
        for parts in [self.parts] if self.raw else _cut_at_bars(self.parts):
            yield [
                self._gap(part)
                if part.what in UNCERTAIN or (part.what is What.NAME and part.text not in known)
                else self._certain(part, known, number, seed)
                for part in parts
            ]

    def _certain(self, part: Part, known: Mapping[str, str], number: int, seed: int) -> str:
        """What a part stands for; one that can't be computed, as a server named no number, stands for itself."""
        try:
            return RENDER[part.what](part, known, number, seed)
        except (KeyError, ValueError):
            if part.what in (What.VALUE, What.FILE):
                return f"<{part.what} {part.text}>"
            raise

    def _gap(self, part: Part) -> Gap:
        if part.what is What.REGEX:
            return Gap(None, part.text)
        if part.what in (What.ANY, What.NAME):
            return Gap(part.text or None, self.words.get(part.text))
        return Gap(demand=demand(part, self.words))

    def _compiled(self, known: Mapping[str, str], number: int, seed: int) -> tuple[Pattern, ...]:
        key = (number if self.counts else 0, seed, *(known.get(name) for name in self.names))
        if key not in self._patterns:
            if len(self._patterns) >= _KEPT:
                self._patterns.clear()
            self._patterns[key] = tuple(map(compile_pattern, self._alternatives(known, number, seed)))
        return self._patterns[key]


_CLOSE = frozenset({"case", "spaces"})


@lru_cache(maxsize=8192)
def _parse(source: str, words: tuple[tuple[str, str], ...], style: Style) -> Template:
    parts = take_apart(source, style)
    for part in parts:
        _check(part)
    kinds = {part.what for part in parts}
    literal = kinds <= {What.TEXT}
    return Template(
        source=source,
        parts=parts,
        words=dict(words),
        style=style,
        names=tuple(dict.fromkeys(name for part in parts for name in names_in(part))),
        literal=literal,
        counts=What.NUMBER in kinds or any(part.which == "i" for part in parts),
        _text="".join(part.text for part in parts) if literal else "",
        _open=bool(kinds & UNCERTAIN),
    )


def _check(part: Part) -> None:
    """Raises TemplateError for a placeholder that asks for something that can't be asked for."""
    if part.what in (What.NUMERIC, What.SET, What.NOT, What.PYTHON):
        demand(part)
    if part.what is What.REGEX:
        check_regex(part.text, part.offset)
    if part.what is What.VALUE:
        try:
            names_of(part.text)
        except ValueError:
            hint = "Write <value (low + high) / 2>: numbers, names, + - * / % and parentheses."
            raise TemplateError(f"{part.text[:40]!r} is no sum.", part.offset, hint) from None


def check_regex(regex: str, offset: int = 0) -> None:
    """Raises TemplateError for a regular expression that a template can't hold."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # As it will be used, inside a larger one: flags at its beginning are refused there.
            re.compile(regex)  # alone first: its complaints say where
            compiled = re.compile(f"(?:{regex})")
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise TemplateError(f"This is no regular expression: {error}.", offset) from None
    if compiled.groups:
        raise TemplateError("The regular expression has groups.", offset, "Write (?: instead of ( .")
    try:
        check(regex)
    except NotLinear as error:
        hint = "Looking ahead and referring back could take for ever on what a server sends."
        raise TemplateError(f"This regular expression can't be searched for: {error}.", offset, hint) from None


def _cut_at_bars(parts: tuple[Part, ...]) -> list[tuple[Part, ...]]:
    groups = groupby(parts, key=lambda part: part.what is What.BAR)
    return [tuple(group) for bar, group in groups if not bar] or [()]


def unknown(parts: Iterable[Part], allowed: Iterable[str]) -> tuple[TemplateError, ...]:
    """A complaint for every placeholder whose name is not allowed here, with the nearest that is."""
    names = list(allowed)
    return tuple(
        TemplateError(f"<{part.text}> has no value here.", part.offset, _suggestion(part.text, names))
        for part in parts
        if part.what is What.NAME and part.text not in names
    )


def _suggestion(name: str, allowed: list[str]) -> str:
    near = nearest(name, allowed)
    return f"The nearest is <{near}>." if near else ""
