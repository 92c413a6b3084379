"""JSON after a mark: the keys that are named must be there with these values; others may be there too.

    ana < {"type": "say", "from": <who>, "text": "hola, <me>"}

A placeholder inside quotes is part of a text; one without quotes is a whole value. Numbers are compared as numbers, keys
in any order, lists element by element. What is sent is the text as it stands, with the placeholders filled in so that it
stays JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from grader.wire.framings.json_values import DEEPEST
from grader.wire.match import Fit, Misfit, Style, Template
from grader.wire.parts import RENDER, Part, TemplateError, What, to_bytes
from grader.wire.why import cut

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_SENTINEL = 0xE000
_NUMBER_OR_WORD = re.compile(r"-?[0-9][0-9.eE+-]*|true|false|null|[\[{].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Inside:
    """A text with placeholders in it."""

    template: Template


@dataclass(frozen=True, slots=True)
class _Value:
    """A placeholder that stands for a whole value."""

    template: Template
    part: Part


@dataclass(frozen=True, slots=True)
class JsonPhrase:
    """JSON with placeholders. Made by `JsonPhrase.parse`."""

    source: str
    parts: tuple[Part, ...]
    _wanted: Any = field(hash=False)
    _bare: frozenset[int] = field(hash=False)
    _plain: Template | None = None
    literal: bool = False
    raw: bool = False

    @staticmethod
    def parse(source: str, words: Mapping[str, str]) -> JsonPhrase:
        """The phrase that `source` spells. Raises TemplateError."""
        return _parse(source, tuple(words.items()))

    def match(self, text: str, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> Mapping[str, str] | None:
        """The names that got a value, or None if the message does not fit."""
        fit = self.fit(text, known, number=number, seed=seed)
        return fit.captures if isinstance(fit, Fit) else None

    def fit(self, text: str, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> Fit | Misfit:
        """Does a message fit, and if not, which of its values does not."""
        if self._plain is not None:
            return self._plain.fit(text, known, number=number, seed=seed)
        got = read_json(text)
        if isinstance(got, Misfit):
            return got
        walk = _Walk(dict(known), number, seed)
        misfit = walk.compare(self._wanted, got, "")
        return misfit or Fit({name: value for name, value in walk.known.items() if name not in known})

    def fill(self, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> str:
        """The JSON to send."""
        return "".join(self._rendered(known, number, seed))

    def pieces(self, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> list[bytes]:
        """The bytes to send."""
        return [to_bytes(self.fill(known, number=number, seed=seed))]

    def _rendered(self, known: Mapping[str, str], number: int, seed: int) -> Iterator[str]:
        for part in self.parts:
            text = RENDER[part.what](part, known, number, seed)
            if part.what is What.TEXT or self._plain is not None:
                yield text
            elif part.offset in self._bare:
                yield text if _NUMBER_OR_WORD.fullmatch(text) else json.dumps(text, ensure_ascii=False)
            else:
                yield json.dumps(text, ensure_ascii=False)[1:-1]


@lru_cache(maxsize=4096)
def _parse(source: str, words: tuple[tuple[str, str], ...]) -> JsonPhrase:
    whole = Template.parse(source, dict(words), style=Style.JSON)
    if not source.lstrip().startswith(("{", "[")):
        return JsonPhrase(source, whole.parts, None, frozenset(), whole)
    strings = [found.span() for found in _STRING.finditer(source)]
    bare = [
        part
        for part in whole.parts
        if part.what is not What.TEXT and not any(begin < part.offset < end for begin, end in strings)
    ]
    written = source.replace("\\<", "\\\\<")
    for number, part in enumerate(bare):
        written = _with_sentinel(written, source, part, number)
    try:
        wanted = json.loads(written, parse_float=Decimal, parse_int=Decimal)
    except (json.JSONDecodeError, InvalidOperation, RecursionError) as error:
        at = error.pos if isinstance(error, json.JSONDecodeError) else 0
        raise TemplateError(
            "This is no JSON.", min(at, len(source)), "Texts and keys stand in double quotes."
        ) from None
    return JsonPhrase(source, whole.parts, _prepared(wanted, bare, dict(words)), frozenset(p.offset for p in bare))


def _with_sentinel(written: str, source: str, part: Part, number: int) -> str:
    """The placeholder replaced by a text of one character, so that places stay the same."""
    at = part.offset + source.count("\\<", 0, part.offset)
    end = written.index("/>" if part.what is What.REGEX else ">", at + 1) + (2 if part.what is What.REGEX else 1)
    return written[:at] + f'"{chr(_SENTINEL + number)}"'.ljust(end - at) + written[end:]


def _prepared(wanted: Any, bare: list[Part], words: Mapping[str, str]) -> Any:
    if isinstance(wanted, dict):
        return {key: _prepared(value, bare, words) for key, value in wanted.items()}
    if isinstance(wanted, list):
        return [_prepared(value, bare, words) for value in wanted]
    if not isinstance(wanted, str):
        return wanted
    if len(wanted) == 1 and 0 <= ord(wanted) - _SENTINEL < len(bare):
        part = bare[ord(wanted) - _SENTINEL]
        return _Value(_alone(part, words), part)
    return _Inside(Template.parse(wanted, words, style=Style.JSON))


def _alone(part: Part, words: Mapping[str, str]) -> Template:
    """A template of one placeholder."""
    spelled = {What.ANY: "*", What.NUMBER: "i", What.LONG: f"long {part.size}", What.NAME: part.text}
    inner = spelled.get(part.what) or (f"/{part.text}/" if part.what is What.REGEX else f"{part.what} {part.text}")
    return Template.parse(f"<{inner}>", words, style=Style.JSON)


@lru_cache(maxsize=256)
def read_json(text: str) -> Any:
    """The value that a message holds, its numbers as Decimal; a Misfit if it holds none."""
    depth = deepest = 0
    for found in _MARKS.finditer(text):
        depth += 1 if found[0] in "[{" else -1 if found[0] in "]}" else 0
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        return Misfit("deep", {"limit": DEEPEST})
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant)
    except (ValueError, InvalidOperation, RecursionError):
        return Misfit("json", {"found": cut(text)})


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def text_of(value: Any) -> str:
    """A value as a name holds it: a text without its quotes, everything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {_quoted(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_quoted, value)) + "]"
    return {True: "true", False: "false", None: "null"}[value]


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else text_of(value)


@dataclass(slots=True)
class _Walk:
    """Compares two values from the top down; names that get a value on the way are known below."""

    known: dict[str, str]
    number: int
    seed: int

    def compare(self, wanted: Any, got: Any, path: str) -> Misfit | None:
        if isinstance(wanted, _Value):
            return self._value(wanted, got, path)
        if isinstance(wanted, _Inside):
            return self._text(wanted.template, got, path)
        if isinstance(wanted, dict) and isinstance(got, dict):
            for key, value in wanted.items():
                below = f"{path}.{key}" if path else key
                if key not in got:
                    return Misfit("no-field", {"name": below})
                if misfit := self.compare(value, got[key], below):
                    return misfit
            return None
        if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
            misfits = (
                self.compare(one, other, f"{path}[{n}]") for n, (one, other) in enumerate(zip(wanted, got, strict=True))
            )
            return next((misfit for misfit in misfits if misfit), None)
        same = type(wanted) is type(got) and not isinstance(wanted, dict | list) and wanted == got
        return None if same else _field(path, _shown(wanted), _quoted(got))

    def _text(self, template: Template, got: Any, path: str) -> Misfit | None:
        if not isinstance(got, str):
            return _field(path, f'"{template.source}"', _quoted(got))
        captures = template.match(got, self.known, number=self.number, seed=self.seed)
        if captures is None:
            return _field(path, f'"{template.source}"', _quoted(got))
        self.known.update(captures)
        return None

    def _value(self, wanted: _Value, got: Any, path: str) -> Misfit | None:
        part = wanted.part
        if part.what is What.ANY:
            return None
        if part.what is What.NAME and part.text not in self.known and part.text not in wanted.template.words:
            self.known[part.text] = text_of(got)
            return None
        text = text_of(got)
        if part.what is What.SET and isinstance(got, list):
            text = (", " if "," in part.text else " ").join(map(text_of, got))
        right_kind = part.what is not What.NUMERIC or isinstance(got, Decimal)
        captures = wanted.template.match(text, self.known, number=self.number, seed=self.seed) if right_kind else None
        if captures is None:
            return _field(path, self.known.get(part.text, wanted.template.source), _quoted(got))
        self.known.update(captures)
        return None


def _field(path: str, expected: str, found: str) -> Misfit:
    return Misfit("field" if path else "value", {"name": path, "expected": cut(expected), "found": cut(found)})


def _shown(wanted: Any) -> str:
    return "{…}" if isinstance(wanted, dict) else f"[{len(wanted)}]" if isinstance(wanted, list) else text_of(wanted)
