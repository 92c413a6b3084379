"""The command line as people meet it: what is wrong is said in one sentence, and the exit code tells whose fault it is."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pexpect
import pytest

from grader.cli.main import run

HERE = Path(__file__).parent.parent
BRUNO, CHAT = HERE / "submissions" / "bruno", HERE / "specs" / "chat.yaml"
GRADE = [sys.executable, "-m", "grader"]


def grade(*argv, lang="en"):
    environment = {**os.environ, "LANG": f"{lang}_US.UTF-8", "LC_ALL": f"{lang}_US.UTF-8", "COLUMNS": "100"}
    return subprocess.run(
        [*GRADE, *map(str, argv)], capture_output=True, text=True, cwd=HERE, check=False, env=environment
    )


def one_sentence(done):
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr.strip()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "student"
    made.mkdir()
    return made


def results(out, name="student"):
    return json.loads((out / name / "results.json").read_text(encoding="utf-8"))


# -- what can't be used is said before anything starts ----------------------------------------------------------------


@pytest.mark.parametrize(("lang", "words"), [("en", "is not there"), ("es", "no existe")])
def test_a_missing_folder(lang, words):
    done = grade("submissions/nobody", lang=lang)
    assert done.returncode == 2
    assert words in one_sentence(done)


def test_a_file_is_no_folder(tmp_path):
    done = grade(BRUNO / "server.py", "--out", tmp_path)
    assert (done.returncode, "is a file" in one_sentence(done)) == (2, True)


def test_a_folder_without_a_spec_above(folder):
    done = grade(folder)
    assert (done.returncode, "--spec" in one_sentence(done)) == (2, True)


def test_a_missing_spec(folder):
    done = grade(folder, "--spec", folder / "no.yaml")
    assert (done.returncode, "is not there" in one_sentence(done)) == (2, True)


def test_a_check_that_is_not_in_the_spec(tmp_path):
    done = grade(BRUNO, "--only", "brodcast", "--out", tmp_path)
    assert (done.returncode, "nearest is broadcast" in one_sentence(done)) == (2, True)
    assert not (tmp_path / "bruno").exists()


def test_a_typo_in_the_spec_is_shown_where_it_stands(tmp_path, folder):
    (tmp_path / "reference").mkdir()
    (tmp_path / "specs").mkdir()
    spec = tmp_path / "specs" / "chat.yaml"
    spec.write_text(CHAT.read_text(encoding="utf-8").replace("ana (connects)", "ana (conects)", 1), encoding="utf-8")
    at = next(n for n, line in enumerate(spec.read_text(encoding="utf-8").splitlines(), 1) if "(conects)" in line)
    done = grade(folder, "--spec", spec)
    assert done.returncode == 2
    assert f"{spec}:{at}:11: (conects) is not an act of a client. The nearest is 'connects'." in done.stderr


def test_a_file_that_cannot_be_read(folder):
    """Root reads everything, so for root it is a link in a circle, which nobody can read."""
    if os.geteuid() == 0:
        folder.rmdir()
        folder.symlink_to(folder)
        done = grade(folder, "--spec", CHAT)
        assert (done.returncode, "is not there" in one_sentence(done)) == (2, True)
        return
    (folder / "server.py").write_text("x")
    (folder / "server.py").chmod(0)
    done = grade(folder, "--spec", CHAT)
    assert (done.returncode, "can’t be read" in one_sentence(done)) == (2, True)


def test_a_submission_yaml_that_says_nothing(folder):
    (folder / "submission.yaml").write_text("bild: make\n")
    done = grade(folder, "--spec", CHAT)
    assert (done.returncode, "submission.yaml" in one_sentence(done)) == (2, True)


def test_an_unknown_option():
    assert grade(BRUNO, "--frobnicate").returncode == 2


# -- a student's fault is a finding: a page, and exit code 0 ----------------------------------------------------------


def test_a_folder_without_a_server(tmp_path, folder):
    done = grade(folder, "--spec", CHAT, "--out", tmp_path / "out")
    assert done.returncode == 0
    assert "No server was found" in done.stdout
    assert results(tmp_path / "out")["earned"] == 0
    assert "No server was found" in (tmp_path / "out" / "student" / "report.html").read_text(encoding="utf-8")


def test_a_server_that_exits_at_once_shows_its_last_words(tmp_path, folder):
    (folder / "server.py").write_text("raise SystemExit('no such luck')")
    done = grade(folder, "--spec", CHAT, "--out", tmp_path / "out")
    assert (done.returncode, "no such luck" in done.stdout) == (0, True)
    verdict = results(tmp_path / "out")["verdicts"][0]
    assert (verdict["findings"][0]["code"], verdict["evidence"]) == ("exited-early", "seen")


def test_a_build_that_fails(tmp_path, folder):
    (folder / "submission.yaml").write_text("build: echo line 3 oops && false\nrun: ./server <port>\n")
    done = grade(folder, "--spec", CHAT, "--out", tmp_path / "out")
    assert (done.returncode, "could not be built" in done.stdout) == (0, True)
    assert "line 3 oops" in results(tmp_path / "out")["build"]["log"]


def test_fewer_points_than_asked_for(tmp_path, folder):
    (folder / "server.py").write_text("")
    assert grade(folder, "--spec", CHAT, "--out", tmp_path, "--fail-under", "50").returncode == 3


# -- one check, another language, the same seed -----------------------------------------------------------------------


def test_one_check_is_graded_again_and_the_others_are_kept(tmp_path):
    alice = HERE / "submissions" / "alice"
    grade(alice, "--out", tmp_path, "--seed", "7")
    before = results(tmp_path, "alice")
    done = grade(alice, "--out", tmp_path, "--seed", "8", "--only", "no-echo", "--lang", "es")
    after = results(tmp_path, "alice")
    assert (done.returncode, after["complete"], after["earned"]) == (0, True, before["earned"])
    assert after["run"]["seed"] == 8
    changed = {v["check"] for v, w in zip(before["verdicts"], after["verdicts"], strict=True) if v != w}
    assert changed == {"no-echo"}
    page = (tmp_path / "alice" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="es"' in page
    assert "de 100 puntos" in page


def test_only_without_an_earlier_run_is_not_complete(tmp_path):
    grade(BRUNO, "--out", tmp_path, "--only", "broadcast")
    read = results(tmp_path, "bruno")
    assert read["complete"] is False
    assert {v["check"] for v in read["verdicts"] if v["outcome"]} == {"broadcast"}


def test_help_comes_in_both_languages():
    assert "start it in a sandbox" in grade("--help").stdout
    assert "Evalúa el servidor" in grade("--help", lang="es").stdout


# -- interrupted ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_keeps_what_was_judged_and_leaves_nothing_running(number, tmp_path):
    """At a terminal, after some checks: the page is written, and no process or staged folder is left behind."""
    temporary = Path(tempfile.mkdtemp(dir="/tmp"))  # whoever the server runs as must be able to enter
    temporary.chmod(0o755)
    environment = {**os.environ, "TMPDIR": str(temporary), "TERM": "xterm", "COLUMNS": "100", "LANG": "C.UTF-8"}
    child = pexpect.spawn(
        sys.executable,
        [*GRADE[1:], str(BRUNO), "--out", str(tmp_path / "out")],
        cwd=str(HERE),
        env=environment,
        timeout=50,
    )
    child.expect(r"[6-9]/24")
    child.kill(number)
    child.expect("Interrupted")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 130
    read = results(tmp_path / "out", "bruno")
    assert read["complete"] is False
    assert sum(v["outcome"] == "passed" for v in read["verdicts"]) >= 6
    assert sum(v["outcome"] is None for v in read["verdicts"]) > 0
    assert list(temporary.iterdir()) == []
    temporary.rmdir()


# -- grade serve ------------------------------------------------------------------------------------------------------


def test_serve_runs_the_reference_until_it_is_told_to_stop():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1] % 20_000 + 10_000
    child = pexpect.spawn(sys.executable, [*GRADE[1:], "serve", str(port)], cwd=str(HERE), timeout=30)
    child.expect(str(port))
    child.expect("listening|escucha|port")
    client = pexpect.spawn(
        sys.executable, ["reference/chat_client.py", "127.0.0.1", str(port), "ana"], cwd=str(HERE), timeout=30
    )
    client.expect("welcome ana")
    client.sendline("/who")
    client.expect(r"\* here: ana")
    client.sendline("/quit")
    client.expect(pexpect.EOF)
    child.sendintr()
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0


@pytest.mark.parametrize(
    ("argv", "lang", "said"),
    [
        (["--lang", "es"], "es", "Falta algo en la línea de comandos: SUBMISSION."),
        ([], "en", "Something is missing on the command line: SUBMISSION."),
        (["x", "--lang=es", "--onyl", "a"], "es", "No existe la opción --onyl. La más parecida es --only."),
        (["x", "--lang", "fr"], "en", "This can’t be the value of --lang. It is one of en or es."),
        (["x", "--lang", "es", "-j", "muchos"], "es", "Ese no puede ser el valor de --jobs."),
        (
            ["x", "--lang", "es", "--only"],
            "es",
            "La opción --only no se usa así: necesita un valor, o no lleva ninguno.",
        ),
        (["import", "--lang", "es", "a.zip", "b.zip"], "es", "No se entiende la línea de comandos: "),
    ],
)
def test_a_command_line_that_cannot_be_understood_is_said_in_the_language_asked_for(
    argv, lang, said, capsys, monkeypatch
):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert run(argv) == 2
    first, then = capsys.readouterr().err.splitlines()
    assert first.startswith(said)
    help_said = "Lo que hay: grade" if lang == "es" else "What there is: grade"
    assert then.startswith(help_said)
    assert then.endswith(" --help")
