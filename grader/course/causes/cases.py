"""Failed checks as rules see them: the finding, what travelled, what the threads did, who was being served.

All of it is read off a verdict and its transcript. Nothing after the end of the play counts: what the grader's own
closing caused is no evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.judge.happened import END
from grader.model import SERVER, Cause, Event, Facts, Finding, Kind, Outcome, SourceSpot, Thread, Transcript, Verdict
from grader.trim import shown_attempt

LEFT = {Kind.CLOSED, Kind.CRASHED, Kind.HALF_CLOSED, Kind.SERVER_CLOSED, Kind.SERVER_RESET}
READING = {"recvfrom", "recvmsg", "read", "readv"}
SENDING = {"sendto", "sendmsg", "write", "writev"}
ACCEPTING = {"accept", "accept4", "select", "pselect6", "poll", "ppoll", "epoll_wait", "epoll_pwait", "epoll_pwait2"}


@dataclass(frozen=True, eq=False)
class Case:
    """One failed check. Two are the same only if they are one: comparing what travelled would take long."""

    verdict: Verdict

    @property
    def id(self) -> str:
        return self.verdict.check.id

    @property
    def finding(self) -> Finding:
        """The first finding: what the check stumbled over."""
        return self.verdict.findings[0]

    @property
    def code(self) -> str:
        return self.finding.code

    @property
    def text(self) -> str:
        """The message that did not come, if it is that."""
        return str(self.finding.facts.get("text") or "") if self.code in ("never-came", "came-instead") else ""

    @property
    def who(self) -> list[str]:
        """Whom the finding concerns."""
        who = self.finding.facts.get("who")
        return [str(w) for w in who] if isinstance(who, list | tuple) else []

    @property
    def raised(self) -> SourceSpot | None:
        """The line that the finding points at, if an error that the server printed came up there."""
        where = self.finding.where
        return where if where and where.says and where.says in self.errors else None

    @cached_property
    def codes(self) -> set[str]:
        """Every finding and remark."""
        return {f.code for f in (*self.verdict.findings, *self.verdict.remarks)}

    @cached_property
    def transcript(self) -> Transcript | None:
        attempt = shown_attempt(self.verdict)
        return attempt.transcript if attempt else None

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What happened until the play ended."""
        return before_the_end(self.transcript)

    @property
    def threads(self) -> tuple[Thread, ...]:
        return self.transcript.threads if self.transcript else ()

    @cached_property
    def errors(self) -> str:
        """What the server printed to its error output."""
        return b"".join(e.data for e in self.events if e.kind is Kind.ERRORS).decode(errors="replace")

    @cached_property
    def shape(self) -> tuple[object, ...]:
        """What an ending looks like from outside: the finding, and how many threads were in which call."""
        return self.code, frozenset(Counter((t.doing, t.of_client is not None) for t in self.threads).items())

    @property
    def has_lines(self) -> bool:
        """Whether its threads were looked at closely."""
        return any(t.spot for t in self.threads)

    def doing(self, calls: set[str], client: str | None = None) -> Thread | None:
        """A thread in one of some calls, on behalf of this client if one is given; one with a line first."""
        found = [t for t in self.threads if t.doing in calls and (client is None or t.of_client == client)]
        return next((t for t in found if t.spot), found[0] if found else None)

    def count(self, *kinds: Kind) -> Counter[str]:
        """How often each client did or met something."""
        return Counter(e.who for e in self.events if e.kind in kinds)

    @cached_property
    def here(self) -> set[str]:
        """Clients whose connection stood at the end of the play, accepted or not."""
        stands: set[str] = set()
        for event in self.events:
            if event.kind is Kind.CONNECTED:
                stands.add(event.who)
            elif event.kind in LEFT:
                stands.discard(event.who)
        return stands

    @cached_property
    def served(self) -> set[str]:
        """Clients that have come in and stayed: they have said something since they connected, and got an answer."""
        spoken: set[str] = set()
        heard: set[str] = set()
        for event in self.events:
            if event.kind is Kind.CONNECTED:
                spoken.discard(event.who)
            elif event.kind is Kind.SENT:
                spoken.add(event.who)
            elif event.kind is Kind.RECEIVED and event.who in spoken:
                heard.add(event.who)
        return self.here & spoken & heard

    @cached_property
    def greeted(self) -> set[str]:
        """Clients that were accepted, since they got something or a thread reads from them, and have said nothing."""
        sent = {e.who for e in self.events if e.kind is Kind.SENT}
        got = {e.who for e in self.events if e.kind is Kind.RECEIVED}
        read = {t.of_client for t in self.threads if t.of_client}
        return (self.here & (got | read)) - sent


@dataclass(frozen=True)
class Cases:
    """The failed checks that are not explained yet, and all verdicts beside them."""

    left: tuple[Case, ...]
    verdicts: Sequence[Verdict]

    def of(self, *codes: str) -> list[Case]:
        """Those whose first finding has one of these codes."""
        return [case for case in self.left if case.code in codes]

    @cached_property
    def passed(self) -> list[Transcript]:
        """What happened in the checks that passed."""
        shown = [shown_attempt(v) for v in self.verdicts if v.outcome is Outcome.PASSED]
        return [a.transcript for a in shown if a]

    @cached_property
    def everything(self) -> list[tuple[Event, ...]]:
        """What happened in every check that ran, each until its play ended."""
        shown = [shown_attempt(v) for v in self.verdicts]
        return [before_the_end(a.transcript) for a in shown if a]


def before_the_end(transcript: Transcript | None) -> tuple[Event, ...]:
    """The events of a play, without those of the grader's closing."""
    events = transcript.events if transcript else ()
    return events[: next((i for i, e in enumerate(events) if e.note == END and e.who == SERVER), len(events))]


def named(code: str, cases: Sequence[Case], facts: Facts, where: SourceSpot | None = None) -> Cause:
    """A cause that explains these checks; it points at the line that is given, else at the first that a finding names."""
    where = where or next((c.finding.where for c in cases if c.finding.where), None)
    return Cause(code, tuple(case.id for case in cases), facts, where)


def gathered(cases: Iterable[Case], best: Case) -> list[Case]:
    """The checks of one cause, the one that shows it best before the others."""
    return [best, *(case for case in cases if case is not best)]


def place(spot: SourceSpot | None) -> tuple[str, int] | None:
    """What tells one line from another."""
    return (spot.file, spot.line) if spot else None
