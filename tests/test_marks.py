"""Marks that a person gives: read beside the results, counted, shown, and refused where nobody can mean them."""

import json
from dataclasses import replace

import pytest
from class_samples import cohort, graded, member

from grader import results
from grader.cli.class_files import with_marks, write_class
from grader.cli.main import run
from grader.course.marks import FILE, marked, marks_in
from grader.errors import UsageError
from grader.model import Manual
from grader.report.html import student_page
from grader.report.pages import pages
from grader.report.sums import Sums
from grader.words import Sentences

MANUAL = (
    Manual("report", {"en": "Report", "es": "Informe"}, 15.0),
    Manual("style", {"en": "Style", "es": "Estilo"}, 5.0),
)


def a_grade():
    return replace(graded("all-passed"), manual=MANUAL)


@pytest.fixture
def given(tmp_path):
    def write(text, names=None):
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        return marks_in(tmp_path, MANUAL, names)

    return write


def test_what_is_given_counts_and_what_is_not_is_a_box(given):
    before = a_grade()
    name = before.submission.name
    after = marked(before, given(f"{name}: {{report: 12.5}}\nzoe: {{style: 5}}\n"))
    assert (after.earned, after.possible) == (before.earned + 12.5, before.possible + 15)
    for language, sentence in (("en", "12.5 points were given by a person"), ("es", "puso 12,5 puntos")):
        page = student_page(after, language)
        assert sentence in page
        assert "____" in page
    assert any("12.5 points were given" in said for said in Sums(after, Sentences("en"), str).sentences())
    assert marked(after, {}).earned == before.earned


def test_it_stays_in_the_results(given):
    after = marked(a_grade(), given(f"{a_grade().submission.name}: {{report: 12.5}}"))
    assert results.load(results.dump(after)).earned == after.earned
    old = json.loads(results.dump(a_grade()))
    for one in old["manual"]:
        del one["given"]
    assert results.from_json(old).earned == a_grade().earned


def test_no_file_gives_nothing(tmp_path):
    assert marks_in(tmp_path, MANUAL) == {}


WRONG = [
    ("alice: 12", "bad-marks", "indented below it", "con sangría"),
    ("alice: [", "bad-marks", "line 1", "línea 1"),
    ("alice: {reprot: 12}", "unknown-mark", "The nearest is “report”", "La más parecida es «report»"),
    ("alice: {report: 16}", "bad-mark", "from 0 to 15", "de 0 a 15"),
    ("alice: {report: -1}", "bad-mark", "“-1”", "«-1»"),
    ("alice: {report: many}", "bad-mark", "“many”", "«many»"),
    ("alise: {report: 1}", "unknown-marked", "The nearest is “alice”", "La más parecida es «alice»"),
]


@pytest.mark.parametrize(("text", "code", "english", "spanish"), WRONG)
def test_what_nobody_can_mean_is_refused(given, text, code, english, spanish):
    with pytest.raises(UsageError) as refused:
        given(text, {"alice", "bob"})
    assert refused.value.code == code
    assert english in Sentences("en").say(f"cli.{code}", **refused.value.facts)
    assert spanish in Sentences("es").say(f"cli.{code}", **refused.value.facts)


def test_a_class_has_the_marks_in_its_table_and_on_each_page(tmp_path, given, capsys):
    class_ = cohort(member("alice", "all-passed", "alice"), member("beto", "all-passed", "beto"))
    class_ = replace(class_, members=tuple(replace(m, grade=replace(m.grade, manual=MANUAL)) for m in class_.members))
    for m in class_.members:
        (tmp_path / m.place).mkdir()
        grade = replace(a_grade(), submission=replace(a_grade().submission, name=m.place))
        (tmp_path / m.place / "results.json").write_text(results.dump(grade), encoding="utf-8")
        for name, text in pages(grade, "en").items():
            (tmp_path / m.place / name).write_text(text, encoding="utf-8")
    marks = given("alice: {report: 12.5}\n")
    write_class(with_marks(class_, tmp_path, "en", {}, marks), tmp_path, "en", {})
    earned = class_.members[0].grade.earned
    assert f"alice,{earned + 12.5:g}" in (tmp_path / "grades.csv").read_text(encoding="utf-8")
    assert results.load((tmp_path / "alice" / "results.json").read_text()).earned == earned + 12.5
    assert "given by a person" in (tmp_path / "alice" / "report.html").read_text(encoding="utf-8")
    assert results.load((tmp_path / "beto" / "results.json").read_text()).earned == earned
    # A mark that was given later is in the next report.
    given("beto: {report: 3}\n")
    assert run(["report", str(tmp_path / "beto"), "--lang", "en"]) == 0
    assert "3 points were given" in " ".join(capsys.readouterr().out.split())
    (tmp_path / FILE).write_text("beto: {report: 300}\n", encoding="utf-8")
    assert run(["report", str(tmp_path / "beto")]) == 2


def test_a_grading_reads_them_before_anything_starts_and_counts_them(tmp_path, servers):
    spec = {
        "title": "Relay",
        "server": {"run": "python3 relay_threads.py <port>"},
        "reference": {"folder": str(servers), "run": "python3 relay_threads.py <port>"},
        "manual": [{"id": "report", "points": 15}],
        "checks": [{"id": "starts", "points": 5, "play": "server (listens)"}],
    }
    (tmp_path / "spec.yaml").write_text(json.dumps(spec), encoding="utf-8")
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "relay_threads.py").write_bytes((servers / "relay_threads.py").read_bytes())
    command = [str(tmp_path / "alice"), "--spec", str(tmp_path / "spec.yaml"), "--out", str(tmp_path), "--lang", "en"]
    (tmp_path / FILE).write_text("alice: {report: 150}\n")
    assert run(command) == 2
    assert not (tmp_path / "alice" / "results.json").exists()
    (tmp_path / FILE).write_text("alice: {report: 12}\n")
    assert run(command) == 0
    grade = results.load((tmp_path / "alice" / "results.json").read_text())
    assert (grade.earned, grade.possible) == (17, 20)
