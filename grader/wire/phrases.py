"""What stands after a mark, read the way that the course's protocol asks for.

    protocol: {framing: line}                  a text               Template
    protocol: {framing: json-lines}            {"id": <id>}         JsonPhrase: the keys that are named
    messages: {plate: …}                       plate plate=UN1X     MessagePhrase: the fields that are named
    after >> and <<                            bytes                Template, whatever the protocol

All of them answer the same questions: does a message fit, why not, what is sent. Whoever has a `Phrases` need not know
which of them it holds.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping

from grader.model import Protocol
from grader.wire.doors import sources
from grader.wire.framings import FRAMINGS
from grader.wire.json_phrase import JsonPhrase
from grader.wire.match import Fit, Misfit, Style, Template
from grader.wire.message_phrase import MessagePhrase
from grader.wire.parts import Part


class Phrase(typing.Protocol):
    """The text after a mark, parsed once."""

    @property
    def source(self) -> str:
        """As it was written."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """Its texts and placeholders; their offsets count from the beginning of `source`."""

    @property
    def literal(self) -> bool:
        """One text fits and no other, and `fill` gives it."""

    @property
    def raw(self) -> bool:
        """It stands for bytes rather than for a message."""

    def match(self, text: str, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> Mapping[str, str] | None:
        """The names that got a value from `text`, or None if it does not fit."""

    def fit(self, text: str, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> Fit | Misfit:
        """Like `match`, but a misfit says why."""

    def fill(self, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> str:
        """The text to send. Raises KeyError for a name without a value."""

    def pieces(self, known: Mapping[str, str], *, number: int = 0, seed: int = 0) -> list[bytes]:
        """The bytes to send, cut at the packet boundaries."""


class Phrases:
    """Reads what stands after marks. `words` are those that the dialect declares."""

    def __init__(self, protocol: Protocol, words: Mapping[str, str]) -> None:
        self.protocol = protocol
        self._words = {**words, **sources(protocol.python)}
        self._style = Style.LINE if FRAMINGS.get(protocol.framing).one_line else Style.BYTES
        self._messages = {message.name: message for message in protocol.messages}

    @property
    def style(self) -> Style:
        """How a text is written after `>` and `<`."""
        return Style.JSON if self.protocol.body == "json" and not self._messages else self._style

    def parse(self, source: str, *, raw: bool = False, console: bool = False) -> Phrase:
        """The phrase that `source` spells; on a console, text as it is typed and read there. Raises TemplateError."""
        if console:
            return Template.parse(source, self._words)
        if raw:
            return Template.parse(source, self._words, raw=True)
        if self._messages:
            return MessagePhrase.parse(source, self._words, self._messages)
        if self.protocol.body == "json":
            return JsonPhrase.parse(source, self._words)
        return Template.parse(source, self._words, style=self._style)
