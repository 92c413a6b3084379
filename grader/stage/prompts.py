"""Answers at a program's prompts: each line is typed when the prompt that it belongs to has been printed, not before.

What is typed too early may be thrown away by a program that flushes its input; what is typed by the clock is typed too
late or too early on some machine. A prompt may come on standard output or on the error output (Python's `input` writes
it there when it reads from a terminal), so both are read as one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

MOST_KEPT = 64 << 10


class Prompts:
    """Hears what a program prints, and types. `unanswered` are the prompts that have not come yet."""

    def __init__(self, answers: Sequence[tuple[str, str]]) -> None:
        self._left = list(answers)
        self._type: Callable[[str], None] | None = None
        self._heard = ""
        self._lock = threading.Lock()

    @property
    def unanswered(self) -> list[str]:
        """The prompts that were waited for in vain so far."""
        return [prompt for prompt, _ in self._left]

    def begin(self, type_line: Callable[[str], None]) -> None:
        """From now on lines can be typed: those whose prompts have come meanwhile, or that wait for none, at once."""
        with self._lock:
            self._type = type_line
        self.hear(b"")

    def hear(self, printed: bytes) -> None:
        """Take in what was printed."""
        with self._lock:
            self._heard = (self._heard + printed.decode(errors="replace"))[-MOST_KEPT:]
            while self._type and self._left and self._left[0][0] in self._heard:
                prompt, answer = self._left.pop(0)
                self._heard = self._heard[self._heard.index(prompt) + len(prompt) :]
                self._type(answer)
