"""Diagnosis: failed checks gathered by the reason that stands behind them, each reason with its evidence.

A cause is worked out from verdicts and transcripts that stand already, and changes neither an outcome nor a point. `RULES`
is the table of what can be told; each rule is a small function that looks at the checks which nothing has explained so
far, and names a cause only if its evidence is there: a thread that stands in a line, a message that came, an error that
was printed. They are asked in their order, the most certain first. What no rule explains is its own cause, by the code of
its finding.

Last, the checks that could not run are added to the cause that blocks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from grader.course.causes import broken, leaving, lines, otherwise, serving, starting, stuck
from grader.course.causes.cases import Case, Cases, named
from grader.model import Cause, Finding, Outcome, Verdict

__all__ = ["RULES", "Case", "Cases", "causes"]

Rule = Callable[[Cases], Iterator[Cause]]
RULES: tuple[Rule, ...] = (
    # why it does not start, or ends
    starting.python_2,
    starting.missing_module,
    starting.syntax_error,
    starting.port_still_held,
    starting.address_not_here,
    starting.crashed,
    starting.ended_by_sigpipe,
    broken.leaks,
    starting.ended_by_an_error,
    # why its port is not where it should be
    starting.waits_for_input,
    starting.error_swallowed,
    starting.port_hard_coded,
    starting.other_address,
    starting.stands_still,
    # what its threads wait for
    stuck.deadlock,
    stuck.blocked_by_a_slow_reader,
    stuck.lock_kept,
    stuck.busy_loop,
    serving.one_at_a_time,
    serving.handshake_in_the_accept_loop,
    serving.held_up_by_one,
    # what it does with lines, and with clients that leave
    lines.recv_is_a_line,
    lines.one_line_per_recv,
    leaving.reset_kills_the_clean_up,
    leaving.only_on_command,
    leaving.never_announced,
    leaving.never_closes,
    broken.error_in_a_thread,
)
ONE_CAUSE = {
    "exited",
    "exited-early",
    "never-listens",
    "no-server",
    "build-failed",
    "agent-killed",
    "limit-memory",
    "limit-processes",
    "limit-files",
    "limit-file-size",
    "limit-disk",
    "limit-entries",
    "limit-seconds",
    "not-accepted",
    "wrong-port",
    "port-not-printed",
    "other-port-printed",
    "refused",
}
"""Findings that are the same fault wherever they show."""


def causes(verdicts: Sequence[Verdict], instead: Finding | None = None) -> tuple[Cause, ...]:
    """Each cause with the checks that it explains: the one that shows it best, the other failed ones, those they block.

    `instead` is what a server is that is no chat at all, where that was found out.
    """
    left = [Case(v) for v in verdicts if v.outcome in (Outcome.FAILED, Outcome.UNSTEADY) and v.findings]
    found: list[Cause] = []
    for rule in RULES:
        for cause in rule(Cases(tuple(left), verdicts)):
            left = [case for case in left if case.id not in cause.explains]
            found.append(cause)
    by_rule = tuple(found)
    found += _by_finding(left)
    order = [v.check.id for v in verdicts]
    found.sort(key=lambda cause: min(order.index(i) for i in cause.explains))
    whole = tuple(_with_blocked(cause, verdicts) for cause in found)
    return whole if instead is None else otherwise.first(instead, whole, {cause.code for cause in by_rule})


def _by_finding(cases: Sequence[Case]) -> Iterator[Cause]:
    """What no rule explains: one cause for each finding that is the same fault wherever it shows, else one for each check."""
    gathered: dict[str, list[Case]] = {}
    for case in cases:
        gathered.setdefault(case.code if case.code in ONE_CAUSE else f"{case.code} {case.id}", []).append(case)
    for several in gathered.values():
        yield named(several[0].code, several, several[0].finding.facts)


def _with_blocked(cause: Cause, verdicts: Sequence[Verdict]) -> Cause:
    """What a blocked check blocks waits for the same cause, however long the chain."""
    ids = list(cause.explains)
    waiting = [v for v in verdicts if v.outcome is Outcome.BLOCKED]
    for _ in waiting:
        ids += [v.check.id for v in waiting if v.check.id not in ids and set(v.blocked_by) & set(ids)]
    return Cause(cause.code, tuple(ids), cause.facts, cause.where)
