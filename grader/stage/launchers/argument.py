"""`argument`: the port is a word of the command, at any place, alone or behind a flag, with a host or without."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Command
from grader.stage.launching import LAUNCHERS, Start, Told


class Argument:
    """The words have been filled in already: they are there for every launcher."""

    def used(self, command: Command, argv: Sequence[str]) -> bool:
        return any("<port" in word for word in argv)

    def add(self, command: Command, told: Told, start: Start) -> None:
        start.argv = [told.fill(word) for word in start.argv]


LAUNCHERS.add("argument")(Argument())
