"""results.json: what is written can be read back, fits the schema, stays small, and draws the same page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from report_samples import SAMPLES, alice, flood, hostile

from grader import results
from grader.model import SERVER, Event, Kind, Submission
from grader.model import plain as plain_values
from grader.report.html import student_page
from grader.trim import left_out, shown_attempt, trimmed

SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "results.schema.json").read_text())


@pytest.fixture(params=sorted(SAMPLES))
def grade(request):
    return SAMPLES[request.param]()


def test_what_is_written_fits_the_schema(grade):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(results.dump(grade)))


def test_what_is_read_back_draws_the_same_page(grade):
    again = results.load(results.dump(grade))
    for lang in ("en", "es"):
        assert student_page(again, lang) == student_page(grade, lang)


def test_writing_what_was_read_changes_nothing(grade):
    written = results.to_json(grade)
    assert results.to_json(results.from_json(json.loads(json.dumps(written)))) == written


def test_the_sums_are_those_of_the_grade(grade):
    written = results.to_json(grade)
    assert (written["earned"], written["possible"], written["withheld"]) == (
        grade.earned,
        grade.possible,
        grade.withheld,
    )


def test_unknown_keys_are_ignored_and_a_later_schema_is_refused():
    written = results.to_json(alice())
    written["novelty"] = {"a": 1}
    written["verdicts"][0]["novelty"] = 1
    assert results.from_json(written).submission.name == "alice"
    with pytest.raises(ValueError, match="schema 2"):
        results.from_json({**written, "schema": 2})


@pytest.mark.parametrize("damage", ["verdicts", "run", "spec"])
def test_damaged_results_are_said_to_be_damaged(damage):
    written = results.to_json(alice())
    del written[damage]
    with pytest.raises(ValueError, match=damage):
        results.from_json(written)


@pytest.mark.parametrize(
    ("data", "written"),
    [
        (b"hola\n", {"text": "hola\n"}),
        ("ñandú ⏎".encode(), {"text": "ñandú ⏎"}),
        (b"\xff\xfe", {"b64": "//4="}),
        (b"\0\x1b", {"text": "\0\x1b"}),
        (b"", {}),
    ],
)
def test_bytes_are_text_where_they_can_be(data, written):
    plain = plain_values.an_event(Event(0.5, "ana", Kind.SENT, data))
    assert {k: v for k, v in plain.items() if k in ("text", "b64")} == written
    assert plain_values.read_event(plain).data == data


@pytest.mark.parametrize(
    ("folder", "shown"),
    [
        ("submissions/alice", "submissions/alice/"),
        ("submissions/alice/", "submissions/alice/"),
        ("/home/teacher/alice", "alice/"),
        ("../alice", "alice/"),
        (".", "alice/"),
        ("", "alice/"),
    ],
)
def test_no_absolute_path_is_written(folder, shown):
    assert results.shown_folder(Submission("alice", folder, "")) == shown


# ---------------------------------------------------------------------------------------------------------- trimming


def test_a_long_transcript_keeps_its_ends_and_what_is_around_findings():
    grade = flood(5000)
    small = trimmed(grade)
    verdict = small.verdicts[0]
    events = shown_attempt(verdict).transcript.events
    assert len(events) <= 500
    (index,) = verdict.findings[0].events
    assert events[index].data == b"ana: m 1999\n"
    assert verdict.findings == verdict.attempts[0].findings
    assert events[index - 20].kind is Kind.SENT
    gaps = [left_out(e) for e in events if left_out(e)]
    whole = grade.verdicts[0].attempts[0].transcript.events
    assert sum(gaps) + len(events) - len(gaps) == len(whole)
    assert all(e.who == SERVER and e.kind is Kind.NOTED for e in events if left_out(e))


def test_trimming_twice_changes_nothing(grade):
    once = trimmed(grade)
    assert trimmed(once) is once  # whoever draws and whoever writes ask one after the other
    same = replace(once)
    assert trimmed(same) == once


def test_of_two_grades_each_is_trimmed_as_itself(grade):
    other = replace(grade, verdicts=grade.verdicts[:1])
    one, two = trimmed(grade), trimmed(other)
    assert (len(one.verdicts), len(two.verdicts)) == (len(grade.verdicts), len(other.verdicts))
    assert trimmed(one) == one


def test_a_long_message_keeps_its_beginning_and_a_long_print_its_end():
    events = shown_attempt(trimmed(hostile()).verdicts[0]).transcript.events
    long = next(e for e in events if e.data.startswith(b"AAA"))
    assert (len(long.data), long.cut) == (400, 1_000_001 - 400)
    one = alice().verdicts[5]
    event = Event(0.03, SERVER, Kind.ERRORS, "é".encode() * 5000 + b"\nValueError: the end\n")
    transcript = replace(one.attempts[0].transcript, events=(event,))
    one = replace(one, attempts=(replace(one.attempts[0], transcript=transcript, findings=()),), findings=())
    (kept,) = trimmed(replace(alice(), verdicts=(one,))).verdicts[0].attempts[0].transcript.events
    assert kept.data.endswith(b"ValueError: the end\n")
    assert kept.data.decode().startswith("é")
    assert kept.cut + len(kept.data) == len(event.data)


def test_a_crowd_of_checks_stays_under_two_megabytes():
    one = flood(1500).verdicts[0]
    crowded = replace(flood(50), verdicts=tuple(replace(one, attempts=one.attempts * 3) for _ in range(60)))
    text = results.dump(crowded)
    assert len(text.encode()) < 2_000_000
    finding = results.load(text).verdicts[-1].findings[0]
    assert len(finding.events) == 1


def test_a_name_that_is_no_utf8_can_be_written_and_read():
    grade = replace(alice(), submission=Submission("al\udcffice", "al\udcffice", "d"))
    text = results.dump(grade)
    text.encode()
    assert results.load(text).submission.name == "al\udcffice"
