"""Checks as tests of pytest: a right server passes, a wrong one fails with the sentences of the report."""

import subprocess
import sys

import pytest
from test_architecture import ROOT

PLAIN = """
import pytest


def test_hears(client, server):
    ana, beto = client("ana"), client("beto")
    ana.expect("* beto joined")
    ana.send("hola")
    assert beto.read() == "ana: hola"
    ana.nothing()
    server.act("is running")
    assert server.quiet()


def test_wants_too_much(client):
    ana = client("ana")
    ana.send("hola")
    ana.expect("ana: hola")


def test_asserts(client):
    assert client("ana").name == "beto"


@pytest.mark.parametrize("word", ["uno"])
def test_without(word):
    assert word
"""


def pytest_of(*arguments, cwd=ROOT):
    command = [sys.executable, "-m", "pytest", "-p", "grader.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["-c", "/dev/null", "--rootdir", str(cwd), "-rA", "--grader-seed", "7", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.timeout(150)
def test_the_checks_of_a_spec_are_items():
    chat, alice = ROOT / "specs" / "chat.yaml", ROOT / "submissions" / "alice"
    code, out = pytest_of(chat, "--submission", alice, "-k", "starts or no-echo or broadcast")
    assert code == 1, out
    assert "FAILED specs/chat.yaml::no-echo" in out
    assert "What happened: " in out, out
    assert "PASSED specs/chat.yaml::starts" in out
    assert "Traceback" not in out


@pytest.mark.timeout(150)
def test_plain_tests_have_a_server_and_clients(tmp_path):
    (tmp_path / "test_plain.py").write_text(PLAIN, encoding="utf-8")
    chat, bruno = ROOT / "specs" / "chat.yaml", ROOT / "submissions" / "bruno"
    code, out = pytest_of(tmp_path / "test_plain.py", "--submission", bruno, "--spec", chat, cwd=tmp_path)
    assert code == 1, out
    assert "PASSED test_plain.py::test_hears" in out, out
    assert "ana was waiting for “ana: hola”. It never came." in out.lower().replace("it never", "It never"), out
    assert "AssertionError" in out
    assert "2 failed, 2 passed" in out


def test_a_spec_with_mistakes_can_t_be_collected(tmp_path):
    (tmp_path / "s.yaml").write_text("title: T\ncheks: []\n", encoding="utf-8")
    code, out = pytest_of(tmp_path / "s.yaml", "--submission", tmp_path, cwd=tmp_path)
    assert code == 2, out
    assert "s.yaml:2:1: A spec has no key 'cheks'. The nearest is 'checks'." in out


def test_without_a_submission_the_plug_in_does_nothing(tmp_path):
    (tmp_path / "test_own.py").write_text(
        "def test_it(request):\n    assert not request.config.getoption('submission')\n"
    )
    code, out = pytest_of(tmp_path / "test_own.py", cwd=tmp_path)
    assert (code, "1 passed" in out) == (0, True), out
