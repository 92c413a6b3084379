"""What a client answers by itself to each message of a kind: an acknowledgement, as protocols over datagrams have it.

    acknowledge: {"data block=<n>": "ack block=<n>"}

What the message names, the answer may say; and sums of it. It is the protocol that answers, no line of a play, so this is
told by the bytes of one message alone. Where an answer can't be made of what came (a number that is none), there is none.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from grader.model import Protocol
from grader.wire.framing import Framing
from grader.wire.phrases import Phrase, Phrases
from grader.wire.values import NoNumber

NO_WORDS: Mapping[str, str] = {}
Rule = tuple[Phrase, Phrase]


class Acknowledging:
    """The answers of one protocol."""

    def __init__(self, protocol: Protocol) -> None:
        phrases = Phrases(protocol, NO_WORDS)
        self._rules: list[Rule] = [(phrases.parse(come), phrases.parse(said)) for come, said in protocol.acknowledge]

    def __bool__(self) -> bool:
        """Whether there is anything that is acknowledged."""
        return bool(self._rules)

    def answer(self, message: bytes, framing: Framing) -> bytes:
        """The bytes that answer a message, or none. `framing` is the one that the message was read with."""
        if not self._rules:
            return b""
        text = framing.text(message)
        for come, said in self._rules:
            captures = come.match(text, {})
            if captures is not None:
                try:
                    return framing.outgoing(said.fill(captures))
                except (KeyError, NoNumber, ValueError, struct.error):
                    return b""
        return b""
