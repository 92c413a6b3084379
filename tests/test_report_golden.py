"""What the pages say, word for word: their text without drawings, and the terminal's lines.

After a wanted change, record them again with GRADER_RECORD=1 and read the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from report_samples import SAMPLES
from test_report import Reading

from grader.report.html import student_page
from grader.report.text import as_text

GOLDEN = Path(__file__).parent / "golden"
PAGES = ["alice", "nothing-starts", "interrupted", "no-server", "grader-problem", "one-at-a-time"]


def same(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("GRADER_RECORD") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"{name} differs; if it should, record it with GRADER_RECORD=1"


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_say(name, lang):
    same(f"{name}.{lang}.page.txt", "\n".join(Reading(student_page(SAMPLES[name](), lang)).text) + "\n")


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", PAGES)
def test_the_terminal_says(name, lang):
    same(f"{name}.{lang}.terminal.txt", as_text(SAMPLES[name](), lang))
