"""Commands that tests start in a box, and what they print."""

import os
import select

from grader.stage.limits import SERVER
from grader.stage.server import environment

PATIENCE = 10
"""Seconds after which what should have ended long ago counts as alive: the test has failed by then."""


class Ran:
    """A command that was started in a box. What it prints comes through a pipe; its standard input stays open."""

    def __init__(self, box, *argv, env=None, limits=SERVER):
        self.box = box
        self.printed, printing = os.pipe()
        self.input_end, self.input = os.pipe()
        self.pid, self.pidfd = box.start(list(argv), env or environment(), (self.input_end, printing, printing), limits)
        os.close(printing)

    def line(self):
        """The next line that it prints, without its end."""
        data = b""
        while not data.endswith(b"\n") and (more := os.read(self.printed, 1)):
            data += more
        return data.decode().removesuffix("\n")

    def ends(self):
        """All that it, and whatever it left behind, prints until the last of them has ended."""
        data = b""
        while select.select([self.printed], [], [], PATIENCE)[0]:
            if not (more := os.read(self.printed, 65536)):
                return data.decode()
            data += more
        raise AssertionError("somebody lives on, and holds the pipe")

    def status(self):
        select.select([self.pidfd], [], [])
        return self.box.exit_status(self.pid)

    def close(self):
        for descriptor in (self.printed, self.input_end, self.input, self.pidfd):
            os.close(descriptor)


def says(run, box, code):
    """What a Python program prints inside, until it has ended."""
    return run(box, "python3", "-c", code).ends().strip()
