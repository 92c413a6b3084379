"""One check against one server: the play is performed, and everything that happens is recorded.

Lines are performed in their order. Expectations only gather; an act waits until all that were gathered are met and until
the server has read the act before it. What can't be met is given up when nothing more can come, and the play ends there.
Inside `together:` each client performs its own lines in its own thread, from a barrier.

The conductor decides nothing about right and wrong: it stops waiting, and records why. The judge, who sees only the
transcript, decides.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from grader.clients.client import Client
from grader.clients.readers import CROWD, Readers
from grader.clients.record import Record
from grader.conduct.acts import Acts
from grader.conduct.afterwards import Allowance
from grader.conduct.at_once import at_once
from grader.conduct.closer import CloserLook, NoCloser
from grader.conduct.given_up import GivenUp
from grader.conduct.own_time import Patience
from grader.conduct.progress import Progress
from grader.conduct.server_acts import PLAIN
from grader.conduct.timed import Timed
from grader.conduct.waiting import Waited, Waiter
from grader.judge.follow import Follow, Met
from grader.judge.happened import END
from grader.judge.later import later, may_be_later
from grader.judge.limits import note as limit_note
from grader.judge.order import expects, wanted
from grader.judge.pace import LEAST
from grader.model import SERVER, Check, Command, Evidence, Kind, Line, Spec, Thread, Transcript, Verb
from grader.stage.box import AgentGone, Box
from grader.stage.processors import bind


class Conductor:
    """Performs one check."""

    def __init__(
        self, check: Check, spec: Spec, box: Box, argv: list[str], port: int,
        *, seed: int, subject: str, patience: Patience = lambda _: LEAST, command: Command = PLAIN, program: Command | None = None,
        hasty: bool = False, allowance: Allowance | None = None,
    ) -> None:  # fmt: skip
        self._allowance = allowance or Allowance()
        self._check = check
        self._subject = subject
        self._seed = seed
        self._box = box
        self._record = Record()
        self._clients: dict[str, Client] = {}
        crowd = len({w for line in check.play for w in line.who}) > CROWD
        self._readers = Readers(self._record, crowd=crowd)
        self._waiter = Waiter(self._record, self._clients, box.diag, patience=patience, horizon=spec.horizon)
        self._waiter.hasty, self._waiter.flushes = hasty and may_be_later(check, spec), spec.idles
        self._later = later(check) if self._waiter.hasty else frozenset[int]()
        self._follow = Follow(check, spec, seed)
        self._follow_lock = threading.RLock()
        self._fed = 0
        self._added: list[Line] = []
        self._spec = spec
        self._stopped: Waited | None = None
        self._keeps = spec.server.lasts and not spec.programs and not spec.roles
        self.acts = Acts(
            box, self._record, self._clients, self._readers, self._waiter, self._follow,
            argv=argv, port=port, seed=seed, spec=spec, command=command, program=program,
        )  # fmt: skip

    @property
    def unproven(self) -> bool:
        """Whether the play went on before a silence was proven: then only a pass counts."""
        return self._waiter.unproven

    def begin(self) -> None:
        """Start the server before its turn comes: it boots while another check is performed. Raises AgentGone.

        Nobody speaks to it, and the check's clock stands still, until `perform` or `abandon`.
        """
        self.acts.server.spawn()
        self._record.hold()

    def abandon(self) -> None:
        """End a server that was begun and is not wanted any more."""
        with contextlib.suppress(AgentGone):
            self.acts.close()

    def look(self) -> tuple[int, ...] | None:
        """Only start the server: the ports that it opens beside those that it is told; None where it opens none at all."""
        return self.acts.server.opened() if self.acts.server.start(step=None) else None

    def perform(self, closer: CloserLook | None = None) -> Transcript:
        """Start, play, end; the transcript of all of it. `closer` looks at the server if the play ends early."""
        threads: tuple[Thread, ...] = ()
        self._record.go()
        played = False
        try:
            started = self.acts.server.start(step=self._listens_step())
            if started and self._readers.crowd and not self._keeps:
                bind(self._waiter.living())
            played = started and self._play()
            if played:
                self._finish()
            self._box.check()
        except AgentGone:
            self._record.note(SERVER, Kind.GAVE_UP, note="agent-killed")
        finally:
            self.acts.server.catch_up()
            self._record.note(SERVER, Kind.NOTED, note=END)
            with contextlib.suppress(AgentGone):
                try:
                    stopped = self._stopped or self.acts.server.given_up
                    if stopped is not None:
                        self.acts.server.keep_status()
                        threads = (closer if closer and not self.unproven else NoCloser()).at(
                            stopped.look, self._waiter, self._record
                        )
                    elif played and self._subject == "submission":
                        self.acts.afterwards(self._allowance)
                finally:
                    self.acts.close(keep=self._keeps and stopped is None)
            self.acts.complain_of_framings()
            for met in self._box.met():
                self._record.note(SERVER, Kind.NOTED, note=limit_note(met.limit, met.used, met.most))
        events, play, facts = tuple(self._record.events), (*self._check.play, *self._added), self.acts.server.facts()
        return Transcript(self._check.id, self._subject, self._seed, events, play, facts, threads)

    def _listens_step(self) -> int | None:
        return next((line.step for line in self._check.play if line.verb is Verb.LISTENS), None)

    # -- the play ---------------------------------------------------------------------------------------------------

    def _play(self) -> bool:
        """Perform the play; False when it ended early."""
        return self._perform_lines(self._check.play)

    def _perform_lines(self, play: Sequence[Line]) -> bool:
        waiting: list[Line] = []
        for block, group in groupby(play, key=lambda line: line.block):
            if block is not None and block.kind == "together":
                lines = list(group)
                if not (self._met(waiting) and self._together(lines)):
                    return False
                self._compared(lines[-1])
                waiting = []
                continue
            for line in group:
                if expects(line):
                    waiting.append(line)
                    continue
                if not self._met(waiting):
                    return False
                waiting = []
                if not self._do(line):
                    return False
        return self._met(waiting)

    def _do(self, line: Line) -> bool:
        """One act or assertion; False when it could not be done."""
        try:
            if line.verb in (Verb.NOTHING, Verb.STILL_CONNECTED):
                self._quiet(line)
            elif line.verb in (Verb.SETTLES, Verb.SKIPS_THE_REST):
                self._settle(line)
            else:
                self.acts.do(line)
                if line.block is None or line.block.kind != "together":
                    self._compared(line)
            return True
        except GivenUp as given:
            if given.waited.seen:
                self._waiter.quiet()  # who refuses may be about to end: that would be the reason
            self._stop(given.waited, [(line, given.who, given.note)])
            return False

    def _together(self, lines: list[Line]) -> bool:
        """Each client's lines in a thread of its own, all let go at the same instant."""
        names = list(dict.fromkeys(w for line in lines for w in line.who))

        def act(name: str) -> bool:
            waiting: list[Line] = []
            for line in (line for line in lines if name in line.who):
                if expects(line):
                    waiting.append(line)
                    continue
                if not (self._met(waiting, only=name) and self._do(replace(line, who=(name,)))):
                    return False
                waiting = []
            return self._met(waiting, only=name)

        return at_once(names, act, self._waiter.acting)

    # -- waiting ----------------------------------------------------------------------------------------------------

    def _met(self, lines: list[Line], *, only: str | None = None) -> bool:
        """Wait until these expectations are met; False, and everything recorded about it, when they will not be."""
        parts = [(line, who) for line in lines for who in line.who if only is None or who == only]
        if not parts:
            return True
        awaited = (self._clients[who] for who in {who for _, who in parts} if who in self._clients)
        pause = self._readers.attending(awaited) if self._readers.crowd else None
        timed = Timed(lines, self._waiter, self._record, crowd=self._readers.crowd, measured=bool(self._check.tiers))
        waited = self._waiter.until(
            lambda: self._all_met(parts) is not Met.OPEN, deadline=timed.deadline, horizon=timed.horizon, pause=pause,
            trust_cycles=timed.deadline is None, ends=all(line.verb is not Verb.EXPECT_MAYBE for line in lines),
            progress=Progress(self._record, parts) if timed.deadline is None else None, last=only is not None,
        )  # fmt: skip
        timed.note()
        if waited.seen and self._all_met(parts) is Met.YES:
            if only is None:
                self.acts.pace.answered()
            return True
        if waited.seen:  # a misfit: see what else comes before judging, and what the server then does
            waited = replace(waited, look=self._waiter.quiet().look)
        unmet = [(x, who, wanted(x)) for x, who in tuple(parts) if self._how(x, who, final=True) is not Met.YES]
        if unmet:
            self._stop(waited, unmet)
        return not unmet

    def _all_met(self, parts: list[tuple[Line, str]]) -> Met:
        self._pull()
        with self._follow_lock:  # others who act at the same moment ask this, too
            how = Met.YES
            while parts and (how := self._how(*parts[0])) is Met.YES:
                parts.pop(0)
            return how

    def _how(self, line: Line, who: str, *, final: bool = False) -> Met:
        with self._follow_lock:
            if line.verb is Verb.IS_DISCONNECTED:
                client = self._clients.get(who)
                return Met.YES if client is not None and client.at_end else Met.OPEN
            return self._follow.meet(line, who, final=final)

    def _pull(self) -> None:
        """Hand the events that are new to the follower."""
        with self._follow_lock:
            events = self._record.events
            while self._fed < len(events):
                self._follow.feed(self._fed, events[self._fed])
                self._fed += 1

    def _quiet(self, line: Line) -> None:
        waited = self._waiter.rest() if line.step in self._later else self._waiter.quiet()
        self._pull()
        if waited.evidence is Evidence.NONE:  # the end of the play proves it, or the play is performed again
            self._record.note(line.who[0], Kind.NOTED, note="looked", step=line.step)
            return
        # Who is connected has to have been accepted, too: a protocol that nobody knows may say nothing.
        for who in line.who if self._spec.discover and line.verb is Verb.STILL_CONNECTED else ():
            if self._waiter.unaccepted(who):
                raise GivenUp(who, "not-accepted", waited)
        self._record.note(line.who[0], Kind.WAITED, note=str(waited.evidence), step=line.step)

    def _compared(self, line: Line) -> None:
        """In a check that is compared with the reference, everything that an act brings is waited for before the next."""
        if self._check.same_as_reference:
            waited = self._waiter.quiet()
            self._record.note(SERVER, Kind.WAITED, note=str(waited.evidence), step=line.step)

    def _settle(self, line: Line) -> None:
        self._waiter.rest()
        skipped = () if line.verb is Verb.SETTLES else line.who
        at = self._record.note(line.who[0], Kind.NOTED, note="skipped" if skipped else "settled", step=line.step)
        self._pull()
        with self._follow_lock:
            self._follow.empty(skipped, until=at)  # as for the judge: what was recorded behind it stays

    def _finish(self) -> None:
        # Where nothing that may still come counts, or nobody is there to hear it, there is no answer to be patient for.
        indifferent = self._check.leftovers_allowed and not self._check.laws and not self._check.same_as_reference
        deadline, resting = LEAST if indifferent or not self._clients else None, indifferent and self._spec.idles
        waited = self._waiter.quiet(deadline=deadline, resting=resting and self._waiter.hasty, ends=True)
        self._waiter.note_end()
        self._record.note(SERVER, Kind.WAITED, note=str(waited.evidence))
        if waited.look is not None and self._waiter.on_the_way.pending():
            self._stopped = waited  # what was sent is never read: whatever is found, something holds the server up

    def _stop(self, waited: Waited, unmet: list[tuple[Line, str, str]]) -> None:
        """End the play here: how the waiting ended, and what was still wanted."""
        self._waiter.note_end()
        evidence = waited.evidence if not waited.seen else Evidence.SEEN
        self._record.note(SERVER, Kind.WAITED, note=str(evidence))
        for who in dict.fromkeys(who for _, who, _ in unmet):
            if who in self._clients:
                self._clients[who].note_unfinished()
        unaccepted = {who for who in {who for _, who, _ in unmet} if self._waiter.unaccepted(who)}
        for line, who, missing in unmet:
            note = "not-accepted" if who in unaccepted else missing
            self._record.note(
                who, Kind.GAVE_UP, self._follow.wanted(line, who).encode("utf-8", "surrogateescape"), note, line.step
            )
        self._stopped = waited
