"""Which language a report is in: the one asked for, else the spec's, else the reader's own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.choice import language_for
from grader.spec.load import load

HERE = Path(__file__).parent.parent
SPEC = """\
{head}
server: {{run: python3 server.py <port>}}
reference: {{folder: {reference}, run: python3 chat_server.py <port>}}
checks:
  - {{id: starts, points: 5, play: server (listens)}}
"""


@pytest.fixture
def spec(tmp_path):
    """Writes a spec that begins with these lines."""

    def written(head: str) -> Path:
        path = tmp_path / "chat.yaml"
        path.write_text(SPEC.format(head=head, reference=HERE / "reference"))
        return path

    return written


@pytest.mark.parametrize(
    ("head", "asked", "locale", "spoken"),
    [
        ("title: {en: Chat, es: Charla}\nlanguage: es", None, "en", "es"),
        ("title: {en: Chat, es: Charla}\nlanguage: es", "en", "es", "en"),
        ("title: {en: Chat, es: Charla}", None, "es", "es"),
        ("title: {en: Chat, es: Charla}", None, "en", "en"),
        ("title: {es: Charla}", None, "en", "es"),
        ("title: Chat", None, "es", "es"),
        ("title: Chat\nlanguage: en", None, "es", "en"),
    ],
)
def test_the_option_then_the_spec_then_the_reader_decides(spec, head, asked, locale, spoken):
    assert language_for(load(spec(head)), asked, locale) == spoken


def test_the_page_and_the_terminal_speak_the_readers_language_where_the_spec_leaves_it_open(spec, tmp_path):
    environment = {**os.environ, "LC_ALL": "es_MX.UTF-8", "COLUMNS": "100"}
    folder = HERE / "submissions" / "bruno"
    command = [
        sys.executable,
        "-m",
        "grader",
        folder,
        "--spec",
        spec("title: {en: Chat, es: Charla}"),
        "--out",
        tmp_path,
    ]
    done = subprocess.run(
        [str(x) for x in command], capture_output=True, text=True, cwd=HERE, env=environment, check=True
    )
    assert re.search(r"Pasó +starts", done.stdout), done.stdout
    page = (tmp_path / "bruno" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="es"' in page
    assert "Tu servidor pasó la única prueba." in page
