"""Plays that let time pass, and that throw away what came: what a server promises by the clock is held against it, and nothing else."""

from dataclasses import replace

import pytest
from plays import chat, codes, heard, relay

from grader.conduct.surroundings import LATE
from grader.course.attempts import unfair
from grader.judge.timing import OVERSLEPT
from grader.model import Attempt, Event, Evidence, Finding, Kind, Outcome
from grader.report.sides import phrase
from grader.words import Sentences

GONE = relay("ana > set k v 300\nana < ok\nana (waits 400ms)\nana > get k\nana < none", "ana")
STAYS = relay("ana > set k v 60000\nana < ok\nana (waits 200ms)\nana > get k\nana < v", "ana")
SILENT = relay("ana > set k v 60000\nana < ok\nana (waits 300ms)\nana (nothing)", "ana")
SERVER = "python3 expiring.py <port>"


@pytest.mark.parametrize("case", [GONE, STAYS, SILENT])
def test_a_server_that_keeps_its_times_passes(stand, case):
    judged = stand.conduct_and_judge(case, SERVER)
    assert (judged.outcome, codes(judged.findings), codes(judged.remarks)) == (Outcome.PASSED, [], [])


@pytest.mark.parametrize(
    ("case", "fault", "code", "got"),
    [
        (GONE, "never", "came-instead", "v"),
        (STAYS, "early", "came-instead", "none"),
        (SILENT, "chatty", "came-unasked", ["ok"]),
    ],
)
def test_one_that_does_not_is_caught_and_the_failure_rests_on_a_clock(stand, case, fault, code, got):
    judged = stand.conduct_and_judge(case, f"{SERVER} {fault}")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.FAILED, [code])
    assert judged.findings[0].facts["got"] == got
    assert judged.evidence is Evidence.DEADLINE


def test_the_time_passes_between_the_lines_around_it(stand):
    events = stand.conduct_and_judge(GONE, SERVER).transcript.events
    sent = [e.t for e in events if e.kind is Kind.SENT]
    assert sent[1] - sent[0] >= 0.4
    waited = [(e.who, e.step) for e in events if e.note == "waits 400ms"]
    assert waited == [("ana", GONE.check.play[-3].step)]


def test_the_end_of_the_server_ends_it(stand):
    case = relay("ana > end\nana (waits 50s)\nana < never", "ana")
    judged = stand.conduct_and_judge(case, SERVER)
    assert codes(judged.findings) == ["exited", "closed-instead"]
    assert max(e.t for e in judged.transcript.events) < 40


def test_a_server_that_the_play_has_stopped_ends_no_wait(stand):
    case = relay(
        "server (gets SIGTERM)\nserver (stops)\nana (waits 300ms)\nserver (starts)\nana (connects)\nana > get k\nana < none",
        "ana",
    )
    judged = stand.conduct_and_judge(case, SERVER)
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])
    stopped, started = (next(e.t for e in judged.transcript.events if e.step == at) for at in (3, 5))
    assert started - stopped >= 0.3


def test_a_crowd_is_read_meanwhile(stand):
    case = relay("c1 > hola\nc66 < hola\nc1 (waits 200ms)\nc2..c65 < hola", *(f"c{n}" for n in range(1, 67)))
    judged = stand.conduct_and_judge(case, "python3 relay_select.py <port>")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])
    (at,) = [i for i, e in enumerate(judged.transcript.events) if e.note == "waits 200ms"]
    assert sum(e.data == b"hola\n" and e.kind is Kind.RECEIVED for e in judged.transcript.events[:at]) == 65


def attempt(outcome, *notes):
    events = tuple(Event(0.0, "server", Kind.NOTED, note=note) for note in notes)
    findings = () if outcome is Outcome.PASSED else (Finding("was-closed", {"who": ["ana"]}),)
    return Attempt(outcome, Evidence.DEADLINE, 1.0, findings, (), replace(GONE.told("ana (join)"), events=events))


@pytest.mark.parametrize(("lang", "said"), [("en", "ana waits 400ms"), ("es", "ana espera 400ms")])
def test_the_page_says_how_long(lang, said):
    assert phrase(replace(GONE.check.play[-3], argument=""), Sentences(lang)) == said


def test_where_every_wait_took_too_long_nobody_has_failed():
    late, right, passed = (
        attempt(Outcome.FAILED, OVERSLEPT),
        attempt(Outcome.FAILED),
        attempt(Outcome.PASSED, OVERSLEPT),
    )
    assert unfair([late, late, late]) == "overslept"
    assert unfair([late, right, late]) == ""
    assert unfair([late, passed]) == ""
    assert unfair([]) == ""
    assert 0 < LATE < 1


SKIPS = "ana > hola\nana > /who\nall (skip the rest)\nbeto > bien\nana, caro < beto: bien"


def test_the_rest_is_thrown_away_and_nothing_behind_it(stand):
    case = chat(SKIPS, "ana", "beto", "caro")
    assert case.check.play[-3].text == "all (skip the rest)"
    passed = stand.conduct_and_judge(case)
    assert (passed.outcome, codes(passed.findings)) == (Outcome.PASSED, [])
    assert heard(passed.transcript, "caro")[-2:] == [b"ana: hola\n", b"beto: bien\n"]
    echoes = stand.conduct_and_judge(case, "python3 chat.py <port> echo")
    assert codes(echoes.findings) == ["left-over"]


def test_it_is_of_those_that_the_line_names(stand):
    play = SKIPS.replace("all (skip the rest)", "ana, caro (skips the rest)")
    judged = stand.conduct_and_judge(chat(play, "ana", "beto", "caro"))
    assert codes(judged.findings) == ["left-over"]
    assert judged.findings[0].facts["who"] == ["beto"]
