"""From a transcript to a claim: passed or failed, on what evidence, and what exactly differed. Pure.

The judge walks the play as it was written and the events as they happened, side by side. Before each act it asks
whether everything above it was met; the first thing that was not ends the play, as it did on the stage, and what the end
would have shown is recorded but not charged. Then come the two unwritten assertions of every check (the server lives,
nothing is left over) and the laws that this check carries.

A finding is built from events alone; the evidence of a finding is how the conductor came to stop waiting.
"""

from __future__ import annotations

from dataclasses import replace

from grader.judge.after import rests_on, told_by_the_end
from grader.judge.findings import (
    at_step,
    broken_off,
    by_code,
    came_instead,
    evidence,
    exit_facts,
    gathered,
    given_up,
    rank,
)
from grader.judge.follow import Follow, Met
from grader.judge.found import Judged, found_by_check
from grader.judge.happened import Happened
from grader.judge.laws import Breach
from grader.judge.limits import with_limits
from grader.judge.order import EXPECTATIONS, means_an_end
from grader.judge.pairing import Message
from grader.judge.ports import misplaced
from grader.judge.programs import not_shown, other_status
from grader.judge.said import demanded, doubled
from grader.judge.says import with_words
from grader.judge.show import shown
from grader.judge.strays import came_again, from_elsewhere, sent_twice
from grader.judge.tidy import left, untidy
from grader.judge.timing import out_of_time
from grader.model import SERVER, Check, Event, Evidence, Finding, Kind, Line, Outcome, Spec, Transcript, Verb

EXITED, WAITED = Kind.EXITED, Kind.WAITED  # (see `judge/follow.py`)


def judge(check: Check, spec: Spec, transcript: Transcript) -> Judged:
    """The verdict on one attempt. The play of a check in Python is known when it has been played."""
    check = replace(check, play=transcript.play) if check.made_at_run else check
    walk = _Walk(check, spec, transcript)
    findings = walk.play()
    own, remarks = walk.laws(set(check.laws))
    remarks += [*came_again(transcript.events), *left(transcript.events, walk.end)]
    findings, remarks, rests_on = with_limits([*findings, *own], remarks, transcript.events, walk.evidence)
    steps, told = walk.follow.step_of, with_words(transcript.events, spec)
    events = tuple(at_step(e, steps[i]) if i in steps else e for i, e in enumerate(told))
    findings, remarks = demanded(check, spec, findings, remarks)
    outcome = Outcome.FAILED if findings else Outcome.PASSED
    return Judged(outcome, rests_on, tuple(findings), tuple(remarks), replace(transcript, events=events))


class _Walk:
    """One walk through a transcript."""

    def __init__(self, check: Check, spec: Spec, transcript: Transcript) -> None:
        self.follow = Follow(check, spec, transcript.seed)
        self._found_on = self._final = Evidence.NONE
        self._check, self._spec, self._programs = check, spec, frozenset(spec.programs)
        self._happened = Happened(transcript.events)
        self._events = transcript.events
        self._end = self.end = self._happened.end
        self._port = transcript.server.port
        self._fed = 0
        self._waited = False
        """Whether the play has waited for time to pass: what follows depends on clocks."""

    # -- the play ---------------------------------------------------------------------------------------------------

    def play(self) -> list[Finding]:
        """What the play asked for and did not get; empty if it was played to its end and the end was as it should be."""
        waiting: list[Line] = []
        lines = self._check.play
        for at, line in enumerate(lines):
            if line.verb in EXPECTATIONS or line.verb is Verb.IS_DISCONNECTED:
                waiting.append(line)
                continue
            if line.block is not None and line.block.kind == "together":
                # Inside the block each client waits for itself; all of it is judged where the block ends.
                following = next((x for x in lines[at:] if x.block != line.block), None)
                if following is not None and following is lines[at + 1]:
                    self._feed_until_step(following.step)
                continue
            self._feed_until_step(line.step)
            if found := self._unmet(waiting):
                return self._explained(found)
            waiting = []
            if found := self._assert(line):
                return self._explained(found)
        self._feed(self._end)
        if found := self._unmet(waiting):
            return self._explained(found)
        waits = [evidence(e.note) for e in self._events[: self._end] if e.kind is WAITED]
        self._final = max(waits, key=rank, default=Evidence.NONE)
        if own := list(found_by_check(self._events)):
            self._rest_on(self._happened.last_wait)
        return self._explained(self._broken_off() or [*own, *self._at_the_end()])

    def _feed_until_step(self, step: int) -> None:
        """All events before a line was reached; everything, if it never was."""
        self._feed(self._happened.at_step.get(step, self._end))

    def _feed(self, until: int) -> None:
        for index in range(self._fed, min(until, self._end)):
            self.follow.feed(index, self._events[index])
        self._fed = max(self._fed, min(until, self._end))

    def _unmet(self, lines: list[Line]) -> list[Finding]:
        found: list[Finding] = []
        for line in lines:
            for who in line.who:
                if line.verb is Verb.IS_DISCONNECTED:
                    if not self._happened.closed(who, self._fed):
                        found.append(self._missing("not-closed", line, who, {}))
                    continue
                met = self.follow.meet(line, who, final=True)  # nobody waits for this line any more
                found += [self._instead(line, who, met)] if met is not Met.YES else self._out_of_time(line, who)
        return gathered(found)

    def _instead(self, line: Line, who: str, met: Met) -> Finding:
        """Why an expectation was not met: another message, a closed connection, or nothing at all."""
        text = shown(self.follow.wanted(line, who))
        if met is Met.MISFIT:
            message = self.follow.misfits[who]
            self._rest_on(self._happened.seen(message.at))
            at = (message.at, *self._given_up(line, who))
            why = self.follow.why(line, who, message)
            return broken_off(who, message, at) or came_instead(who, text, message, why, at)
        closed = self._happened.closed(who, self._fed)
        if closed:
            self._rest_on(Evidence.SEEN)
            return Finding("closed-instead", {"who": [who], "text": text}, (closed[0], *self._given_up(line, who)))
        if who == SERVER:
            printed = [shown(text) for text in self.follow.printed]
            return self._missing(
                "never-printed", line, who, {"text": text, **({"printed": printed} if printed else {})}
            )
        if any(e.note == "not-accepted" for _, e in self._happened.given_up(line.step, who)):
            return self._missing("not-accepted", line, who, {})
        aside = [shown(self._text(i)) for i, b in self.follow.set_aside if b.who == who][-3:]
        told = (("aside", aside), ("begun", self._happened.begun(who)))
        extra = {name: got for name, got in told if got}
        if who in self._programs:
            self._rest_on(self._happened.last_wait)
            return not_shown(self._events[: self._end], who, text, self._given_up(line, who))
        if stray := from_elsewhere(self._happened.strays.get(who)):
            self._rest_on(self._happened.last_wait)
            return stray
        return self._missing("never-came", line, who, {"text": text, **extra})

    def _out_of_time(self, line: Line, who: str) -> list[Finding]:
        """Messages that came, but not when they were due."""
        text = self.follow.wanted(line, who)
        found = list(out_of_time(line, who, text, self._events, self.follow.step_of, self._fed))
        if found:
            self._rest_on(Evidence.DEADLINE)
        return found

    def _missing(self, code: str, line: Line, who: str, facts: dict[str, object]) -> Finding:
        self._rest_on(self._happened.last_wait)
        return Finding(code, {**({"who": [who]} if who != SERVER else {}), **facts}, self._given_up(line, who))

    def _given_up(self, line: Line, who: str) -> tuple[int, ...]:
        return tuple(i for i, _ in self._happened.given_up(line.step, who))

    # -- assertions of the moment -----------------------------------------------------------------------------------

    def _assert(self, line: Line) -> list[Finding]:
        """A line that only looks, or an act that could not be done."""
        at = self._happened.at_step.get(line.step)
        stuck = self._happened.given_up(line.step)
        if at is None:
            return self._could_not(stuck)
        self._feed(at + 1)
        if line.verb in (Verb.SETTLES, Verb.SKIPS_THE_REST):
            self.follow.empty(() if line.verb is Verb.SETTLES else line.who)
        self._waited |= line.verb is Verb.WAITS
        if line.verb is Verb.NOTHING:
            came = {w: self.follow.waiting(w, until=at) for w in line.who}
            return gathered([self._unasked("came-unasked", w, messages) for w, messages in came.items() if messages])
        if line.verb is Verb.STILL_CONNECTED:
            gone = [w for w in line.who if self._happened.closed(w, at)]
            if gone:
                self._rest_on(Evidence.SEEN)
                return [
                    Finding("was-closed", {"who": gone}, tuple(i for w in gone for i in self._happened.closed(w, at)))
                ]
        if line.verb is Verb.IS_RUNNING and (ended := self._happened.ended(at)):
            self._rest_on(Evidence.SEEN)
            return [Finding("exited", exit_facts(self._events, ended[0]), (ended[0],))]
        if line.verb is Verb.LISTENS and (found := misplaced(self._events, at, self._port)):
            self._rest_on(self._happened.last_wait if found.code == "port-not-printed" else Evidence.SEEN)
            return [found]
        if line.verb is Verb.IS_TIDY and (found := untidy(self._events, at)):
            self._rest_on(self._happened.last_wait_before(at + 2))
            return [found]
        if line.verb is Verb.EXITS and not stuck and (found := other_status(self._events, at, line)):
            self._rest_on(Evidence.SEEN)
            return [found]
        return self._could_not(stuck) if stuck else []

    def _could_not(self, stuck: list[tuple[int, Event]]) -> list[Finding]:
        """The conductor gave an act up; its note says why. Nothing is found if the play ended before this line."""
        found = []
        for index, event in stuck:
            code = event.note.partition(" ")[0]
            facts = given_up(self._events, event, self._port)
            if code == "exited-early":
                facts = exit_facts(self._events, self._happened.last_exit(index))
            self._rest_on(self._happened.last_wait if code not in ("refused", "exited-early") else Evidence.SEEN)
            found.append(Finding(code, facts, (index,)))
        return found

    def _unasked(self, code: str, who: str, messages: list[Message]) -> Finding:
        self._rest_on(self._happened.seen(messages[0].at))
        if found := next((b for m in messages if (b := broken_off(who, m, (m.at,)))), None):
            return found
        got = [shown(m.text) for m in messages]
        return Finding(code, {"who": [who], "got": got[:5], "count": len(got)}, tuple(m.at for m in messages[:20]))

    def _broken_off(self) -> list[Finding]:
        """A play that did not come to its end has not passed, whatever it had met by then."""
        if self._happened.gave_up:
            return self._could_not(self._happened.gave_up)
        ended = any(e.kind is WAITED and e.step is None for e in self._events[: self._end])
        unreached = [
            x
            for x in self._check.play
            if x.verb not in EXPECTATIONS and x.step not in self._happened.at_step and x.times
        ]
        if ended and not [x for x in unreached if x.verb is not Verb.IS_DISCONNECTED]:
            return []
        return [Finding("broke-off")]

    # -- the end ----------------------------------------------------------------------------------------------------

    def _at_the_end(self) -> list[Finding]:
        if self._check.leftovers_allowed or self._check.same_as_reference:
            return []
        gone = {SERVER, *self._programs, *self._happened.gone()}
        left = {w: self.follow.waiting(w) for w in self.follow.inboxes if w not in gone}
        return gathered([self._unasked("left-over", w, m) for w, m in left.items() if m])

    def _explained(self, found: list[Finding]) -> list[Finding]:
        """A server that has ended, or never listened, is named before everything that follows from it."""
        never = [(i, e) for i, e in self._happened.gave_up if e.who == SERVER and e.step is None]
        if never:
            return self._could_not(never)  # it was never there: nothing else that did not come tells more
        fatal = []
        meant = any(map(means_an_end, self._check.play))
        for index, event in enumerate(self._events[: self._end]):
            if event.kind is EXITED and not meant and not any(f.code in ("exited", "exited-early") for f in found):
                fatal.append(Finding("exited", exit_facts(self._events, index), (index,)))
        if fatal:
            self._found_on = Evidence.SEEN  # whatever else there is: no haste of ours ends a server
        return [*fatal, *found]

    # -- laws -------------------------------------------------------------------------------------------------------

    def laws(self, own: set[str]) -> tuple[list[Finding], list[Finding]]:
        """The breaches that this check carries, as findings; the others that some check carries, as remarks."""
        breaches: list[tuple[tuple[int, ...], Breach]] = [
            ((i,), b) for i, b in self.follow.laws.breaches if i < self._end
        ]
        events = self._events[: self._end]
        breaches += [
            *told_by_the_end(self.follow.laws, own),
            *doubled(self._spec, own, events),
            *sent_twice(own, events),
        ]
        charged = [(at, b) for at, b in breaches if b.law in own]
        remarked = [(at, b) for at, b in breaches if b.law not in own and b.set_aside]
        if charged:
            self._rest_on(rests_on((b.law for _, b in charged), self._happened.last_wait))
        return list(by_code(charged)), list(by_code(remarked))

    # -- evidence ---------------------------------------------------------------------------------------------------

    @property
    def evidence(self) -> Evidence:
        """What the findings rest on, the weakest of it; without findings, how the last wait ended."""
        return self._found_on if self._found_on is not Evidence.NONE else self._final

    def _rest_on(self, evidence: Evidence) -> None:
        """A finding rests on this; behind a wait for time to pass, on that."""
        evidence = Evidence.DEADLINE if self._waited else evidence
        if rank(evidence) > rank(self._found_on):
            self._found_on = evidence

    def _text(self, index: int) -> str:
        return self._events[index].data.decode("utf-8", "backslashreplace").rstrip("\r\n")
