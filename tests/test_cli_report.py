"""`grade report` and `--format` as people and scripts meet them: what goes where, and what is refused in one sentence."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest
from report_samples import SAMPLES, alice, all_passed, hidden, interrupted
from rosters import CANVAS, WORKSHEET

from grader import results
from grader.cli.report_command import report as report_command
from grader.model import Submission
from grader.report.registry import REPORTS, Order, draw
from grader.report.show import width

HERE = Path(__file__).parent.parent
CHAT = HERE / "specs" / "chat.yaml"
GRADE = [sys.executable, "-m", "grader"]


def grade(*argv, lang="en", **environment):
    given = {**os.environ, "LANG": f"{lang}_US.UTF-8", "LC_ALL": f"{lang}_US.UTF-8", "COLUMNS": "100", **environment}
    done = subprocess.run([*GRADE, *map(str, argv)], capture_output=True, cwd=HERE, check=False, env=given)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def kept(tmp_path):
    """Puts the results of a sample into a folder as `grade` does; returns the file."""

    def keep(sample, name=None):
        name = name or sample.submission.name
        path = tmp_path / "reports" / name / "results.json"
        path.parent.mkdir(parents=True)
        path.write_text(results.dump(replace(sample, submission=Submission(name, name, "sha256:9f"))), encoding="utf-8")
        return path

    return keep


@pytest.fixture
def folder(tmp_path):
    """A submission without a server: graded in a moment, 0 points."""
    made = tmp_path / "student"
    made.mkdir()
    return made


@pytest.fixture
def report(capsysbinary):
    """`grade report` in this process: the same code without the second that a Python takes to start."""

    def run(*argv):
        code = report_command.main(list(map(str, argv)), standalone_mode=False)
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return run


def one_sentence(done):
    code, out, err = done
    assert code == 2, err
    assert out == ""
    assert len(err.strip().splitlines()) == 1, err
    return err.strip()


# ------------------------------------------------------------------------------------------------------- grade report


@pytest.mark.parametrize("name", [n for n in REPORTS if REPORTS.get(n).roster != "must"])
def test_every_report_is_printed_byte_for_byte(name, kept):
    path = kept(alice())
    more = ["--out-of", "100"] if name == "moodle" else []
    code, out, err = grade("report", path, "--to", name, *more)
    order = Order("en", staff=REPORTS.get(name).staff, out_of=100 if more else None)
    assert (code, err) == (0, "")
    assert out == draw(name, [results.load(path.read_text(encoding="utf-8"))], order)


def test_without_a_name_it_is_the_terminal_s_table(kept, report):
    code, out, _ = report(kept(alice()))
    assert code == 0
    assert out.startswith("alice  Chat server")
    assert all(width(line) <= 80 for line in out.splitlines())


def test_it_redraws_in_another_language_and_runs_nothing(kept, tmp_path):
    """Without a single program to be found, and with a home that can't be written."""
    empty = tmp_path / "empty"
    empty.mkdir()
    code, out, err = grade(
        "report", kept(alice()), "--to", "html", "--lang", "es", PATH=str(empty), HOME="/nonexistent"
    )
    assert (code, err) == (0, "")
    assert '<html lang="es"' in out
    assert "de 105 puntos" in out


def test_the_language_is_the_spec_s_unless_it_is_said(kept, report):
    path = kept(replace(alice(), language="es"))
    assert "Falló" in report(path)[1]
    assert "Failed" in report(path, "--lang", "en")[1]


def test_a_file_or_a_folder_may_be_written(kept, tmp_path, report):
    path = kept(alice())
    code, out, err = report(path, "--to", "junit", "--out", tmp_path / "x" / "j.xml")
    assert (code, out) == (0, "")
    assert str(tmp_path / "x" / "j.xml") in err
    assert (tmp_path / "x" / "j.xml").read_text(encoding="utf-8").startswith("<?xml")
    report(path, "--to", "csv", "--out", tmp_path / "x")
    assert (tmp_path / "x" / "results.csv").exists()


def test_a_class_gets_a_file_each_or_one_for_all(kept, tmp_path, report):
    kept(alice())
    kept(all_passed(), "bob")
    reports = tmp_path / "reports"
    odd = tmp_path / "odd.json"  # such a name can't come from a folder, but it can stand in a file
    odd.write_text(results.dump(replace(all_passed(), submission=Submission("../../etc", "x", "sha256:9f"))))
    assert "--out" in one_sentence(report(reports, "--to", "html"))
    out = tmp_path / "pages"
    assert report(reports, odd, "--to", "html", "--out", out)[0] == 0
    assert {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()} == {
        "alice/report.html", "bob/report.html", "etc/report.html",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(report(reports, "--to", "csv")[1])))
    assert {r["submission"] for r in rows} == {"alice", "bob"}


@pytest.mark.parametrize("words", [["--to", "html", "--out", "pages"], ["--to", "junit", "--out", "all.xml"]])
def test_a_large_class_takes_no_more_memory_than_a_small_one(kept, tmp_path, words):
    """Whole grades are read one after the other: each is padded here, so that all together would be seen."""
    most = {}
    for count in (2, 42):
        for number in range(count):
            if not (tmp_path / "reports" / f"s{number}").exists():
                path = kept(all_passed(), f"s{number}")
                plain = json.loads(path.read_text(encoding="utf-8"))
                events = plain["verdicts"][1]["attempts"][0]["transcript"]["events"]
                events += [events[-1]] * 8000
                path.write_text(json.dumps(plain), encoding="utf-8")
        argv = [*GRADE, "report", str(tmp_path / "reports"), *words]
        where = {**os.environ, "PYTHONPATH": str(HERE)}
        with subprocess.Popen(argv, cwd=tmp_path, env=where, stderr=subprocess.DEVNULL) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        most[count] = used.ru_maxrss // 1024
    assert most[42] < most[2] + 25, most


def test_canvas_and_the_worksheet_from_their_lists(kept, tmp_path, report):
    path = kept(alice())
    (tmp_path / "canvas.csv").write_bytes(CANVAS.encode())
    (tmp_path / "sheet.csv").write_bytes(b"\xff\xfe" + WORKSHEET.encode("utf-16-le"))  # as a spreadsheet may save it
    assert "alice,uni.example,S1,54" in report(path, "--to", "canvas", "--roster", tmp_path / "canvas.csv")[1]
    code, out, _ = report(path, "--to", "moodle-worksheet", "--worksheet", tmp_path / "sheet.csv")
    assert code == 0
    assert "Participant 31001,Alice Lovelace,20261,alice@uni.example,Submitted for grading,,54,105.00" in out
    assert "el rápido" in out


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["--to", "canvass"], "canvas"),
        (["--to", "canvas"], "--roster"),
        (["--to", "moodle-worksheet"], "--worksheet"),
        (["--to", "canvas", "--roster", "nowhere.csv"], "nowhere.csv"),
        (["--to", "canvas", "--roster", "a.csv", "--worksheet", "b.csv"], "--worksheet"),
        (["--to", "moodle"], "--out-of 100"),
        (["--to", "html", "--diff", "{path}"], "html"),
    ],
)
def test_what_can_t_be_done_is_said_in_one_sentence(kept, lang, argv, named, report):
    path = kept(alice())
    argv = [word.format(path=path) for word in argv]
    assert named in one_sentence(report(path, "--lang", lang, *argv))


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1}', "[" * 100_000, '"\\ud800"'])
def test_a_file_that_holds_no_results(tmp_path, damage, report):
    (tmp_path / "x.json").write_text(damage)
    assert "x.json" in one_sentence(report(tmp_path / "x.json"))


def test_a_place_without_results(tmp_path, report):
    assert "no results" in one_sentence(report(tmp_path, "--lang", "en"))
    assert "nowhere" in one_sentence(report(tmp_path / "nowhere.json"))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_an_incomplete_grade_needs_to_be_asked_for(kept, lang, report):
    path = kept(interrupted())
    said = one_sentence(report(path, "--to", "gradescope", "--lang", lang))
    assert "--incomplete" in said
    assert "jorge" in said
    code, out, _ = report(path, "--to", "gradescope", "--lang", lang, "--incomplete")
    assert (code, json.loads(out)["score"]) == (0, interrupted().earned)


def test_staff_and_students_see_their_own(kept, report):
    path = kept(hidden())
    assert "beto left" not in report(path)[1]
    assert "beto left" in report(path, "--view", "staff")[1]
    assert "beto left" in report(path, "--to", "json")[1], "the record is staff's, unless it is said"
    assert "beto left" not in report(path, "--to", "json", "--view", "student")[1]


def test_two_gradings_are_compared(kept, report):
    old = kept(alice())
    new = kept(all_passed(), "later/alice")
    new.write_text(results.dump(replace(all_passed(), submission=Submission("alice", "alice", "sha256:ff"))))
    code, out, _ = report(new, "--diff", old.parent)
    assert code == 0
    assert "54/105 → 105/105" in out
    assert "The submission changed." in out
    assert "La entrega cambió." in report(new, "--diff", old, "--lang", "es")[1]
    stranger = kept(all_passed())
    assert "--view staff" in one_sentence(report(stranger, "--diff", old))
    assert "alice → bob" in report(stranger, "--diff", old, "--view", "staff")[1]
    assert "2" in one_sentence(report(new, stranger, "--diff", old))


# ------------------------------------------------------------------------------------------------- --format, when grading


def test_json_on_standard_output_is_clean_and_the_table_is_still_seen(folder, tmp_path):
    code, out, err = grade(folder, "--spec", CHAT, "--out", tmp_path / "out", "--format", "json")
    assert code == 0
    assert json.loads(out) == json.loads((tmp_path / "out" / "student" / "results.json").read_text(encoding="utf-8"))
    assert "No server was found" in err


def test_several_formats_go_to_their_files(folder, tmp_path):
    files = [f"junit={tmp_path / 'a' / 'j.xml'}", f"markdown={tmp_path / 'c.md'}"]
    code, out, err = grade(
        folder, "--spec", CHAT, "--out", tmp_path / "out", *(w for f in files for w in ("--format", f))
    )
    assert (code, err) == (0, "")
    assert "No server was found" in out
    assert (tmp_path / "a" / "j.xml").read_text().startswith("<?xml")
    assert "student" in (tmp_path / "c.md").read_text()
    both = grade(folder, "--spec", CHAT, "--out", tmp_path / "out", "--format", "json", "--format", files[1])
    assert json.loads(both[1])["earned"] == 0


@pytest.mark.parametrize(
    ("formats", "named"),
    [
        (["json", "csv"], "csv=FILE"),
        (["jsn"], "json"),
        (["canvas"], "grade report"),
        (["moodle-worksheet=x"], "grade report"),
    ],
)
def test_a_format_that_can_t_be_had_is_said_before_anything_starts(folder, tmp_path, formats, named):
    done = grade(folder, "--spec", CHAT, "--out", tmp_path / "out", *(w for f in formats for w in ("--format", f)))
    assert named in one_sentence(done)
    assert not (tmp_path / "out").exists()


def test_a_gradebook_is_refused_an_incomplete_grade_after_the_results_are_kept(folder, tmp_path):
    """One check of many: the rest has not run, so there is no grade yet."""
    argv = [folder, "--spec", CHAT, "--out", tmp_path / "out", "--only", "starts", "--format", "gradescope"]
    code, out, err = grade(*argv)
    assert (code, out) == (2, "")
    assert "--incomplete" in err.splitlines()[-1]
    assert (tmp_path / "out" / "student" / "results.json").exists()
    code, out, _ = grade(*argv, "--incomplete")
    assert (code, json.loads(out)["score"]) == (0, 0)


def test_a_hidden_check_makes_a_page_for_staff_beside_the_student_s(tmp_path, folder):
    specs = tmp_path / "specs"
    specs.mkdir()
    (tmp_path / "reference").symlink_to(HERE / "reference")
    text = CHAT.read_text(encoding="utf-8")
    assert "hidden" not in text
    (specs / "chat.yaml").write_text(
        text.replace("  - id: starts\n", "  - id: starts\n    hidden: true\n"), encoding="utf-8"
    )
    argv = [folder, "--spec", specs / "chat.yaml", "--out", tmp_path / "out"]
    grade(*argv)
    student, staff = ((tmp_path / "out" / "student" / f"{name}.html").read_text() for name in ("report", "staff"))
    asked = "What was expected"
    assert asked in staff
    assert asked not in student


# ------------------------------------------------------------------------------------------------ terminals and pipes


def at_a_terminal(*argv, columns=100, **environment):
    """What a terminal shows, escape sequences and all."""
    given = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **environment}
    for name in ("NO_COLOR", "COLUMNS", "FORCE_COLOR"):
        if name not in environment:
            given.pop(name, None)
    child = pexpect.spawn(
        sys.executable, [*GRADE[1:], *map(str, argv)], cwd=str(HERE), env=given, timeout=50, dimensions=(40, columns)
    )
    child.expect(pexpect.EOF)
    child.close()
    return child.before.decode()


def test_grading_at_a_terminal_has_colour_and_eighty_columns(folder, tmp_path):
    shown = at_a_terminal(folder, "--spec", CHAT, "--out", tmp_path / "out", columns=140)
    assert "\x1b[31m" in shown
    assert "✗ Failed" in shown


def test_no_color_is_respected_at_a_terminal(folder, tmp_path):
    shown = at_a_terminal(folder, "--spec", CHAT, "--out", tmp_path / "out", NO_COLOR="1")
    assert "\x1b[31m" not in shown
    assert "✗ Failed" in shown


def test_a_pipe_gets_neither_colour_nor_anything_that_moves(folder, tmp_path):
    _, out, err = grade(folder, "--spec", CHAT, "--out", tmp_path / "out")
    assert "\x1b" not in out + err
    assert all(
        width(line) <= 80 for line in out.splitlines() if "report.html" not in line and str(tmp_path) not in line
    )


def test_a_report_is_text_without_colour_even_at_a_terminal(kept):
    shown = at_a_terminal("report", kept(alice()))
    assert "\x1b" not in shown
    assert "✗ Failed" in shown


def test_json_at_a_terminal_is_clean_too(kept):
    shown = at_a_terminal("report", kept(alice()), "--to", "json")
    assert json.loads(shown)["earned"] == 54


def test_a_terminal_that_knows_no_signs_shows_escapes_and_no_traceback(folder, tmp_path):
    argv = [folder, "--spec", CHAT, "--out", tmp_path / "out"]
    code, out, err = grade(*argv, PYTHONIOENCODING="latin-1")
    assert (code, "Traceback" in err) == (0, False)
    assert "\\u2717 Failed" in out


def test_the_record_is_utf_8_whatever_the_terminal_speaks(kept):
    code, out, _ = grade("report", kept(replace(SAMPLES["alice"](), spec_title={"en": "Ñandú"})), "--to", "json",
                         PYTHONIOENCODING="latin-1")  # fmt: skip
    assert code == 0
    assert json.loads(out)["spec"]["title"]["en"] == "Ñandú"


def test_help_comes_in_both_languages():
    assert "without running anything" in " ".join(grade("report", "--help")[1].split())
    assert "sin ejecutar nada" in " ".join(grade("report", "--help", lang="es")[1].split())
