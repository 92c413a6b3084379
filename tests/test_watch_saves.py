"""`--watch`: a save is heard of, what failed is tried first, and the difference to the last time stands on top."""

from __future__ import annotations

import contextlib
import re
import sys
import threading
from pathlib import Path

import pexpect
from class_rooms import ECHOES, laid_out

from grader.course.saves import Saves

HOME = Path(__file__).parent.parent


SHOWN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
"""What only moves the cursor or colours."""


def test_a_save_is_graded_with_what_it_can_affect_first_and_what_changed_on_top(tmp_path):
    """On a terminal. The edit is in the function that the failing line lies in."""
    folder = laid_out(tmp_path) / ECHOES
    server = folder / "server.py"
    words = ["--spec", str(tmp_path / "spec.yaml"), "--out", str(tmp_path / "reports"), "--lang", "en", "--watch"]
    terminal = pexpect.spawn(
        sys.executable, ["-m", "grader", str(folder), *words], cwd=str(HOME), encoding="utf-8", timeout=120, dimensions=(50, 100)
    )  # fmt: skip
    with contextlib.closing(terminal):
        terminal.expect("Waiting for the next save")
        assert "70 of 100 points" in terminal.before
        # Many editors write a new file and give it the old one's name.
        right = server.read_text(encoding="utf-8").replace("broadcast(None, user.name", "broadcast(user, user.name")
        (folder / ".server.py.new").write_text(right, encoding="utf-8")
        (folder / ".server.py.new").rename(server)
        terminal.expect("Waiting for the next save")
        said = [line.rstrip() for line in SHOWN.sub("", terminal.before).splitlines() if line.strip()]
        head, early, rest, whole, table = (
            next(at for at, line in enumerate(said) if text in line)
            for text in ("Saved: server.py, in react.", "Failed → ✓ Passed", "The other checks are being run.", "70/100 → 100/100", "100 of 100 points")
        )  # fmt: skip
        assert head < early < rest < whole < table
        assert "no-echo did not pass the last time, and is run first." in said
        with server.open("a", encoding="utf-8") as file:
            file.write("# done\n")
        terminal.expect("What the server does can’t depend on that.")
        terminal.expect("100/100 → 100/100")
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
        assert terminal.wait() == 0


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
