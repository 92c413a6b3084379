"""`printed`: the server chooses its port (most often it asks the system for a free one) and prints which one it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.model import Command
from grader.stage.launching import LAUNCHERS, Start, Told

PLACES = {"<port>": "(?P<port>[0-9]{1,5})(?![0-9])", "<*>": ".*?"}


class Printed:
    """The line may stand anywhere in what it prints; the kernel says whether it is true."""

    def used(self, command: Command, argv: Sequence[str]) -> bool:
        return bool(command.printed)

    def add(self, command: Command, told: Told, start: Start) -> None:
        start.ports = ()
        parts = re.split("(<port>|<[*]>)", command.printed)
        start.printed = re.compile("".join(PLACES.get(part) or re.escape(part) for part in parts))


LAUNCHERS.add("printed")(Printed())
