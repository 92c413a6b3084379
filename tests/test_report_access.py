"""The page for everybody: by keyboard, on a narrow screen, on paper, without scripts, and as axe-core sees it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import axe
from report_samples import SAMPLES

from grader.report.html import student_page

pytestmark = pytest.mark.timeout(240)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STYLE = Path(__file__).parent.parent / "grader" / "report" / "templates" / "report.css"


@pytest.fixture
def written(tmp_path):
    """Writes a sample's page."""

    def write(name: str, lang: str = "en") -> Path:
        path = tmp_path / f"{name}.{lang}.html"
        path.write_text(student_page(SAMPLES[name](), lang), encoding="utf-8")
        return path

    return write


@pytest.fixture
def show(heard, written):
    """Opens a sample's page."""
    return lambda name, lang="en", **more: heard.open(written(name, lang), **more)


# ------------------------------------------------------------------------------------------------------- as axe sees it


@pytest.mark.parametrize(
    ("name", "lang", "width"),
    [
        pytest.param("alice", "en", 1280, marks=pytest.mark.long),
        pytest.param("alice", "es", 1280, marks=pytest.mark.long),
        ("alice", "es", 390),
        ("hostile", "en", 1280),
        ("grader-problem", "es", 1280),
        ("nothing-starts", "en", 390),
    ],
)
def test_axe_finds_nothing(show, name, lang, width):
    page = show(name, lang, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.evaluate(axe())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        wrong = [(v["id"], v["nodes"][0]["target"], v["nodes"][0]["failureSummary"]) for v in found["violations"]]
        assert wrong == [], scheme
        assert len(found["passes"]) > 20


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", block))


def ratio(one: str, other: str) -> float:
    """The contrast of two colours by the formula of WCAG 2."""

    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(p * weight for p, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    a, b = sorted((light(one), light(other)), reverse=True)
    return (a + 0.05) / (b + 0.05)


@pytest.mark.parametrize(("theme", "text", "line"), [("light", 5.5, 3.2), ("dark", 5.5, 3.2)])
def test_colours_stand_out_where_axe_cannot_tell(theme, text, line):
    """On tints and in drawings: every pair of colours that the style sheet puts on one another."""
    blocks = re.findall(r":root[^{]*\{([^}]*--page[^}]*)\}", STYLE.read_text())
    named = tokens(blocks[0]) if theme == "light" else tokens(blocks[2])
    assert len(named) >= 16
    tints = {"--pass": "--pass-bg", "--fail": "--fail-bg", "--warn": "--warn-bg", "--skip": "--skip-bg"}
    pairs = [(ink, paper) for ink in ("--ink", "--soft", "--link") for paper in ("--page", "--card", "--well")]
    pairs += [
        *tints.items(),
        ("--ink", "--fail-bg"),
        ("--soft", "--fail-bg"),
        ("--fail", "--well"),
        ("--fail", "--card"),
    ]
    low = {pair: round(r, 2) for pair in pairs if (r := ratio(named[pair[0]], named[pair[1]])) < text}
    edges = [("--edge", paper) for paper in ("--page", "--card", "--well")] + [
        ("--pass", "--page"),
        ("--fail", "--card"),
    ]
    low |= {pair: round(r, 2) for pair in edges if (r := ratio(named[pair[0]], named[pair[1]])) < line}
    assert low == {}


def test_both_ways_into_the_dark_have_the_same_colours():
    blocks = re.findall(r":root[^{]*\{([^}]*--page[^}]*)\}", STYLE.read_text())
    assert tokens(blocks[1]) == tokens(blocks[2])


# --------------------------------------------------------------------------------------------------------- by keyboard

STOP = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect(), before = window.before;
  window.before = e;
  return {tag: e.localName, id: e.closest("[id]")?.id ?? "", text: e.textContent.trim(),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0,
    later: !before || !!(before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)};
}"""


def test_tab_goes_through_the_page_from_top_to_bottom_and_is_always_seen(show):
    page = show("alice", reduced_motion="reduce")
    stops = []
    while True:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        stops.append(page.evaluate(STOP))
        assert len(stops) < 100
    assert [s for s in stops if not (s["ring"] and s["later"] and s["inside"])] == []
    assert stops[0]["text"] == "Skip to the checks"
    texts = [s["text"] for s in stops]
    assert (
        texts.index("Leaving is announced, even without a goodbye") < texts.index("All 9") < texts.index("To fix (5)")
    )
    checks = [s["id"] for s in stops if s["tag"] == "summary" and s["text"] != "What travelled in it, Attempt 1"]
    assert list(dict.fromkeys(checks)) == [v.check.id for v in SAMPLES["alice"]().verdicts]


def test_the_skip_link_leads_to_the_checks(show):
    page = show("alice")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "All 9"


def test_enter_opens_and_closes_a_check(show):
    page = show("alice")
    page.locator("#listens summary").focus()
    for wanted in (True, False):
        page.keyboard.press("Enter")
        assert page.locator("#listens").evaluate("d => d.open") is wanted


def test_the_idea_behind_a_check_is_one_step_away(show):
    page = show("alice", reduced_motion="reduce")  # otherwise it is still on its way there
    page.locator("#slow-reader .again a").click()
    assert page.evaluate("location.hash") == "#idea-thread"
    assert page.locator("#idea-thread").evaluate("e => e.getBoundingClientRect().top < innerHeight")


# ------------------------------------------------------------------------------------------------ narrow, paper, no script


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_nothing_sticks_out_sideways(show, name):
    page = show(name, "es", width=1280)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    for width in (1280, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        out = "[...document.querySelectorAll('main .scroll')].filter(e => e.scrollWidth > e.clientWidth).length"
        assert width > 400 or page.evaluate(out) == 0  # on a phone no drawing and no table is scrolled sideways either


def test_text_may_be_spaced_out(show):
    """WCAG 1.4.12: with wider lines, letters and words nothing is cut off or sticks out."""
    page = show("alice", "es", width=390)
    page.evaluate("document.body.style.cssText = 'line-height: 1.5; letter-spacing: .12em; word-spacing: .16em'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_paper(show):
    page = show("alice", media="print")
    assert page.locator("#lost-client .four").is_visible()
    assert page.locator("#lost-client .seq.wide").is_visible()
    assert not page.locator("#lost-client .seq.narrow").is_visible()
    assert page.locator("#rejoin .lead").is_visible()  # closed on the screen
    assert not page.locator("#listens .body").is_visible()
    assert not page.get_by_role("button", name="To fix (5)").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")


def test_without_scripts_everything_is_there(chrome, written):
    context = chrome.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written("alice").as_uri())
    assert page.locator("#lost-client .four").is_visible()
    assert page.locator("#lost-client .seq.wide").is_visible()
    assert page.locator("#lost-client .talk").is_visible()
    assert not page.get_by_role("button", name="To fix (5)").is_visible()
    assert not page.get_by_text("Keys:").is_visible()
    page.locator("#listens summary").click()
    assert page.get_by_text("Your server did what this check asks").first.is_visible()
    context.close()


def test_a_theme_may_be_forced(show):
    page = show("alice", color_scheme="light")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 22, 26)"


def test_in_forced_colours_what_is_earned_still_differs(show):
    page = show("alice", forced_colors="active")
    colours = page.evaluate(
        "['.points .bar i', '.points .bar'].map(s => getComputedStyle(document.querySelector(s)).backgroundColor)"
    )
    assert colours[0] != colours[1]
