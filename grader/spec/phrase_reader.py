"""What stands after a mark, read and held against what can be sent: sizes, fields, files.

A phrase that can be read may still make no sense for its mark: a packet without bytes, a text that is longer than the
number before it can say, a message without all its fields, a file that is not there.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from grader.model import Protocol, Verb
from grader.spec import acts
from grader.spec.complaints import shown
from grader.spec.functions import Lacking, look_up
from grader.spec.keys import Reading
from grader.wire.doors import taken_apart
from grader.wire.framings import framing
from grader.wire.match import Template, TemplateError
from grader.wire.message_phrase import MessagePhrase
from grader.wire.parts import LARGEST, Part, What, file_key, to_text
from grader.wire.phrases import Phrase, Phrases

MOST_BYTES = 64_000_000
MOST_MESSAGE = 2_000_000
"""Bytes of one message; a stream whose message is twice as long is given up (`wire.framing.LARGEST`)."""


class PhraseReader:
    """Reads the phrases of one play, of those who speak this protocol."""

    def __init__(self, reading: Reading, protocol: Protocol) -> None:
        self._reading = reading
        self._phrases = Phrases(protocol, reading.words)
        self._most = framing(protocol).most()

    def read(self, verb: Verb, argument: str, times: int, *, console: bool = False) -> Phrase:
        """The phrase after a mark; on the server's console it is plain text. Raises TemplateError."""
        phrase = self._phrases.parse(argument, raw=verb in acts.RAW, console=console)
        for part in phrase.parts:
            if part.what is What.FILE:
                self._read_file(part)
            if part.what is What.PYTHON:
                self._read_function(part)
        if verb is Verb.SEND_RAW and _has_empty_piece(phrase):
            hint = r"| is a packet boundary; write \| for the character."
            raise TemplateError("There is a piece without bytes here.", 0, hint)
        if isinstance(phrase, MessagePhrase) and verb is Verb.SEND:
            for error in phrase.unsent():
                raise error
        size = len(argument) + sum(self._size(part) for part in phrase.parts)
        if size > MOST_MESSAGE:
            raise TemplateError(
                f"This comes to {size // 1000} KB.", 0, f"A message has at most {MOST_MESSAGE // 1000} KB."
            )
        if size * times > MOST_BYTES:
            hint = f"At most {MOST_BYTES // 1_000_000} MB go over the wire in one line."
            raise TemplateError(f"This comes to {size * times // 1_000_000} MB.", 0, hint)
        if verb is Verb.SEND and self._most is not None and isinstance(phrase, Template):
            least = (
                len(phrase.fill({}).encode("utf-8", "surrogateescape"))
                if phrase.literal
                else sum(map(self._size, phrase.parts))
            )
            if least > self._most:
                hint = f"This protocol can't carry more than {self._most} in one message."
                raise TemplateError(f"This comes to {least} bytes.", 0, hint)
        return phrase

    def _size(self, part: Part) -> int:
        return len(self._reading.files.get(file_key(part.text), "")) if part.what is What.FILE else part.size

    def _read_function(self, part: Part) -> None:
        said = part.text.partition(" ")[0]
        if self._reading.folders:
            try:
                _, text, _ = look_up(said, self._reading.folders)
            except Lacking as lacking:
                raise TemplateError(lacking.message, part.offset, lacking.hint) from None
            self._reading.python[taken_apart(said)[0]] = text

    def _read_file(self, part: Part) -> None:
        key = file_key(part.text)
        if key in self._reading.files or not self._reading.folders:
            return
        tried = (_read(folder / part.text) for folder in self._reading.folders)
        data = next((found for found in tried if found is not None), None)
        if data is None:
            hint = "It is looked for from the folder of the spec."
            raise TemplateError(f"There is no file {shown(part.text)}.", part.offset, hint)
        if len(data) > LARGEST:
            raise TemplateError(f"{shown(part.text)} is larger than {LARGEST // 1000} KB.", part.offset)
        self._reading.files[key] = to_text(data)


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError):
        return None


def _has_empty_piece(phrase: Phrase) -> bool:
    bars = [part.what is What.BAR for part in phrase.parts]
    return not bars or bars[0] or bars[-1] or any(a and b for a, b in pairwise(bars))
