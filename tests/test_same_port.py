"""Forty servers that all insist on one port, graded four at a time: each is alone with it, and nobody's grade is another's."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import rung_called

HERE = Path(__file__).parent
HONEST = (HERE / "servers" / "relay_threads.py").read_text(encoding="utf-8").replace("int(sys.argv[1])", "5555")
COUNT, EVERY = 40, 3


def faulty(number: int) -> bool:
    return number % EVERY == 0


@pytest.mark.long
@pytest.mark.timeout(600)
def test_forty_servers_with_one_port_get_forty_right_grades(tmp_path):
    rung_called("full")
    assert "5555" in HONEST
    for number in range(COUNT):
        folder = tmp_path / "handed-in" / f"student-{number:02}"
        folder.mkdir(parents=True)
        source = HONEST.replace("sendall(line)", 'sendall(b"x" + line)') if faulty(number) else HONEST
        assert (source != HONEST) == faulty(number)
        (folder / "server.py").write_text(source, encoding="utf-8")
    spec = tmp_path / "spec"
    (spec / "reference").mkdir(parents=True)
    shutil.copy(HERE / "hostile" / "relay.yaml", spec)
    shutil.copy(HERE / "servers" / "relay_threads.py", spec / "reference")
    argv = [sys.executable, "-m", "grader", str(tmp_path / "handed-in"), "--spec", str(spec / "relay.yaml")]
    done = subprocess.run(
        [*argv, "-j", "4", "--sandbox", "full", "--out", str(tmp_path / "out")],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for number in range(COUNT):
        written = (tmp_path / "out" / f"student-{number:02}" / "results.json").read_text(encoding="utf-8")
        outcomes = {v["check"]: v["outcome"] for v in json.loads(written)["verdicts"]}
        relayed = "failed" if faulty(number) else "passed"
        assert outcomes == {"starts": "failed", "relays": relayed, "again": relayed}, (number, done.stdout)
