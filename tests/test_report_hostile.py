"""A submission that attacks whoever looks at its page, graded for real and opened in a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent
pytestmark = pytest.mark.timeout(240)

NAME = "<img src=x onerror=alert(1)> \u202eanA"


@pytest.fixture(scope="module", params=["en", "es"])
def graded(request, tmp_path_factory) -> Path:
    """Where the results of the attack are."""
    folder = tmp_path_factory.mktemp("hostile") / NAME
    folder.mkdir()
    shutil.copy(Path(__file__).parent / "servers" / "hostile.py", folder / "server.py")
    out = tmp_path_factory.mktemp("out")
    command = [sys.executable, "-m", "grader", folder, "--spec", HERE / "specs" / "chat.yaml", "--out", out]
    command += ["--only", "broadcast", "--only", "no-echo", "--only", "who", "--lang", request.param]
    done = subprocess.run(
        [str(x) for x in command], capture_output=True, cwd=HERE, check=False, env={**os.environ, "COLUMNS": "100"}
    )
    assert done.returncode == 0, done.stderr
    for byte in (b"\x1b", b"\x07", b"\0", "\u202e".encode()):
        assert byte not in done.stdout
    return out / NAME


def test_nothing_of_it_runs_and_all_of_it_can_be_read(heard, graded):
    page = heard.open(graded / "report.html")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.title().startswith("<img src=x onerror=alert(1)> \\u202eanA")
    assert page.locator("h1").inner_text() == "<img src=x onerror=alert(1)> \\u202eanA"
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object, embed, link, base, form").count() == 0
    text = page.locator("main").inner_text()
    for seen in (
        "<script>document.title='owned'</script>",
        "\\u202egnp.exe",
        "\\x1b[2J",
        "\\0\\xff\\xfe\\x80⏎",
        "OwnedError",
    ):
        assert seen in text, seen
    assert page.locator("main .seq.wide").count() >= 1


def test_its_page_is_small_and_holds_no_byte_that_is_not_seen(graded):
    page = (graded / "report.html").read_bytes()
    assert len(page) < 250_000
    for character in "\x00\x07\x08\x1b\u202e\u202c\u2028":
        assert character.encode() not in page


def test_it_is_told_what_it_did(graded):
    text = (graded / "report.html").read_text(encoding="utf-8")
    assert text.count("data-fix open") >= 1
    assert "server.py" in text
    assert str(graded.parent) not in text
