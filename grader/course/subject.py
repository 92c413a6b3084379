"""A folder with a server, ready to be conducted: staged, built, and given boxes of its own.

A server boots for 30 ms and more before anybody can speak to it. Where two boxes share nothing (`Rung.own_files`), they
take turns: while one check is performed in the one, the server of the next check boots in the other. It is met no later
than `AHEAD_SECONDS` after its start, else it makes way for a fresh one: none is left to wait so long that it may give up.
None boots ahead of its turn where the last one never rested, and had to be given a deadline.

The submission and the reference are subjects alike; nothing that happens to one is different for the other.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from grader.conduct.afterwards import Allowance
from grader.conduct.conductor import Conductor
from grader.conduct.performers import conductor_for
from grader.conduct.server_acts import PLAIN
from grader.course.entry import Entry
from grader.course.second_look import SecondLook
from grader.errors import HarnessError
from grader.judge.found import Judged
from grader.judge.verdict import judge
from grader.model import LOOPBACK, Attempt, Build, Check, Evidence, Spec, Transcript
from grader.stage import sockdiag
from grader.stage.addresses import make_local
from grader.stage.box import AgentGone, Box, Extra
from grader.stage.build import build, need_program
from grader.stage.claims import Claims
from grader.stage.place import Staging
from grader.stage.rungs import Rung

LOWEST_PORT, PORTS = 10_000, 20_000
AHEAD_SECONDS = 2.0
REFERENCE_PATIENCE = 2.0
MOST_IN_VAIN = 3
"""Plays that went on before a silence was proven, and had to be performed again: then no more is saved than lost."""


def port_for(seed: int, turn: int = 0) -> int:
    """A port below the range that the system gives to clients, so that it can't be taken by one of ours."""
    return LOWEST_PORT + (seed * 7919 + turn * 101) % PORTS


@dataclass(frozen=True, slots=True)
class Turn:
    """One attempt that is to be performed, in its box, since when its server may have been started."""

    check: Check
    box: Box
    conductor: Conductor
    since: float = field(default_factory=time.monotonic)

    @property
    def fresh(self) -> bool:
        """Whether its server has not yet been kept waiting for long."""
        return time.monotonic() - self.since < AHEAD_SECONDS


class Subject:
    """A staged folder. Boxes are made when they are first needed, by the thread that needs them, which must go on living.

    `patience` says how many seconds a deadline is, where it has to decide: in a check, for a server that spins, or, None, in any.
    """

    def __init__(
        self, staging: Staging, spec: Spec, rung: Rung, entry: Entry, kind: str, seed: int, extra: Extra | None = None
    ) -> None:
        self.staging = staging
        self._extra = extra
        self._spec = spec
        self._rung = rung
        self._entry = entry
        self._kind = kind
        self._seed = seed
        self._boxes: list[Box] = []
        self._ahead: Turn | None = None
        self._busy = False
        self._hasty = extra is None  # whoever records wants each play once, with everything in its place
        self._in_vain = 0
        self._ports = 0
        self._allowance = Allowance()
        self._claims = Claims()
        self.patience: Callable[[Check | None], float] = lambda _: REFERENCE_PATIENCE
        # Only the submission's failures are to be explained.
        self._look = SecondLook(staging.submission, rung.view(staging).work) if kind == "submission" else None

    def build(self) -> Build | None:
        """Run the build command, if there is one."""
        command = self._entry.command
        if command is None:
            return None
        made = build(command.build, self._rung, self.staging) if command.build else None
        if not command.run.startswith("./"):
            need_program(command.run)
        return made

    def attempt(self, check: Check, number: int = 0, then: Check | None = None) -> Attempt:
        """Conduct and judge one check once; `then` is likely to be the next. Call it always from the same thread."""
        turn = self._turn(check, number)
        if then is not None and not self._busy:
            self._begin(then, turn.box)
        began = time.monotonic()
        judged = self._performed(turn)
        if turn.conductor.unproven and (judged.findings or (self._spec.idles and judged.remarks)):
            # It went on before a silence was proven, so nothing of this counts: again, with every silence proven.
            self._in_vain += bool(judged.findings)
            self._hasty = self._in_vain < MOST_IN_VAIN
            turn = self._new_turn(check, number, busy=self._ahead.box if self._ahead else None, hasty=False)
            judged = self._performed(turn)
        self._note_busy(busy=judged.evidence is Evidence.DEADLINE)
        seconds = time.monotonic() - began
        findings, transcript = judged.findings, judged.transcript
        if self._look is not None and findings:
            findings = self._look.points(findings, transcript)
            transcript = self._look.lines(findings, transcript, turn.box, self._entry.argv, transcript.server.port)
            self._give_up_if_broken(turn.box)
        return Attempt(judged.outcome, judged.evidence, seconds, findings, judged.remarks, transcript)

    def _performed(self, turn: Turn) -> Judged:
        """A turn conducted and judged. Nobody looks closely at what may not count."""
        closer = self._look.closer if self._look else None
        try:
            transcript = turn.conductor.perform(closer)
        except AgentGone:
            transcript = Transcript(turn.check.id, self._kind, self._seed, (), turn.check.play)
        self._give_up_if_broken(turn.box)
        return judge(turn.check, self._spec, transcript)

    def _turn(self, check: Check, number: int) -> Turn:
        """The attempt that was begun ahead, if it is this one; what was begun in vain makes way."""
        ahead = self._ahead
        if ahead is not None and number == 0:
            self._ahead = None
            if ahead.check is check and ahead.fresh:
                return ahead
            ahead.conductor.abandon()
            self._give_up_if_broken(ahead.box)
        return self._new_turn(check, number, busy=self._ahead.box if self._ahead else None)

    def _new_turn(self, check: Check, number: int, *, busy: Box | None, hasty: bool = True) -> Turn:
        box = next((b for b in self._boxes if b is not busy), None)
        if box is None:
            box = Box(self._rung, self.staging, self._extra)
            self._boxes.append(box)
        box.up()
        if self._entry.command and self._entry.command.host != LOOPBACK:
            make_local(box)
        own, opposite = self._entry.command or PLAIN, self._spec.opposite
        argv = self._entry.argv if opposite is None else shlex.split(opposite.run)
        last = self._extra is None and number + 1 >= check.attempts  # nothing is tried again behind it
        conductor = conductor_for(
            check, self._spec, box, argv, self._port(box), seed=self._seed + number, subject=self._kind,
            patience=lambda spins: self.patience(check if spins and not last else None), command=opposite or own, program=own if opposite else None,
            allowance=self._allowance, hasty=hasty and self._hasty,
        )  # fmt: skip
        return Turn(check, box, conductor)

    def _begin(self, check: Check, busy: Box) -> None:
        """Start the server of a later check in the box that is not busy, if there may be two."""
        if not self._rung.own_files or self._ahead is not None or self._spec.server.lasts:
            return
        if len(self._boxes) < 2:
            # It comes up while this check is performed; waiting for it now would cost what it is to save.
            self._boxes.append(Box(self._rung, self.staging, self._extra, wait=False))
            return
        turn = self._new_turn(check, 0, busy=busy)
        try:
            turn.conductor.begin()
        except (AgentGone, HarnessError):  # whoever starts it when its turn comes will meet that again, and say so
            turn.conductor.abandon()
            self._give_up_if_broken(turn.box)
        else:
            self._ahead = turn

    def _note_busy(self, *, busy: bool) -> None:
        """A server that never rests takes a processor, and most of all from its own likes: none waits beside it."""
        self._busy = busy
        if busy and self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            ahead.conductor.abandon()
            self._give_up_if_broken(ahead.box)

    def _give_up_if_broken(self, box: Box) -> None:
        if box.broken and box in self._boxes:
            self._boxes.remove(box)
            box.close()

    def _port(self, box: Box) -> int:
        """Always the same port where it is ours alone; else one that nobody uses, another for each server."""
        if box.rung.own_network:
            return port_for(self._seed)
        taken = {row.here[1] for row in box.diag.rows(sockdiag.ALL_STATES)}
        while True:
            self._ports += 2  # the submission takes the odd turns, the reference the even ones
            port = port_for(self._seed, self._ports + (self._kind == "submission"))
            wanted = range(port, port + (self._entry.command.ports if self._entry.command else 1))
            if not taken.intersection(wanted) and self._claims.take(wanted):
                return port

    def ports(self) -> tuple[int, ...] | None:
        """The ports that the server opens of itself, beside those that it is told; None where it opened none at all."""
        check = Check("look", {}, 0.0)
        turn = self._new_turn(check, 0, busy=None)
        try:
            found = turn.conductor.look()
        except AgentGone:
            return None
        finally:
            turn.conductor.abandon()
            self._give_up_if_broken(turn.box)
        return found

    def close(self) -> None:
        """End the boxes, and everything in them."""
        if self._ahead is not None:
            self._ahead.conductor.abandon()
            self._ahead = None
        while self._boxes:
            self._boxes.pop().close()
        self._claims.give_up()
