"""The sample students, graded for real, each from the command line to its page: what each loses, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from needs import needs

HERE = Path(__file__).parent.parent
SCHEMA = json.loads((HERE / "docs" / "results.schema.json").read_text(encoding="utf-8"))
EVERYTHING = None

# name: the checks that are lost, the first thing to fix, the programs that grading it takes
SAMPLES = {
    "alice": ({"no-echo", "leave-crash", "slow-reader"}, "reset-kills-clean-up", ()),
    "bruno": (set(), None, ()),
    "carla": (EVERYTHING, "error-swallowed", ()),
    "eva": ({"starts"}, "port-hard-coded", ()),
    "fabio": ({"five-clients", "split-line", "glued-lines"}, "recv-is-a-line", ("make", "gcc")),
    "gina": ({"leave-close", "leave-crash"}, "leave-only-on-command", ("javac", "java")),
}
FIRST_IN = {"connects", "starts", "stops"}
"""What a server that serves one client at a time can still do."""


def graded(folder: Path, out: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], dict[str, object]]:
    argv = [sys.executable, "-m", "grader", str(folder), "--out", str(out), "--lang", "en", *options]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=HERE, check=False)
    results = json.loads((out / folder.name / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(results, SCHEMA)
    return done, results


def lost(results: dict[str, object]) -> set[str]:
    return {v["check"] for v in results["verdicts"] if v["outcome"] != "passed"}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_loses_what_it_should_and_nothing_else(name, tmp_path):
    expected, first, programs = SAMPLES[name]
    for program in programs:
        needs(program)
    done, results = graded(HERE / "submissions" / name, tmp_path)
    everything = {v["check"] for v in results["verdicts"]}
    assert lost(results) == (everything if expected is EVERYTHING else expected), done.stdout
    assert (results["first_to_fix"] or {}).get("code") == first
    points = {v["check"]: v["points"] for v in results["verdicts"]}
    assert results["earned"] == 100 - sum(points[c] for c in lost(results))
    assert (done.returncode, results["possible"], results["complete"]) == (0, 100, True)
    page = (tmp_path / name / "report.html").read_text(encoding="utf-8")
    assert all(f'id="{check}"' in page for check in everything)


def test_one_client_at_a_time_is_one_cause(tmp_path):
    """Diego: two dozen failures, one sentence."""
    _, results = graded(HERE / "submissions" / "diego", tmp_path)
    passed = {v["check"] for v in results["verdicts"]} - lost(results)
    assert passed == FIRST_IN
    assert [c["code"] for c in results["causes"]] == ["one-at-a-time"]
    assert len(results["causes"][0]["explains"]) == 21


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("alice", {"echo": "", "reset-kills-clean-up": "data = self.conn.recv", "slow-reader-blocks": "conn.sendall("}),
        ("carla", {"error-swallowed": "servidor.bind("}),
        ("diego", {"one-at-a-time": "atender_cliente(cliente)"}),
        ("eva", {"port-hard-coded": "PORT = 5555"}),
    ],
)
def test_reasons_are_named_with_the_line_of_each(name, named, tmp_path):
    """Alice: three causes. Each points at the line that its evidence names; where there is none, at no line."""
    _, results = graded(HERE / "submissions" / name, tmp_path)
    source = (HERE / "submissions" / name / "server.py").read_text(encoding="utf-8").splitlines()
    found = {c["code"]: c["where"] and source[c["where"]["line"] - 1].strip() for c in results["causes"]}
    assert found.keys() == named.keys()
    for code, begins in named.items():
        assert not begins or found[code].startswith(begins)
    page = (tmp_path / name / "report.html").read_text(encoding="utf-8")
    assert all(f"line {c['where']['line']}" in page for c in results["causes"] if c["where"])


def test_where_nothing_listens_the_rest_is_not_run(tmp_path):
    """Carla: `starts` has failed, everything else is blocked by it, and that took no second."""
    _, results = graded(HERE / "submissions" / "carla", tmp_path)
    outcomes = {v["check"]: (v["outcome"], v["blocked_by"]) for v in results["verdicts"]}
    assert outcomes.pop("starts") == ("failed", [])
    assert set(map(str, outcomes.values())) == {"('blocked', ['starts'])"}
    assert results["verdicts"][0]["evidence"] == "quiet"


def test_a_traceback_points_at_its_line(tmp_path):
    """Alice: the line of the page is the line at which her own program says that it broke."""
    _, results = graded(HERE / "submissions" / "alice", tmp_path, "--only", "leave-crash")
    (verdict,) = [v for v in results["verdicts"] if v["check"] == "leave-crash"]
    where = verdict["findings"][0]["where"]
    source = (HERE / "submissions" / "alice" / "server.py").read_text(encoding="utf-8").splitlines()
    assert where["file"] == "server.py"
    assert "recv(" in source[where["line"] - 1]


def test_a_notice_that_only_a_command_leads_to_is_shown_where_it_stands(tmp_path):
    """Gina's server is in Java, which the recorder does not know: her source has the words in one place, and two are none."""
    needs("javac", "java")
    source = (HERE / "submissions" / "gina" / "Server.java").read_text(encoding="utf-8")
    folder = tmp_path / "gina"
    shutil.copytree(HERE / "submissions" / "gina", folder)
    asked = ("--spec", str(HERE / "specs" / "chat.yaml"), "--only", "leave-close", "--only", "leave-quit")

    def where() -> dict[str, object] | None:
        (verdict,) = [v for v in graded(folder, tmp_path, *asked)[1]["verdicts"] if v["check"] == "leave-close"]
        return verdict["findings"][0]["where"]

    found = where()
    assert (found["file"], found["recorded"]) == ("Server.java", "written")
    assert '" left"' in source.splitlines()[found["line"] - 1]
    (folder / "Server.java").write_text(source.replace('"connection lost: "', '"somebody left: "'), encoding="utf-8")
    assert where() is None


@pytest.mark.parametrize(("name", "program"), [("fabio", "make"), ("gina", "javac")])
def test_without_a_compiler_nobody_pays(name, program, tmp_path):
    """A program that is missing on the grader's machine is a grader problem, says so, and takes no points."""
    folder = tmp_path / name
    shutil.copytree(HERE / "submissions" / name, folder)
    described = (folder / "submission.yaml").read_text(encoding="utf-8")
    (folder / "submission.yaml").write_text(
        described.replace(f"build: {program}", f"build: {program}-that-is-not-here"), encoding="utf-8"
    )
    done, results = graded(folder, tmp_path / "out", "--spec", str(HERE / "specs" / "chat.yaml"))
    assert done.returncode == 1
    assert {v["outcome"] for v in results["verdicts"]} == {"grader-problem"}
    assert (results["earned"], results["possible"], results["withheld"]) == (0, 0, 100)
    assert f"{program}-that-is-not-here" in done.stdout


@pytest.mark.parametrize("rung", ["full", "namespaces", pytest.param("limits", marks=pytest.mark.long)])
def test_a_correct_server_gets_everything_on_every_rung(rung, tmp_path):
    if rung == "full":
        needs("bwrap")
    if rung == "namespaces":
        needs("unshare")
    _, results = graded(HERE / "submissions" / "bruno", tmp_path, "--sandbox", rung)
    assert (lost(results), results["sandbox"]["rung"]) == (set(), rung)


def test_the_reference_gets_everything(tmp_path):
    folder = tmp_path / "reference"
    folder.mkdir()
    shutil.copy(HERE / "reference" / "chat_server.py", folder / "server.py")
    _, results = graded(folder, tmp_path / "out", "--spec", str(HERE / "specs" / "chat.yaml"))
    assert lost(results) == set()


def test_restarting_meets_time_wait(tmp_path):
    """The check would test nothing if the closed connection had left nothing behind."""
    _, results = graded(HERE / "submissions" / "bruno", tmp_path, "--only", "restart")
    (verdict,) = [v for v in results["verdicts"] if v["check"] == "restart"]
    for transcript in (verdict["attempts"][0]["transcript"], verdict["reference"]):
        assert "time-wait 1" in [e.get("note") for e in transcript["events"]]
