"""Which message takes which place, where a client's expectations may be met in any order.

Places are given as a whole, not greedily: a message may take a place from another that has a different one to go to (an
augmenting path). A place that asks for one text and no other needs no search, and in a crowd nearly all do: whoever
else could take such a place would do no better elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from grader.wire.framing import Broken
from grader.wire.phrases import Phrase


class Message(NamedTuple):
    """A received message: `at` is the index of its event; its text without the end, and the whole of it."""

    at: int
    text: str
    whole: str
    broken: Broken | None = None
    """Why the stream could not be read from here on: then it fits nothing."""


def skipped(inbox: Sequence[Message], phrase: Phrase, begin: int) -> int:
    """The first message from here on that may be the one that is skipped to: in a crowd it lies far behind many others."""
    if not phrase.literal:
        return begin
    text = phrase.fill({})
    return next((n for n in range(begin, len(inbox)) if inbox[n].text == text or inbox[n].broken), len(inbox))


class Pairing:
    """The pairing of one group of places, fed message by message.

    `literals` holds, for each place, the one text that fits it, or None where `fits` has to be asked. `pairs` says which
    message, by its position in `heard`, has taken a place. The places in `may` need not be taken; those in `skipping` let
    messages go by that fit nothing.
    """

    def __init__(
        self, literals: Sequence[str | None], fits: Callable[[int, Message], bool], *, may: set[int], skipping: set[int]
    ) -> None:
        self.heard: list[Message] = []
        self.pairs: dict[int, int] = {}
        self.literals = literals
        self.must = [p for p in range(len(literals)) if p not in may]
        self.skipping = skipping
        self._fits = fits
        self._places = range(len(literals))
        self._free: dict[str, list[int]] = {}
        for place in reversed(self._places):
            text = literals[place]
            if text is not None:
                self._free.setdefault(text, []).append(place)

    @property
    def full(self) -> bool:
        """Whether every place is taken."""
        return len(self.pairs) == len(self._places)

    @property
    def enough(self) -> bool:
        """Whether every place is taken that must be."""
        return self.full or (len(self.pairs) >= len(self.must) and all(p in self.pairs for p in self.must))

    @property
    def passing(self) -> bool:
        """Whether a message that fits nothing may go by."""
        return not self.skipping <= self.pairs.keys()

    def takes(self, message: Message) -> bool:
        """Whether there is a place for one more message; if so, it has it now."""
        free = self._free.get(message.text)
        if free:
            self.pairs[free.pop()] = len(self.heard)
            self.heard.append(message)
            return True
        self.heard.append(message)
        if self._moved_up(len(self.heard) - 1):
            return True
        self.heard.pop()
        return False

    def _moved_up(self, at: int) -> bool:
        """Find a place, moving others where that frees one (breadth first)."""
        came_from: dict[int, tuple[int, int | None]] = {}  # place -> the message that wants it, the place it gave up
        queue: list[tuple[int, int | None]] = [(at, None)]
        for message, given_up in queue:
            fitting = [p for p in self._places if p not in came_from and self._fits(p, self.heard[message])]
            for place in sorted(fitting, key=self.pairs.__contains__):
                came_from[place] = (message, given_up)
                if place in self.pairs:
                    queue.append((self.pairs[place], place))
                    continue
                free: int | None = place
                while free is not None:
                    self.pairs[free], free = came_from[free]
                return True
        return False
