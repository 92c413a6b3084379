"""How a course words things: which of the dialect's forms does a line have, and who is it about.

    * caro joined          joined   name=caro
    ana: * caro joined     heard    name=ana, text=* caro joined
    name?                  also

Laws and ready-made checks know only the kinds; the wording is the instructor's. Explicit notices are tried before
`heard`, whose free text fits nearly anything. Every line of every client of every check passes here, so a form is
tried only on lines that begin like it, and nothing is parsed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from grader.model import Dialect, Protocol
from grader.wire.match import Template
from grader.wire.pattern import compile_pattern
from grader.wire.phrases import Phrases


class Said(NamedTuple):
    """What a line says: its kind, who it is about, the text; `form` is the template that it fits."""

    kind: str
    name: str = ""
    text: str = ""
    form: str = ""


class _Form(NamedTuple):
    kind: str
    begins: str
    match: Callable[[str], Mapping[str, str] | None]
    source: str


class Wording:
    """A dialect ready to read lines. Raises TemplateError if one of its templates can't be read."""

    def __init__(self, dialect: Dialect, phrases: Phrases | None = None) -> None:
        self.dialect = dialect
        self._phrases = phrases or Phrases(Protocol(), dialect.words)
        self._forms = tuple(self._compile())
        self._commands = tuple(form for command in dialect.commands for form in self._forms_of("command", command))

    def read(self, text: str) -> Said | None:
        """Which form the line has (without its end), or None if it has none."""
        for kind, begins, match, source in self._forms:
            if text.startswith(begins):
                captures = match(text)
                if captures is not None:
                    return Said(kind, captures.get("name", ""), captures.get("text", ""), source)
        return None

    def is_command(self, text: str) -> bool:
        """Whether a line that a client sends is not passed on: an empty one, or a command."""
        return not text or any(text.startswith(c.begins) and c.match(text) is not None for c in self._commands)

    def _compile(self) -> Iterator[_Form]:
        dialect = self.dialect
        ordered = [("joined", dialect.joined), ("left", dialect.left)]
        ordered += [("also", source) for source in dialect.also]
        ordered += [("welcome", dialect.welcome), ("heard", dialect.heard)]
        for kind, source in ordered:
            if source is not None:
                yield from self._forms_of(kind, source)

    def _forms_of(self, kind: str, source: str) -> Iterator[_Form]:
        phrase = self._phrases.parse(source)
        if not isinstance(phrase, Template):
            yield _Form(kind, "", partial(phrase.match, known={}), source)
            return
        for elements in phrase.elements({}):
            first = elements[0] if elements else ""
            yield _Form(kind, first if isinstance(first, str) else "", compile_pattern(elements).match, source)
