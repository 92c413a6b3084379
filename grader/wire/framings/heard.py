"""`heard`: a stream of which nothing is known but what was said: a message ends where a known text ends, or at quiet.

It is what a spec with `dialect: discover` listens with. Where the sender's name stands behind the text, nothing may be cut
at the text, and only quiet ends a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, Framing, Setting
from grader.wire.parts import to_bytes

BETWEEN = "\n"


@FRAMINGS.add("heard")
class HeardFraming(Framing):
    """What has come until a text of ours ends, or until nothing more comes."""

    settings: ClassVar[Mapping[str, Setting]] = {"texts": Setting(lambda text: text, "the texts that are said", "")}
    by_quiet = True
    ends_at_close = True
    written = False

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        texts = sorted({to_bytes(t) for t in str(self._set("texts")).split(BETWEEN) if t}, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, texts))) if texts else None
        self._longest = max(map(len, texts), default=0)

    def flush(self) -> list[bytes]:
        whole = bytes(self._kept)
        self._kept = bytearray()
        self._searched = 0
        return [whole] if whole else []

    def _end(self, begin: int) -> int | None:
        if self._pattern is None:
            return None
        found = self._pattern.search(self._kept, max(begin, self._searched - self._longest + 1))
        if found is None:
            self._searched = len(self._kept)
            return None
        return found.end()
