"""From a command as a spec words it to a program that can be started: the contract of the launchers.

A launcher is one way in which a server and its clients come to speak of the same port: by an argument, by a file, at a
prompt, or because it is found by looking. A command may use several. Each is a class in `launchers/` and adds what it
has to add to a `Start`; nothing else in the grader knows how many ways there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from grader.model import LOOPBACK, Command
from grader.registry import Registry
from grader.stage.limits import SERVER, Limits
from grader.stage.server import environment

_PLACE = re.compile(r"<(port[2-9]?|host|workdir|(?:port-of|puerto-de)-[\w-]+)>")


@dataclass(frozen=True, slots=True)
class Told:
    """The values of the placeholders of one start."""

    ports: Sequence[int]
    host: str
    workdir: str
    others: Mapping[str, int] = field(default_factory=dict)
    """The ports of others who take part, by their names."""

    def fill(self, text: str) -> str:
        """The text with a value in each place."""
        return _PLACE.sub(self._value, text)

    def _value(self, found: re.Match[str]) -> str:
        if found[1].startswith(("port-of-", "puerto-de-")):
            return str(self.others.get(found[1].split("-", 2)[2], 0))
        if found[1].startswith("port"):
            return str(self.ports[int(found[1][4:] or 1) - 1])
        return self.host if found[1] == "host" else self.workdir


@dataclass(slots=True)
class Start:
    """One start: everything that the program is given, and what is known of its port.

    `ports` are those on which it ought to listen; none: any will do. `printed` is how it says which one it is.
    """

    argv: list[str]
    environment: dict[str, str] = field(default_factory=environment)
    files: dict[str, bytes] = field(default_factory=dict)
    answers: list[tuple[str, str]] = field(default_factory=list)
    ports: tuple[int, ...] = ()
    printed: re.Pattern[str] | None = None
    host: str = LOOPBACK
    limits: Limits = SERVER
    ways: list[str] = field(default_factory=list)
    """The launchers that took part, for whoever tells how it was started."""


class Launcher(Protocol):
    """One way to tell a program its port, or to learn it."""

    def used(self, command: Command, argv: Sequence[str]) -> bool:
        """Whether a command asks for this way."""

    def add(self, command: Command, told: Told, start: Start) -> None:
        """Do it: fill in what the program is given, or note what is known of its port."""


LAUNCHERS: Registry[Launcher] = Registry("launcher")
