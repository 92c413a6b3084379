"""The specs that ship: each can be read, is worth 100 points, speaks two languages, and is proved by servers of known worth.

Reading them all is cheap. Proving them all starts some hundred servers, and is a long test.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from needs import needs

from grader.course.executor import RESULTS, Task
from grader.course.job import warm
from grader.report.pages import pages
from grader.spec.load import load
from grader.spec.proof import known_servers

ROOT = Path(__file__).parent.parent
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
NAMES = [path.stem for path in SPECS]
OTHERS = [path for path in SPECS if path.stem not in ("chat", "any-chat")]
"""The course's chat is proved in `test_proof.py`, the one for any protocol in `test_dialects.py`."""
NEEDED = {"irc": ["/usr/sbin/ngircd"], "echo": ["gcc"], "keyvalue": ["gcc"]}
"""Programs without which a spec can't be proved."""


def test_they_are_all_here():
    shipped = {
        "chat",
        "client",
        "echo",
        "budget-chat",
        "guess",
        "readings",
        "warehouse",
        "irc",
        "http",
        "rooms",
        "broker",
        "keyvalue",
    }
    assert shipped <= set(NAMES)


@pytest.mark.parametrize("path", SPECS, ids=NAMES)
def test_a_spec_is_whole(path):
    spec = load(path)
    assert set(spec.title) == {"en", "es"}
    assert round(sum(check.points for check in spec.checks if not check.bonus), 2) == 100
    for check in spec.checks:
        for text in (check.title, check.requirement, check.why, check.hint):
            assert set(text) == {"en", "es"}, check.id
        assert check.concept, check.id


@pytest.mark.parametrize("path", SPECS, ids=NAMES)
def test_what_every_worker_reads_and_draws_once_can_be_read_and_drawn(path):
    """There, a failure would only cost time, and nobody would hear of it."""
    task = Task(load(path), 1, "es", draw=pages)
    assert set(warm(task)) >= {"report.html", RESULTS}


@pytest.mark.parametrize("path", [path for path in SPECS if path.stem != "any-chat"], ids=lambda path: path.stem)
def test_a_spec_has_servers_of_known_worth(path):
    spec = load(path)
    servers = known_servers(spec)
    assert sum(not server.good for server in servers) >= 6
    assert sum(server.good for server in servers) >= 2
    named = {check for server in servers for check in server.loses}
    assert named <= {check.id for check in spec.checks}
    assert named == {check.id for check in spec.checks}, "no faulty server is said to lose these"


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_a_spec_is_proved(path, tmp_path):
    needs(*NEEDED.get(path.stem, []))
    argv = [sys.executable, "-m", "grader", "prove", str(path), "--out", str(tmp_path), "--lang", "en"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "The spec is proved" in done.stdout
