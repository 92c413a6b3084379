"""The page in a real browser, opened as a file: no error, no request, and the few things that its script does."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_samples import SAMPLES

from grader.report.html import student_page

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def show(heard, tmp_path: Path):
    """Opens a sample's page as a file."""

    def opened(name: str, *, lang: str = "en", **more: object):
        path = tmp_path / f"{name}.{lang}.html"
        path.write_text(student_page(SAMPLES[name](), lang), encoding="utf-8")
        return heard.open(path, **more)

    return opened


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_page_opens_without_a_word(show, name):
    page = show(name)
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.classList.contains('js')")


def test_the_filter_shows_what_is_to_fix(show):
    page = show("alice")
    assert page.locator("details.check:visible").count() == 9
    page.get_by_role("button", name="To fix (5)").click()
    assert page.locator("details.check:visible").count() == 5
    assert page.get_by_role("button", name="To fix (5)").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="All 9").click()
    assert page.locator("details.check:visible").count() == 9


def test_a_link_into_the_page_opens_its_check(show):
    page = show("alice", hash_="#listens")
    assert page.locator("#listens").evaluate("d => d.open")
    assert not page.locator("#pieces").evaluate("d => d.open")
    page.evaluate("location.hash = 'pieces'")
    page.wait_for_function("document.getElementById('pieces').open")


def test_a_link_to_a_check_that_the_filter_hides_shows_it(show):
    page = show("alice")
    page.get_by_role("button", name="To fix (5)").click()
    page.locator(".points a[href='#listens']").click()
    page.wait_for_function("document.getElementById('listens').open")
    assert page.locator("#listens").is_visible()


def test_j_and_k_go_through_what_is_to_fix(show):
    page = show("alice")
    focused = "document.activeElement.closest('details').id"
    for key, there in (("j", "no-echo"), ("j", "lost-client"), ("k", "no-echo"), ("k", "rejoin")):
        page.keyboard.press(key)
        assert page.evaluate(focused) == there


def test_a_phone_gets_the_narrow_drawing(show):
    page = show("alice", width=390)
    assert page.locator("#no-echo .seq.narrow").is_visible()
    assert not page.locator("#no-echo .seq.wide").is_visible()


def test_a_foreign_script_does_not_run(chrome, tmp_path):
    path = tmp_path / "page.html"
    foreign = student_page(SAMPLES["alice"](), "en").replace(
        "</main>", "<script>document.title = 'owned'</script><b onclick='1'>x</b></main>"
    )
    path.write_text(foreign)
    page = chrome.new_page()
    page.goto(path.as_uri())
    assert "owned" not in page.title()
    page.close()


def test_print_opens_what_did_not_pass(show):
    page = show("alice")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#rejoin").evaluate("d => d.open")
    assert not page.locator("#listens").evaluate("d => d.open")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(show, scheme):
    """The colours of the style sheet, by the formula of WCAG 2: text at least 4.5 to 1 on what is behind it."""
    page = show("alice")
    page.emulate_media(color_scheme=scheme)
    low = page.evaluate(
        """() => {
          const rgb = c => c.match(/[\\d.]+/g).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
          const behind = e => { for (; e; e = e.parentElement) {
            const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
          const seen = [];
          for (const e of document.querySelectorAll("body *:not(svg *)")) {
            if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.offsetParent || e.closest(".sr")) continue;
            const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
            const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            if (ratio < 4.5) seen.push([e.className || e.tagName, ratio.toFixed(2)]);
          }
          return seen;
        }"""
    )
    assert low == []
