"""Pictures of the page in every state, to be looked at: a person sees in a moment what no assertion asks for.

They are kept in the folder that GRADER_SHOTS names (`.ci/run` names one); without it they are taken and thrown away.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from class_samples import large
from report_samples import SAMPLES

from grader.report.cohort.page import class_page
from grader.report.html import student_page

pytestmark = pytest.mark.timeout(240)

ROOT = Path(__file__).parent.parent
STATES = [
    ("alice", "en", "light"),
    ("alice", "es", "light"),
    ("alice", "en", "dark"),
    ("all-passed", "es", "light"),
    ("nothing-starts", "en", "light"),
    ("never-listens", "es", "light"),
    ("build-failed", "en", "light"),
    ("grader-problem", "es", "light"),
    ("no-tool", "en", "light"),
    ("interrupted", "en", "light"),
    ("one-at-a-time", "es", "light"),
    ("eight-clients", "en", "light"),
    ("flood", "es", "light"),
    ("hostile", "en", "light"),
    ("hidden", "en", "light"),
    ("sent-from-here", "en", "light"),
]


@pytest.fixture
def shots(tmp_path) -> Path:
    folder = Path(os.environ.get("GRADER_SHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def size(picture: Path) -> tuple[int, int]:
    return struct.unpack(">II", picture.read_bytes()[16:24])


@pytest.mark.long
@pytest.mark.parametrize(("name", "lang", "scheme"), STATES)
def test_a_picture_of_every_state(heard, shots, tmp_path, name, lang, scheme):
    path = tmp_path / "page.html"
    path.write_text(student_page(SAMPLES[name](), lang), encoding="utf-8")
    page = heard.open(path, color_scheme=scheme)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        picture = shots / f"{name}.{lang}.{scheme}.{width}.png"
        page.screenshot(path=picture, full_page=True)
        assert size(picture)[0] == width
        assert size(picture)[1] >= 900


@pytest.mark.long
@pytest.mark.parametrize(("name", "lang"), [("alice", "en"), ("alice", "es")])
def test_the_page_on_paper(heard, shots, tmp_path, name, lang):
    path = tmp_path / "page.html"
    path.write_text(student_page(SAMPLES[name](), lang), encoding="utf-8")
    paper = shots / f"{name}.{lang}.pdf"
    paper.write_bytes(heard.open(path).pdf(format="Letter"))
    assert paper.read_bytes().count(b"/Type /Page\n") + paper.read_bytes().count(b"/Type /Page ") <= 12


@pytest.mark.long
def test_the_picture_of_readme(heard, shots, tmp_path):
    """Alice's page as docs/images shows it: copy it there when the page has changed."""
    argv = [sys.executable, "-m", "grader", "submissions/alice", "--lang", "en", "--out", str(tmp_path)]
    subprocess.run(argv, cwd=ROOT, capture_output=True, check=True)
    page = heard.open(tmp_path / "alice" / "report.html", color_scheme="light")
    page.set_viewport_size({"width": 1100, "height": 900})
    page.click("text=To fix (3)")
    below = page.locator("#no-echo").bounding_box()
    clip = {"x": 0, "y": 0, "width": 1100, "height": round(below["y"] + below["height"]) + 20}
    picture = shots / "report-alice.png"
    page.screenshot(path=picture, full_page=True, clip=clip)
    assert size(picture) == (1100, clip["height"])


@pytest.mark.long
@pytest.mark.parametrize(
    ("count", "lang", "scheme"), [(3, "es", "light"), (36, "en", "light"), (36, "es", "dark"), (550, "en", "light")]
)
def test_a_picture_of_a_class(heard, shots, tmp_path, count, lang, scheme):
    path = tmp_path / "index.html"
    path.write_text(class_page(large(count), lang, files=("grades.csv",)), encoding="utf-8")
    page = heard.open(path, color_scheme=scheme)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        picture = shots / f"class-{count}.{lang}.{scheme}.{width}.png"
        page.screenshot(path=picture, full_page=True)
        assert size(picture)[0] == width
