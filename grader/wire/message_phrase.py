"""A declared message after a mark: its name, and the fields that are to be compared or sent.

    c1 > plate plate=UN1X timestamp=0
    d  < ticket plate=UN1X speed=<number 7990..8010>
    me < error                          any error
    me < error msg="no <*>" | plate     one or the other

What is expected is compared by the named fields only; what is sent names all of them. Values with spaces stand in quotes.
A line that begins with a placeholder is compared with the message as it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from grader.model import Field, Message
from grader.registry import nearest
from grader.wire.binary import canonical
from grader.wire.match import Fit, Misfit, Style, Template
from grader.wire.numbers import NUMBERS
from grader.wire.parts import Part, TemplateError, What, to_bytes, to_text
from grader.wire.quoting import FIELD, NAME, fields_of, items_of, quoted, unquoted
from grader.wire.why import cut

_ALTERNATIVE = re.compile(r'"(?:[^"\\]|\\.)*"| \| ', re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Named:
    """One alternative: a message, and what its named fields must be."""

    message: Message
    fields: tuple[tuple[Field, Template], ...]


@dataclass(frozen=True, slots=True)
class MessagePhrase:
    """Declared messages with placeholders. Made by `MessagePhrase.parse`."""

    source: str
    parts: tuple[Part, ...]
    alternatives: tuple[_Named, ...] = field(hash=False)
    _plain: Template | None = None
    literal: bool = False
    raw: bool = False

    @staticmethod
    def parse(source: str, words: Mapping[str, str], messages: Mapping[str, Message]) -> MessagePhrase:
        """The phrase that `source` spells. Raises TemplateError."""
        return _parse(source, tuple(words.items()), tuple(messages.values()))

    def match(self, text: str, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> Mapping[str, str] | None:
        """The names that got a value, or None if the message does not fit."""
        fit = self.fit(text, known, number=number, seed=seed)
        return fit.captures if isinstance(fit, Fit) else None

    def fit(self, text: str, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> Fit | Misfit:
        """Does a message fit, and if not, which field does not."""
        if self._plain is not None:
            return self._plain.fit(text, known, number=number, seed=seed)
        name, fields = _taken_apart(text)
        misfits: list[Misfit] = []
        for wanted in self.alternatives:
            fit = _fit(wanted, name, fields, dict(known), number, seed)
            if isinstance(fit, Fit):
                return fit
            misfits.append(fit)
        return max(misfits, key=lambda misfit: misfit.why != "kind")

    def fill(self, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> str:
        """The message to send, as the codec reads it."""
        if self._plain is not None:
            return self._plain.fill(known, number=number, seed=seed)
        (wanted,) = self.alternatives[:1]
        said = [wanted.message.name]
        for one, template in wanted.fields:
            value = template.fill(known, number=number, seed=seed)
            bare = one.many or one.kind in NUMBERS or (one.kind == "bytes" and value.startswith("0x"))
            said.append(f"{one.name}={value if bare else quoted(value)}")
        return " ".join(said)

    def pieces(self, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> list[bytes]:
        """What is sent, as one piece."""
        return [to_bytes(self.fill(known, number=number, seed=seed))]

    def unsent(self) -> Iterator[TemplateError]:
        """What is wrong with it as something to send: fields that are not named, values that they can't have."""
        for wanted in self.alternatives:
            named = {one.name for one, _ in wanted.fields}
            missing = [f.name for f in wanted.message.fields if f.constant is None and f.name not in named]
            if missing:
                hint = f"Write {' '.join(f'{name}=…' for name in missing)}."
                yield TemplateError(f"{wanted.message.name} is sent with all its fields.", 0, hint)
            for one, template in wanted.fields:
                yield from _unfit(one, template, self.source)


def _fit(
    wanted: _Named, name: str, fields: Mapping[str, str], known: dict[str, str], number: int, seed: int
) -> Fit | Misfit:
    if name != wanted.message.name:
        return Misfit("kind", {"expected": wanted.message.name, "found": cut(name)})
    captured: dict[str, str] = {}
    for one, template in wanted.fields:
        got = fields.get(one.name, "")
        value = unquoted(got) if not one.many else got
        if one.kind == "bytes" and any(part.what is What.FILE for part in template.parts):
            value = to_text(bytes.fromhex(got[2:]))  # a file is no text of hexadecimal digits
        captures = template.match(value, known, number=number, seed=seed)
        if captures is None:
            return Misfit("field", {"name": one.name, "expected": cut(template.source), "found": cut(got)})
        known.update(captures)
        captured.update(captures)
    return Fit(captured)


@lru_cache(maxsize=1024)
def _taken_apart(text: str) -> tuple[str, dict[str, str]]:
    name, fields = fields_of(text)
    return name, dict(fields)


@lru_cache(maxsize=4096)
def _parse(source: str, words: tuple[tuple[str, str], ...], messages: tuple[Message, ...]) -> MessagePhrase:
    if source.startswith(("<", "0x")):
        plain = Template.parse(source, dict(words))
        return MessagePhrase(source, plain.parts, (), plain)
    declared = {message.name: message for message in messages}
    alternatives: list[_Named] = []
    parts: list[Part] = []
    for text, offset in _cut(source):
        named, own = _named(text, offset, dict(words), declared)
        alternatives.append(named)
        parts += [*([Part(What.BAR, offset=offset)] if parts or alternatives[1:] else []), *own]
    return MessagePhrase(source, tuple(parts), tuple(alternatives))


def _cut(source: str) -> Iterator[tuple[str, int]]:
    """The alternatives, and where each begins."""
    begin = 0
    for found in _ALTERNATIVE.finditer(source):
        if found[0] == " | ":
            yield source[begin : found.start()], begin
            begin = found.end()
    yield source[begin:], begin


def _named(
    text: str, offset: int, words: Mapping[str, str], declared: Mapping[str, Message]
) -> tuple[_Named, list[Part]]:
    first = NAME.match(text)
    name, at = (first[1], first.end()) if first else ("", 0)
    message = declared.get(name)
    if message is None:
        near = nearest(name, list(declared))
        hint = f"The nearest is {near!r}." if near else f"There are {', '.join(declared)}."
        raise TemplateError(f"No message is called {name[:48]!r}.", offset, hint)
    known = {one.name: one for one in message.fields}
    fields: list[tuple[Field, Template]] = []
    parts: list[Part] = []
    while at < len(text):
        found = FIELD.match(text, at)
        if not found:
            hint = 'Write field=value with one space before it; a value with spaces stands in quotes: text="two words".'
            raise TemplateError(f"{text[at:].strip()[:48]!r} is no field and its value.", offset + at, hint)
        place = offset + found.start("name")
        one = known.get(found["name"])
        if one is None or one.constant is not None:
            others = [f.name for f in message.fields if f.constant is None]
            near = nearest(found["name"], others)
            hint = f"The nearest is {near!r}." if near else f"It has {', '.join(others) or 'no fields to name'}."
            raise TemplateError(f"{name} has no field {found['name'][:48]!r}.", place, hint)
        template = _template(one, found["value"], offset + found.start("value"), words)
        fields.append((one, template))
        parts += template.parts
        at = found.end()
    return _Named(message, tuple(fields)), parts


def _template(one: Field, value: str, offset: int, words: Mapping[str, str]) -> Template:
    """What a field must be. In quotes stands what is raw, but without packet boundaries."""
    inner = value
    if one.many:
        inner = f"[{', '.join(_item(one, item) for item in items_of(value))}]" if "[" in value else value
    elif value.startswith('"') and len(value) > 1:
        inner, offset = value[1:-1].replace('\\"', '"'), offset + 1
    elif one.kind in NUMBERS and "<" not in value:
        inner = canonical(one, value)
    try:
        made = Template.parse(inner, words, style=Style.BYTES)
    except TemplateError as error:
        raise TemplateError(error.message, offset + error.offset, error.hint) from None
    return replace(made, parts=tuple(replace(part, offset=part.offset + offset) for part in made.parts))


def _item(one: Field, item: str) -> str:
    if one.kind in NUMBERS:
        return canonical(one, item)
    return item if item.startswith('"') or one.kind == "bytes" else quoted(item)


def _unfit(one: Field, template: Template, source: str) -> Iterator[TemplateError]:
    """Values that a field can't have, as far as they are written out."""
    if not template.literal:
        return
    text = template.fill({})
    at = template.parts[0].offset if template.parts else source.find(f"{one.name}=")
    items = items_of(text) if one.many else [text]
    if one.many.isdecimal() and len(items) != int(one.many):
        yield TemplateError(f"{one.name} has {one.many} values.", at)
    for item in items:
        number = NUMBERS.get(one.kind)
        if number is not None and item not in one.names and not number.fits(item):
            known = f" or {', '.join(one.names)}" if one.names else ""
            yield TemplateError(f"{item[:48]!r} is no {one.kind}{known}.", at)
        if number is None:
            size = len(to_bytes(unquoted(item)))
            limit = one.size if one.size is not None else NUMBERS[one.length].most if one.length else None
            if limit is not None and size > limit and not (one.kind == "bytes" and item.startswith("0x")):
                yield TemplateError(f"{one.name} has room for {limit} bytes, and this has {size}.", at)
