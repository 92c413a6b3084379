"""The page of a class in a real browser: sorted, searched, on a phone, on paper, without scripts, and as axe-core sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import axe
from class_samples import cohort, large, member, small

from grader.report.cohort.page import class_page

pytestmark = pytest.mark.timeout(240)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NAMES = "[...document.querySelectorAll('.matrix tbody tr:not([hidden]) th')].map(t => t.textContent)"
SORTS = "[...document.querySelectorAll('.matrix thead th')].map(t => t.getAttribute('aria-sort'))"


@pytest.fixture
def written(tmp_path):
    """Writes a class's page."""

    def write(made=None, lang: str = "en") -> Path:
        path = tmp_path / "index.html"
        path.write_text(class_page(made or small(), lang, files=("grades.csv",)), encoding="utf-8")
        return path

    return write


@pytest.fixture
def show(heard, written):
    """Opens a class's page."""
    return lambda made=None, lang="en", **more: heard.open(written(made, lang), **more)


@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("es", 390)])
def test_axe_finds_nothing(show, lang, width):
    page = show(lang=lang, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.locator("button[data-w]").first.click()
    page.evaluate(axe())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        wrong = [(v["id"], v["nodes"][0]["target"], v["nodes"][0]["failureSummary"]) for v in found["violations"]]
        assert wrong == [], scheme
        assert len(found["passes"]) > 20


def test_a_click_on_the_head_of_a_column_sorts_by_it_and_says_so(show):
    page = show(cohort(member("Ana", "one-at-a-time"), member("Beto", "all-passed"), member("Zoé", "alice")))
    assert page.evaluate(NAMES) == ["Ana", "Beto", "Zoé"]
    assert page.evaluate(SORTS)[:2] == ["ascending", "none"]
    score = page.get_by_role("button", name="Score")
    score.click()
    assert page.evaluate(NAMES) == ["Ana", "Zoé", "Beto"]
    score.click()
    assert page.evaluate(NAMES) == ["Beto", "Zoé", "Ana"]
    assert page.evaluate(SORTS)[:2] == ["none", "descending"]
    page.get_by_role("button", name="no-echo").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(NAMES)[0] == "Beto"  # who passed comes first
    page.get_by_role("button", name="Student").click()
    assert page.evaluate(NAMES) == ["Ana", "Beto", "Zoé"]


def test_a_student_is_found_whatever_the_accents(show):
    page = show()
    page.get_by_label("Find a student").fill("alvar")
    assert page.evaluate(NAMES) == ["Álvaro Peña"]
    assert page.locator("#shown").text_content() == "1 shown"
    page.get_by_label("Find a student").fill("")
    assert len(page.evaluate(NAMES)) == len(small().members)


def test_those_who_fail_for_a_reason_are_shown_in_the_table(show):
    page = show()
    page.locator("#wrong ~ .reason summary", has_text="Serves one client at a time").click()
    page.locator(".reason[open] button").click()
    assert page.evaluate(NAMES) == ["Beto Núñez"]
    assert "Serves one client at a time" in page.locator("#only").text_content()
    page.get_by_role("button", name="Show everyone").click()
    assert len(page.evaluate(NAMES)) == len(small().members)
    assert not page.locator("#only").is_visible()


def test_head_and_names_stay_in_sight_when_the_table_is_scrolled(show):
    page = show(large(60), width=390)
    at = "e => { const b = e.getBoundingClientRect(); return [Math.round(b.left), Math.round(b.top)]; }"
    name, head = page.locator(".matrix tbody th").first, page.locator(".matrix thead th").last
    table = page.locator(".scroll.tall")
    before = name.evaluate(at)[0], head.evaluate(at)[1]
    table.evaluate("e => { e.scrollLeft = 200; e.scrollTop = 300; }")
    assert table.evaluate("e => [e.scrollLeft, e.scrollTop]") == [200, 300]
    assert (name.evaluate(at)[0], head.evaluate(at)[1]) == before


@pytest.mark.parametrize("lang", ["en", "es"])
def test_nothing_sticks_out_sideways(show, lang):
    page = show(lang=lang)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    for width in (1280, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_everything_is_there(chrome, written):
    context = chrome.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written().as_uri())
    assert page.locator(".matrix tbody tr").count() == len(small().members)
    assert page.get_by_role("link", name="Alice Moreno").first.is_visible()
    assert page.locator(".matrix thead button").count() == 0
    assert not page.locator("#find").is_visible()
    page.locator("#wrong ~ .reason summary").first.click()
    assert page.locator("#wrong ~ .reason a").first.is_visible()
    context.close()


def test_on_paper(show):
    page = show(media="print", width=700)
    assert page.locator(".matrix tbody tr").last.is_visible()
    fits = "e => e.scrollHeight <= e.clientHeight + 1 && e.scrollWidth <= e.clientWidth + 1"
    assert page.locator(".scroll.tall").evaluate(fits)
    assert not page.locator("#find").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")
