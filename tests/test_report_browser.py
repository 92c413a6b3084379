"""The page in a real browser, opened as a file: no error, no request, and the few things that its script does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from needs import lacking, needs
from report_samples import SAMPLES

from grader.report.html import student_page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[object]:
    """A browser with a profile of its own, or a skip that says what is missing."""
    needs("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("the Python package playwright")
    profile = tmp_path_factory.mktemp("profile")
    with sync_playwright() as running:
        context = running.chromium.launch_persistent_context(
            str(profile), executable_path=shutil.which("chromium"), headless=True, args=FLAGS
        )
        yield context
        context.close()


@pytest.fixture
def show(browser, tmp_path: Path):
    """Opens a sample's page as a file; what the browser complained about or asked for is in `heard`."""
    heard: list[str] = []
    pages = []

    def opened(name: str, *, lang: str = "en", hash_: str = "", width: int = 1280):
        path = tmp_path / f"{name}.{lang}.html"
        path.write_text(student_page(SAMPLES[name](), lang), encoding="utf-8")
        page = browser.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.on("console", lambda message: heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: None if request.url.startswith("file:") else heard.append(f"request: {request.url}"),
        )
        page.on("dialog", lambda dialog: (heard.append("dialog"), dialog.dismiss()))
        page.goto(f"{path.as_uri()}{hash_}")
        return page

    opened.heard = heard
    yield opened
    for page in pages:
        page.close()
    assert heard == []


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_page_opens_without_a_word(show, name):
    page = show(name)
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.classList.contains('js')")


@pytest.mark.parametrize("name", ["alice", "hostile", "eight-clients", "one-at-a-time", "flood"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_sticks_out_sideways(show, name, width):
    page = show(name, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


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


def test_without_scripts_everything_is_there(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(
        student_page(SAMPLES["alice"](), "en").replace("<script>", "<template>").replace("</script>", "</template>")
    )
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.locator("#lost-client .four").is_visible()
    assert not page.get_by_role("button", name="To fix (5)").is_visible()
    page.close()


def test_a_foreign_script_does_not_run(browser, tmp_path):
    path = tmp_path / "page.html"
    foreign = student_page(SAMPLES["alice"](), "en").replace(
        "</main>", "<script>document.title = 'owned'</script><b onclick='1'>x</b></main>"
    )
    path.write_text(foreign)
    page = browser.new_page()
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
