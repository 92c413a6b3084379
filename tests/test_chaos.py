"""The bench that looks for races finds none in a few checks, and finds one that is put there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHAOS = [sys.executable, ROOT / "bench" / "chaos.py", "--seconds", "300"]
UNDONE = """
import runpy, sys, threading
from grader.clients.client import Client
ended = Client._end
def early(client, kind):
    client.at_end = True
    threading.Event().wait(1.0)
    ended(client, kind)
Client._end = early
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def counted(*command):
    """The exit code, and what was counted."""
    done = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True, cwd=ROOT)
    (sums,) = re.findall(r"^(\d+) checks, (\d+) false, (\d+) by deadline, (\d+) problems$", done.stdout, re.MULTILINE)
    return done, dict(zip(("checks", "false", "by deadline", "problems"), map(int, sums), strict=True))


@pytest.mark.long
@pytest.mark.parametrize("server", ["reference", "threads-lock", "selectors-loop"])
def test_bad_luck_brings_no_false_failure(server):
    some = [word for check in ("names", "leave-quit", "rejoin", "glued-lines", "stops") for word in ("--only", check)]
    done, counts = counted(*CHAOS, "--server", server, *some, "--checks", "20", "--seed", "5")
    assert (done.returncode, counts["false"], counts["problems"]) == (0, 0, 0), done.stdout
    assert counts["checks"] >= 20


@pytest.mark.long
def test_nor_a_false_pass():
    done, counts = counted(*CHAOS, "--faulty", "--server", "echo", "--checks", "5", "--kinds", "places", "--seed", "5")
    assert (done.returncode, counts["false"], counts["problems"]) == (0, 0, 0), done.stdout


@pytest.mark.long
def test_a_race_that_was_mended_is_found_where_it_is_undone():
    command = [sys.executable, "-c", UNDONE, *CHAOS[1:], "--plays", "--only", "hung up on", "--kinds", "places"]
    done, counts = counted(*command, "--checks", "10", "--seed", "5")
    assert done.returncode == 1
    assert counts["false"] > 0
    assert "false failure not-closed" in done.stdout
