"""From several attempts to one outcome: which attempts are made, what they come to, and what the check earns."""

import pytest
from plays import chat

from grader.course.attempts import attempt_until_clear, verdict
from grader.model import Attempt, Evidence, Finding, Outcome, Transcript

SEEN = Finding("echo", {"who": ["ana"]})
LATE = Finding("never-came", {"who": ["beto"]})
REMARK = Finding("doubled", {"who": ["beto"]})


def passed(evidence=Evidence.QUIET, remarks=()):
    return Attempt(Outcome.PASSED, evidence, 0.1, (), remarks, Transcript("it", "submission", 7, ()))


def failed(evidence, finding=SEEN):
    return Attempt(Outcome.FAILED, evidence, 0.1, (finding,), (REMARK,), Transcript("it", "submission", 7, ()))


PASS, FAIL, QUIET = passed(), failed(Evidence.SEEN), failed(Evidence.QUIET, LATE)
DEADLINE = failed(Evidence.DEADLINE, LATE)


def check(**keys):
    return chat("server (is running)", **keys).check


def tried(results, **keys):
    """How many attempts are made when they would come to these results, in turn; the numbers that they are told."""
    told = []

    def once(number):
        told.append(number)
        return results[number]

    attempts = attempt_until_clear(check(**keys), once)
    assert attempts == results[: len(attempts)]
    assert told == list(range(len(attempts)))
    return len(attempts)


# -- how many attempts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", [PASS, FAIL, QUIET, passed(Evidence.DEADLINE)])
def test_one_attempt_is_enough_where_nothing_rests_on_a_deadline(result):
    assert tried([result] * 3) == 1


@pytest.mark.parametrize(
    ("results", "count"),
    [
        ([DEADLINE, PASS, PASS], 2),
        ([DEADLINE, DEADLINE, PASS], 3),
        ([DEADLINE, DEADLINE, DEADLINE, PASS], 3),
        ([DEADLINE, FAIL, PASS], 2),
    ],
)
def test_a_failure_by_deadline_is_tried_again(results, count):
    assert tried(results) == count


@pytest.mark.parametrize("results", [[PASS, PASS, PASS], [FAIL, PASS, PASS], [PASS, QUIET, DEADLINE]])
def test_a_race_is_run_three_times_whatever_comes(results):
    assert tried(results, race=True) == 3


def test_a_spec_says_how_many_attempts_there_are():
    assert tried([DEADLINE] * 9, attempts=5) == 5
    assert tried([DEADLINE] * 9, attempts=1) == 1
    assert tried([PASS] * 9, race=True, attempts=5) == 5


# -- what they come to ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempts", "outcome", "earned", "evidence"),
    [
        ([PASS], Outcome.PASSED, 10, Evidence.QUIET),
        ([FAIL], Outcome.FAILED, 0, Evidence.SEEN),
        ([QUIET], Outcome.FAILED, 0, Evidence.QUIET),
        ([DEADLINE, PASS], Outcome.PASSED, 10, Evidence.QUIET),
        ([DEADLINE, DEADLINE, PASS], Outcome.PASSED, 10, Evidence.QUIET),
        ([DEADLINE, DEADLINE, DEADLINE], Outcome.FAILED, 0, Evidence.DEADLINE),
        ([DEADLINE, FAIL], Outcome.FAILED, 0, Evidence.SEEN),
        ([PASS, PASS, FAIL], Outcome.UNSTEADY, 6.67, Evidence.SEEN),
        ([FAIL, PASS, FAIL], Outcome.UNSTEADY, 3.33, Evidence.SEEN),
        ([PASS, QUIET, PASS], Outcome.UNSTEADY, 6.67, Evidence.QUIET),
        ([FAIL, FAIL, FAIL], Outcome.FAILED, 0, Evidence.SEEN),
        ([PASS, DEADLINE, PASS], Outcome.PASSED, 10, Evidence.QUIET),
    ],
)
def test_attempts_come_to_an_outcome_and_a_share(attempts, outcome, earned, evidence):
    made = verdict(check(race=True), attempts, None)
    assert (made.outcome, made.earned, made.evidence) == (outcome, earned, evidence)
    assert made.attempts == tuple(attempts)


@pytest.mark.parametrize(("rule", "earned"), [("share", 6.67), ("nothing", 0), ("everything", 10)])
def test_the_spec_says_what_an_unsteady_check_earns(rule, earned):
    assert verdict(check(race=True), [PASS, FAIL, PASS], None, rule).earned == earned
    assert verdict(check(race=True), [PASS, PASS, PASS], None, rule).earned == 10
    assert verdict(check(race=True), [FAIL, FAIL, FAIL], None, rule).earned == 0


def test_what_a_deadline_alone_has_failed_counts_as_passed_in_the_share_too():
    """One attempt was seen to fail, one met a deadline, one passed: what passed when repeated costs nothing."""
    made = verdict(check(race=True), [FAIL, DEADLINE, PASS], None)
    assert (made.outcome, made.earned) == (Outcome.UNSTEADY, 6.67)


def test_a_pass_after_a_deadline_is_remarked_with_the_number_of_attempts():
    made = verdict(check(), [DEADLINE, PASS], None)
    assert [(f.code, f.facts) for f in made.remarks] == [("passed-when-repeated", {"attempts": 2})]
    assert made.findings == ()
    assert verdict(check(), [PASS], None).remarks == ()


def test_the_findings_are_of_an_attempt_that_is_certain():
    made = verdict(check(race=True), [DEADLINE, PASS, FAIL], None)
    assert (made.findings, made.remarks) == ((SEEN,), (REMARK,))


def test_remarks_of_the_attempt_that_passed_stay():
    assert verdict(check(), [passed(remarks=(REMARK,))], None).remarks == (REMARK,)


def test_the_reference_is_kept_beside_it():
    reference = Transcript("it", "reference", 7, ())
    assert verdict(check(), [PASS], reference).reference is reference
    assert verdict(check(), [FAIL], reference).reference is reference
