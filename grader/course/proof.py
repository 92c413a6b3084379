"""Is a spec an instrument? Its checks are tried on servers of known worth, and every surprise is a fault with a name.

A correct server that loses a point shows a check that asks too much, or a grader that errs. A faulty server that loses
nothing shows a check that is missing; one that loses other checks than it names, a bug that costs more than its own
check, or less. A check that no faulty server loses has not shown yet that it can fail.

Everything here is a value or computed from values; `proving` runs the servers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from grader.model import Evidence, Facts, Finding, Grade, Outcome, Spec
from grader.spec.proof import KnownServer

LOST = (Outcome.FAILED, Outcome.UNSTEADY)


@dataclass(frozen=True, slots=True)
class Told:
    """How one check of one trial ended: what a verdict says, without its transcripts."""

    outcome: Outcome
    evidence: Evidence
    seconds: float
    finding: Finding | None = None
    remarks: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """One server graded once. `lacking` is the program without which it could not even be started here."""

    server: str
    number: int
    seed: int
    seconds: float = 0.0
    rung: str = ""
    told: Mapping[str, Told] = field(default_factory=dict)
    lacking: str = ""

    def checks(self, *outcomes: Outcome) -> tuple[str, ...]:
        """The checks that ended in one of these ways, in the order of the spec."""
        return tuple(check for check, told in self.told.items() if told.outcome in outcomes)

    @property
    def lost(self) -> tuple[str, ...]:
        """The checks that cost points by themselves; those that only could not run need not be named."""
        return self.checks(*LOST)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that keeps a spec from being proved. `code` keys its sentence, `because` are findings to show below it."""

    code: str
    facts: Facts = field(default_factory=dict)
    because: tuple[tuple[str, Finding], ...] = ()


@dataclass(frozen=True)
class Proof:
    """All trials of a spec. `whole` is false when only some of its servers were wanted, `strict` when none may be missing."""

    spec: Spec
    servers: tuple[KnownServer, ...]
    trials: tuple[Trial, ...]
    whole: bool = True
    strict: bool = False

    def of(self, server: KnownServer) -> tuple[Trial, ...]:
        """The trials of a server."""
        return self._by_server.get(server.name, ())

    @cached_property
    def _by_server(self) -> Mapping[str, tuple[Trial, ...]]:
        gathered: dict[str, list[Trial]] = {}
        for trial in self.trials:
            gathered.setdefault(trial.server, []).append(trial)
        return {name: tuple(trials) for name, trials in gathered.items()}

    def catches(self, check: str) -> tuple[str, ...]:
        """The faulty servers that lose this check, in any run."""
        return tuple(s.name for s in self.servers if not s.good and any(check in t.lost for t in self.of(s)))

    @cached_property
    def left_out(self) -> tuple[KnownServer, ...]:
        """The servers for which a program is missing here."""
        return tuple(s for s in self.servers if any(t.lacking for t in self.of(s)))

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that is wrong, the gravest first: nothing, when the spec is proved."""
        found = [fault for server in self.servers for fault in self._faults_of(server)]
        found += [Fault("catches-nothing", {"check": check}) for check in self._blind()]
        return tuple(sorted(found, key=lambda fault: ORDER.index(fault.code)))

    def _faults_of(self, server: KnownServer) -> Iterator[Fault]:
        trials = self.of(server)
        lacking = next((t.lacking for t in trials if t.lacking), "")
        if lacking:
            if self.strict:
                yield Fault("left-out", {"server": server.name, "tool": lacking})
            return
        yield from _problems(server, trials)
        if server.is_reference:
            for check in _union(t.lost for t in trials):
                yield Fault("reference-fails", {"check": check}, _because(trials, (check,)))
        elif server.good:
            lost = _union(t.checks(*LOST, Outcome.BLOCKED) for t in trials)
            if lost:
                several = {"times": sum(bool(t.lost) for t in trials), "of": len(trials)} if len(trials) > 1 else {}
                yield Fault("good-loses", {"server": server.name, "lost": lost, **several}, _because(trials, lost))
        else:
            yield from _faults_of_bad(server, trials)

    def _blind(self) -> Iterator[str]:
        """The checks that caught nothing; nobody knows when a server that might be caught was not tried."""
        untried = {check for server in self.left_out for check in server.loses}
        bad = any(not server.good for server in self.servers)
        for check in self.spec.checks if self.whole and bad else ():
            if not self.catches(check.id) and check.id not in untried:
                yield check.id


ORDER = (
    "reference-fails", "good-loses", "nothing-lost", "other-lost", "unsteady-loss", "catches-nothing", "not-tried", "left-out",
)  # fmt: skip


def _faults_of_bad(server: KnownServer, trials: Sequence[Trial]) -> Iterator[Fault]:
    facts: dict[str, object] = {"server": server.name, "named": list(server.loses)}
    seen = Counter(trial.lost for trial in trials)
    if len(seen) > 1:
        runs = [{"lost": list(lost), "times": count} for lost, count in seen.most_common()]
        yield Fault("unsteady-loss", {**facts, "runs": runs, "of": len(trials)})
        return
    for trial in trials[:1]:
        untried = trial.checks(Outcome.GRADER_PROBLEM)
        missing = set(server.loses) - {*trial.checks(*LOST, Outcome.BLOCKED), *untried}
        beyond = tuple(check for check in trial.lost if check not in server.loses)
        if not trial.lost:
            if not untried:
                yield Fault("nothing-lost", facts)
        elif missing or beyond:
            yield Fault("other-lost", {**facts, "lost": list(trial.lost)}, _because(trials, beyond))


def _problems(server: KnownServer, trials: Sequence[Trial]) -> Iterator[Fault]:
    """What the grader could not do. Where the same thing stopped every check, it is one fault."""
    checks = _union(t.checks(Outcome.GRADER_PROBLEM) for t in trials)
    if checks:
        yield Fault("not-tried", {"server": server.name, "checks": checks}, _because(trials, checks[:1]))


def _union(several: Iterator[tuple[str, ...]]) -> list[str]:
    return list(dict.fromkeys(check for checks in several for check in checks))


def _because(trials: Sequence[Trial], checks: Sequence[str]) -> tuple[tuple[str, Finding], ...]:
    """For each check the first finding that explains it."""
    found = ((check, next((t.told[check].finding for t in trials if _found(t, check)), None)) for check in checks)
    return tuple((check, finding) for check, finding in found if finding is not None)


def _found(trial: Trial, check: str) -> bool:
    return check in trial.told and trial.told[check].finding is not None


def trial_of(server: str, number: int, grade: Grade) -> Trial:
    """What is kept of a grading."""
    told = {
        verdict.check.id: Told(
            verdict.outcome,
            verdict.evidence,
            round(sum(attempt.seconds for attempt in verdict.attempts), 4),
            next(iter(verdict.findings), None),
            verdict.remarks,
        )
        for verdict in grade.verdicts
        if verdict.outcome is not None
    }
    problem = grade.problem
    lacking = str(problem.facts.get("tool", "")) if problem is not None and problem.code == "no-tool" else ""
    run = grade.run
    return Trial(server, number, run.seed, run.seconds, run.rung, {} if lacking else told, lacking)


def fell(server: str, number: int, spec: Spec, over: Finding) -> Trial:
    """The trial of a server at which the grader itself came to fall: no check of it was tried."""
    told = Told(Outcome.GRADER_PROBLEM, Evidence.NONE, 0.0, over)
    return Trial(server, number, 0, told=dict.fromkeys((check.id for check in spec.checks), told))


def as_json(proof: Proof) -> dict[str, object]:
    """A proof as plain values, for `proof.json`."""
    return {
        "spec": proof.spec.id,
        "digest": proof.spec.digest,
        "proved": not proof.faults,
        "faults": [{"code": fault.code, **fault.facts} for fault in proof.faults],
        "checks": {check.id: list(proof.catches(check.id)) for check in proof.spec.checks},
        "servers": [
            {
                "name": server.name,
                "good": server.good,
                "says": server.says,
                "loses": list(server.loses),
                "race": server.race,
                "trials": [_trial_as_json(trial) for trial in proof.of(server)],
            }
            for server in proof.servers
        ],
    }


def _trial_as_json(trial: Trial) -> dict[str, object]:
    return {
        "seed": trial.seed,
        "seconds": trial.seconds,
        "sandbox": trial.rung,
        **({"lacking": trial.lacking} if trial.lacking else {}),
        "checks": {
            check: {
                "outcome": str(told.outcome),
                "evidence": str(told.evidence),
                "seconds": told.seconds,
                **({"finding": {"code": told.finding.code, **told.finding.facts}} if told.finding else {}),
                **({"remarks": [remark.code for remark in told.remarks]} if told.remarks else {}),
            }
            for check, told in trial.told.items()
        },
    }
