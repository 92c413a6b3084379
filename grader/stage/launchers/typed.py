"""`typed`: the program asks for its port, and is answered at its terminal."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Command
from grader.stage.launching import LAUNCHERS, Start, Told


class Typed:
    """Each answer waits for its prompt (`stage/prompts.py`), so a program that asks in another order is seen to do so."""

    def used(self, command: Command, argv: Sequence[str]) -> bool:
        return bool(command.stdin)

    def add(self, command: Command, told: Told, start: Start) -> None:
        start.answers = [(prompt, told.fill(answer)) for prompt, answer in command.stdin]


LAUNCHERS.add("typed")(Typed())
