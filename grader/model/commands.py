"""How a program is started, and where its clients find it: what stands under `server:` and `reference:` in a spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"
ANYWHERE = "any"
"""As a host: wherever the server listens."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its circumstances. ``<port>``, ``<port2>``, ``<host>`` and ``<workdir>`` may stand in all texts.

    By default the grader chooses the port, and tells it by one of these texts. Else the assignment fixes it (`port`), the
    program prints it (`printed`), or any will do, and it is found by looking (`any_port`).
    """

    run: str
    build: str | None = None
    env: Mapping[str, str] = field(default_factory=dict, hash=False)
    files: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Files that are written into the work folder before the start: a name, and what stands in it."""
    verbatim: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Files of the course's, written as they are: bytes as text."""
    stdin: tuple[tuple[str, str], ...] = ()
    """What is typed while it starts: each line when its prompt has been printed; at once where the prompt is empty."""
    port: int | None = None
    printed: str = ""
    """The line, with ``<port>`` and perhaps ``<*>``, in which the program says where it listens."""
    any_port: bool = False
    host: str = LOOPBACK
    """Where clients call: this machine's own address, another one that the program is told, or `ANYWHERE`."""
    own_start: bool = True
    """Whether a submission may say itself how it is built and started, or may have another name than the command's."""

    lasts: bool = False
    """Whether one server serves all checks of a submission, instead of a fresh one each."""
    limits: Mapping[str, int] = field(default_factory=dict, hash=False)
    """What it may use less, or more, than otherwise: `memory` in bytes, `processes`, `files`."""

    @property
    def told(self) -> tuple[str, ...]:
        """Every text in which a port may be told."""
        return (self.run, *self.env.values(), *self.files.values(), *(answer for _, answer in self.stdin))

    @property
    def ports(self) -> int:
        """How many ports it is told."""
        return max((n for n in range(1, MOST_PORTS + 1) if any(f"<{port_name(n)}>" in x for x in self.told)), default=1)

    @property
    def port_is_ours(self) -> bool:
        """Whether it is told a port that the grader has chosen."""
        return self.port is None and not self.printed and not self.any_port


MOST_PORTS = 9


def port_name(number: int) -> str:
    """The placeholder of a port, counted from 1: ``port``, ``port2``, ``port3``."""
    return "port" if number == 1 else f"port{number}"


PORTS = tuple(port_name(n) for n in range(1, MOST_PORTS + 1))
