"""Every way of drawing a grade: what it says word for word, that its reader would take it, and that it harms nobody.

After a wanted change, record the golden files again with GRADER_RECORD=1 and read the difference before committing it.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from markdown_it import MarkdownIt
from report_samples import EVIL, SAMPLES, alice, crash, flood, grade, grader_problem, hidden, hostile
from rosters import CANVAS, WORKSHEET

from grader import results
from grader.errors import UsageError
from grader.model import Outcome, Submission
from grader.report.exports.cells import harmless, read, written
from grader.report.exports.github import LIMIT
from grader.report.exports.junit import legal
from grader.report.exports.markdown import JOINER, escaped
from grader.report.registry import REPORTS, Order, Roster, draw
from grader.words import LANGUAGES
from grader.words.help import HELP

GOLDEN = Path(__file__).parent / "golden"
MANUAL = Path(__file__).parent.parent / "docs" / "REPORTS.md"
LISTS = {"canvas": CANVAS, "moodle-worksheet": WORKSHEET}
NAMES = sorted(REPORTS)


def drawn(name, sample, lang="en", **more):
    """A report of a sample, with whatever list and total it needs."""
    total = sum(v.check.points for v in sample.verdicts)
    if REPORTS.get(name).roster is Roster.MUST:
        sample = replace(sample, submission=Submission("alice", "alice", "sha256:00"))
        more.setdefault("roster", LISTS[name].replace("105.00", f"{total:.2f}"))
    if name == "canvas":
        more.setdefault("column", "1234")
    if name == "moodle":
        more.setdefault("out_of", 100)
    return draw(name, [sample], Order(lang, incomplete=True, **more))


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture(params=sorted(SAMPLES))
def sample(request):
    return SAMPLES[request.param]()


# ------------------------------------------------------------------------------------------------------------ goldens


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("html", "text", "json")])
def test_exports_say(name, lang):
    """The page and the terminal have golden files of their own, and the record is checked against its schema."""
    path = GOLDEN / f"alice.{lang}.{REPORTS.get(name).file}"
    text = drawn(name, alice(), lang).encode()
    if os.environ.get("GRADER_RECORD") == "1":
        path.write_bytes(text)
    assert path.read_bytes() == text, f"{path.name} differs; if it should, record it with GRADER_RECORD=1"


# ------------------------------------------------------------------------------------------------- all of them at once


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_report_can_be_drawn_from_any_grade(name, sample, lang):
    text = drawn(name, sample, lang)
    assert text.endswith("\n")
    text.encode()


def test_what_is_drawn_from_a_file_is_what_was_drawn_from_the_run(name, sample):
    again = results.load(results.dump(sample))
    assert drawn(name, again) == drawn(name, sample)


def test_nothing_invisible_and_nothing_illegal_is_ever_written(name):
    """JSON writes its own escapes, and a page is looked at elsewhere; what is left holds the signs of a submission."""
    text = drawn(name, hostile())
    if name == "json":
        text = text.encode("ascii", "backslashreplace").decode()
    unseen = set(text) & {*map(chr, range(32)), "\x7f", "\u202e", "\u202c", "\udcff", "\ufeff"}
    assert unseen <= {"\n", "\r", "\t"}
    assert "\r" not in text.replace("\r\n", "")


def test_two_grades_fit_where_one_file_holds_many(name):
    both = [alice(), replace(alice(), submission=Submission("bob", "bob", "sha256:01"))]
    order = Order("en", roster=LISTS.get(name), out_of=100 if name == "moodle" else None)
    if not REPORTS.get(name).many:
        with pytest.raises(UsageError) as caught:
            draw(name, both, order)
        assert caught.value.code == "one-grade-a-file"
        return
    text = draw(name, both, order)
    assert re.search("alice|Alice", text)
    assert re.search("bob|Bob", text)


def test_every_report_is_filed_under_a_name_of_its_own_and_stands_in_the_help():
    files = [REPORTS.get(n).file for n in NAMES]
    assert len(set(files)) == len(files) == 11
    for words in HELP.values():
        named = set(re.findall(r"[a-z-]+", words["to"]))
        assert set(NAMES) <= named
        usable = {n for n in NAMES if REPORTS.get(n).roster is not Roster.MUST}
        assert usable <= set(re.findall(r"[a-z-]+", words["format"]))


def test_every_module_that_draws_stands_in_the_registry():
    folder = Path(__file__).parent.parent / "grader" / "report" / "exports"
    drawing = {p.stem for p in folder.glob("*.py") if re.search("^def draw", p.read_text(), re.MULTILINE)}
    assert drawing == {REPORTS.get(n).module for n in NAMES}


def test_the_manual_s_table_is_true():
    rows = re.findall(r"(?m)^\| `([a-z-]+)`[^|]*\|[^|]*\| (\w+) \| (\w+) \|$", MANUAL.read_text(encoding="utf-8"))
    real = {n: ("staff" if REPORTS.get(n).staff else "student", "yes" if REPORTS.get(n).many else "no") for n in NAMES}
    assert {name: (reader, many) for name, reader, many in rows} == real


def test_an_unknown_report_is_told_its_neighbour():
    with pytest.raises(KeyError, match="the nearest is 'html'"):
        REPORTS.get("htm")


# ---------------------------------------------------------------------------------------------------------------- CSV


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "=cmd|' /C calc'!A0"])
def test_a_cell_that_would_be_a_formula_is_none(text):
    assert harmless(text) == f"'{text}"
    assert read(written([[text, "x"]]))[0][0].startswith("'")


@pytest.mark.parametrize("text", ["", "-", "+", "alice", "1-2", "a=b", "'=1", " -", "2026-11-22"])
def test_other_cells_stay_as_they_are(text):
    assert harmless(text) == text


def test_numbers_are_written_as_numbers():
    assert written([[-1.5, 0, None, "-1.5"]]) == "-1.5,0,,'-1.5\r\n"


@pytest.mark.parametrize("format_", ["csv", "moodle"])
def test_no_cell_of_a_hostile_submission_is_a_formula(format_):
    for folder in ("=HYPERLINK(1)", "@x", "+1", "-2+3"):
        evil = replace(hostile(), submission=Submission(folder, folder, "=1"), spec_id="=2")
        rows = list(csv.reader(io.StringIO(drawn(format_, evil))))
        assert folder in "".join(cell for row in rows for cell in row)
        for cell in (cell for row in rows for cell in row):
            assert cell == "-" or not re.match(r"[=+\-@\t\r\n＝＋－＠]", cell), cell


def test_the_table_has_a_row_for_each_check_and_no_zero_for_what_was_not_judged():
    rows = list(csv.DictReader(io.StringIO(drawn("csv", grader_problem()))))
    assert {r["check"]: r["earned"] for r in rows if r["outcome"] == "grader-problem"} == {
        "slow-reader": "",
        "rejoin": "",
    }
    assert [r["earned"] for r in rows if r["outcome"] == "passed"]
    assert sum(float(r["earned"] or 0) for r in rows) == grader_problem().earned


# --------------------------------------------------------------------------------------------------------- Gradescope

VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMATS = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
GRADESCOPE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        **dict.fromkeys(("output_format", "test_output_format", "test_name_format"), FORMATS),
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["score"],
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": FORMATS,
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMATS,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
        "leaderboard": {"type": "array"},
    },
    "anyOf": [{"required": ["score"]}, {"required": ["tests"]}],
}
"""Gradescope's autograder specification, as a schema."""


def test_gradescope_takes_it(sample):
    read_back = json.loads(drawn("gradescope", sample))
    jsonschema.Draft202012Validator(GRADESCOPE).validate(read_back)
    assert read_back["score"] == pytest.approx(sum(t["score"] for t in read_back["tests"])), (
        "the sum and the total agree"
    )
    assert sum(t["max_score"] for t in read_back["tests"]) == pytest.approx(sample.possible)
    assert {read_back[k] for k in ("output_format", "test_output_format", "test_name_format")} == {"text"}


def test_gradescope_a_hidden_check_is_seen_by_nobody_who_should_not():
    """For students it is visible and says how it ended; for staff it says all, and Gradescope is told to hide it."""
    for staff in (False, True):
        tests = json.loads(drawn("gradescope", hidden(), staff=staff))["tests"]
        (test,) = (t for t in tests if t["extra_data"]["check"] == "lost-client")
        assert test["visibility"] == ("hidden" if staff else "visible")
        assert ("beto left" in test["output"]) is staff


# -------------------------------------------------------------------------------------------------------------- JUnit

JUNIT = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped", "time"}, ["testsuite*"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        ["properties?", "testcase*"],
    ),
    "properties": (set(), ["property*"]),
    "property": ({"name", "value"}, []),
    "testcase": ({"name", "classname", "time"}, ["skipped|error|failure?", "system-out?", "system-err?"]),
    "skipped": ({"message"}, []),
    "failure": ({"message", "type"}, []),
    "error": ({"message", "type"}, []),
    "system-out": (set(), []),
    "system-err": (set(), []),
}
"""Element -> the attributes it has, and its children in order. What every reader of JUnit's format has in common."""


def fits(element):
    attributes, children = JUNIT[element.tag]
    assert set(element.attrib) == attributes, element.tag
    order = "".join(f"({'|'.join(f'<{t}>' for t in c[:-1].split('|'))}){c[-1]}" for c in children)
    assert re.fullmatch(order, "".join(f"<{child.tag}>" for child in element)), element.tag
    for child in element:
        fits(child)


def test_junit_takes_it(sample):
    root = ET.fromstring(drawn("junit", sample))
    fits(root)
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases) == len(sample.verdicts)
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(count)) == len(suite.findall(f".//{tag}"))
            assert root.get(count) == suite.get(count)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp"))
        assert all(re.fullmatch(r"\d+\.\d{3}", c.get("time")) for c in cases)


def test_junit_says_whose_fault_it_is():
    root = ET.fromstring(drawn("junit", alice()))
    tags = {case.get("name"): [child.tag for child in case][:1] for case in root.iter("testcase")}
    assert tags["no-echo"] == tags["order"] == ["failure"]
    assert tags["rejoin"] == ["skipped"]
    assert tags["listens"] == []
    problem = ET.fromstring(drawn("junit", grader_problem()))
    assert {c.get("name") for c in problem.iter("testcase") if c.find("error") is not None} == {"slow-reader", "rejoin"}
    assert problem.find(".//failure") is None


def test_junit_drops_what_no_xml_may_hold():
    assert legal("a\x00b\x1b\ud800\ufffe\uffff\x7f\tñ\U0001f600\n") == "ab\x7f\tñ\U0001f600\n"
    text = drawn("junit", hostile())
    assert "\\x1b[31mred" in text, "what prints nothing was made visible before"
    assert "<script" not in text
    ET.fromstring(text)


# ----------------------------------------------------------------------------------------------------------- Markdown

RENDER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = {"html_block", "html_inline"}
ALLOWED_HTML = re.compile(r"</details>\s*|<details><summary>[^<>]*</summary>\s*")


def inline(tokens):
    for token in tokens:
        yield token
        yield from inline(token.children or ())


@pytest.mark.parametrize("name", ["markdown", "github"])
def test_markdown_nothing_of_a_submission_becomes_markup(name):
    text = drawn(name, hostile())
    for token in inline(RENDER.parse(text)):
        assert token.type not in ("link_open", "image", "s_open", "code_inline")
        if token.type in OURS:
            assert ALLOWED_HTML.fullmatch(token.content), token.content
    rendered = RENDER.render(text)
    assert "<script" not in rendered
    assert "alert(1)" in rendered, "it is still there to be read"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*a* _b_ `c` [d](e) ![f](g) ~~h~~ |", "*a* _b_ `c` [d](e) ![f](g) ~~h~~ |"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("# head", "# head"),
        ("1. one", "1. one"),
        ("- one", "- one"),
        ("+ one", "+ one"),
        ("a\\*b", "a\\*b"),
        ("a\n\n# b", "a  # b"),
        ("http://evil.example www.evil.example", "http://evil.example www.evil.example"),
        ("===", "==="),
    ],
)
def test_markdown_escaped_text_reads_as_it_was(text, shown):
    assert RENDER.render(escaped(text)) == f"<p>{shown}</p>\n"


def test_markdown_calls_nobody_and_links_nowhere():
    said = escaped("@teacher @_x #12 http://a.example www.a.example me@a.example")
    assert f"@{JOINER}teacher" in said
    assert f"@{JOINER}\\_x" in said
    assert f"#{JOINER}12" in said
    assert "http\\://" in said
    assert "www." not in said
    assert not re.search(r"@[\w]", said)


def test_markdown_is_short_and_names_what_did_not_pass():
    text = drawn("markdown", alice())
    items = [line for line in text.splitlines() if line.startswith("- ")]
    assert len(items) == sum(v.outcome is not Outcome.PASSED for v in alice().verdicts)
    assert len(text) < 3000


def test_a_fence_is_longer_than_any_in_the_code():
    evil = crash()
    spot = replace(evil.findings[0].where, excerpt=((17, "````"), (18, "``` </details> # boom")))
    finding = replace(evil.findings[0], where=spot)
    verdict = replace(evil, findings=(finding,), attempts=(replace(evil.attempts[0], findings=(finding,)),))
    fences = [t for t in RENDER.parse(drawn("github", grade("x", [verdict]))) if t.type == "fence"]
    assert any("``` </details> # boom" in t.content for t in fences)


def test_github_summary_never_reaches_the_limit_and_says_what_is_missing():
    one = flood(60).verdicts[0]

    def long(checks, times):
        given = [replace(one.check, id=f"c{n}", title={"en": f"{EVIL * times} {n}"}) for n in range(checks)]
        return replace(flood(50), verdicts=tuple(replace(one, check=check) for check in given))

    for grades in ([long(100, 60)], [long(4, 300)] * 12):
        text = draw("github", grades, Order("en"))
        assert len(text.encode()) < LIMIT
        assert text.count("<details>") == text.count("</details>")
        assert "This is as long as a summary may be." in text.splitlines()[-2]
    assert "left out" not in drawn("github", alice())
