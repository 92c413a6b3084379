"""`environment`: the port is the value of a variable, or a part of one such as an address."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Command
from grader.stage.launching import LAUNCHERS, Start, Told


class Environment:
    """What a spec names is added to the few variables that every server has, or takes the place of one."""

    def used(self, command: Command, argv: Sequence[str]) -> bool:
        return bool(command.env)

    def add(self, command: Command, told: Told, start: Start) -> None:
        start.environment |= {name: told.fill(value) for name, value in command.env.items()}


LAUNCHERS.add("environment")(Environment())
