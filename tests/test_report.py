"""The student's page: complete, in two languages, within its size, and safe from what a submission sends it."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report_samples import (
    CHECKS,
    EVIL,
    SAMPLES,
    alice,
    blocked,
    crash,
    crowded,
    flood,
    grade,
    hidden,
    hostile,
    one_at_a_time,
    slow,
)

from grader.model import Cause, Outcome
from grader.report.elements import el, prose
from grader.report.html import student_page
from grader.report.show import show_bytes
from grader.report.summary import Summary
from grader.words import Sentences

TEMPLATES = Path(__file__).parent.parent / "grader" / "report" / "templates"


class Reading(HTMLParser):
    """The elements of a page, their attributes, and its text without scripts, styles and drawings."""

    EMPTY = ("meta", "br", "path", "rect", "line", "circle", "use")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"script", "style", "svg", "title"} & set(self.open) and data.strip():
            self.text.append(" ".join(data.split()))

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


@pytest.fixture(params=sorted(SAMPLES))
def sample(request):
    return SAMPLES[request.param]()


@pytest.fixture(params=["en", "es"])
def lang(request):
    return request.param


# ------------------------------------------------------------------------------------------------------ every page


def test_every_page_is_well_formed_and_complete(sample, lang):
    page = student_page(sample, lang)
    read = Reading(page)
    assert read.open == []
    assert page.startswith("<!doctype html>\n<html lang=")
    ids = read.attributes("id")
    assert len(ids) == len(set(ids))
    anchors = [h for h in read.attributes("href") if h.startswith("#")]
    assert {a[1:] for a in anchors} - {"the-checks"} <= set(ids)
    labels = {part for value in read.attributes("aria-labelledby") for part in value.split()}
    assert labels <= set(ids)


def test_no_page_knows_an_address(sample, lang):
    read = Reading(student_page(sample, lang))
    assert all(h.startswith("#") for h in read.attributes("href"))
    for attribute in ("src", "srcset", "action", "data", "poster", "formaction", "ping", "background", "cite"):
        assert read.attributes(attribute) == []
    style = (TEMPLATES / "report.css").read_text()
    assert not re.search(r"url\(|@import|http", style)
    assert not any(re.search(r"url|;", s) for s in read.attributes("style"))


def test_no_page_says_what_only_programmers_say(sample, lang):
    text = " ".join(Reading(student_page(sample, lang)).text)
    assert "None" not in text.replace("NoneType", "")
    assert "‹" not in text
    if sample.submission.name not in ("hostile", "mallory") and EVIL not in sample.submission.name:
        assert not re.search(r"[{}]{2}|Undefined", text)


def test_every_page_is_small_and_drawn_at_once(sample, lang):
    student_page(sample, lang)  # templates are compiled once
    took = []
    for _ in range(5):
        began = time.process_time()
        page = student_page(sample, lang)
        took.append(time.process_time() - began)
    assert min(took) < 0.15
    assert len(page.encode()) < 250_000


def test_one_language_a_page(lang):
    other = {"en": "es", "es": "en"}[lang]
    text = " ".join(Reading(student_page(alice(), lang)).text)
    words = Sentences(lang), Sentences(other)
    for key in ("page.happened", "page.first", "page.about", "outcome.failed", "evidence.quiet", "page.sides"):
        assert words[0].say(key) in text
        assert words[1].say(key) not in text
    assert "still here?" in text  # wire text is never translated


@pytest.mark.parametrize(
    ("checks", "shown", "bare"),
    [(30, 30, 0), (200, 200, 200), pytest.param(600, 200, 200, marks=pytest.mark.long)],
)
def test_a_page_never_grows_too_large_to_open(checks, shown, bare):
    page = student_page(crowded(checks), "es")
    say = Sentences("es").say
    assert len(page.encode()) < 1_000_000
    assert page.count('<details class="check') == shown
    assert page.count(say("page.left-out")) == bare
    assert (say("page.more-checks", count=checks - shown) in page) == (shown < checks)
    read = Reading(page)
    assert {h[1:] for h in read.attributes("href") if h.startswith("#c")} <= set(read.attributes("id"))


def test_forty_different_failures_are_all_drawn():
    page = student_page(crowded(40), "en")
    assert len(page.encode()) < 1_000_000
    assert all('class="seq wide"' in part for part in page.split('<details class="check')[1:])


def test_five_thousand_messages_are_a_small_page():
    began = time.process_time()
    page = student_page(flood(5000), "en")
    assert len(page.encode()) < 100_000
    assert "… 5979 more lines" in page
    assert time.process_time() - began < 1.0


# --------------------------------------------------------------------------------------------- what stands on a page


def text_of(sample_grade, language="en") -> str:
    return "\n".join(Reading(student_page(sample_grade, language)).text)


def test_the_four_answers_and_their_evidence():
    text = text_of(grade("x", [crash()]))
    for part in (
        "What happened", "Ana and caro were waiting for “* beto left”. It never came.",
        "Nothing more could come: every thread of your server was waiting, and nothing was on the way.",
        "What was expected", "everybody else reads “* <name> left”", "Why it matters", "Laptops sleep",
        "Where to look", "server.py, line 18: ConnectionResetError: [Errno 104] Connection reset by peer.",
        "↑ ConnectionResetError came up here", "ana and caro:", "never came", "not reached",
        "lost-client", "never-came",
    ):  # fmt: skip
        assert part in text, part


def test_a_deadline_says_how_long_it_was():
    assert "It was still so after 1 s, when your server’s time was up." in text_of(grade("x", [slow()]))


def test_threads_stand_where_they_stood():
    text = text_of(grade("x", [slow()]))
    for part in (
        "server.py, line 11",
        "↑ waiting in a send, for a client to read",
        "17 bytes of beto lie there unread.",
    ):
        assert part in text, part


def test_first_to_fix_counts_what_waits_for_it():
    text = text_of(alice())
    assert "It explains these checks:" in text
    assert "Together they are worth 25 points." in text


def test_the_cause_that_the_grade_names_comes_first():
    whole = one_at_a_time()
    first = Summary(whole, Sentences("en")).first()
    assert first.what == "Your server serves one client at a time: beto waited while ana was connected."
    assert len(first.checks) == 7
    assert "It explains 7 checks:" in text_of(whole)
    assert "and 4 more." in text_of(whole)


def test_without_a_cause_it_is_the_check_that_unlocks_most():
    chain = [crash(), blocked(CHECKS["rejoin"], "lost-client"), blocked(CHECKS["order"], "rejoin")]
    first = Summary(grade("x", [*chain, slow()]), Sentences("en")).first()
    assert [i for i, _ in first.checks] == ["lost-client", "rejoin", "order"]
    assert first.points == 31


def test_an_unknown_cause_is_no_accident():
    whole = replace(alice(), causes=(Cause("novel", ("lost-client", "gone"), {}),))
    assert Summary(whole, Sentences("en")).first().what == "Something differs from what the protocol asks."


def test_the_same_reason_is_opened_once():
    page = student_page(SAMPLES["wrong-port"](), "en")
    assert len(re.findall(r"<details class=\"check[^>]* open>", page)) == 1


def test_passed_is_closed_and_failed_is_open():
    page = student_page(alice(), "en")
    state = {
        m[2]: bool(m[4])
        for m in re.finditer(r"<details class=\"check card (\w+)\" id=\"([\w-]+)\"( data-fix)?( open)?>", page)
    }
    assert state == {
        "listens": False, "welcome": False, "broadcast": False, "no-echo": True, "pieces": False,
        "lost-client": True, "slow-reader": True, "order": True, "rejoin": False,
    }  # fmt: skip


def test_unsteady_shows_its_attempts():
    text = text_of(alice())
    assert "Attempt 1" in text
    assert "Attempt 3" in text


def test_a_remark_is_not_a_reproach():
    text = text_of(alice())
    assert "Noticed, not counted here" in text


def test_interrupted_says_so_on_top():
    text = text_of(SAMPLES["interrupted"]())
    assert "It was interrupted: 5 checks of 9 did not run. The points are those earned so far." in text
    assert "– of 20 points" in text


def test_a_grader_problem_takes_no_points():
    text = text_of(SAMPLES["grader-problem"]())
    assert "of 80 points" in text
    assert (
        "2 checks, worth 25 points, could not be judged. That is the grader’s problem: nothing was taken from you."
        in text
    )
    assert "No points were taken." in text


def test_nothing_to_run_says_what_was_looked_for():
    text = text_of(SAMPLES["no-server"]())
    assert "The grader looked in this folder for server.py, server.c or Makefile. It found no such file." in text
    assert "Fix this first" not in text


def test_a_build_that_failed_shows_what_it_printed():
    assert "server.c:12:5: error: expected ‘;’ before ‘return’" in text_of(SAMPLES["build-failed"]())


def test_a_hidden_check_gives_away_its_outcome_and_nothing_else():
    text = text_of(hidden())
    assert "Your teacher keeps the details of this check." in text
    for secret in ("beto left", "ConnectionResetError", "still here?", "Laptops"):
        assert secret not in text
    staff = student_page(hidden(), "en", staff=True)
    assert "ConnectionResetError" in staff


def test_ideas_are_only_those_that_are_used():
    read = Reading(student_page(grade("x", [crash()]), "en"))
    assert [i for i in read.attributes("id") if i.startswith("idea-")] == ["idea-client"]


def test_the_report_says_how_to_repeat_it():
    text = text_of(alice())
    for part in (
        "python3 server.py 5000",
        "on port 5000",
        "seed 7",
        "bubblewrap 0.8.0",
        "9f2c00…41ab",
        "2026-11-22 18:04",
    ):
        assert part in text, part
    assert "/usr/bin" not in text


def test_a_folder_with_a_space_can_be_typed():
    whole = replace(alice(), submission=replace(alice().submission, folder="submissions/ana maria"))
    page = student_page(whole, "en")
    assert '<span class="w">&#39;submissions/ana maria/&#39;</span>' in page


@pytest.mark.parametrize("outcome", [*Outcome, None])
def test_every_outcome_has_a_word_and_a_sign(outcome):
    verdict = replace(crash(), outcome=outcome)
    page = student_page(grade("x", [verdict]), "en")
    word = Sentences("en").say(f"outcome.{outcome.value if outcome else 'none'}")
    assert f"</svg>{word}</span>" in page


# ------------------------------------------------------------------------------------------------------------ hostile


def test_nothing_that_a_submission_says_becomes_markup(lang):
    page = student_page(hostile(), lang, staff=True)
    read = Reading(page)
    assert [tag for tag, _ in read.elements].count("script") == 1
    assert [tag for tag, _ in read.elements].count("style") == 1
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
    assert "&lt;script&gt;alert(1)" in page
    for character in "\x1b\x00\x07\u202e\u202c\u2028\udcff":
        assert character not in page
    page.encode()


def test_only_our_script_may_run(lang):
    page = student_page(alice(), lang)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")


def test_no_template_switches_escaping_off():
    for path in TEMPLATES.glob("*.j2"):
        assert not re.search(r"\|\s*safe|%\s*autoescape|Markup", path.read_text()), path.name


def test_markup_is_made_in_one_place():
    made = [p.name for p in TEMPLATES.parent.rglob("*.py") if "S704" in p.read_text()]
    assert sorted(made) == ["elements.py", "rendering.py"]


def test_the_script_is_small():
    assert len((TEMPLATES / "report.js").read_bytes()) <= 3072


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"hola\n", "hola⏎"),
        (b"hola\r\n", "hola\\r⏎"),
        (b"a\0b", "a\\0b"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"\x1b[31m", "\\x1b[31m"),
        ("ñ ß 日本".encode(), "ñ ß 日本"),
        ("\u202eevil".encode(), "\\u202eevil"),
        ("⏎".encode(), "\\u23ce"),
        (b"\xe2\x8f", "\\xe2\\x8f"),
        (b"\xed\xb3\xbf", "\\xed\\xb3\\xbf"),
        (b"", ""),
    ],
)
def test_bytes_are_shown(data, shown):
    assert show_bytes(data) == shown


@pytest.mark.parametrize(("limit", "shown"), [(3, "ho…"), (4, "hola"), (10, "hola")])
def test_bytes_are_cut(limit, shown):
    assert show_bytes(b"hola", limit) == shown


def test_a_cut_line_keeps_its_end_in_sight():
    assert show_bytes(b"hola a todos\n", 8) == "hola a…⏎"
    assert len(show_bytes(b"A" * 1_000_000, 40)) == 40


def test_elements_escape_what_they_are_given():
    assert (
        str(el("b", "<i>", el("i", 1), None, class_='"', aria_label="<"))
        == '<b class="&#34;" aria-label="&lt;">&lt;i&gt;<i>1</i></b>'
    )
    assert str(el("path", d="M0 0")) == '<path d="M0 0"/>'
    assert str(prose("say `<name>`, within 5 s")) == "say <code>&lt;name&gt;</code>, within 5\u00a0s"
    assert str(prose("one ` only")) == "one ` only"
