"""`fixed`: the assignment says which port it is, as three of four real servers have it written into their code."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Command
from grader.stage.launching import LAUNCHERS, Start, Told


class Fixed:
    """Where ``<port>`` stands in the command too, it is this number that the program is told."""

    def used(self, command: Command, argv: Sequence[str]) -> bool:
        return command.port is not None

    def add(self, command: Command, told: Told, start: Start) -> None:
        start.ports = (told.ports[0], *start.ports[1:])


LAUNCHERS.add("fixed")(Fixed())
