"""`messages`: declared messages, one behind the other; where one ends, its fields say.

It is for protocols without any other mark. Where a length or a datagram holds each message, that is the framing, and the
messages that the spec declares are what is inside (see `Framing.text` and `Framing.outgoing`).
"""

from __future__ import annotations

from grader.wire.binary import NoMessage
from grader.wire.framing import FRAMINGS, Framing


@FRAMINGS.add("messages")
class MessagesFraming(Framing):
    """A message is as long as its fields."""

    def _end(self, begin: int) -> int | None:
        try:
            return self.codec.end(self._kept, begin) if self.codec else None
        except NoMessage:
            self._break("message")
            return None
