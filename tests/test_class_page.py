"""The page of a class: what it counts, whom it names, what it asks to be looked at, and who is told what."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from class_samples import cohort, graded, large, member, small
from report_samples import CHECKS, SAMPLES, echo, passed

from grader.errors import UsageError
from grader.model import Changed, Finding, Outcome, Regrade, Verdict, bare
from grader.report.cohort.alike import clusters
from grader.report.cohort.comments import fits, idle, meant, read
from grader.report.cohort.counts import hardest, ideas
from grader.report.cohort.figures import figures
from grader.report.cohort.look import look
from grader.report.cohort.matrix import alphabetical
from grader.report.cohort.page import class_page
from grader.report.cohort.reasons import name, never_started, whys
from grader.report.cohort.regraded import regraded
from grader.report.html import student_page
from grader.words import LANGUAGES, Sentences

EN = Sentences("en")


class Text(HTMLParser):
    """What a page says, by the text of its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self.skipping = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.skipping = tag in ("script", "style")
        self.links += [value for key, value in attrs if key == "href"]

    def handle_endtag(self, tag):
        self.skipping = False

    def handle_data(self, data):
        if not self.skipping:
            self.said.append(data)

    def __str__(self) -> str:
        return " ".join(" ".join(self.said).split())


# ---------------------------------------------------------------------------------------------------------- reasons


def test_a_reason_is_named_alike_for_everybody_who_has_it():
    assert {w.key for w in whys(graded("one-at-a-time"))} == {"one-at-a-time"}
    assert "echo@no-echo" in {w.key for w in whys(graded("alice"))}
    assert {w.key for w in whys(graded("all-passed"))} == set()


def test_a_server_that_never_opened_its_port_is_told_from_one_that_did():
    for kind in ("nothing-starts", "never-listens", "no-server", "build-failed"):
        assert never_started(graded(kind)), kind
    for kind in ("alice", "one-at-a-time", "all-passed", "grader-problem", "no-tool", "interrupted"):
        assert never_started(graded(kind)) is None, kind


def test_a_reason_about_an_error_is_named_by_its_kind_and_by_nothing_else_that_a_server_prints():
    from grader.model import Cause

    grade = graded("alice")
    told = replace(grade, causes=(Cause("ended-by-error", ("no-echo",), {"error": 'Bad"\n<b>Error: x: y'}),))
    assert [w.key for w in whys(told)] == ["ended-by-error(BadbError)"]


# ---------------------------------------------------------------------------------------------------------- numbers


def test_only_what_was_judged_whole_is_in_the_numbers():
    made = figures(small().members)
    assert made.total == 105
    judged = [graded(k).earned for k in ("alice", "alice", "one-at-a-time", "all-passed", "nothing-starts", "hidden")]
    assert sorted(made.scores) == sorted([*judged, graded("hostile").earned])
    assert made.left_out == 3
    assert (made.full, sum(made.bins())) == (1, 7)
    assert made.bins()[-1] == 1


def test_a_check_that_was_withdrawn_for_all_leaves_nobody_out():
    problem = Verdict(CHECKS["order"], Outcome.GRADER_PROBLEM, 0.0, findings=(Finding("reference-failed"),))

    def withdrawn(kind):
        made = member(kind, kind)
        verdicts = tuple(problem if v.check.id == "order" else v for v in made.grade.verdicts)
        return replace(made, grade=replace(made.grade, verdicts=verdicts))

    made = figures([withdrawn("alice"), withdrawn("all-passed")])
    assert (made.total, made.left_out, made.full) == (99, 0, 1)


def test_an_empty_class_and_one_without_points_can_be_drawn():
    assert "submissions 0" in str(Text(class_page(cohort(checks=()), "en")))
    nothing = cohort(member("Inés", "no-tool"))
    assert figures(nothing.members).median is None
    assert "could not judge anything" in class_page(nothing, "en")


def test_the_hardest_check_comes_first_and_what_was_not_judged_counts_neither_way():
    hard = hardest(small().members)
    assert [h.share for h in hard] == sorted(h.share for h in hard)
    of = {h.verdict.check.id: (h.passed, h.of) for h in hard}
    assert of["slow-reader"][1] < of["listens"][1]  # a grader problem, and one that had not run yet
    assert hard[0].passed < hard[-1].passed


def test_one_bug_is_one_idea_not_understood_however_many_checks_it_fails():
    """One client at a time fails seven checks about sockets, clients and threads; it is one thing to learn."""
    made = cohort(member("Beto", "one-at-a-time"), member("Carla", "all-passed"), member("Diego", "nothing-starts"))
    told = {i.name: (i.stumbled, i.of) for i in ideas(made.members)}
    assert sum(stumbled for stumbled, _ in told.values()) == 1
    assert {of for _, of in told.values()} == {2}  # a server that never started tells nothing
    assert set(told) == {"port", "socket", "client", "thread"}


# ------------------------------------------------------------------------------------------------------ look yourself


def test_what_a_person_has_to_look_at_has_a_command_that_runs_it_again():
    lines = {line.what.split("”", maxsplit=1)[0]: line for line in look(small(), EN)}
    told = {what: ([name(m) for m in line.members], " ".join(line.command)) for what, line in lines.items()}
    olga = ["Olga Novak"]
    one = "The grader could not judge “One slow client does not hold up the others"
    assert told[one] == (olga, "grade submissions/olga-novak --only slow-reader")
    assert told["The grader could not judge “A name is free again"][0] == olga
    assert any("could not judge anything" in what and who == ["Inés Ruiz"] for what, (who, _) in told.items())
    assert told["The grading was interrupted."][0] == ["Jorge Paz"]
    assert told["Ends before it opens its port."] == (["Diego Kovač"], "grade 'submissions/diego-kovač'")
    unsteady = told["Passes “Messages keep their order"]
    assert "Alice Moreno" in unsteady[0]
    assert "Carla Vidal" not in str(told)  # she passed everything


def test_which_of_two_files_is_the_server_is_settled_by_a_command_that_can_be_pasted(tmp_path):
    """Pasted into a shell, it writes the line; a student's file name does nothing there."""
    odd = "x'; touch pwned; '.py"
    lines = [f"run: python3 {shlex.quote(odd)} <port>", "run: python3 two.py <port>"]
    problem = Finding("which-server", {"path": "submissions/eva", "files": [odd, "two.py"], "lines": lines})
    one = member("Eva", "no-tool")
    one = replace(one, grade=replace(one.grade, problem=problem, complete=False))  # as where a job could not be done
    (line,) = look(cohort(one), EN)
    assert line.what.startswith(f"The server could be {odd} or two.py, so nothing was judged")
    folder = tmp_path / "submissions" / "eva"
    folder.mkdir(parents=True)
    subprocess.run(["/bin/sh", "-c", " ".join(line.command)], cwd=tmp_path, check=True)
    assert (folder / "submission.yaml").read_text(encoding="utf-8") == f"{lines[0]}\n"
    assert [p.name for p in tmp_path.iterdir()] == ["submissions"]
    assert "submission.yaml" in str(Text(class_page(cohort(one), "es")))


def test_a_server_that_never_started_shows_what_it_printed_last():
    line = next(x for x in look(small(), EN) if x.what.startswith("Ends before"))
    assert line.printed == graded("nothing-starts").verdicts[0].findings[0].facts["last"]
    assert line.printed in str(Text(class_page(small(), "en")))


def test_a_server_that_needs_a_module_has_it_named():
    from grader.model import Cause

    made = member("Eva", "nothing-starts")
    cause = Cause("missing-module", ("listens",), {"module": "flask"})
    (line,) = look(cohort(replace(made, grade=replace(made.grade, causes=(cause,)))), EN)
    assert line.what == "Needs a module that is not there: flask."


def test_many_who_never_started_have_a_command_that_does_run_them_again():
    """Their results hold, so without `--only` the class would be kept as it is."""
    many = cohort(*(member(f"Student {n}", "nothing-starts") for n in range(9)))
    (line,) = look(many, EN)
    assert " ".join(line.command) == "grade submissions --only listens"
    (few,) = look(cohort(member("Ana", "nothing-starts")), EN)
    assert " ".join(few.command) == "grade submissions/ana"


def test_many_who_are_unsteady_stand_in_one_line_with_one_command():
    lines = look(cohort(*(member(f"S{n}", "alice") for n in range(40))), EN)
    assert [len(x.members) for x in lines] == [40]
    assert lines[0].command == ("grade", "submissions", "--only", "order", "--again")


def test_where_there_is_nothing_to_look_at_the_page_says_so():
    said = str(Text(class_page(cohort(member("Carla", "all-passed")), "en")))
    assert "The grader could judge everything" in said
    assert "Nothing. Every server that ran passed every check." in said


def test_a_hidden_check_shows_its_teacher_what_it_found():
    made = cohort(member("Hana", "hidden"), member("Alice", "alice"))
    assert "hana/staff.html" in Text(class_page(made, "en")).links
    assert "alice/report.html" in Text(class_page(made, "en")).links


# ------------------------------------------------------------------------------------------------- alike, and comments


def test_those_with_the_same_reasons_stand_together_and_nobody_else():
    made = cohort(
        member("Alice", "alice"), member("Álvaro", "alice"), member("Beto", "one-at-a-time"), member("Carla", "all-passed")
    )  # fmt: skip
    (only,) = clusters(made.members)
    assert [name(m) for m in only.members] == ["Alice", "Álvaro"]
    assert only.key.count(" + ") == len(whys(graded("alice"))) - 1
    assert fits(only.key, graded("alice"))
    assert not fits(only.key, graded("one-at-a-time"))


def test_a_comment_is_for_everybody_who_has_all_its_reasons():
    comments = read("one-at-a-time: One worker.\necho: An echo.\necho@no-echo + order-never: Both.\n")
    assert meant(comments, graded("one-at-a-time")) == ["One worker."]
    assert meant(comments, graded("alice")) == ["An echo."]
    assert meant(comments, graded("all-passed")) == []
    assert idle(comments, small().members) == ["echo@no-echo + order-never"]


def test_a_comment_stands_on_the_students_page_as_text_and_names_nobody():
    comments = read("echo: |\n  Draw it, <b>then</b> run `python3`.\n\n  See you on Tuesday.\n")
    grade = SAMPLES["alice"]()
    page = student_page(grade, "en", comments=meant(comments, graded("alice")))
    said = str(Text(page))
    assert "From your teacher Draw it, <b>then</b> run python3 . See you on Tuesday." in said
    assert "<b>then" not in page
    assert "From your teacher" not in student_page(grade, "en")
    assert "De tu docente" in student_page(grade, "es", comments=["Hola"])


def test_the_class_page_shows_a_comment_where_it_goes_and_names_one_that_goes_nowhere():
    made = replace(small(), comments={"one-at-a-time": "One worker.", "no-such-thing": "x"})
    two = replace(made, members=(*made.members, member("Eva", "one-at-a-time")))
    said = str(Text(class_page(two, "en")))
    assert "Your comment One worker." in said
    assert "This key in comments.yaml fits nobody: no-such-thing." in said


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("- one\n- two\n", "bad-comments"),
        ("one: [\n", "bad-comments"),
        ("one-at-a-time: 3\n", "bad-comment"),
        ("3: text\n", "bad-comment"),
        ("!!python/object:os.system x", "bad-comments"),
    ],
)
def test_a_file_that_holds_no_comments_is_refused_in_one_sentence(text, code):
    with pytest.raises(UsageError) as refused:
        read(text, "reports/comments.yaml")
    assert refused.value.code == code
    said = EN.say(f"cli.{code}", **refused.value.facts)
    assert said.startswith(("reports/comments.yaml can’t be read", "In reports/comments.yaml"))
    assert "?" not in said


def test_an_empty_file_of_comments_is_no_mistake():
    assert read("# nothing yet\n") == {}


# ------------------------------------------------------------------------------------------------------------ regrades


def test_what_a_grading_changed_is_told_with_its_reason():
    at = {"check": "order", "was": Outcome.FAILED, "now": Outcome.PASSED, "when": "2"}
    first = Regrade("alice", earned_was=0.0, earned_now=6.0, reasons=(Changed.SUBMISSION,), **at)
    made = cohort(
        member("Alice", "alice"), member("Beto", "all-passed"), member("Carla", "all-passed"),
        regrades=(
            first,
            replace(first, place="beto", earned_was=6.0, earned_now=4.0, reasons=(Changed.NOTHING,)),
            replace(first, place="gone"),
        ),
    )  # fmt: skip
    groups = {group.why: [(name(m.member), m.points, m.checks) for m in group.moved] for group in regraded(made, EN)}
    assert groups == {
        "The submission changed.": [("Alice", "+6", ("order",))],
        "Nothing is another: the same submission, checks and grader. The server does not do the same every time.": [
            ("Beto", "−2", ("order",))
        ],
    }


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", Changed)
def test_every_reason_of_a_change_has_its_sentence(lang, reason):
    moved = Regrade("alice", "order", None, Outcome.PASSED, 0.0, 6.0, (reason,), "1")
    (group,) = regraded(cohort(member("Alice", "alice"), regrades=(moved,)), Sentences(lang))
    assert re.fullmatch(r"[A-ZÁÉÍÓÚ].*\.", group.why)


# ---------------------------------------------------------------------------------------------------- the page itself


def test_a_cell_says_in_a_word_how_a_check_ended():
    rows = re.findall(r"<tr.*?</tr>", class_page(small(), "en").split("<tbody>")[1])
    cells = {re.search(r">([^<]*)</a>", r)[1]: re.findall(r'<td class="(\w+)">(.*?)</td>', r) for r in rows}
    assert ("p", "Passed") in cells["Carla Vidal"]
    assert ("f", "<b>−4</b> Failed") in cells["Alice Moreno"]
    assert any(c == "u" and re.fullmatch(r"<b>\d/\d</b> Unsteady", t) for c, t in cells["Alice Moreno"])
    assert ("s", "Not run") in cells["Alice Moreno"]
    assert ("e", "Grader problem") in cells["Olga Novak"]
    assert ("n", "Did not run") in cells["Jorge Paz"]
    assert ("sc", "–") in cells["Inés Ruiz"]  # nothing was judged, so there is no number


def test_names_are_in_the_order_in_which_a_person_looks_for_them():
    made = [member(n, "alice") for n in ("Zoé", "Álvaro", "beto", "Úrsula", "Ana")]
    assert [name(m) for m in alphabetical(made)] == ["Álvaro", "Ana", "beto", "Úrsula", "Zoé"]


def test_what_a_student_is_called_or_prints_is_text_on_the_page():
    page = class_page(small(), "en")
    assert "<script>alert" not in page
    assert "\u202e" not in page
    links = Text(page).links
    assert "javascript%3Aalert%281%29/%252e%23%3F/report.html" in links
    assert not [x for x in links if re.match(r"\w+:", x)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_asks_the_network_for_nothing_and_says_that_it_names_students(lang):
    page = class_page(small(), lang, files=("grades.csv", "class.json"))
    assert "default-src 'none'" in page
    assert "noindex" in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "url(" not in page
    assert {"grades.csv", "class.json"} <= set(Text(page).links)
    assert Sentences(lang).say("class.private") in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_lacks_a_word(lang):
    ordinary = replace(small(), members=small().members[:-1])  # the hostile one says whatever it likes
    for made in (ordinary, large(36), cohort()):
        said = str(Text(class_page(made, lang)))
        assert not re.search(r"[‹›{}]|\?\s|None", said), said


def test_a_class_of_six_hundred_and_all_the_checks_of_the_course_stay_under_a_megabyte():
    made = large(550)
    many = [replace(passed(c), check=replace(c, id=f"{c.id}-{n}")) for n in range(3) for c in CHECKS.values()]
    broken = replace(echo(), check=replace(CHECKS["no-echo"], id="no-echo-9"))
    grade = bare(replace(graded("alice"), verdicts=(*graded("alice").verdicts, *many[:14], broken)))
    wide = [replace(m, grade=replace(grade, submission=m.grade.submission)) for m in made.members]
    page = class_page(cohort(*wide, *(replace(m, place=f"{m.place}-2") for m in wide[:50])), "en")
    assert page.count("<tr") == 601
    assert page.count('<th scope="col"') == 2 + 24
    assert len(page.encode()) < 1_000_000


def test_a_course_of_twenty_thousand_gets_a_page_that_opens_and_loses_nobody_whom_one_has_to_look_at(monkeypatch):
    monkeypatch.setattr("grader.report.cohort.page.MOST_CELLS", 9 * 40)
    monkeypatch.setattr("grader.report.cohort.page.MOST_NAMES", 10)
    ordinary = [member(f"S{n:03}", "all-passed") for n in range(60)]
    bad = [member(f"Bad {n}", "one-at-a-time") for n in range(30)]
    page = class_page(cohort(*ordinary, member("Olga", "grader-problem"), *bad), "en")
    rows = page.split("<tbody>")[1]
    assert rows.count("<tr") == 40
    assert "Olga" in rows
    assert rows.count("Bad ") == 30
    assert "these are 40 of 91" in page
    assert "20 more" in str(Text(page))  # of the thirty who serve one client at a time
    assert str(Text(page)).startswith("Chat server · the class")


def test_what_befell_the_run_as_a_whole_stands_first():
    from grader.model import Notice

    made = small()
    told = replace(made, run=replace(made.run, notices=(Notice("one-at-a-time-here", {"rung": "limits"}),)))
    assert look(told, EN)[0].what.startswith("In the sandbox limits all servers share")
    assert "In the sandbox limits" in class_page(told, "en")
