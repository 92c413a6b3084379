"""What is written about a class: its page and tables, and a comment on the pages of those who are meant, and only theirs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from class_samples import cohort, graded, member
from report_samples import SAMPLES

from grader import results
from grader.cli.class_files import comments_in, write_class
from grader.course.causes import causes
from grader.errors import UsageError
from grader.report.pages import pages

PLACES = {"alice": "alice", "beto": "one-at-a-time", "carla": "all-passed", "hana": "hidden"}


@pytest.fixture
def reports(tmp_path):
    """A folder of results as a class leaves it, without what is about the class as a whole."""
    for place, kind in PLACES.items():
        grade = SAMPLES[kind]()
        grade = replace(grade, causes=grade.causes or causes(grade.verdicts))
        (tmp_path / place).mkdir()
        (tmp_path / place / "results.json").write_text(results.dump(grade), encoding="utf-8")
        for name, text in pages(grade, "en").items():
            (tmp_path / place / name).write_text(text, encoding="utf-8")
    return tmp_path


def made():
    return cohort(*(member(place, kind, place) for place, kind in PLACES.items()))


def commented(reports):
    return {p for p in PLACES if "From your teacher" in (reports / p / "report.html").read_text(encoding="utf-8")}


def test_a_comment_stands_on_the_pages_of_those_who_are_meant_until_it_is_taken_away(reports):
    (reports / "comments.yaml").write_text("one-at-a-time: One worker, one ship.\necho: Not to yourself.\n", "utf-8")
    write_class(made(), reports, "en", comments_in(reports))
    assert commented(reports) == {"alice", "beto", "hana"}
    assert "One worker, one ship." in (reports / "beto" / "report.html").read_text(encoding="utf-8")
    assert "One worker" not in (reports / "alice" / "report.html").read_text(encoding="utf-8")
    assert "Not to yourself." in (reports / "hana" / "staff.html").read_text(encoding="utf-8")
    untouched = (reports / "carla" / "report.html").stat().st_mtime_ns
    (reports / "comments.yaml").write_text("one-at-a-time: Two workers.\n", encoding="utf-8")
    write_class(made(), reports, "en", comments_in(reports))
    assert commented(reports) == {"beto"}
    assert "Two workers." in (reports / "beto" / "report.html").read_text(encoding="utf-8")
    (reports / "comments.yaml").unlink()
    write_class(made(), reports, "en", comments_in(reports))
    assert commented(reports) == set()
    assert (reports / "carla" / "report.html").stat().st_mtime_ns == untouched


def test_a_page_that_was_drawn_again_meanwhile_gets_its_comment_back(reports):
    (reports / "comments.yaml").write_text("one-at-a-time: One worker.\n", encoding="utf-8")
    write_class(made(), reports, "en", comments_in(reports))
    (reports / "beto" / "report.html").write_text(pages(SAMPLES["one-at-a-time"](), "en")["report.html"], "utf-8")
    write_class(made(), reports, "en", comments_in(reports))
    assert commented(reports) == {"beto"}


def test_the_page_of_the_class_leads_to_every_page_and_table_that_is_there(reports):
    page = write_class(made(), reports, "es", {}).read_text(encoding="utf-8")
    for name in ("grades.csv", "class.json", "alice/report.html", "hana/staff.html"):
        assert f'href="{name}"' in page
        assert (reports / name).is_file()


def test_the_tables_hold_what_the_page_says(reports):
    write_class(made(), reports, "en", {})
    rows = list(csv.DictReader(io.StringIO((reports / "grades.csv").read_text(encoding="utf-8"))))
    assert [r["submission"] for r in rows] == list(PLACES)
    assert [float(r["earned"]) for r in rows] == [graded(kind).earned for kind in PLACES.values()]
    plain = json.loads((reports / "class.json").read_text(encoding="utf-8"))
    assert plain["submissions"][1]["reasons"] == ["one-at-a-time"]
    assert plain["submissions"][2]["outcomes"]["order"] == "passed"


def test_in_a_table_what_was_not_judged_is_no_zero_and_a_name_is_no_formula(reports):
    write_class(cohort(member("=1+1", "grader-problem", "x")), reports, "en", {})
    (row,) = csv.DictReader(io.StringIO((reports / "grades.csv").read_text(encoding="utf-8")))
    assert (row["submission"], row["slow-reader"], row["complete"]) == ("'=1+1", "", "no")


@pytest.mark.parametrize("data", [b"- a list", b"\xff\xfe\x00", b"a: [", b"a: 1"])
def test_comments_that_cannot_be_read_are_refused_before_anything_is_graded(tmp_path, data):
    (tmp_path / "comments.yaml").write_bytes(data)
    with pytest.raises(UsageError, match="bad-comment"):
        comments_in(tmp_path)
