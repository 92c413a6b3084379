"""A folder with a server, ready to be conducted: staged, built, and given a box of its own.

The submission and the reference are subjects alike; nothing that happens to one is different for the other.
"""

from __future__ import annotations

import time
from pathlib import Path

from grader.conduct.conductor import conduct
from grader.course.entry import Entry
from grader.course.spots import pointed
from grader.judge.verdict import judge
from grader.model import Attempt, Build, Check, Spec, Transcript
from grader.stage import sockdiag
from grader.stage.box import AgentGone, Box
from grader.stage.build import build, need_program
from grader.stage.sandbox import Rung, Staging

LOWEST_PORT, PORTS = 10_000, 20_000


def port_for(seed: int, turn: int = 0) -> int:
    """A port below the range that the system gives to clients, so that it can't be taken by one of ours."""
    return LOWEST_PORT + (seed * 7919 + turn * 101) % PORTS


class Subject:
    """A staged folder. Its box is made when it is first needed, by the thread that needs it, which must go on living."""

    def __init__(self, staging: Staging, spec: Spec, rung: Rung, entry: Entry, kind: str, seed: int) -> None:
        self.staging = staging
        self._spec = spec
        self._rung = rung
        self._entry = entry
        self._kind = kind
        self._seed = seed
        self._box: Box | None = None
        self._turn = 0

    def build(self) -> Build | None:
        """Run the build command, if there is one."""
        command = self._entry.command
        if command is None:
            return None
        made = build(command.build, self._rung, self.staging) if command.build else None
        if not command.run.startswith("./"):
            need_program(command.run)
        return made

    def attempt(self, check: Check, number: int = 0) -> Attempt:
        """Conduct and judge one check once. Call it always from the same thread: the box belongs to it."""
        if self._box is None:
            self._box = Box(self._rung, self.staging)
        port = self._port(self._box)
        began = time.monotonic()
        try:
            transcript = conduct(
                check, self._spec, self._box, self._entry.argv, port,
                seed=self._seed + number, subject=self._kind,
            )  # fmt: skip
        except AgentGone:
            transcript = Transcript(check.id, self._kind, self._seed, (), check.play)
        if self._box.broken:
            self._box.close()
            self._box = None
        judged = judge(check, self._spec, transcript)
        findings = tuple(pointed(f, judged.transcript, Path(self.staging.submission)) for f in judged.findings)
        return Attempt(
            judged.outcome, judged.evidence, time.monotonic() - began, findings, judged.remarks, judged.transcript
        )

    def _port(self, box: Box) -> int:
        """Always the same port where it is ours alone; else one that nobody uses, another for each server."""
        if box.rung.own_network:
            return port_for(self._seed)
        taken = {row.here[1] for row in box.diag.rows(sockdiag.ALL_STATES)}
        while True:
            self._turn += 2  # the submission takes the odd turns, the reference the even ones
            port = port_for(self._seed, self._turn + (self._kind == "submission"))
            if port not in taken:
                return port

    def close(self) -> None:
        """End the box, and everything in it."""
        if self._box is not None:
            self._box.close()
            self._box = None
