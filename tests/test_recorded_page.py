"""What the page says of a recorded run: the line, that it was a second run, and why there is none; from the file alone too."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from report_samples import alice
from test_report import Reading

from grader import results
from grader.model import Recorded, RecorderState, SourceSpot
from grader.report.html import student_page
from grader.report.text import as_text
from grader.words import LANGUAGES, Sentences
from grader.words.sentences import catalog

WORDS = (
    "sent", "closed", "taken", "pieces", "several", "ended", "raised", "accepted", "stuck", "kept-open", "held", "busy",
    "alike", "written",
)  # fmt: skip
EXCERPT = ((6, "for conn in clients:"), (7, "    conn.sendall(text)"))


def with_spot(spot, note=None):
    """Alice's grade, with a spot in the finding of her echo."""
    grade = alice()
    (echo,) = [v for v in grade.verdicts if v.check.id == "no-echo"]
    found = tuple(replace(f, where=spot) for f in echo.findings)
    attempts = tuple(replace(a, findings=found) for a in echo.attempts)
    changed = replace(echo, findings=found, attempts=attempts, recorder=note)
    return replace(grade, verdicts=tuple(changed if v is echo else v for v in grade.verdicts))


def said(grade, lang="en"):
    return "\n".join(Reading(student_page(grade, lang)).text)


def test_a_recorded_line_is_shown_and_said_to_be_from_a_second_run():
    spot = SourceSpot("server.py", 7, EXCERPT, recorded="sent", via=(("server.py", 4), ("rooms.py", 9)))
    page = said(with_spot(spot, Recorded(RecorderState.POINTED, 20, 0.1)))
    assert "server.py, line 7: it was sent from here." in page
    assert "↑ sent from here" in page
    assert (
        "The call that sent it stands in line 4 and line 9 of rooms.py. This was seen when the check was run once more"
        in page
    )


def test_a_line_from_elsewhere_says_nothing_of_a_second_run():
    page = said(with_spot(SourceSpot("server.py", 7, EXCERPT, "ValueError: no")))
    assert "line 7: ValueError: no." in page
    assert "run once more" not in page


def test_what_stands_in_the_source_needed_no_second_run():
    page = said(with_spot(SourceSpot("server.py", 7, EXCERPT, recorded="written")))
    assert "line 7: the words of this message stand here, and nowhere else." in page
    assert "run once more" not in page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_recorder_has_its_sentences(word, lang):
    spot = SourceSpot("server.py", 7, EXCERPT, "hola", word, (("server.py", 4),))
    page = said(with_spot(spot), lang)
    say = Sentences(lang)
    assert say.say(f"recorded.{word}.spot", file="server.py", line=7, says="hola") in page
    arrow = say.say(f"recorded.{word}.arrow", says="hola")
    assert f"↑ {arrow}" in page
    assert len(arrow.split()) <= 8


@pytest.mark.parametrize("lang", LANGUAGES)
def test_there_are_sentences_for_these_words_and_no_others(lang):
    keys = {k.split(".")[1] for k in catalog(lang) if re.fullmatch(r"recorded\.[a-z-]+\.spot", k)}
    assert keys == set(WORDS)
    silent = {"pointed", "silent", "different", "no-time", "broken"}
    reasons = {k.split(".")[2] for k in catalog(lang) if k.startswith("recorded.not.")}
    assert reasons == {s.value for s in RecorderState} - silent


@pytest.mark.parametrize(
    ("state", "shown"),
    [(RecorderState.NO_TOOL, "strace"), (RecorderState.NO_WAY, "No line is named here"), (RecorderState.DIFFERENT, "")],
)
def test_where_nothing_could_be_recorded_the_page_says_so(state, shown):
    page, plain = said(with_spot(None, Recorded(state))), said(with_spot(None))
    assert (shown in page and shown not in plain) if shown else page == plain


def test_results_keep_it_and_draw_the_same_page():
    spot = SourceSpot("server.py", 7, EXCERPT, "ho", "pieces", (("server.py", 4),))
    grade = with_spot(spot, Recorded(RecorderState.POINTED, 20, 0.125))
    again = results.load(results.dump(grade))
    (verdict,) = [v for v in again.verdicts if v.check.id == "no-echo"]
    assert (verdict.findings[0].where, verdict.recorder) == (spot, Recorded(RecorderState.POINTED, 20, 0.125))
    assert student_page(again, "en") == student_page(grade, "en")
    assert as_text(again, "en") == as_text(grade, "en")


def test_results_of_another_grader_can_be_read():
    """One that knew no recorder, and one that knows more of it."""
    written = json.loads(results.dump(with_spot(SourceSpot("server.py", 7, EXCERPT, recorded="sent"))))
    for verdict in written["verdicts"]:
        verdict["recorder"] = {"state": "novel", "calls": 3, "more": 1}
        for finding in verdict["findings"]:
            if finding["where"]:
                finding["where"]["recorded"] = "novel"
                del finding["where"]["via"]
    grade = results.from_json(written)
    assert {v.recorder.state for v in grade.verdicts} == {RecorderState.SILENT}
    assert "line 7" in said(grade)
