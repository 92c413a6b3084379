"""From a story to a verdict: for each finding a story that has it, the same story as it should be, and what it rests on."""

import time

import pytest
from plays import PORT, chat, codes

from grader.judge.verdict import judge
from grader.model import Event, Evidence, Kind, Outcome, Transcript, Verb

JOINED = "ana, beto, caro (join)\n"
QUIET = "server (waited) quiet\n"
BROADCAST = "ana > hola\nbeto, caro < ana: hola"
NOTHING = "ana > hola\nbeto, caro < ana: hola\nana (nothing)"
QUIT = "ana > /quit\nana (is disconnected)"
STILL = "ana > hola\nbeto, caro < ana: hola\nana, beto (still connected)"
LISTENS = "server (listens)\nserver (is running)"
STOPS = "server (gets SIGTERM)\nserver (stops)"
LONG = "ana > <long 4000>  3 times\nbeto < ana: <long 4000>  3 times"
LEFT = "beto, caro < * ana left\n"

# play, a story in which all is well, one in which it is not, the finding, its facts, what it rests on
ROWS = {
    "never-came": (
        BROADCAST,
        f"ana > hola\nbeto, caro < ana: hola\n{QUIET}",
        f"ana > hola\nbeto < ana: hola\n{QUIET}caro (gave-up) message @ beto, caro < ana: hola",
        {"who": ["caro"], "text": "ana: hola"},
        Evidence.QUIET,
    ),
    "never-came, to several": (
        BROADCAST,
        f"ana > hola\nbeto, caro < ana: hola\n{QUIET}",
        "ana > hola\nserver (waited) deadline\nbeto, caro (gave-up) message @ beto, caro < ana: hola",
        {"who": ["beto", "caro"], "text": "ana: hola"},
        Evidence.DEADLINE,
    ),
    "came-instead": (
        BROADCAST,
        f"ana > hola\nbeto, caro < ana: hola\n{QUIET}",
        "ana > hola\nbeto < ana: HOLA\ncaro < ana: hola\nserver (waited) seen\nbeto (gave-up) message @ beto, caro < ana: hola",
        {"who": ["beto"], "text": "ana: hola", "got": "ana: HOLA"},
        Evidence.SEEN,
    ),
    "came-unasked": (
        NOTHING,
        f"ana > hola\nbeto, caro < ana: hola\nana (waited) quiet\n{QUIET}",
        f"ana > hola\nbeto, caro < ana: hola\nana < ana: hola\nana (waited) quiet\n{QUIET}",
        {"who": ["ana"], "got": ["ana: hola"], "count": 1},
        Evidence.SEEN,
    ),
    "left-over": (
        BROADCAST,
        f"ana > hola\nbeto, caro < ana: hola\n{QUIET}",
        f"ana > hola\nbeto, caro < ana: hola\ncaro < ana: hola\ncaro < bye\n{QUIET}",
        {"who": ["caro"], "got": ["ana: hola", "bye"], "count": 2},
        Evidence.SEEN,
    ),
    "closed-instead": (
        BROADCAST,
        f"ana > hola\nbeto, caro < ana: hola\n{QUIET}",
        f"ana > hola\nbeto < ana: hola\ncaro (server-closed)\n{QUIET}caro (gave-up) message @ beto, caro < ana: hola",
        {"who": ["caro"], "text": "ana: hola"},
        Evidence.SEEN,
    ),
    "closed-instead, by a reset": (
        BROADCAST,
        f"ana > hola\nbeto, caro < ana: hola\n{QUIET}",
        f"ana > hola\nbeto < ana: hola\ncaro (server-reset)\n{QUIET}caro (gave-up) message @ beto, caro < ana: hola",
        {"who": ["caro"], "text": "ana: hola"},
        Evidence.SEEN,
    ),
    "not-closed": (
        f"{QUIT}\nbeto, caro < * ana left",
        f"ana > /quit\nana (server-closed)\n{LEFT}{QUIET}",
        f"ana > /quit\n{LEFT}{QUIET}ana (gave-up) close @ ana (is disconnected)",
        {"who": ["ana"]},
        Evidence.QUIET,
    ),
    "was-closed": (
        STILL,
        f"ana > hola\nbeto, caro < ana: hola\nana (waited) quiet\n{QUIET}",
        f"ana > hola\nbeto, caro < ana: hola\nbeto (server-closed)\nana (waited) quiet\n{QUIET}",
        {"who": ["beto"]},
        Evidence.SEEN,
    ),
    "not-accepted": (
        BROADCAST,
        f"ana > hola\nbeto, caro < ana: hola\n{QUIET}",
        f"ana > hola\nbeto < ana: hola\n{QUIET}caro (gave-up) not-accepted @ beto, caro < ana: hola",
        {"who": ["caro"]},
        Evidence.QUIET,
    ),
    "refused": (
        "dani (connects)\ndani < name?",
        f"dani (connected)\ndani < name?\n{QUIET}",
        "dani (refused)\nserver (waited) seen\ndani (gave-up) refused @ dani (connects)",
        {"who": ["dani"], "port": PORT},
        Evidence.SEEN,
    ),
    "not-read": (
        LONG,
        f"ana > {'x' * 9}\nbeto < ana: {'x' * 9}\n{QUIET}",
        f"ana > {'x' * 9}\n{QUIET}ana (gave-up) not-read 4001 @ ana > <long 4000>  3 times",
        {"who": ["ana"], "unread": 4001},
        Evidence.QUIET,
    ),
    "wrong-port": (
        LISTENS,
        f"server (listening) {PORT}\nserver (noted) looked\nserver (noted) looked\n{QUIET}",
        f"server (listening) 5000\nserver (noted) looked\nserver (noted) looked\n{QUIET}",
        {"port": PORT, "listening": 5000},
        Evidence.SEEN,
    ),
    "never-listens": (
        LISTENS,
        f"server (listening) {PORT}\nserver (noted) looked\nserver (noted) looked\n{QUIET}",
        f"server (started)\n{QUIET}server (gave-up) never-listens @ server (listens)",
        {"port": PORT},
        Evidence.QUIET,
    ),
    "exited-early": (
        LISTENS,
        f"server (listening) {PORT}\nserver (noted) looked\nserver (noted) looked\n{QUIET}",
        "server (started)\nserver (exited) 1\nserver (waited) seen\nserver (gave-up) exited-early @ server (listens)",
        {"status": 1},
        Evidence.SEEN,
    ),
    "did-not-stop": (
        STOPS,
        "server (signalled) SIGTERM\nserver (exited) -15\nserver (noted) looked\nserver (waited) seen",
        f"server (signalled) SIGTERM\n{QUIET}server (gave-up) did-not-stop SIGTERM @ server (stops)",
        {"port": PORT, "signal": "SIGTERM"},
        Evidence.QUIET,
    ),
}
GOOD = {name: (play, well) for name, (play, well, *_) in ROWS.items() if name != "not-read"}


def case_of(play, **keys):
    return chat(play, *(() if play in (LISTENS, STOPS) else ("ana", "beto", "caro")), **keys)


def judged(play, story, **keys):
    case = case_of(play, **keys)
    return case.judged(story if not case.check.clients else JOINED + story)


@pytest.mark.parametrize(("play", "well"), GOOD.values(), ids=GOOD)
def test_a_story_in_which_all_is_well_passes(play, well):
    found = judged(play, well)
    assert (found.outcome, found.findings, found.remarks) == (Outcome.PASSED, (), ())


@pytest.mark.parametrize("name", ROWS)
def test_what_differs_is_found_and_named(name):
    play, _, story, facts, _ = ROWS[name]
    found = judged(play, story)
    assert (found.outcome, codes(found.findings)) == (Outcome.FAILED, [name.split(",")[0]])
    assert {k: found.findings[0].facts.get(k) for k in facts} == facts


@pytest.mark.parametrize("name", ROWS)
def test_a_verdict_names_what_it_rests_on(name):
    play, _, story, _, evidence = ROWS[name]
    assert judged(play, story).evidence is evidence


@pytest.mark.parametrize("name", ROWS)
def test_the_same_transcript_judged_twice_gives_the_same(name):
    play, _, story, _, _ = ROWS[name]
    case = case_of(play)
    transcript = case.told(story if not case.check.clients else JOINED + story)
    assert judge(case.check, case.spec, transcript) == judge(case.check, case.spec, transcript)


@pytest.mark.parametrize(
    "name", ["came-unasked", "left-over", "came-instead", "closed-instead", "was-closed", "wrong-port"]
)
def test_what_was_seen_was_seen_even_if_a_wait_ended_by_a_deadline(name):
    """A server that never rests gives every wait a deadline; what it has sent it has sent all the same."""
    play, _, story, _, _ = ROWS[name]
    assert judged(play, story.replace("(waited) quiet", "(waited) deadline")).evidence is Evidence.SEEN


def test_a_check_that_passes_rests_on_its_weakest_wait():
    story = "ana > hola\nbeto, caro < ana: hola\nana (waited) deadline\nserver (waited) quiet"
    assert judged(NOTHING, story).evidence is Evidence.DEADLINE
    assert judged(NOTHING, story.replace("deadline", "quiet")).evidence is Evidence.QUIET


# -- a server that ends -----------------------------------------------------------------------------------------------


def test_a_server_that_ended_is_named_before_what_follows_from_it():
    story = "ana > hola\nbeto < ana: hola\nserver (exited) 3\ncaro (server-reset)\ncaro (gave-up) message @ beto, caro < ana: hola"
    found = judged(BROADCAST, story)
    assert codes(found.findings) == ["exited", "closed-instead"]
    assert (found.findings[0].facts["status"], found.evidence) == (3, Evidence.SEEN)


def test_a_server_that_ends_though_everything_came_has_failed():
    found = judged(BROADCAST, f"ana > hola\nbeto, caro < ana: hola\nserver (exited) -11\n{QUIET}")
    assert codes(found.findings) == ["exited"]
    assert (found.findings[0].facts["status"], found.findings[0].facts["signal"]) == (-11, "SIGSEGV")


def test_the_last_words_of_a_server_are_in_the_finding():
    case = case_of(BROADCAST)
    transcript = case.told(f"{JOINED}ana > hola\nbeto, caro < ana: hola\nserver (exited) 1\n{QUIET}")
    at = [e.kind for e in transcript.events].index(Kind.EXITED)
    said = Event(0.5, "server", Kind.ERRORS, b"Traceback (most recent call last):\nValueError: \xff<b>no\x1b[1m</b>\n")
    events = (*transcript.events[:at], said, *transcript.events[at:])
    found = judge(case.check, case.spec, Transcript("it", "submission", 7, events, case.check.play, transcript.server))
    assert found.findings[0].facts["last"] == "ValueError: \ufffd<b>no\\x1b[1m</b>"


def test_a_server_that_was_told_to_end_may_end():
    assert (
        judged(
            STOPS, "server (signalled) SIGTERM\nserver (exited) 0\nserver (noted) looked\nserver (waited) seen"
        ).findings
        == ()
    )


def test_what_happens_after_the_end_is_not_judged():
    story = f"ana > hola\nbeto, caro < ana: hola\n{QUIET}server (noted) end\nserver (exited) -9\nbeto < * ana left\nbeto (server-reset)"
    assert judged(BROADCAST, story).outcome is Outcome.PASSED


# -- the end of the play ----------------------------------------------------------------------------------------------


def test_only_the_first_thing_that_was_not_met_is_charged():
    play = f"{BROADCAST}\nbeto > adiós\nana, caro < beto: adiós"
    story = f"ana > hola\nbeto < ana: hola\ncaro < x\n{QUIET}caro (gave-up) message @ beto, caro < ana: hola"
    (finding,) = judged(play, story).findings
    assert (finding.code, finding.facts["who"]) == ("came-instead", ["caro"])


def test_leftovers_do_not_count_where_the_check_allows_them():
    story = f"ana > hola\nbeto, caro < ana: hola\ncaro < ana: hola\n{QUIET}"
    assert judged(BROADCAST, story, leftovers="allowed").outcome is Outcome.PASSED


@pytest.mark.parametrize("going", ["closed", "crashed", "frozen", "half-closed"])
def test_who_is_gone_or_frozen_has_no_leftovers(going):
    acts = {"closed": "leaves", "crashed": "crashes", "frozen": "freezes", "half-closed": "half-closes"}
    play = f"{BROADCAST}\ncaro ({acts[going]})"
    story = f"ana > hola\nbeto, caro < ana: hola\ncaro ({going})\ncaro < one more\n{QUIET}"
    assert judged(play, story).outcome is Outcome.PASSED
    assert codes(judged(play, story.replace("caro < one", "beto < one")).findings) == ["left-over"]


def test_what_came_while_the_others_joined_is_no_leftover():
    case = chat("ana > hola\nbeto < ana: hola", "ana", "beto")
    story = "ana (connected)\nana < name?\nana > ana\nana < welcome ana\nana < motd: be nice\nserver (noted) settled\n"
    story += "beto (connected)\nbeto < name?\nbeto > beto\nbeto < welcome beto\nana < * beto joined\nserver (noted) settled\n"
    assert case.judged(f"{story}ana > hola\nbeto < ana: hola\n{QUIET}").outcome is Outcome.PASSED


def test_a_join_that_goes_wrong_is_found_too():
    case = chat("ana > hola", "ana")
    story = "ana (connected)\nana < name?\nana > ana\nana < refused: no\nserver (waited) seen\nana (gave-up) message @ ana < welcome ana"
    (finding,) = case.judged(story).findings
    assert (finding.code, finding.facts["text"], finding.facts["got"]) == ("came-instead", "welcome ana", "refused: no")


def test_a_closed_client_that_comes_back_is_a_new_connection():
    play = "ana > /quit\nana (is disconnected)\nbeto, caro < * ana left\nana (joins)\nbeto, caro < * ana joined\nana (still connected)"
    story = (
        f"ana > /quit\nana (server-closed)\n{LEFT}ana (join)\nbeto, caro < * ana joined\nana (waited) quiet\n{QUIET}"
    )
    assert judged(play, story).outcome is Outcome.PASSED
    assert codes(judged(play, story.replace("ana (waited)", "ana (server-closed)\nana (waited)")).findings) == [
        "was-closed"
    ]


# -- a play that was not played ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("play", [LISTENS, BROADCAST, "ana > hola", NOTHING, STOPS])
def test_a_play_that_never_began_has_not_passed(play):
    """The supervisor in the box was killed from inside: nothing of the play has happened, and nothing was met."""
    case = case_of(play)
    told = case.told("server (started)\nserver (gave-up) agent-killed")
    empty = Transcript("it", "submission", 7, (), case.check.play)
    for transcript in (told, empty):
        assert judge(case.check, case.spec, transcript).outcome is Outcome.FAILED


def test_a_play_that_broke_off_has_not_passed():
    play = "ana > hola\nbeto, caro < ana: hola\nana > adiós\nserver (is running)"
    story = "ana > hola\nbeto, caro < ana: hola\nserver (gave-up) agent-killed"
    assert judged(play, story).outcome is Outcome.FAILED


# -- in which line a message was met ----------------------------------------------------------------------------------


def test_each_message_that_met_a_line_carries_its_step():
    found = judged(BROADCAST, f"ana > hola\nbeto, caro < ana: hola\ncaro < x\n{QUIET}")
    line = next(x for x in found.transcript.play if x.text == "beto, caro < ana: hola")
    steps = {
        (e.who, e.data): e.step
        for e in found.transcript.events
        if e.kind is Kind.RECEIVED and e.data in (b"ana: hola\n", b"x\n")
    }
    assert steps == {("beto", b"ana: hola\n"): line.step, ("caro", b"ana: hola\n"): line.step, ("caro", b"x\n"): None}


def test_inside_together_each_client_waits_for_itself():
    play = "together:\n  ana > 1\n  beto > 2\n  ana < beto: 2\n  beto < ana: 1\ncaro < ana: 1\ncaro < beto: 2"
    story = f"ana > 1\nbeto > 2\nana < beto: 2\nbeto < ana: 1\ncaro < beto: 2\ncaro < ana: 1\n{QUIET}"
    assert judged(play, story).outcome is Outcome.PASSED
    missing = story.replace("beto < ana: 1\n", "").replace(QUIET, f"{QUIET}beto (gave-up) message @ beto < ana: 1")
    found = judged(play, missing)
    assert (codes(found.findings), found.findings[0].facts["who"]) == (["never-came"], ["beto"])


def test_among_several_senders_only_what_did_not_come_is_missing():
    play = "ana > 1\nbeto > 2\ncaro < ana: 1\ncaro < beto: 2\nana < beto: 2\nbeto < ana: 1"
    story = f"ana > 1\nbeto > 2\ncaro < ana: 1\ncaro < x\nana < beto: 2\nbeto < ana: 1\n{QUIET}"
    (finding,) = judged(play, f"{story}caro (gave-up) message @ caro < beto: 2").findings
    assert (finding.code, finding.facts["text"], finding.facts["got"]) == ("came-instead", "beto: 2", "x")


def test_a_crowd_that_hears_nothing_is_judged_soon():
    """Thousands of unmet lines, each explained by a search through all events, took minutes."""
    crowd = [f"c{n}" for n in range(1, 121)]
    play = "\n".join(["ana > go", *(f"{', '.join(crowd[:n])} < * c{n + 1} joined" for n in range(1, 120)), "ana > end"])
    case = chat(play, "ana", *crowd)
    gave_up = "".join(
        f"{', '.join(line.who)} (gave-up) message @ {line.text}\n"
        for line in case.check.play
        if "c1" in line.who and line.verb is Verb.EXPECT and "joined" in line.text
    )
    transcript = case.told(f"ana, {', '.join(crowd)} (join)\nana > go\n{QUIET}{gave_up}")
    began = time.process_time()
    found = judge(case.check, case.spec, transcript)
    assert time.process_time() - began < 5
    assert len(found.findings) == 119
    assert found.findings[-1].facts == {"who": crowd[:119], "text": "* c120 joined"}
