"""`file`: the port stands in a file of settings, which the grader writes into the work folder before each start."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Command
from grader.stage.launching import LAUNCHERS, Start, Told


class ConfigFile:
    """A file of the same name that a student handed in gives way: the assignment says who writes it."""

    def used(self, command: Command, argv: Sequence[str]) -> bool:
        return bool(command.files or command.verbatim)

    def add(self, command: Command, told: Told, start: Start) -> None:
        start.files |= {name: text.encode("utf-8", "surrogateescape") for name, text in command.verbatim.items()}
        start.files |= {name: told.fill(text).encode() for name, text in command.files.items()}


LAUNCHERS.add("file")(ConfigFile())
