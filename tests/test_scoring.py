"""How points are shared out, added up and shown: sums that come out exactly, and nonsense that is refused."""

import json
from dataclasses import replace

import jsonschema
import pytest
from report_samples import alice
from test_architecture import ROOT
from test_exports import drawn
from test_spec_load import BASE, complaints_about, load_text

from grader import results
from grader.course.attempts import verdict
from grader.course.tiers import seconds
from grader.model import Attempt, Check, Event, Evidence, Grade, Kind, Line, Outcome, Transcript, Verb, Verdict
from grader.model.scoring import Group, Manual, Milestone, Tier, shares
from grader.report.student import student_view

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED


def spec_with(checks, top=""):
    return BASE[: BASE.index("checks:")] + top + "checks:\n" + checks


# ------------------------------------------------------------------------------------------------------ shared out


@pytest.mark.parametrize(("points", "weights"), [(10, [1, 1, 1]), (0.05, [1] * 7), (100, [3, 3.5, 1, 20]), (7, [1])])
def test_what_is_shared_out_comes_to_exactly_what_there_was(points, weights):
    got = shares(points, weights)
    assert round(sum(got), 2) == points
    assert all(round(one, 2) == one for one in got)
    assert got == sorted(got, reverse=True) if len(set(weights)) == 1 else got[weights.index(max(weights))] == max(got)


EACH = """\
  - {id: starts, group: basics, gate: 40, play: server (listens)}
  - id: words
    title: {en: "Says <each>"}
    group: basics
    points: 3
    clients: [ana, beto]
    each: [hola, two words, "a \\\\< b"]
    play: |
      ana > <each>
      beto < ana: <each>
  - {id: after, points: 0.25, needs: words, play: server (listens)}
"""


def test_each_entry_is_a_check_of_its_own_with_its_part_of_the_points(tmp_path):
    spec = load_text(
        tmp_path, spec_with(EACH.replace("{en: ", "").replace('"}', '"'), "groups: [{id: basics, points: 10}]\n")
    )
    starts, *words, after = spec.checks
    assert [c.id for c in words] == ["words-1", "words-2", "words-3"]
    assert [c.points for c in words] == [2.5, 2.5, 2.5]
    assert (starts.points, starts.gate, sum(c.points for c in spec.checks)) == (2.5, 40, 10.25)
    said = [[line.text for line in c.play if line.part == "play"] for c in words]
    assert said[1:] == [["ana > two words", "beto < ana: two words"], [r"ana > a \< b", r"beto < ana: a \< b"]]
    assert [c.title["en"] for c in words] == ["Says hola", "Says two words", r"Says a \< b"]
    assert (after.needs, words[0].of) == (("words-1", "words-2", "words-3"), "words")


def test_names_of_entries_and_a_title_that_tells_nothing_where_it_is_hidden(tmp_path):
    checks = """\
  - id: sums
    points: 1
    hidden: true
    clients: [ana]
    each: [{ask: 2 + 2, answer: 4}, {ask: 1 / 0, answer: "error: <*>"}]
    play: |
      ana > <ask>
      ana < <answer>
"""
    first, second = load_text(tmp_path, spec_with(checks)).checks
    assert second.play[-1].text == "ana < error: <*>"
    assert [first.title["en"], second.title["en"]] == ["sums (1)", "sums (2)"]


CHECK = "  - {id: a, %s, play: server (listens)}\n"
NONSENSE = {
    "points: 1, penalty: 2": "`points` and `penalty` can't stand together.",
    "points: 1, tiers: {1s: 2}": "`points` and `tiers` can't stand together.",
    "points: 0.123": "`points` goes down to the hundredth.",
    "penalty: 2, bonus: true": "A penalty can't be a bonus.",
    "penalty: 2": "No check of this spec earns points.",
    "points: 2, bonus: true": "No check of this spec earns points.",
    "points: 1, bonus: true, gate: true": "What is a bonus can't be asked of everybody.",
    "points: 1, gate: often": "`gate` is true or a number of points.",
    "points: 1, group: basic": "No group is called 'basic'.",
    "hint: none": "A check needs `points`.",
    "group: free": "This check has no points, and its group has none to share.",
    "tiers: {3s: 5, 1s: 9}": "The shortest time stands first, and is worth most.",
    "tiers: {1s: 5, 2x: 3}": "Tiers are all in seconds, or all in times of the reference.",
    "tiers: {soon: 5}": "'soon' is no time for a tier.",
    "group: basics, tiers: {1s: 5}": "The group shares out its points, and tiers have their own.",
    "points: 1, each: [a]": "<each> stands nowhere in the play.",
    "points: 1, each: []": "`each` is a list of at least one entry.",
    "points: 1, each: [a, {b: c}]": "All entries of `each` have the same names.",
    "points: 1, each: [{name: c}]": "'name' can't be a name here.",
}


@pytest.mark.parametrize("keys", NONSENSE)
def test_points_that_make_no_sense_are_refused(tmp_path, keys):
    top = "groups: [{id: basics, points: 5}, {id: free}]\n" if "group:" in keys else ""
    rest = "  - {id: b, group: basics, play: server (listens)}\n" if top else ""
    rest += "  - {id: c, points: 1, group: free, play: server (listens)}\n" if top else ""
    said = [message for _, message, _ in complaints_about(tmp_path, spec_with(CHECK % keys + rest, top))]
    assert said == [NONSENSE[keys]]


TOPS = {
    "groups: [{id: basics, points: 5}]\n": "No check earns points in the group 'basics'.",
    "groups: {basics: 5}\n": "`groups` is a list.",
    "manual: [{id: report}]\n": "A mark by hand needs `points`.",
    "manual: [{id: r, points: 1}, {id: r, points: 2}]\n": "'r' stands here twice.",
    "milestones: [{id: one, checks: [b]}]\n": "No check is called 'b'.",
    "milestones: [{id: one, checks: a}, {id: two, checks: a}]\n": "'a' belongs to the milestone one already.",
}


@pytest.mark.parametrize("top", TOPS)
def test_groups_marks_and_milestones_that_make_no_sense_are_refused(tmp_path, top):
    assert [x[1] for x in complaints_about(tmp_path, spec_with(CHECK % "points: 1", top))] == [TOPS[top]]


# -------------------------------------------------------------------------------------------------------- added up


def told(id_, outcome, earned=None, **more):
    check = Check(id_, {"en": id_.title()}, more.pop("points", 0.0), **more)
    earned = earned if earned is not None else check.points if outcome is PASSED else -check.penalty
    return Verdict(check, outcome, earned if outcome in (PASSED, FAILED) else 0.0)


def graded(*verdicts, **more) -> Grade:
    return replace(alice(), verdicts=verdicts, causes=(), **more)


ROWS = {
    "a bonus is earned beyond what is possible": (
        [told("a", PASSED, points=10.0), told("b", PASSED, points=2.5, bonus=True)], 12.5, 10, 0),
    "a bonus that is not earned costs nothing": (
        [told("a", PASSED, points=10.0), told("b", FAILED, points=2.5, bonus=True)], 10, 10, 0),
    "a penalty is taken off": ([told("a", PASSED, points=10.0), told("b", FAILED, penalty=3.0)], 7, 10, 0),
    "a penalty that is not run costs nothing": (
        [told("a", PASSED, points=10.0), told("b", Outcome.BLOCKED, penalty=3.0)], 10, 10, 0),
    "never below nothing": ([told("a", FAILED, points=10.0), told("b", FAILED, penalty=3.0)], 0, 10, 0),
    "a gate that fails": ([told("a", FAILED, points=1.0, gate=0.0), told("b", PASSED, points=9.0)], 0, 10, 0),
    "a gate that lets some through": ([told("a", FAILED, points=1.0, gate=4.0), told("b", PASSED, points=9.0)], 4, 10, 0),
    "a gate that was not run": (
        [told("a", Outcome.BLOCKED, points=1.0, gate=4.0), told("b", PASSED, points=9.0)], 4, 10, 0),
    "a gate that passes": ([told("a", PASSED, points=1.0, gate=0.0), told("b", PASSED, points=9.0)], 10, 10, 0),
    "a gate that nobody could judge is open": (
        [told("a", Outcome.GRADER_PROBLEM, points=1.0, gate=0.0), told("b", PASSED, points=9.0)], 9, 9, 1),
    "a bonus that nobody could judge withholds nothing": (
        [told("a", PASSED, points=1.0), told("b", Outcome.GRADER_PROBLEM, points=9.0, bonus=True)], 1, 1, 0),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_the_grade_is_the_sum(row):
    verdicts, earned, possible, withheld = ROWS[row]
    grade = graded(*verdicts)
    assert (grade.earned, grade.possible, grade.withheld) == (earned, possible, withheld)
    assert (student_view(grade).earned, student_view(grade).possible) == (earned, possible)


def test_a_milestone_needs_those_before_it():
    first, second = Milestone("one", {}, ("a",)), Milestone("two", {}, ("b",))
    grade = graded(told("a", FAILED, points=1.0), told("b", PASSED, points=1.0), milestones=(first, second))
    assert not grade.reached(first)
    assert not grade.reached(second)
    assert replace(grade, verdicts=(told("a", PASSED, points=1.0), *grade.verdicts[1:])).reached(second)


WHOLE = {
    "groups": (Group("basics", {"en": "The basics", "es": "Lo básico"}, 10.0),),
    "manual": (Manual("report", {"en": "Report", "es": "Informe"}, 15.0),),
    "milestones": (Milestone("one", {"en": "First week", "es": "Semana uno"}, ("starts",)),),
}


def whole():
    return graded(
        told("starts", FAILED, points=4.0, gate=5.0, group="basics"),
        told("sums-1", PASSED, points=6.0, group="basics", of="sums"),
        told("power", PASSED, points=2.5, bonus=True, hidden=True),
        told("dies", FAILED, penalty=3.0),
        told("fast", PASSED, 2.0, points=5.0, tiers=(Tier(2.0, 5.0, of_reference=True), Tier(9.0, 2.0, of_reference=True))),
        **WHOLE,
    )  # fmt: skip


def test_the_results_hold_all_of_it_and_come_back():
    text = results.dump(whole())
    jsonschema.validate(json.loads(text), json.loads((ROOT / "docs" / "results.schema.json").read_text()))
    again = results.load(text)
    assert (again.earned, again.possible, again.before_gates) == (5.0, 15.0, 7.5)
    assert again.verdicts == whole().verdicts
    assert (again.groups, again.manual, again.milestones) == (WHOLE["groups"], WHOLE["manual"], WHOLE["milestones"])


SAID = {
    "en": [
        "3 points were taken off for “Dies”.",
        "2.5 points of the grade are a bonus.",
        "Every server has to pass “Starts”, or the grade is at most 5 points. Without that, the checks come to 7.5 points.",
        "15 more points are given by a person, for “Report”, and not counted here.",
    ],
    "es": [
        "Se descontaron 3 puntos por «Dies».",
        "Faltan 15 puntos que pone una persona, por «Informe»; aquí no se cuentan.",
    ],
}
NAMES = ["html", "text", "gradescope", "markdown", "github"]


@pytest.mark.parametrize("lang", SAID)
@pytest.mark.parametrize("name", NAMES)
def test_a_reader_is_told_why_the_grade_is_not_the_sum(name, lang):
    text = drawn(name, whole(), lang)
    text = " ".join(json.loads(text)["output"].split() if name == "gradescope" else text.replace("\\.", ".").split())
    for sentence in SAID[lang]:
        assert sentence in text, sentence


@pytest.mark.parametrize("name", ["html", "text", "gradescope"])
def test_groups_milestones_and_boxes_are_shown(name):
    text = drawn(name, whole())
    for said in ("The basics", "6 of 10 points", "First week", "0 of 1 check", "Report", "____ of 15 points"):
        assert said in text, said


def test_the_terminal_shows_bonus_and_penalty_as_what_they_are():
    text = drawn("text", whole())
    assert [x for x in ("+2.5/+2.5", "−3/−3", "2/5", "5 of 15 points") if x not in text] == []


def test_gradescope_counts_the_grade_and_no_bonus_as_possible():
    drawn_json = json.loads(drawn("gradescope", whole()))
    assert drawn_json["score"] == 5
    assert [(t["score"], t["max_score"]) for t in drawn_json["tests"]] == [(0, 4), (6, 6), (2.5, 0), (-3, 0), (2, 5)]


# ----------------------------------------------------------------------------------------------------------- tiers


def took(time, outcome=PASSED, delay=""):
    play = (Line(0, "", ("ana",), Verb.CONNECTS, part="join"), Line(1, "", ("ana",), Verb.SEND))
    events = [Event(0.0, "ana", Kind.CONNECTED, step=0), Event(5.0, "ana", Kind.SENT, b"x", step=1)]
    events += [Event(5.0, "server", Kind.NOTED, note=f"delay 1 {delay}")] * bool(delay)
    events.append(Event(5.0 + time, "ana", Kind.RECEIVED, b"x"))
    return Attempt(outcome, Evidence.SEEN, time, (), (), Transcript("c", "submission", 0, tuple(events), play))


def earned(tiers, attempts, reference=0.1):
    check = Check("c", {}, tiers[0].points, tiers=tiers)
    judged = verdict(check, attempts, took(reference).transcript)
    return judged.outcome, judged.earned, [f.code for f in judged.remarks]


def test_the_best_time_decides_and_the_joins_do_not_count():
    times = (Tier(2.0, 10.0, of_reference=True), Tier(10.0, 4.0, of_reference=True))
    assert seconds(took(0.5).transcript) == 0.5
    assert earned(times, [took(0.9), took(0.2), took(0.9)]) == (PASSED, 10.0, [])
    assert earned(times, [took(0.9)]) == (PASSED, 4.0, ["tier"])
    assert earned(times, [took(1.9)]) == (PASSED, 0.0, ["too-slow"])
    assert earned((Tier(1.0, 3.0),), [took(0.9)]) == (PASSED, 3.0, [])


def test_waiting_for_a_processor_is_nobody_s_fault():
    assert earned((Tier(1.0, 3.0),), [took(4.0, delay="3.1000")]) == (PASSED, 3.0, [])
    assert earned((Tier(1.0, 3.0),), [took(4.0)]) == (PASSED, 0.0, ["too-slow"])


def test_a_penalty_that_is_unsteady_costs_its_share():
    check = Check("c", {}, 0.0, penalty=3.0, race=True)
    attempts = [took(0.1), took(0.1, FAILED), took(0.1)]
    assert verdict(check, attempts, None).earned == -1.0
    assert verdict(check, attempts[1:2], None).earned == -3.0
    assert verdict(check, attempts[:1], None).earned == 0.0
