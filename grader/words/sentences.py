"""Sentences in one language, filled in with facts. They are plain text: escaping for HTML is the page's business.

A sentence in `en.yaml` or `es.yaml` may hold:

    {who}              the fact `who`; a list reads “ana, beto and caro”; with a capital, {Who}, it begins a sentence
    {got:quoted}       words from the wire, in the quotation marks of the language
    {looked_for:or}    a list joined by “or”
    {fine:all}         a list of which every item is named, however many there are
    {path:whole}       not cut at 80 characters
    {titles:title}     titles of checks: in quotation marks, not cut
    {count#one|many}   the first form for 1 (or a list of one), the second for any other number; forms may hold facts
    [, by {signal}|, with status {status}]   the first of the alternatives whose facts are all known, or nothing

That is all: nothing is evaluated, no attribute or item is looked up. A fact that is missing shows as “?”, and an
unknown key as itself, because a report must never fail for want of a word; the tests see to it that neither happens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

import yaml

from grader.words.plain import cut_in_a_word, printable

LANGUAGES = ("en", "es")
LONGEST = 80
"""Characters of one fact in a sentence."""
MOST = 3
"""Names or lines that are listed one by one; of longer lists the first two, and how many more."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one fact, shown in one of the ways named in the module's theory."""

    name: str
    way: str
    capital: bool


@dataclass(frozen=True, slots=True)
class Plural:
    """Two forms, one of which is chosen by a number."""

    name: str
    one: Parts
    many: Parts


@dataclass(frozen=True, slots=True)
class Either:
    """Alternatives, of which the first that can be filled in is said."""

    alternatives: tuple[Parts, ...]


Part: TypeAlias = str | Slot | Plural | Either
Parts: TypeAlias = tuple[Part, ...]

_NAME = re.compile(r"\{([A-Za-z_]+)(?::([a-z]+))?([#}])")


class _Reader:
    """Reads one template from left to right."""

    def __init__(self, template: str) -> None:
        self.text = template
        self.at = 0

    def parts(self, ends: str) -> Parts:
        found: list[Part] = []
        plain = self.at
        while self.at < len(self.text) and self.text[self.at] not in ends:
            if self.text[self.at] not in "{[":
                self.at += 1
                continue
            if plain < self.at:
                found.append(self.text[plain : self.at])
            found.append(self.slot() if self.text[self.at] == "{" else self.either())
            plain = self.at
        if plain < self.at:
            found.append(self.text[plain : self.at])
        return tuple(found)

    def slot(self) -> Part:
        match = _NAME.match(self.text, self.at)
        if not match:
            raise ValueError(f"a brace without a name at {self.at} in {self.text!r}")
        self.at = match.end()
        name = match[1].lower()
        if match[3] == "}":
            return Slot(name, match[2] or "", match[1][0].isupper())
        one = self.parts("|}")
        self.pass_over("|")
        many = self.parts("}")
        self.pass_over("}")
        return Plural(name, one, many)

    def either(self) -> Either:
        self.at += 1
        alternatives = [self.parts("|]")]
        while self.text[self.at : self.at + 1] == "|":
            self.at += 1
            alternatives.append(self.parts("|]"))
        self.pass_over("]")
        return Either(tuple(alternatives))

    def pass_over(self, mark: str) -> None:
        if self.text[self.at : self.at + 1] != mark:
            raise ValueError(f"{mark!r} is missing at {self.at} in {self.text!r}")
        self.at += 1


@cache
def read(template: str) -> Parts:
    """The parts of a template. Raises ValueError where its braces or brackets do not close."""
    reader = _Reader(template)
    parts = reader.parts("")
    if reader.at < len(template):
        raise ValueError(f"{template[reader.at]!r} closes nothing in {template!r}")
    return parts


def facts_in(parts: Parts) -> frozenset[str]:
    """The names of all facts that a template may show or choose by."""
    names: set[str] = set()
    for part in parts:
        if isinstance(part, Slot):
            names.add(part.name)
        elif isinstance(part, Plural):
            names |= {part.name} | facts_in(part.one) | facts_in(part.many)
        elif isinstance(part, Either):
            names.update(*(facts_in(alternative) for alternative in part.alternatives))
    return frozenset(names)


@cache
def catalog(lang: str) -> Mapping[str, str]:
    """Every sentence of a language, by dotted key."""
    text = files("grader.words").joinpath(f"{lang}.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where it is there: ten times as fast
    found: dict[str, str] = {}

    def walk(prefix: str, value: object) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                walk(f"{prefix}.{key}" if prefix else str(key), inner)
        else:
            found[prefix] = str(value).strip()

    walk("", yaml.load(text, Loader=loader))  # noqa: S506  both loaders are the safe ones
    return found


def known(value: object) -> bool:
    """Whether a fact says something: not missing, not empty. Zero does."""
    return value is not None and value not in ("", (), [])


class Sentences:
    """All sentences of one language: `say` fills one in. An unknown language speaks English."""

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else "en"
        self._catalog = catalog(self.lang)

    def has(self, key: str) -> bool:
        """Whether there is a sentence under this key, with something in it."""
        return bool(self._catalog.get(key))

    def say(self, key: str, /, **facts: object) -> str:
        """The sentence `key` with these facts."""
        template = self._catalog.get(key)
        return f"‹{printable(key)}›" if template is None else self._fill(read(template), facts).strip()

    def of_finding(self, code: str, part: str, facts: Mapping[str, object]) -> str:
        """What `part` (`one`, `happened`, `where`) says for a finding; empty where that code has none."""
        key = f"finding.{code}.{part}"
        if key in self._catalog:
            said = {str(name): value for name, value in facts.items()}
            why = f"misfit.{said.get('why')}" if part == "happened" else ""
            return f"{self.say(key, **said)} {self.say(why, **said) if why in self._catalog else ''}".strip()
        if part in ("one", "happened") and not self.has(f"finding.{code}.one"):
            return self.say(f"finding.unknown.{part}", code=code)
        return ""

    def text(self, words: Mapping[str, str], otherwise: str = "en") -> str:
        """A text of the spec in this language, else in the spec's own, else in any."""
        for lang in (self.lang, otherwise, *words):
            if words.get(lang):
                return words[lang]
        return ""

    def quote(self, text: str) -> str:
        """Words from the wire, in quotation marks."""
        return self._catalog["grammar.open"] + text + self._catalog["grammar.close"]

    def number(self, value: float, digits: int = 2) -> str:
        """A number with the language's decimal mark and no zeros that say nothing."""
        text = f"{value:.{digits}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return text.replace(".", self._catalog["grammar.decimal"])

    def clock(self, seconds: float) -> str:
        """A time since the check began, to the millisecond: always three digits, so that a column lines up."""
        return f"{seconds:.3f}".replace(".", self._catalog["grammar.decimal"])

    def names(self, items: Sequence[str], *, word: str = "and", rest: int | None = None) -> str:
        """“ana, beto and caro”, “ana, beto and 5 more”; Spanish turns y into e and o into u where the ear asks.

        `rest` is how many there are that are not among `items`; without it, of a long list the last ones.
        """
        items = list(items)
        if rest is None:
            rest = len(items) - (MOST - 1) if len(items) > MOST else 0
            items = items[: len(items) - rest]
        if rest:
            items.append(self.say("grammar.more", count=rest))
            return f"{', '.join(items[:-1])} {self._catalog['grammar.and']} {items[-1]}"
        if len(items) < 2:
            return "".join(items)
        joint = self._catalog[f"grammar.{word}"]
        if re.match(self._catalog[f"grammar.{word}-changes-before"], items[-1].lstrip(" “«").lower()):
            joint = self._catalog[f"grammar.{word}-changed"]
        return f"{', '.join(items[:-1])} {joint} {items[-1]}"

    def _fill(self, parts: Parts, facts: Mapping[str, object]) -> str:
        said: list[str] = []
        for part in parts:
            if isinstance(part, str):
                said.append(part)
            elif isinstance(part, Slot):
                said.append(self._show(part, facts.get(part.name)))
            elif isinstance(part, Plural):
                said.append(self._fill(part.one if _is_one(facts.get(part.name)) else part.many, facts))
            else:
                full = (a for a in part.alternatives if all(known(facts.get(name)) for name in facts_in(a)))
                said.append(self._fill(next(full, ()), facts))
        return "".join(said)

    def _show(self, slot: Slot, value: object) -> str:
        if not known(value):
            return self._catalog["grammar.missing"]
        if isinstance(value, list | tuple | set | frozenset):
            items = sorted(map(str, value)) if isinstance(value, set | frozenset) else list(value)
            room = LONGEST if len(items) == 1 else LONGEST // 2
            count = len(items) if len(items) <= MOST or slot.way == "all" else MOST - 1
            named = [self._one(item, slot.way, room) for item in items[:count]]
            text = self.names(named, word="or" if slot.way == "or" else "and", rest=len(items) - count)
        else:
            text = self._one(value, slot.way, LONGEST)
        return text[:1].upper() + text[1:] if slot.capital else text

    def _one(self, value: object, way: str, room: int) -> str:
        if isinstance(value, float):
            return self.number(value)
        text = printable(str(value))
        text = text if way in ("whole", "title") else cut_in_a_word(text, room)
        return self.quote(text) if way in ("quoted", "title") else text


def _is_one(value: object) -> bool:
    """One of something. A number that is not known counts as one: it reads better than “? messages were”."""
    if isinstance(value, list | tuple | set | frozenset):
        return len(value) <= 1
    if isinstance(value, int | float):
        return value == 1
    return True
