"""One server for all checks, and limits that a spec sets: with servers that keep to both, and servers that do not."""

import json
import select
from pathlib import Path

import pytest
from test_spec_load import BASE, complaints_about, load_text

from grader import results
from grader.cli.main import run
from grader.model import Outcome
from grader.stage.watch import Watch

SERVERS = Path(__file__).parent / "servers"
VISITS = [
    ("first", "ana (connects)\nana < 0 before you"),
    ("second", "ana (connects)\nana < 1 before you\nbeto (connects)\nbeto < 2 before you"),
    ("wrong", "ana (connects)\nana < no such thing"),
    ("fresh", "ana (connects)\nana < 0 before you\nserver (restarts)\nana (is disconnected)"),
    ("after", "ana (connects)\nana < 0 before you\nana (crashes)"),
    ("last", "ana (connects)\nana < 1 before you"),
]


@pytest.fixture
def graded(tmp_path):
    """What each check of a small spec comes to: its outcome and the codes of its findings, and of its remarks if they are asked for."""

    def grade(plays, fault="", *, remarks=False, **top):
        command = f"python3 counts.py <port> {fault}".strip()
        (tmp_path / "sub").mkdir(exist_ok=True)
        (tmp_path / "sub" / "counts.py").write_bytes((SERVERS / "counts.py").read_bytes())
        server = {"run": command, **top.pop("server", {})}
        checks = [{"id": name, "points": 5, "play": play} for name, play in plays]
        spec = {
            "title": "Visitors", "server": server, "reference": {"folder": str(SERVERS), "run": "python3 counts.py <port>"},
            "checks": checks, **top,
        }  # fmt: skip
        (tmp_path / "spec.yaml").write_text(json.dumps(spec), encoding="utf-8")
        run([str(tmp_path / "sub"), "--spec", str(tmp_path / "spec.yaml"), "--out", str(tmp_path), "--lang", "en"])
        grade = results.load((tmp_path / "sub" / "results.json").read_text(encoding="utf-8"))
        return {
            v.check.id: (v.outcome, [f.code for f in (*v.findings, *(v.remarks if remarks else ()))])
            for v in grade.verdicts
        }

    return grade


LASTS = {"server": {"life": "submission"}}


def test_one_server_goes_through_all_checks_and_a_failed_one_ends_its_life(graded):
    found = graded(VISITS, **LASTS)
    # The reference fails `wrong` too, so nobody pays for it; what counts is that the next check has a fresh server.
    assert found.pop("wrong")[0] is Outcome.GRADER_PROBLEM
    assert all(one == (Outcome.PASSED, []) for one in found.values()), found


def test_without_it_each_check_has_a_fresh_one(graded):
    found = graded([VISITS[0], ("again", VISITS[0][1])])
    assert all(one == (Outcome.PASSED, []) for one in found.values()), found


def test_what_an_earlier_check_did_to_a_faulty_server_shows_in_a_later_one(graded):
    plays = [
        ("first", "ana (connects)\nana < 0 before you"),
        ("second", "ana (connects)\nana < 1 before you"),
        ("third", "ana (connects)\nana < 2 before you\nana (leaves)\nserver (is running)"),
    ]
    assert graded(plays, "ends", **LASTS)["third"][1] == ["exited"]
    assert all(one == (Outcome.PASSED, []) for one in graded(plays, **LASTS).values())


TALK = "ana (connects)\nana < 0 before you\nana > hola\nana < you said hola"


@pytest.mark.parametrize(
    ("fault", "play", "limits", "code"),
    [
        (
            "eats",
            f"{TALK}\nana > eat\nana < you said eat\nana (waits 600ms)\nana > hola\nana < you said hola",
            {"memory": "128MB"},
            "limit-memory",
        ),
        ("forks", f"{TALK}\nana > fork\nana < you said fork", {"processes": 32}, "limit-processes"),
        ("leaks", f"{TALK}\nana (leaves)\n" + "b<i> (connects)\n", {"files": 24}, None),
    ],
)
def test_a_limit_of_the_spec_holds_for_who_exceeds_it_only(graded, fault, play, limits, code):
    if "b<i>" in play:
        comes = "".join(f"b{n} (connects)\nb{n} < {n} before you\nb{n} (leaves)\n" for n in range(1, 40))
        play = f"{TALK}\nana (leaves)\n{comes}"
    assert graded([("it", play)], limits=limits)["it"] == (Outcome.PASSED, [])
    outcome, codes = graded([("it", play)], fault, limits=limits)["it"]
    assert outcome is Outcome.FAILED
    assert code is None or code in codes


def test_a_limit_that_is_met_before_the_watch_has_looked_is_named_all_the_same(graded, monkeypatch):
    """The thread that looks every now and then is late, and the play is over before it has."""
    monkeypatch.setattr(Watch, "_run", lambda self: select.select([self._stop], [], []))
    play = f"{TALK}\nana > fork\nana < you said fork"
    outcome, codes = graded([("it", play)], "forks", limits={"processes": 32})["it"]
    assert (outcome, "limit-processes" in codes) == (Outcome.FAILED, True)
    play = f"{TALK}\nana > eat\nana < you said eat"
    found = graded([("it", play)], "eats", limits={"memory": "128MB"}, remarks=True)
    assert found["it"] == (Outcome.PASSED, ["limit-memory"])


MISTAKES = {
    "limits: {memory: 1MB}": "`memory` is from 32 MB to 64 GB.",
    "limits: {processes: 2}": "`processes` is a whole number from 8 to 4096.",
    "limits: {files: many}": "`files` is a whole number from 16 to 4096.",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_limit_that_is_none_is_a_complaint(tmp_path, line):
    assert [c[1] for c in complaints_about(tmp_path, f"{line}\n{BASE}")] == [MISTAKES[line]]


def test_the_limits_are_those_of_the_reference_too(tmp_path):
    spec = load_text(tmp_path, f"limits: {{memory: 1GB, files: 100}}\n{BASE}")
    assert spec.server.limits == spec.reference.limits == {"memory": 1 << 30, "files": 100}
