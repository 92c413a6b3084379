"""The ways to start a server, each in a file of its own; a new one is a file and its line here.

`stage/launching.py` is their contract; `prepared` puts those together that a command uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.model import ANYWHERE, LOOPBACK, Command
from grader.stage.launchers import (  # noqa: F401  each files itself under its name
    argument,
    config_file,
    environment,
    fixed,
    found,
    printed,
    typed,
)
from grader.stage.launching import LAUNCHERS, Start, Told
from grader.stage.limits import SERVER

__all__ = ["LAUNCHERS", "prepared"]


def prepared(
    command: Command, argv: Sequence[str], ports: Sequence[int], workdir: str, others: Mapping[str, int] | None = None
) -> Start:
    """What to start. `argv` is the command's own words, or those of whatever runs it for us."""
    ports = (command.port or ports[0], *ports[1:])
    told = Told(ports, LOOPBACK if command.host == ANYWHERE else command.host, workdir, others or {})
    start = Start([told.fill(word) for word in argv], ports=tuple(ports[: command.ports]), host=command.host)
    start.limits = SERVER.but(command.limits)
    for name in LAUNCHERS:
        launcher = LAUNCHERS.get(name)
        if launcher.used(command, argv):
            launcher.add(command, told, start)
            start.ways.append(name)
    return start
