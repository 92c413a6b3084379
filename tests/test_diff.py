"""Two grades compared: every reason is named where it holds, and nowhere else; whatever it says fits into 80 columns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_samples import SAMPLES, alice, all_passed, grader_problem, hidden, interrupted, nothing_starts
from test_student_view import CANARY, secret

from grader.model import Outcome, Verdict
from grader.report.diff import Reason, difference
from grader.report.diff_text import as_text
from grader.report.show import width
from grader.report.student import student_view


def with_check(grade, check, **more):
    """The grade with one verdict changed; `asked` changes the check itself."""
    asked = more.pop("asked", {})
    verdicts = [
        replace(v, check=replace(v.check, **asked), **more) if v.check.id == check else v for v in grade.verdicts
    ]
    return replace(grade, verdicts=tuple(verdicts))


def fixed(**more):
    """Alice without the echo."""
    return replace(with_check(alice(), "no-echo", outcome=Outcome.PASSED, earned=4, findings=()), **more)


def other(grade, **run):
    return replace(grade, run=replace(grade.run, **run))


def reasons(old, new):
    return {c.check: c.reasons for c in difference(old, new).changes}


VERSIONS = alice().run.versions
CIRCUMSTANCES = {
    Reason.SUBMISSION: fixed(submission=replace(alice().submission, digest="sha256:other")),
    Reason.SPEC: fixed(spec_digest="sha256:other"),
    Reason.REFERENCE: other(fixed(), reference_digest="sha256:other"),
    Reason.GRADER: other(fixed(), versions={**VERSIONS, "grade": "0.2.0"}),
    Reason.MACHINE: other(fixed(), rung="limits"),
}


@pytest.mark.parametrize("reason", CIRCUMSTANCES)
def test_a_circumstance_that_changed_is_the_reason(reason):
    found = difference(alice(), CIRCUMSTANCES[reason])
    assert found.changed == (reason,)
    assert {c.check: c.reasons for c in found.changes} == {"no-echo": (reason,)}
    assert (found.gained, found.same) == (4, 8)


def test_where_nothing_changed_the_server_is_unsteady():
    found = difference(alice(), other(fixed(), seed=8))
    assert found.changed == ()
    assert {c.check: c.reasons for c in found.changes} == {"no-echo": (Reason.UNSTEADY,)}
    said = as_text(found, "en")
    assert "The server does not do the same every time." in said
    assert "Only the seed was another: 7, now 8." in said.replace("\n", " ")


def test_several_that_changed_are_all_named():
    new = other(CIRCUMSTANCES[Reason.SUBMISSION], versions={**VERSIONS, "grade": "0.2.0"})
    assert reasons(alice(), new) == {"no-echo": (Reason.SUBMISSION, Reason.GRADER)}


def test_the_name_of_the_machine_is_no_reason():
    new = other(fixed(), versions={**VERSIONS, "host": "elsewhere"})
    assert difference(alice(), new).changed == ()


@pytest.mark.parametrize(
    "asked",
    [{"points": 5}, {"requirement": {"en": "Something else."}}, {"needs": ("listens",)}],
    ids=lambda a: next(iter(a)),
)
def test_a_check_that_was_changed_itself_says_so(asked):
    new = with_check(fixed(spec_digest="sha256:other"), "no-echo", asked=asked)
    assert reasons(alice(), new) == {"no-echo": (Reason.CHECK,)}


def test_a_check_that_plays_something_else_was_changed_itself():
    (verdict,) = (v for v in fixed().verdicts if v.check.id == "no-echo")
    transcript = verdict.attempts[0].transcript
    lines = tuple(replace(x, text=f"{x.text}!") for x in transcript.play)
    attempt = replace(verdict.attempts[0], transcript=replace(transcript, play=lines))
    new = with_check(fixed(spec_digest="sha256:other"), "no-echo", attempts=(attempt,))
    assert reasons(alice(), new) == {"no-echo": (Reason.CHECK,)}


def test_a_check_that_came_or_went():
    less = replace(alice(), verdicts=alice().verdicts[:-1], spec_digest="sha256:other")
    assert reasons(less, alice()) == {"rejoin": (Reason.ADDED,)}
    assert reasons(alice(), less) == {"rejoin": (Reason.REMOVED,)}


def test_a_grader_problem_is_never_the_student_s_doing():
    found = reasons(
        all_passed(), replace(grader_problem(), submission=replace(alice().submission, digest="sha256:other"))
    )
    assert found == {"slow-reader": (Reason.PROBLEM,), "rejoin": (Reason.PROBLEM,)}


def test_what_did_not_run_has_not_changed_for_the_worse():
    found = difference(alice(), interrupted())
    assert {r for c in found.changes for r in c.reasons} == {Reason.NOT_RUN}
    said = as_text(found, "en")
    assert "(-" not in said.splitlines()[0], "points that are not known yet are no loss"
    assert "One of the two gradings is not complete." in said.replace("\n", " ")


def test_what_is_blocked_names_what_it_waits_for():
    found = reasons(all_passed(), nothing_starts())
    assert found["listens"] == (Reason.UNSTEADY,)
    assert {found[c] for c in found if c != "listens"} == {(Reason.NEEDED,)}


def test_another_fault_in_the_same_check_is_a_change_without_points():
    (verdict,) = (v for v in alice().verdicts if v.check.id == "no-echo")
    finding = replace(verdict.findings[0], code="doubled", facts={"who": ["ana"], "got": "hola", "count": 1})
    found = difference(alice(), with_check(alice(), "no-echo", findings=(finding,)))
    assert [(c.check, c.gained) for c in found.changes] == [("no-echo", 0)]
    assert as_text(found, "en").count("=       ✗ Failed → ✗ Failed") == 1


def test_two_equal_grades_have_nothing_between_them():
    found = difference(alice(), alice())
    assert (found.changes, found.changed, found.same) == ((), (), 9)
    assert "9 checks ended as before." in as_text(found, "en")


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("new", sorted(SAMPLES))
def test_every_comparison_can_be_said_in_eighty_columns(new, lang):
    for pair in ((alice(), SAMPLES[new]()), (SAMPLES[new](), alice())):
        said = as_text(difference(*pair), lang)
        assert all(width(line) <= 80 for line in said.splitlines()), said
        assert "‹" not in said
        assert not set(said) & set("\x00\x1b\u202e")


def test_a_hidden_check_is_compared_by_its_outcome_only():
    for kept in (secret(), hidden()):
        shown = as_text(difference(student_view(all_passed()), student_view(kept)), "en")
        assert CANARY not in shown.lower()
        assert "beto left" not in shown
        assert "Leaving is announced" in shown
    assert "beto left" in as_text(difference(all_passed(), hidden()), "en", staff=True)


def test_it_says_it_like_this():
    new = replace(all_passed(), submission=replace(alice().submission, digest="sha256:other"))
    assert as_text(difference(alice(), new), "en") == (
        "alice  54/105 → 105/105 points (+51)\n"
        "2026-11-22 18:04 → 2026-11-22 18:04\n"
        "\n"
        "The submission changed.\n"
        "\n"
        "+44     ✗ Failed → ✓ Passed\n"
        "        Nobody hears an echo\n"
        "        Leaving is announced, even without a goodbye\n"
        "        One slow client does not hold up the others\n"
        "\n"
        "+2      ~ Unsteady → ✓ Passed\n"
        "        Messages keep their order\n"
        "\n"
        "+5      – Not run → ✓ Passed\n"
        "        A name is free again\n"
        "          It builds on a check that ended differently.\n"
        "\n"
        "4 checks ended as before.\n"
    )


def test_a_verdict_without_findings_is_compared_too():
    (verdict,) = (v for v in alice().verdicts if v.check.id == "no-echo")
    bare = Verdict(verdict.check, Outcome.FAILED, 0.0)
    new = replace(
        alice(), verdicts=tuple(bare if v is verdict or v.check.id == "no-echo" else v for v in alice().verdicts)
    )
    assert [c.check for c in difference(alice(), new).changes] == ["no-echo"]
    assert as_text(difference(alice(), new), "es")
