"""`--watch`: a save is heard of, what failed is tried first, and the difference to the last time stands on top."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from class_rooms import ECHOES, laid_out
from report_samples import grade

from grader.cli.watching import unfinished
from grader.course.saves import Saves
from grader.model import Outcome, Verdict
from grader.spec.load import load

HOME = Path(__file__).parent.parent


def until(process: subprocess.Popen[str], words: str) -> list[str]:
    """What a process prints, up to the line with these words."""
    said: list[str] = []
    for line in process.stdout or ():
        said.append(line)
        if words in line:
            return said
    raise AssertionError("".join(said))


def test_a_save_is_graded_with_what_changed_on_top(tmp_path):
    folder = laid_out(tmp_path) / ECHOES
    command = [
        sys.executable, "-m", "grader", str(folder), "--spec", str(tmp_path / "spec.yaml"), "--out", str(tmp_path / "reports"),
        "--lang", "en", "--watch",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            first = until(process, "Waiting for the next save")
            assert any("70" in line and "100" in line for line in first)
            # Many editors write a new file and give it the old one's name.
            (folder / ".server.py.new").write_bytes((tmp_path / "reference" / "chat_server.py").read_bytes())
            (folder / ".server.py.new").rename(folder / "server.py")
            then = until(process, "Waiting for the next save")
        finally:
            process.send_signal(signal.SIGINT)
        assert "70/100 → 100/100 points" in then[0]
        assert process.wait() == 0


def test_checks_that_did_not_pass_come_first_with_those_that_they_need(tmp_path):
    laid_out(tmp_path)
    spec = load(tmp_path / "spec.yaml")
    failed = {"no-echo"}
    verdicts = tuple(Verdict(c, Outcome.FAILED if c.id in failed else Outcome.PASSED, 0.0) for c in spec.checks)
    assert unfinished(spec, grade("beto", list(verdicts))) == ("starts", "broadcast", "no-echo")
    assert unfinished(spec, grade("beto", list(verdicts[:1]))) == ()
    assert unfinished(spec, None) == ()


def test_saves_in_folders_that_were_made_meanwhile_are_heard_of(tmp_path):
    with Saves(tmp_path) as saves:
        (tmp_path / "inner").mkdir()
        saves.wait()
        heard = threading.Event()

        def wait() -> None:
            saves.wait()
            heard.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        (tmp_path / "inner" / "room.py").write_text("x", encoding="utf-8")
        assert heard.wait(30)
        waiting.join()
