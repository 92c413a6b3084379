"""The laws of a chat: for each a story that keeps it and one that breaks it, told by hand and judged.

Every story is told of the same check, which asks for nothing but the law: its play is empty of expectations, so whatever
is found was found by the law.
"""

import pytest
from plays import chat, codes

from grader.model import Evidence, Outcome

JOINED = "ana, beto, caro (join)\n"
END = "\nserver (waited) quiet"
PLAY = "server (is running)"
HOLA = "ana > hola\nbeto < ana: hola\ncaro < ana: hola\n"

# law, a story that keeps it, one that breaks it, the finding and some of its facts
ROWS = {
    "echo": (HOLA, f"{HOLA}ana < ana: hola", "echo", {"who": ["ana"], "got": "ana: hola"}),
    "one-notice": (
        "caro (closed)\nana, beto < * caro left",
        "caro (closed)\nana, beto < * caro left\nana < * caro left",
        "two-notices",
        {"who": ["ana"], "about": "caro", "count": 2},
    ),
    "before-welcome": (
        "dani (connected)\ndani < name?\ndani < refused: no\n",
        "dani (connected)\nana > hola\nbeto, caro, dani < ana: hola",
        "before-welcome",
        {"who": ["dani"], "got": ["ana: hola"]},
    ),
    "one-welcome": (HOLA, f"{HOLA}ana < welcome ana", "two-welcomes", {"who": ["ana"], "got": ["welcome ana"]}),
    "commands": (
        "ana > /baila\nana < unknown: /baila\nana >\nana > hola\nbeto, caro < ana: hola",
        "ana > /baila\nana < unknown: /baila\nbeto < ana: /baila\nana >\nbeto << ana: \\n",
        "command-passed-on",
        {"who": ["beto"], "got": ["ana: /baila", "ana: "]},
    ),
    "line-end": (HOLA, "ana > hola\nbeto << ana: hola\\r\\n\ncaro < ana: hola", "line-end", {"who": ["beto"]}),
    "lost": (
        "ana > 1\nana > 2\nbeto, caro < ana: 1\nbeto, caro < ana: 2",
        "ana > 1\nana > 2\nbeto, caro < ana: 1\ncaro < ana: 2",
        "lost",
        {"who": ["beto"], "about": "ana", "count": 1, "of": 2, "text": "2"},
    ),
    "doubled": (
        "ana > 1\nana > 1\nbeto, caro < ana: 1\nbeto, caro < ana: 1",
        "ana > 1\nbeto, caro < ana: 1\ncaro < ana: 1",
        "doubled",
        {"who": ["caro"], "got": "ana: 1", "count": 1},
    ),
    "torn": (
        HOLA,
        "ana > hola a todos\nbeto < ana: hola\nbeto < ana: a todos\ncaro < ana: hola a todos",
        "torn",
        {"who": ["beto"], "got": ["ana: hola", "ana: a todos"]},
    ),
    "invented": (HOLA, f"{HOLA}beto < ana: buenos días", "invented", {"who": ["beto"], "got": ["ana: buenos días"]}),
    "order": (
        "ana > 1\nana > 2\nana > 3\nbeto, caro < ana: 1\nbeto, caro < ana: 2\nbeto, caro < ana: 3",
        "ana > 1\nana > 2\nana > 3\nbeto < ana: 2\nbeto < ana: 1\nbeto < ana: 3\ncaro < ana: 1\ncaro < ana: 2\ncaro < ana: 3",
        "reordered",
        {"who": ["beto"], "about": "ana", "first": "2", "then": "1"},
    ),
}
KEPT = {law: row[0] for law, row in ROWS.items()}
BROKEN = {law: row[1] for law, row in ROWS.items()}


def judged(law, story, **keys):
    case = chat(PLAY, "ana", "beto", "caro", law=law, leftovers="allowed", **keys)
    return case.judged(f"{JOINED}server (noted) looked\n{story}{END}")


@pytest.mark.parametrize("law", ROWS)
def test_a_story_that_keeps_the_law_passes(law):
    found = judged(law, KEPT[law])
    assert (found.outcome, found.findings, found.remarks) == (Outcome.PASSED, (), ())


@pytest.mark.parametrize("law", ROWS)
def test_a_story_that_breaks_the_law_is_found(law):
    found = judged(law, BROKEN[law])
    _, _, code, facts = ROWS[law]
    assert found.outcome is Outcome.FAILED
    assert codes(found.findings) == [code]
    assert {k: v for k, v in found.findings[0].facts.items() if k in facts} == facts


@pytest.mark.parametrize("law", ROWS)
def test_no_other_law_is_broken_by_it(law):
    """Except that a message which came in pieces never came whole."""
    others = [other for other in ROWS if other != law]
    assert codes(judged(others, BROKEN[law]).findings) == (["lost"] if law == "torn" else [])


@pytest.mark.parametrize(
    ("story", "who"),
    [
        ("dani (connected)\nana, beto < * eva joined\ndani < * eva joined", "dani"),
        ("ana, beto < * eva joined\nana (closed)\nana (connected)\nana < * eva joined", "ana"),
        ("ana, beto < * eva joined\nana, beto << * eva joined\\n\ndani (connected)\ndani << * eva joined\\n", "dani"),
    ],
)
def test_what_others_may_hear_nobody_may_before_the_own_welcome(story, who):
    """Though the line is known by then, and broke no law where those who have their names heard it."""
    found = judged("before-welcome", story).findings
    assert [(f.code, f.facts["who"]) for f in found] == [("before-welcome", [who])]
    assert judged("before-welcome", "ana, beto < * eva joined\nana, beto < * eva joined").findings == ()


def test_a_line_that_breaks_no_other_law_keeps_its_end():
    assert codes(judged("line-end", "ana < * eva joined\nbeto << * eva joined\\r\\n").findings) == ["line-end"]


@pytest.mark.parametrize("law", ROWS)
def test_a_breach_rests_on_what_was_seen_but_a_loss_on_quiet(law):
    assert judged(law, BROKEN[law]).evidence is (Evidence.QUIET if law == "lost" else Evidence.SEEN)


@pytest.mark.parametrize("law", [law for law in ROWS if law not in ("lost", "order")])
def test_the_lines_that_break_it_are_shown(law):
    case = chat(PLAY, "ana", "beto", "caro", law=law, leftovers="allowed")
    transcript = case.told(f"{JOINED}server (noted) looked\n{BROKEN[law]}{END}")
    shown = [transcript.events[i].data for i in judged(law, BROKEN[law]).findings[0].events]
    lines = BROKEN[law].replace("\\r", "\r").splitlines()
    assert shown
    assert all(any(data.decode().strip() in line for line in lines) for data in shown)


# -- one bug costs one check ------------------------------------------------------------------------------------------


ASIDE = [law for law in ROWS if law not in ("lost", "order", "line-end")]


@pytest.mark.parametrize("law", ASIDE)
def test_what_another_check_carries_is_set_aside_and_remarked(law):
    case = chat(PLAY, "ana", "beto", "caro", carried=(law,), ignore=["<*>: <*>", "* caro left"])
    found = case.judged(f"{JOINED}server (noted) looked\n{BROKEN[law]}{END}")
    assert (found.outcome, codes(found.remarks)) == (Outcome.PASSED, [ROWS[law][2]])


@pytest.mark.parametrize(
    ("law", "extra"),
    [
        ("echo", "ana < ana: hola"),
        ("doubled", "beto < ana: hola"),
        ("torn", "beto < ana: ho"),
        ("invented", "beto < ana: x"),
    ],
)
def test_what_no_check_carries_costs_where_it_shows(law, extra):
    play = "ana > hola\nbeto, caro < ana: hola\nana, beto, caro (nothing)"
    plain, aside = (chat(play, "ana", "beto", "caro", carried=carried) for carried in ((), (law,)))
    kept, broken = f"{JOINED}{HOLA}ana (waited) quiet{END}", f"{JOINED}{HOLA}{extra}\nana (waited) quiet{END}"
    assert plain.judged(kept).outcome is Outcome.PASSED
    assert codes(plain.judged(broken).findings) == ["came-unasked"]
    assert (aside.judged(broken).outcome, aside.judged(broken).findings) == (Outcome.PASSED, ())


# -- what is nobody's fault -------------------------------------------------------------------------------------------


WILD = {"no text": "ana >> \\xff\\xfe\\n", "too long": f"ana > {'x' * 4096}"}
AFTERWARDS = "ana > hola\nbeto, caro < ana: \ufffd\nbeto, caro < ana: hola\nbeto < ana: hola\n"


@pytest.mark.parametrize("wild", WILD.values(), ids=WILD)
@pytest.mark.parametrize("law", ["lost", "doubled", "torn", "invented", "order"])
def test_no_law_is_held_against_what_a_wild_client_seems_to_say(law, wild):
    assert judged(law, f"{wild}\n{AFTERWARDS}").outcome is Outcome.PASSED


@pytest.mark.parametrize("law", ["doubled", "invented"])
def test_the_same_is_a_breach_when_the_client_is_tame(law):
    assert judged(law, AFTERWARDS).outcome is Outcome.FAILED


def test_a_line_of_just_4096_bytes_is_not_wild():
    longest = "x" * 4095
    assert judged("lost", f"ana > {longest}\nbeto < ana: {longest}").outcome is Outcome.FAILED


NOBODY_S_LOSS = {
    "the author crashed": "ana > 1\nana (crashed)\nbeto, caro < * ana left",
    "the receiver was frozen": "beto (frozen)\nana > 1\ncaro < ana: 1",
    "the receiver had left": "beto (closed)\nana > 1\ncaro < ana: 1",
    "the receiver was not welcomed": "dani (connected)\nana > 1\nbeto, caro < ana: 1",
    "the receiver was welcomed afterwards": (
        "ana > 1\nbeto, caro < ana: 1\ndani (connected)\ndani < name?\ndani > dani\ndani < welcome dani"
    ),
    "it was a command": "ana > /away\nana > /nonsense\nana > \nana < unknown: /nonsense",
}


@pytest.mark.parametrize("story", NOBODY_S_LOSS.values(), ids=NOBODY_S_LOSS)
def test_what_need_not_arrive_is_not_lost(story):
    assert judged("lost", story).outcome is Outcome.PASSED


MEANWHILE = "dani (connected)\nana > 1\nana > 2\ndani < name?\ndani > dani\ndani < welcome dani\nana > 3\nbeto, caro < ana: 1\nbeto, caro < ana: 2\nbeto, caro < ana: 3\n"


@pytest.mark.parametrize(
    ("law", "heard", "found"),
    [
        ("order", "dani < ana: 2\ndani < ana: 3", []),
        ("order", "dani < ana: 3\ndani < ana: 2", ["reordered"]),
        ("lost", "dani < ana: 2\ndani < ana: 3", []),
        ("lost", "dani < ana: 3", []),
        ("lost", "dani < ana: 1\ndani < ana: 2", ["lost"]),
    ],
)
def test_whoever_comes_in_while_others_talk_hears_the_rest_in_order(law, heard, found):
    """What is on its way when a welcome is read may come or not; what is sent later must."""
    assert codes(judged(law, MEANWHILE + heard).findings) == found


def test_a_client_that_left_after_speaking_has_spoken():
    assert codes(judged("lost", "ana > 1\nana (closed)\ncaro < ana: 1\nbeto, caro < * ana left").findings) == ["lost"]


def test_whoever_joins_again_may_be_announced_to_leave_again():
    again = "caro (connected)\ncaro < name?\ncaro > caro\ncaro < welcome caro\nana, beto < * caro joined\ncaro (closed)\nana, beto < * caro left"
    first = "caro (closed)\nana, beto < * caro left\n"
    assert judged("one-notice", first + again).outcome is Outcome.PASSED
    assert judged("one-notice", f"{first}{again}\nbeto < * caro left").outcome is Outcome.FAILED


def test_what_one_sender_says_twice_is_not_out_of_order():
    said = "ana > a\nana > b\nana > a\nbeto, caro < ana: a\nbeto, caro < ana: b\nbeto, caro < ana: a"
    assert judged("order", said).outcome is Outcome.PASSED


def test_a_message_that_looks_like_a_notice_is_a_message():
    said = "ana > * caro left\nbeto, caro < ana: * caro left\nbeto, caro < * caro left"
    assert judged(["one-notice", "invented", "doubled"], said).outcome is Outcome.PASSED


def test_what_the_play_expects_is_not_invented():
    case = chat("ana > /time\nana < it is <*>", "ana", "beto", law="invented", leftovers="allowed")
    story = "ana, beto (join)\nana > /time\nana < {}\nserver (waited) quiet"
    assert case.judged(story.format("it is noon")).outcome is Outcome.PASSED
    assert codes(case.judged(story.format("hello world")).findings) == ["never-came", "invented"]


def test_many_breaches_are_one_finding_with_a_count():
    story = "".join(f"ana > {n}\nana < ana: {n}\nbeto, caro < ana: {n}\n" for n in range(7))
    (finding,) = judged("echo", story).findings
    assert finding.facts["count"] == 7
    assert len(finding.events) == 7
