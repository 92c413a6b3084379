"""How each participant of a play speaks: the phrases of its lines, and what its messages say.

Most plays know one protocol. A spec may have clients that speak another one (over UDP, as the server behind a proxy, on a
second connection), and programs whose screens show lines; so whoever reads a line or a message says whose it is.
"""

from __future__ import annotations

from grader.judge.laws import REMEMBERED
from grader.model import SERVER, Line, Protocol, Spec, Verb
from grader.wire.framing import Framing
from grader.wire.framings import framing
from grader.wire.match import to_text
from grader.wire.phrases import Phrase, Phrases

RAW = (Verb.EXPECT_RAW, Verb.SEND_RAW)


class Speech:
    """The phrases and messages of one check, each read once."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._framing = framing(spec.protocol)
        self._framings: dict[Protocol, Framing] = {}
        self._phrases: dict[Protocol, Phrases] = {}
        self._templates: dict[tuple[str, bool, bool, Protocol], Phrase] = {}
        self._of_lines: dict[tuple[str, Verb, str, bool], Phrase] = {}
        self.ordinary: dict[bytes, tuple[str, str]] = {}
        """The messages of ordinary clients that have been read: text and whole."""
        self._texts: dict[Protocol, dict[bytes, tuple[str, str]]] = {}

    def differs(self, who: str) -> bool:
        """Whether this is none of the ordinary clients: the dialect, and its laws, are of those alone."""
        return self._spec.role_of(who) is not None

    def template(self, line: Line) -> Phrase:
        """The parsed text of a line. It is asked for once for each message, so it is looked up by what is quickly compared."""
        key = (line.argument, line.verb, line.who[0], len(line.who) == 1)
        known = self._of_lines.get(key)
        if known is None:
            console = line.who == (SERVER,) or line.verb is Verb.CONNECTS
            protocol = self._spec.protocol_of(line.who[0])
            known = self._of_lines[key] = self._parsed(line.argument, line.verb in RAW, console, protocol)
        return known

    def of_all(self, source: str) -> Phrase:
        """A phrase that is of no line, such as what a check ignores."""
        return self._parsed(source, False, False, self._spec.protocol)

    def _parsed(self, source: str, raw: bool, console: bool, protocol: Protocol) -> Phrase:
        key = (source, raw, console, protocol)
        if key not in self._templates:
            if protocol not in self._phrases:
                self._phrases[protocol] = Phrases(protocol, self._spec.dialect.words)
            self._templates[key] = self._phrases[protocol].parse(source, raw=raw, console=console)
        return self._templates[key]

    def read(self, data: bytes, who: str) -> tuple[str, str]:
        """A message's text without its end, and whole; remembered, because a crowd hears the same line many times."""
        if self._spec.roles and (protocol := self._spec.protocol_of(who)) != self._spec.protocol:
            texts = self._texts.setdefault(protocol, {})
            if protocol not in self._framings:
                self._framings[protocol] = framing(protocol)
            form = self._framings[protocol]
        else:
            texts, form = self.ordinary, self._framing  # to look a protocol up costs more than to read a line
        text = texts.get(data)
        if text is None:
            if len(texts) > REMEMBERED:
                texts.clear()
            text = texts[data] = (form.text(data), to_text(data))
        return text
