"""What README shows is what a reader gets: the terminal's lines, and the table of checks, in both languages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.spec.load import load

HERE = Path(__file__).parent.parent
PAGES = {"en": "README.md", "es": "README.es.md"}


def readme(lang: str) -> str:
    return (HERE / PAGES[lang]).read_text(encoding="utf-8")


def test_the_terminal_says_what_readme_shows(tmp_path):
    argv = [sys.executable, "-m", "grader"]
    subprocess.run([*argv, "submissions/alice", "--out", str(tmp_path)], cwd=HERE, capture_output=True, check=True)
    for lang, name in PAGES.items():
        redrawn = [*argv, "report", str(tmp_path / "alice"), "--to", "text", "--lang", lang]
        said = subprocess.run(redrawn, cwd=HERE, capture_output=True, text=True, check=True).stdout.splitlines()
        shown = readme(lang).split("<!-- terminal -->")[1].strip().strip("`").strip().splitlines()
        assert "reports/alice/report.html" in shown.pop()  # where the page is, is said by grading alone
        place = -1
        for line in shown:
            if line.strip() not in ("", "[…]"):
                assert line in said[place + 1 :], f"{name} shows a line that the terminal does not say: {line}"
                place = said.index(line, place + 1)
        assert place == len(said) - 1 or not any(said[place + 1 :])


@pytest.mark.parametrize("lang", PAGES)
def test_readme_lists_the_checks_that_there_are(lang):
    listed = re.findall(r"^\| `([\w-]+)` \| (.*?) \| .*? \| (\d+) \|$", readme(lang), re.MULTILINE)
    checks = load(HERE / "specs" / "chat.yaml").checks
    assert [(i, title.replace("`", ""), int(n)) for i, title, n in listed] == [
        (c.id, c.title[lang], c.points) for c in checks
    ]
