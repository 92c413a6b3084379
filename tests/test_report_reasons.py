"""The page and the terminal name the reasons: the first to fix with its evidence, the others, and what each check owes them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from report_samples import CHECKS, alice, blocked, crash, echo, grade, hidden, one_at_a_time, slow

from grader.model import Cause, SourceSpot
from grader.report.html import student_page
from grader.report.reasons import Reasons
from grader.report.summary import Summary
from grader.report.text import as_text
from grader.words import LANGUAGES, Sentences

WHERE = SourceSpot("server.py", 43, ((42, "    try:"), (43, "        conn.sendall(line)"), (44, "    except OSError:")))
SLOW = Cause("slow-reader-blocks", ("slow-reader",), {"who": ["lento"], "waiting": ["beto"], "lock": None}, WHERE)
LEFT = Cause(
    "leave-only-on-command", ("lost-client", "rejoin"), {"who": ["ana"], "command": "/quit", "text": "* ana left"}
)
ECHO = Cause("echo", ("no-echo",), {"who": ["ana"], "got": "ana: hola", "count": 2})


def whole(*causes):
    return grade("alice", [echo(), crash(), slow(), blocked(CHECKS["rejoin"], "lost-client")], causes=causes)


def text_of(page):
    body = re.sub(r"<(style|script|svg)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def reasons(made, lang="en"):
    return Reasons(made, Summary(made, Sentences(lang)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_is_named_the_dearest_first(lang):
    made = whole(ECHO, LEFT, SLOW)
    page, terminal = text_of(student_page(made, lang)), " ".join(as_text(made, lang).split())
    said = [Sentences(lang).of_finding(c.code, "one", c.facts) for c in (LEFT, SLOW, ECHO)]
    for shown in (page, terminal):
        after = shown[shown.index(Sentences(lang).say("page.first")) :]
        places = [after.index(sentence) for sentence in said]
        assert places[0] < min(places[1:])
    assert Sentences(lang).of_finding(LEFT.code, "happened", LEFT.facts) in page


def test_a_reason_has_its_line_its_checks_and_its_points():
    (first, *others) = reasons(whole(ECHO, LEFT, SLOW)).then()
    named = {x.what: x for x in (first, *others)}
    blocking = named[Sentences("en").of_finding(SLOW.code, "one", SLOW.facts)]
    assert blocking.spot == "server.py, line 43."
    assert [check for check, _ in blocking.checks] == ["slow-reader"]
    assert blocking.points == CHECKS["slow-reader"].points


def test_one_reason_needs_no_list():
    assert reasons(one_at_a_time()).then() == []
    assert "Then these" not in as_text(one_at_a_time(), "en")


def test_a_check_takes_its_line_and_its_advice_from_the_reason():
    made = whole(ECHO, LEFT, SLOW)
    bare = replace(
        made,
        verdicts=tuple(replace(v, findings=tuple(replace(f, where=None) for f in v.findings)) for v in made.verdicts),
    )
    page = student_page(bare, "en")
    card = page[page.index('id="slow-reader"') :]
    assert "server.py, line 43." in card
    assert '<span class="hot"><span class="ln">43  </span>' in card
    assert "A send waits when the buffers on the way to a client are full." in card


def test_a_check_s_own_line_comes_before_the_reason_s():
    (verdict,) = [v for v in alice().verdicts if v.check.id == "lost-client"]
    made = grade("alice", [verdict], causes=(replace(LEFT, explains=("lost-client",), where=WHERE),))
    assert reasons(made).where(verdict) == verdict.findings[0].where != WHERE


def test_what_a_hidden_check_shows_is_named_to_staff_only():
    made = hidden()
    (kept,) = [v for v in made.verdicts if v.check.hidden]
    made = replace(made, causes=(replace(SLOW, explains=(kept.check.id,)),))
    sentence = Sentences("en").of_finding(SLOW.code, "one", SLOW.facts)
    assert sentence not in text_of(student_page(made, "en"))
    assert sentence in text_of(student_page(made, "en", staff=True))


def test_a_reason_that_stands_open_above_stays_closed():
    both = replace(SLOW, explains=("lost-client", "slow-reader"))
    page = student_page(whole(ECHO, both), "en")
    state = {m[1]: bool(m[2]) for m in re.finditer(r'<details class="check[^"]*" id="([\w-]+)"[^>]*?( open)?>', page)}
    assert (state["lost-client"], state["slow-reader"]) == (True, False)
