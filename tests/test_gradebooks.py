"""Canvas and Moodle take what we write, for the right student, and nothing else changes. Doubt refuses the whole file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from importers import CanvasCourse, MoodleAssignment, MoodleGradebook, Refused, php_csv
from report_samples import SAMPLES, alice, all_passed, eight_clients, hostile
from rosters import CANVAS, MOODLE_USERS, WORKSHEET, WORKSHEET_ES

from grader.errors import UsageError
from grader.model import Outcome, Submission
from grader.report.exports.feedback import feedback, ours
from grader.report.exports.points import parsed
from grader.report.registry import REPORTS, Order, draw
from grader.words import LANGUAGES, Sentences


def called(grade, name):
    return replace(grade, submission=Submission(name, name, "sha256:00"))


def canvas_course():
    students = [
        (9001, "u-1", "alice", "Alice Lovelace"),
        (9002, "u-2", "bob", "Bob Núñez"),
        (9003, "u-3", "kate", "Kate Kim"),
    ]
    return CanvasCourse(students, {55: ("Tarea 1", 10), 1234: ("Chat server", 105)})


def order(**more):
    return Order("en", **more)


def refusal(name, grades, given):
    with pytest.raises(UsageError) as caught:
        draw(name, grades, given)
    return caught.value


# ------------------------------------------------------------------------------------------------------------- Canvas


def test_canvas_takes_the_grades_and_changes_nothing_else():
    course = canvas_course()
    taken = course.take(draw("canvas", [alice(), all_passed()], order(roster=CANVAS)))
    assert taken == {(9001, 1234): "54", (9002, 1234): "105"}
    assert (course.new_assignments, course.new_students, course.points) == ([], [], {})


def test_canvas_a_student_without_results_keeps_the_grade_that_is_there():
    taken = canvas_course().take(draw("canvas", [alice()], order(roster=CANVAS)))
    assert {student for student, _ in taken} == {9001}


def test_canvas_without_ids_would_make_new_ones():
    """What the export is for: a header without the number makes a new assignment, a row without an id a new student."""
    course = canvas_course()
    course.take("Student,ID,Section,Chat\nNobody,,S1,3\n")
    assert (course.new_assignments, course.new_students) == (["Chat"], ["Nobody"])
    with pytest.raises(Refused):
        canvas_course().take("Name,ID,Section,Chat\nNobody,,S1,3\n")


@pytest.mark.parametrize(
    "name",
    ["alice", "ALICE", "u-1", "9001", "Lovelace, Alice", "alice_lovelace", "Alice Lovelace", "lovelacealice_9001_77_server",
     "lovelacealice_LATE_9001_77_server"],
)  # fmt: skip
def test_canvas_a_folder_is_known_by_what_belongs_to_one_person_only(name):
    taken = canvas_course().take(draw("canvas", [called(alice(), name)], order(roster=CANVAS)))
    assert taken == {(9001, 1234): "54"}


@pytest.mark.parametrize(
    "name", ["lovelace", "alic", "90", "Points Possible", "=", "s1", "lovelacealice_77_9001_server"]
)
def test_canvas_a_folder_that_is_nobodys_refuses_the_whole_file(name):
    said = refusal("canvas", [all_passed(), called(alice(), name)], order(roster=CANVAS))
    assert (said.code, said.facts["names"]) == ("roster-unknown", name)


def test_canvas_two_people_of_one_name_are_ambiguous_and_their_login_is_not():
    two = CANVAS + '"Alice, Lovelace",9004,u-4,alice2,uni.example,S1,,,,,\n'
    said = refusal("canvas", [called(alice(), "alice-lovelace")], order(roster=two))
    assert (said.code, said.facts["who"]) == ("roster-ambiguous", "Lovelace, Alice, Alice, Lovelace")
    course = canvas_course()
    assert course.take(draw("canvas", [alice()], order(roster=two))) == {(9001, 1234): "54"}


def test_canvas_the_id_of_one_and_the_login_of_another_are_ambiguous():
    two = CANVAS + '"Doe, Jo",9005,u-5,9001,uni.example,S1,,,,,\n'
    assert refusal("canvas", [called(alice(), "9001")], order(roster=two)).code == "roster-ambiguous"


def test_canvas_two_folders_of_one_student_refuse_the_whole_file():
    said = refusal("canvas", [alice(), called(all_passed(), "u-1")], order(roster=CANVAS))
    assert (said.code, said.facts["name"], said.facts["other"]) == ("roster-twice", "u-1", "alice")


@pytest.mark.parametrize(
    ("column", "taken"),
    [("", 1234), ("chat server", 1234), ("1234", 1234), ("Chat server (1234)", 1234), ("Tarea 1", 55)],
)
def test_canvas_the_assignment_is_the_one_that_is_named(column, taken):
    given = order(roster=CANVAS, column=column, out_of=10 if taken == 55 else None)
    ((_, assignment),) = canvas_course().take(draw("canvas", [alice()], given))
    assert assignment == taken


def test_canvas_an_assignment_that_is_not_there_is_not_made():
    said = refusal("canvas", [alice()], order(roster=CANVAS, column="Chat sever"))
    assert (said.code, said.facts["nearest"]) == ("which-column", "Chat server (1234)")
    twice = CANVAS.replace("Tarea 1 (55)", "Chat server (55)")
    assert refusal("canvas", [alice()], order(roster=twice)).code == "which-column"
    only = "\n".join(line.replace("Chat server (1234)", "Trabajo (7)") for line in CANVAS.splitlines())
    assert refusal("canvas", [alice()], order(roster=only)).code == "which-column"


def test_canvas_a_list_from_elsewhere_is_refused():
    assert refusal("canvas", [alice()], order(roster=MOODLE_USERS)).code == "not-from-canvas"
    assert refusal("canvas", [alice()], order(roster="")).code == "roster-no-list"
    assert refusal("canvas", [alice()], order(roster="a,b,c\n1,2,3\n")).code == "roster-no-list"
    assert refusal("canvas", [alice()], order()).code == "roster-missing"


def test_canvas_semicolons_and_a_mark_at_the_beginning_are_read():
    european = "\ufeff" + CANVAS.replace(",", ";").replace("105.00", "105,00").replace("=Kim; Kate", "=Kim, Kate")
    assert canvas_course().take(draw("canvas", [alice()], order(roster=european))) == {(9001, 1234): "54"}


def test_canvas_a_name_that_is_a_formula_is_made_harmless_and_the_student_still_found():
    text = draw("canvas", [eight_clients()], order(roster=CANVAS, out_of=105))
    assert '"\'=Kim, Kate",9003' in text
    assert canvas_course().take(text) == {(9003, 1234): "52.5"}


# ------------------------------------------------------------------------------------ the total that a gradebook counts to


@pytest.mark.parametrize(("name", "roster"), [("canvas", CANVAS), ("moodle-worksheet", WORKSHEET)])
def test_another_total_is_refused_until_it_is_said_what_to_do(name, roster):
    smaller = roster.replace("105.00", "20.00")
    said = refusal(name, [alice()], order(roster=smaller))
    assert (said.code, said.facts["gradebook"], said.facts["points"]) == ("other-total", 20, 105)
    assert refusal(name, [alice()], order(roster=smaller, out_of=10)).code == "other-total"
    assert "10.29" in draw(name, [alice()], order(roster=smaller, out_of=20))


def test_moodle_does_not_get_more_than_it_takes():
    said = refusal("moodle", [alice()], order())
    assert (said.code, said.facts["gradebook"]) == ("other-total", 100)
    users = [{"userid": "1", "username": "alice"}]
    with pytest.raises(Refused, match="toobig"):
        MoodleGradebook(users, 50).take(
            draw("moodle", [alice()], order(out_of=105)), "username", "Chat server", "feedback"
        )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("105.00", 105),
        ("105,00", 105),
        ("1,050.50", 1050.5),
        ("20", 20),
        ("-", None),
        ("", None),
        ("(read only)", None),
    ],
)
def test_numbers_of_gradebooks_are_read(text, value):
    assert parsed(text) == value


# ------------------------------------------------------------------------------------------------------------- Moodle


def users():
    rows = [("1", "alice", "20261", "Alice.L@uni.example"), ("2", "bob", "20262", "bob@uni.example")]
    return [dict(zip(("userid", "username", "idnumber", "email"), row, strict=True)) for row in rows]


def test_moodle_takes_grades_and_feedback_by_username():
    text = draw("moodle", [alice(), all_passed()], order(out_of=100))
    taken = MoodleGradebook(users()).take(text, "username", "Chat server", "feedback")
    assert {who: number for who, (number, _) in taken.items()} == {"1": 51.43, "2": 100}
    assert "54 of 105 points" in taken["1"][1]


@pytest.mark.parametrize("key", ["idnumber", "email"])
def test_moodle_takes_them_by_the_keys_of_a_list_letter_by_letter(key):
    grades = [called(alice(), "alice-lovelace"), all_passed()]
    text = draw("moodle", grades, order(out_of=100, roster=MOODLE_USERS))
    taken = MoodleGradebook(users()).take(text, key, "Chat server", "feedback")
    assert {who: number for who, (number, _) in taken.items()} == {"1": 51.43, "2": 100}


def test_moodle_a_single_unknown_user_would_end_the_import_so_the_list_is_asked_first():
    stranger = called(alice(), "mallory")
    text = draw("moodle", [stranger], order(out_of=100))
    with pytest.raises(Refused, match="mallory"):
        MoodleGradebook(users()).take(text, "username", "Chat server", "feedback")
    assert refusal("moodle", [stranger], order(out_of=100, roster=MOODLE_USERS)).code == "roster-unknown"


def test_the_worksheet_is_taken_and_all_else_comes_back_as_it_was():
    text = draw(
        "moodle-worksheet", [alice(), called(all_passed(), "Bob_31002_assignsubmission_file_")], order(roster=WORKSHEET)
    )
    assignment = MoodleAssignment({"31001", "31002", "31003"}, 105)
    taken = assignment.take(text)
    assert {who: number for who, (number, _) in taken.items()} == {"31001": 54, "31002": 105}
    assert assignment.skipped == []
    before, after = php_csv(WORKSHEET), php_csv(text)
    grade, said = before[0].index("Grade"), before[0].index("Feedback comments")
    for old, new in zip(before, after, strict=True):
        assert [c for n, c in enumerate(old) if n not in (grade, said)] == [
            c for n, c in enumerate(new) if n not in (grade, said)
        ]
    assert after[3] == before[3], "nobody was graded there"


def test_the_worksheet_keeps_what_a_teacher_wrote_and_replaces_what_is_ours():
    text = draw("moodle-worksheet", [alice(), all_passed()], order(roster=WORKSHEET))
    said = {row[0][-5:]: row[-1] for row in php_csv(text)[1:]}
    assert said["31002"] == "<p>We talked about it. \\\\ Good.</p>"
    assert "54 of 105" in said["31001"]
    again = php_csv(draw("moodle-worksheet", [called(all_passed(), "alice")], order(roster=text)))
    assert "105 of 105" in again[1][-1]
    assert "54 of 105" not in again[1][-1]


def test_the_worksheet_in_spanish():
    text = draw("moodle-worksheet", [alice()], Order("es", roster=WORKSHEET_ES))
    names = ("Identificador", "Calificación", "Última modificación (calificación)", "Comentarios de retroalimentación")
    taken = MoodleAssignment({"31001"}, 105, names, "Participante ").take(text)
    assert taken["31001"][0] == 54
    assert "54 de 105 puntos" in taken["31001"][1]


def test_the_worksheet_in_a_language_that_is_not_known_needs_the_name_of_its_column():
    german = "Kennung,Name,Bewertungspunkte,Zuletzt geändert\nTeilnehmer/in 31001,Alice Lovelace,,-\n"
    assert refusal("moodle-worksheet", [called(alice(), "x_31001_assignsubmission_file_")], order(roster=german))
    given = order(roster=german, column="Bewertungspunkte")
    text = draw("moodle-worksheet", [called(alice(), "x_31001_assignsubmission_file_")], given)
    assert php_csv(text)[1] == ["Teilnehmer/in 31001", "Alice Lovelace", "54", "-"]


def test_the_worksheet_must_be_one():
    for roster in (CANVAS, MOODLE_USERS, WORKSHEET.replace("Identifier", "Number"), WORKSHEET.replace("(grade)", "")):
        assert refusal("moodle-worksheet", [alice()], order(roster=roster)).code in (
            "not-a-worksheet",
            "roster-no-list",
        )
    assert refusal("moodle-worksheet", [called(alice(), "jo")], order(roster=WORKSHEET)).code == "roster-unknown"
    missed = MoodleAssignment({"31001"}, 50)
    assert missed.take(draw("moodle-worksheet", [alice()], order(roster=WORKSHEET))) == {}
    assert missed.skipped == ["31001"], "what the refusal of another total is for"


def test_feedback_can_hurt_neither_the_page_nor_the_file():
    said = feedback(hostile(), "en")
    assert "<script" not in said
    assert '"' not in said
    assert "\\" not in said
    assert set(said) & set("\x00\x1b\u202e\r\n") == set()
    (header, row) = php_csv(draw("moodle", [hostile()], order(incomplete=True)))
    assert len(header) == len(row) == 3


def test_feedback_is_known_again():
    assert ours(feedback(alice(), "es"))
    assert ours("  ")
    assert not ours("<p>grade · well done</p> and more")


# ------------------------------------------------------------------------------------------ a grade that is not complete

GRADEBOOKS = sorted(name for name in REPORTS if REPORTS.get(name).gradebook)
LISTS = {"canvas": CANVAS, "moodle-worksheet": WORKSHEET}


@pytest.mark.parametrize("name", GRADEBOOKS)
@pytest.mark.parametrize("sample", ["interrupted", "grader-problem", "no-tool"])
def test_a_gradebook_gets_no_grade_that_is_not_complete_unless_it_is_said(name, sample):
    grade = called(SAMPLES[sample](), "alice")
    total = sum(v.check.points for v in grade.verdicts)
    roster = LISTS.get(name, "").replace("105.00", f"{total:.2f}") or None
    said = refusal(name, [grade], order(roster=roster))
    assert said.code == "incomplete-grade"
    for lang in LANGUAGES:
        sentence = Sentences(lang).say(f"cli.{said.code}", **said.facts)
        assert "alice" in sentence
        assert "--incomplete" in sentence
    assert draw(name, [grade], order(roster=roster, incomplete=True, out_of=None if name != "moodle" else 100))


@pytest.mark.parametrize("name", sorted(set(REPORTS) - set(GRADEBOOKS)))
def test_other_reports_show_an_incomplete_grade_and_say_so(name):
    assert draw(name, [SAMPLES["interrupted"]()], order())


def test_the_gradebooks_are_those():
    assert GRADEBOOKS == ["canvas", "gradescope", "moodle", "moodle-worksheet"]


def test_an_incomplete_grade_counts_what_is_pending():
    grade = SAMPLES["grader-problem"]()
    said = refusal("moodle", [grade], order())
    assert said.facts["count"] == sum(v.outcome is Outcome.GRADER_PROBLEM for v in grade.verdicts) == 2
