"""Ready-made checks: each is written out, passed by a right server, and failed by a faulty one, whose fault it names.

Half of them are played in the words of a chat, all that can be also as a question and its answer.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from plays import PORT, SEED, Case, codes

from grader.conduct.performers import conduct
from grader.errors import SpecError
from grader.judge.latency import answers, too_slow
from grader.judge.tidy import untidy
from grader.judge.verdict import judge
from grader.model import Event, Evidence, Kind, Outcome, Verb
from grader.spec.load import load
from grader.spec.ready_made import ready_made

ASKED = {"ask": "PING", "answer": "PONG"}
SMALL = {
    "crowd": {"clients": 10}, "flood": {"senders": 3, "messages": 60}, "connect-storm": {"clients": 10}, "crash-loop": {"times": 10},
    "everyone-hears-everyone": {"clients": 4}, "total-order": {"messages": 40}, "hygiene": {"clients": 4}, "latency": {"rounds": 20},
}  # fmt: skip
"""Fewer clients and messages than usual: they show the same."""

# ready-made check: a fault of chat.py, what is found, and by which evidence
IN_A_CHAT = {
    "everyone-hears-everyone": ("loses", "never-came", Evidence.QUIET),
    "crowd": ("serial", "not-accepted", Evidence.QUIET),
    "flood": ("doubles", "doubled", Evidence.SEEN),
    "connect-storm": ("serial", "not-accepted", Evidence.QUIET),
    "silent-client": ("serial", "not-accepted", Evidence.QUIET),
    "slow-reader": ("", "never-came", Evidence.QUIET),
    "byte-by-byte": ("exits", "exited", Evidence.SEEN),
    "glued": ("reorders", "came-instead", Evidence.SEEN),
    "garbage": ("deaf", "never-came", Evidence.QUIET),
    "oversize": ("exits", "exited", Evidence.SEEN),
    "crash-loop": ("exits", "exited", Evidence.SEEN),
}
# ready-made check: a fault of asked.py, what is found, and by which evidence
WHEN_ASKED = {
    "flood": ("loses", "never-came", Evidence.QUIET),
    "connect-storm": ("serial", "not-accepted", Evidence.QUIET),
    "silent-client": ("serial", "not-accepted", Evidence.QUIET),
    "slow-reader": ("locked", "never-came", Evidence.QUIET),
    "byte-by-byte": ("one-read", "came-instead", Evidence.SEEN),
    "glued": ("first-only", "never-came", Evidence.QUIET),
    "garbage": ("decodes", "exited", Evidence.SEEN),
    "oversize": ("too-long", "exited", Evidence.SEEN),
    "crash-loop": ("resets", "exited", Evidence.SEEN),
    "hygiene": ("keeps-threads", "keeps-threads", Evidence.QUIET),
}


def asked(name: str, folder, **given: int | str) -> Case:
    more = {"large": "LARGE"} if name == "slow-reader" else {}
    return written(folder, name, {**ASKED, **more, **given})


def written(folder, use: str, given: dict[str, int | str], **spec: object) -> Case:
    """A spec that holds one ready-made check."""
    check = {"id": "it", "points": 10, "use": use, "with": given}
    whole = {
        "title": "Test", "server": {"run": "python3 server.py <port>"}, "reference": {"folder": ".", "run": "python3 x.py <port>"},
        "checks": [check], **spec,
    }  # fmt: skip
    (folder / "spec.yaml").write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    loaded = load(folder / "spec.yaml")
    return Case(loaded.checks[0], loaded)


CHAT_WORDS = {
    "dialect": {
        "words": {"name": "[A-Za-z0-9_]{1,20}"}, "welcome": "welcome <name>", "joined": "* <name> joined", "heard": "<name>: <text>",
        "left": "* <name> left", "also": ["name?"], "commands": ["/<*>"],
    },
    "clients": {"any": {"join": "me < name?\nme > <me>\nme < welcome <me>\n"}},
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in ready_made() if name != "latency"])
def test_the_reference_passes_in_a_chat(stand, name, tmp_path):
    case = written(tmp_path, name, SMALL.get(name, {}), **CHAT_WORDS)
    judged = stand.conduct_and_judge(case)
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])
    assert judged.evidence in (Evidence.SEEN, Evidence.QUIET)


@pytest.mark.parametrize("name", IN_A_CHAT)
def test_a_faulty_chat_is_caught_by_name(stand, name, tmp_path):
    fault, code, evidence = IN_A_CHAT[name]
    case = written(tmp_path, name, SMALL.get(name, {}), **CHAT_WORDS)
    judged = stand.conduct_and_judge(case, f"python3 chat.py <port> {fault}")
    assert (codes(judged.findings)[:1], judged.evidence) == ([code], evidence)


@pytest.mark.parametrize("name", WHEN_ASKED)
def test_asked_and_answered_it_is_passed_and_failed(stand, name, tmp_path):
    fault, code, evidence = WHEN_ASKED[name]
    case = asked(name, tmp_path, **SMALL.get(name, {}))
    right = stand.conduct_and_judge(case, "python3 asked.py <port>")
    assert (right.outcome, codes(right.findings)) == (Outcome.PASSED, [])
    judged = stand.conduct_and_judge(case, f"python3 asked.py <port> {fault}")
    assert (codes(judged.findings)[:1], judged.evidence) == ([code], evidence)


def test_another_order_for_another_listener_is_caught(stand, tmp_path):
    words = {**CHAT_WORDS, "clients": {"any": {"join": "me > <me>\nme < welcome <me>\n"}}}
    case = written(tmp_path, "total-order", {"messages": 20}, **words)
    judged = stand.conduct_and_judge(case, "python3 asked.py <port> swaps")
    assert codes(judged.findings) == ["other-order"]
    assert judged.evidence is Evidence.SEEN
    assert judged.findings[0].facts["other"] != judged.findings[0].facts["who"][0]


@pytest.mark.parametrize("fault", ["keeps-files", "keeps-processes", "keeps-ended"])
def test_what_grows_with_each_wave_is_named(stand, fault, tmp_path):
    judged = stand.conduct_and_judge(asked("hygiene", tmp_path, clients=4), f"python3 asked.py <port> {fault}")
    assert (codes(judged.findings), judged.evidence) == ([fault], Evidence.QUIET)
    facts = judged.findings[0].facts
    assert facts["after"] - facts["before"] >= 8
    assert facts["clients"] == 8


@pytest.mark.long
def test_a_server_that_runs_in_circles_when_all_have_left_is_named(stand, tmp_path):
    case = asked("hygiene", tmp_path, clients=4)
    judged = stand.conduct_and_judge(case, "python3 asked.py <port> spins")
    assert (codes(judged.findings), judged.evidence) == (["spins"], Evidence.DEADLINE)


def told(*notes: str) -> list[Event]:
    """Events of three waves of four clients, each with an audit that says this."""
    waves = [
        [Event(0.0, f"c{n}", Kind.CONNECTED) for n in range(4)] + [Event(0.0, "server", Kind.NOTED, note=note)]
        for note in notes
    ]
    return [event for wave in waves for event in wave]


@pytest.mark.parametrize(
    ("notes", "code"),
    [
        (("audit threads=3", "audit threads=7", "audit threads=7"), None),  # a pool, that fills up
        (
            ("audit threads=3", "audit threads=4", "audit threads=5"),
            None,
        ),  # one more now and then is no leak of clients
        (("audit threads=3", "audit threads=5", "audit threads=7"), "keeps-threads"),
        (("audit files=9", "audit files=13"), None),  # two waves show nothing yet
        (("audit files=9 busy=3", "audit files=9 busy=99"), "spins"),
    ],
)
def test_only_what_grows_again_and_again_is_kept(notes, code):
    events = told(*notes)
    found = untidy(events, len(events) - 1)
    assert (found.code if found else None) == code


# -- latency ----------------------------------------------------------------------------------------------------------


def timed(case: Case, times: list[float], delay: float = 0.0):
    """A transcript in which the answers took these seconds; the first was held up so long by the machine."""
    events: list[Event] = []
    now = 0.0
    play = [line for line in case.check.play if line.part == "play"]
    for (asks, answers_), took in zip(zip(play[::2], play[1::2], strict=True), times, strict=True):
        events.append(Event(now, "c1", Kind.SENT, b"PING\n", step=asks.step))
        now += took
        events.append(Event(now, "c1", Kind.RECEIVED, b"PONG\n", step=answers_.step))
        if delay:
            events.append(Event(now, "server", Kind.NOTED, note=f"delay {answers_.step} {delay:.4f}"))
    return replace(case.told(""), events=tuple(events))


QUICK = [0.001] * 20


@pytest.mark.parametrize(
    ("mine", "reference", "percent"),
    [
        (QUICK, QUICK, None),
        ([0.009] * 20, QUICK, None),  # nine times as long, but quick enough for anybody
        ([0.030] * 20, [0.007] * 20, None),  # less than five times as long
        ([0.050] * 20, [0.007] * 20, 50),
        ([0.001] * 19 + [0.5], QUICK, 99),
        ([0.001] * 19 + [0.5], [0.001] * 19 + [0.1], None),
    ],
)
def test_answers_are_held_against_those_of_the_reference(mine, reference, percent, tmp_path):
    case = asked("latency", tmp_path, rounds=20)
    found = too_slow(case.check, timed(case, mine), timed(case, reference))
    assert (found.facts["percent"] if found else None) == percent


def test_what_was_spent_without_a_processor_does_not_count(tmp_path):
    case = asked("latency", tmp_path, rounds=20)
    assert too_slow(case.check, timed(case, [0.5] * 20), timed(case, QUICK)) is not None
    assert too_slow(case.check, timed(case, [0.5] * 20, delay=0.495), timed(case, QUICK)) is None


def test_a_slow_server_is_slow_beside_a_quick_one(stand, tmp_path):
    case = asked("latency", tmp_path, rounds=10)
    played = {}
    for fault in ("", "slow"):
        argv = f"python3 asked.py <port> {fault}".split()
        transcript = conduct(case.check, case.spec, stand.box, argv, PORT, seed=SEED, subject="submission")
        judged = judge(case.check, case.spec, transcript)
        assert judged.outcome is Outcome.PASSED
        played[fault] = judged.transcript
    assert len(answers(case.check, played[""])) == 10
    found = too_slow(case.check, played["slow"], played[""])
    assert found is not None
    assert (found.code, found.facts["percent"]) == ("slow-answers", 50)
    assert found.facts["took"] >= 80


# -- how they are written ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ready_made())
def test_the_least_and_the_most_make_sense(name, tmp_path):
    entry = ready_made()[name]
    numbers = {key: s for key, s in entry.settings.items() if s.text is None}
    for end in ("least", "value", "most"):
        given = {key: getattr(s, end) for key, s in numbers.items()}
        if name in ("flood", "total-order"):  # both at their most would be more lines than a play may have
            given["messages"] = numbers["messages"].least
        assert written(tmp_path, name, given, **CHAT_WORDS).check.play
        if entry.asked:
            assert asked(name, tmp_path, **given).check.play
    assert entry.about


def test_bytes_are_cut_in_the_framing_of_the_course(tmp_path):
    length = {"protocol": {"framing": {"length": "u16"}}}
    case = written(tmp_path, "byte-by-byte", {"ask": "hi ñ", "answer": "ok"}, **length)
    sent = [line.argument for line in case.check.play if line.verb is Verb.SEND_RAW]
    assert sent == [r"\x00|\x05|h|i|\s|\xc3|\xb1"]
    case = written(tmp_path, "glued", {"ask": "hi", "answer": "ok"}, **length)
    sent = [line.argument for line in case.check.play if line.verb is Verb.SEND_RAW]
    assert sent == [r"\x00\x02hi" * 3, r"\x00\x02hi\x00\x02|hi"]


def test_what_a_ready_made_check_brings_adds_to_its_check(tmp_path):
    check = written(tmp_path, "flood", {"senders": 2}, **CHAT_WORDS).check
    assert check.clients == ("c1", "c2")
    assert check.laws == ("lost", "doubled", "torn", "invented", "order")
    assert check.leftovers_allowed
    assert written(tmp_path, "garbage", {}, **CHAT_WORDS).check.ignore == ("* malo left",)
    assert written(tmp_path, "latency", {"p50": 3, **ASKED}).check.latency == (3.0, 10.0, 10.0)


@pytest.mark.parametrize(
    ("use", "given", "spec", "message"),
    [
        ("glued", {}, {}, "glued needs `heard` in the dialect."),
        ("glued", {"ask": "hi"}, {}, "`ask` and `answer` go together."),
        ("glued", {"ask": "<*>", "answer": "x"}, {}, "What glued sends has to be a certain text."),
        ("glued", ASKED, {"protocol": {"framing": "none"}}, "glued cuts messages into pieces, and none has none that could be cut."),
        ("slow-reader", ASKED, {}, "slow-reader needs `large` where clients ask and are answered."),
        ("flood", {"senders": 1}, CHAT_WORDS, "`senders` of flood is a whole number from 2 to 40."),
        ("crowd", {"ask": "x", "answer": "y"}, CHAT_WORDS, "crowd has no setting 'ask'."),
    ],
)  # fmt: skip
def test_a_ready_made_check_that_makes_no_sense_is_refused(use, given, spec, message, tmp_path):
    with pytest.raises(SpecError) as caught:
        written(tmp_path, use, given, **spec)
    assert message in [c.message for c in caught.value.complaints]
