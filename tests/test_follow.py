"""Which message meets which line of a play: stories of what was sent and received, and what was met by then.

The last line of each play is the one that is asked about; `met` tells the story and asks the follower for beto.
"""

import pytest
from plays import chat

from grader.judge.follow import Met
from grader.model import Verb

JOINED = "ana, beto, caro (join)\n"
SAID = "ana > 1\nana > 2\ncaro > 3\n"


def take_in(follower, case, index, event):
    """What the conductor and the judge do: hand on each event; where somebody has joined, empty the inboxes."""
    follower.feed(index, event)
    if event.note == "settled":
        for line in case.check.play[: event.step]:
            if line.verb is Verb.EXPECT:
                assert follower.meet(line, line.who[0]) is Met.YES
        follower.empty()


def follow(case, story):
    """A follower that has seen the story, and its events."""
    follower, events = case.follow(), case.told(story).events
    for index, event in enumerate(events):
        take_in(follower, case, index, event)
    return follower, events


def met(play, received, *, final=False, said=SAID, who="beto", **keys):
    case = chat(play, "ana", "beto", "caro", **keys)
    follower, _ = follow(case, JOINED + said + received)
    line = next(
        x
        for x in reversed(case.check.play)
        if who in x.who and x.verb in (Verb.EXPECT, Verb.EXPECT_MAYBE, Verb.SKIPS_TO)
    )
    return follower.meet(line, who, final=final)


FIFO = "ana > 1\nana > 2\nbeto < ana: 1\nbeto < ana: 2"
ANY = "ana > 1\ncaro > 3\nbeto < ana: 1\nbeto < caro: 3"
OTHER = "ana > 1\ncaro > 3\nbeto < caro: 3\nbeto < ana: 1"
MAYBE = "ana > 1\nbeto <? ana: 0\nbeto < ana: 1"
SKIPS = "ana > 1\nana > 2\nbeto (skips to ana: 2)"
ALTERNATIVES = "ana > 1\nbeto < ana: 1 | ana: one"
TIMES = "ana > <i>  3 times\nbeto < ana: <i>  3 times"

# play, what beto receives, how far the last line has got
ROWS = {
    "nothing has come": (FIFO, "", Met.OPEN),
    "the first has come": (FIFO, "beto < ana: 1", Met.OPEN),
    "both have come": (FIFO, "beto < ana: 1\nbeto < ana: 2", Met.YES),
    "both have come in the other order": (FIFO, "beto < ana: 2\nbeto < ana: 1", Met.MISFIT),
    "something else has come": (FIFO, "beto < ana: 1\nbeto < caro: 3", Met.MISFIT),
    "what another receives does not count": (FIFO, "caro < ana: 1\ncaro < ana: 2", Met.OPEN),
    "two senders, as written": (ANY, "beto < ana: 1\nbeto < caro: 3", Met.YES),
    "two senders, the other way round": (ANY, "beto < caro: 3\nbeto < ana: 1", Met.YES),
    "two senders, one twice": (OTHER, "beto < caro: 3\nbeto < caro: 3", Met.MISFIT),
    "what may come has come": (MAYBE, "beto < ana: 0\nbeto < ana: 1", Met.YES),
    "what may come has not come": (MAYBE, "beto < ana: 1", Met.YES),
    "what may come has come, and nothing else": (MAYBE, "beto < ana: 0", Met.OPEN),
    "skipped to": (SKIPS, "beto < ana: 1\nbeto < caro: 3\nbeto < ana: 2", Met.YES),
    "skipped and not found": (SKIPS, "beto < ana: 1\nbeto < caro: 3", Met.OPEN),
    "the first alternative": (ALTERNATIVES, "beto < ana: 1", Met.YES),
    "the second alternative": (ALTERNATIVES, "beto < ana: one", Met.YES),
    "no alternative": (ALTERNATIVES, "beto < ana: I", Met.MISFIT),
    "as many times": (TIMES, "beto < ana: 1\nbeto < ana: 2\nbeto < ana: 3", Met.YES),
    "not as many times": (TIMES, "beto < ana: 1\nbeto < ana: 2", Met.OPEN),
    "as many times but not in turn": (TIMES, "beto < ana: 1\nbeto < ana: 1", Met.MISFIT),
}


# (see `pairing.skipped`)
NAMED = "ana > 1\nana > 2\nbeto (skips to ana: <*>)"
ROWS |= {
    "skipped to the first of two": (f"{SKIPS}\nbeto < caro: 3", "beto < ana: 2\nbeto < ana: 2", Met.MISFIT),
    "skipped to both, one after the other": (
        f"{SKIPS}\nbeto (skips to caro: 3)",
        "beto < ana: 2\nbeto < caro: 3",
        Met.YES,
    ),
    "skipped past what is needed later": (
        f"{SKIPS}\nbeto (skips to caro: 3)",
        "beto < caro: 3\nbeto < ana: 2",
        Met.OPEN,
    ),
    "skipped to whatever fits": (NAMED, "beto < caro: 3\nbeto < ana: 2", Met.YES),
    "skipped to, and nothing fits": (NAMED, "beto < caro: 3", Met.OPEN),
}


@pytest.mark.parametrize(("play", "received", "expected"), ROWS.values(), ids=ROWS)
def test_how_far_a_line_has_got(play, received, expected):
    assert met(play, received) is expected


def test_what_may_come_at_the_end_is_met_when_nothing_more_comes():
    play = "ana > 1\nbeto < ana: 1\nbeto <? ana: 0"
    assert met(play, "beto < ana: 1") is Met.OPEN
    assert met(play, "beto < ana: 1", final=True) is Met.YES


# -- in any order, as a whole -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("story", ["beto < ana: 1\nbeto < ana: 2", "beto < ana: 2\nbeto < ana: 1"])
def test_a_group_is_paired_as_a_whole_and_not_greedily(story):
    """`ana: <*>` would take either message; it must leave `ana: 1` to the line that takes nothing else."""
    play = "ana > 1\nana > 2\nany order:\n  beto < ana: <*>\n  beto < ana: 1"
    assert met(play, story) is Met.YES


def test_a_long_chain_is_moved_to_make_room():
    wide = [f"  beto < {' | '.join(f'ana: {m}' for m in range(n, n + 2))}" for n in range(1, 6)]
    play = "ana > <i>  6 times\nany order:\n" + "\n".join([*wide, "  beto < ana: 1"])
    said = "ana > 1\nana > 2\nana > 3\nana > 4\nana > 5\nana > 6\n"
    for order in ([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [2, 3, 4, 5, 6, 1], [1, 3, 5, 2, 4, 6]):
        assert met(play, "\n".join(f"beto < ana: {n}" for n in order), said=said) is Met.YES
    assert met(play, "\n".join(f"beto < ana: {n}" for n in (6, 6)), said=said) is Met.MISFIT


def test_who_met_what_is_told_for_each_message():
    case = chat("ana > 1\nana > 2\nany order:\n  beto < ana: <*>\n  beto < ana: 1", "ana", "beto", "caro")
    follower, events = follow(case, JOINED + "ana > 1\nana > 2\nbeto < ana: 1\nbeto < ana: 2")
    *_, free, fixed = case.check.play
    assert follower.meet(fixed, "beto") is Met.YES
    steps = {events[i].data: step for i, step in follower.step_of.items()}
    assert (steps[b"ana: 1\n"], steps[b"ana: 2\n"]) == (fixed.step, free.step)


# -- among several senders ---------------------------------------------------------------------------------------------


MAYBE_AMONG = "ana > 1\ncaro > 3\nbeto <? ana: 0\nbeto < ana: 1\nbeto < caro: 3"
SKIPS_AMONG = "ana > 1\ncaro > 3\nbeto < ana: 1\nbeto (skips to caro: 3)"


@pytest.mark.parametrize(
    ("play", "received"),
    [
        (MAYBE_AMONG, "beto < ana: 1\nbeto < caro: 3"),
        (MAYBE_AMONG, "beto < caro: 3\nbeto < ana: 1"),
        (MAYBE_AMONG, "beto < caro: 3\nbeto < ana: 0\nbeto < ana: 1"),
        (SKIPS_AMONG, "beto < ana: 1\nbeto < caro: 3"),
        (SKIPS_AMONG, "beto < caro: 3\nbeto < ana: 1"),
        (SKIPS_AMONG, "beto < ana: 1\nbeto < * dani is away\nbeto < caro: 3"),
    ],
)
def test_what_may_come_or_is_skipped_stays_so_among_several_senders(play, received):
    case = chat(play, "ana", "beto", "caro")
    follower, _ = follow(case, f"{JOINED}ana > 1\ncaro > 3\n{received}")
    lines = [x for x in case.check.play if x.part == "play" and x.verb not in (Verb.SEND, Verb.SETTLES)]
    assert [follower.meet(line, "beto", final=True) for line in lines] == [Met.YES] * len(lines)


def test_what_must_come_is_asked_for_among_several_senders_too():
    case = chat(MAYBE_AMONG, "ana", "beto", "caro")
    follower, _ = follow(case, f"{JOINED}ana > 1\ncaro > 3\nbeto < ana: 0\nbeto < ana: 1")
    assert follower.meet(case.check.play[-1], "beto", final=True) is Met.OPEN


@pytest.mark.parametrize("received", ["beto < ana: one\nbeto < caro: 3", "beto < caro: 3\nbeto < ana: one"])
def test_a_capture_among_several_senders_is_known_afterwards(received):
    case = chat("ana > 1\ncaro > 3\nbeto < ana: <x>\nbeto < caro: 3\ncaro > <x>", "ana", "beto", "caro")
    follower, _ = follow(case, f"{JOINED}ana > one\ncaro > 3\n{received}")
    assert follower.meet(case.check.play[-2], "beto") is Met.YES
    assert follower.known == {"x": "one"}


# -- captures ---------------------------------------------------------------------------------------------------------


def test_a_capture_is_known_to_the_lines_after_it():
    play = "ana > 1\nbeto < ana: <x>\ncaro > 2\nbeto < caro: <x>"
    case = chat(play, "ana", "beto", "caro")
    last = case.check.play[-1]
    for second, expected in (("one", Met.YES), ("two", Met.MISFIT)):
        follower, _ = follow(case, f"{JOINED}ana > one\nbeto < ana: one\ncaro > {second}\nbeto < caro: {second}")
        assert follower.meet(last, "beto") is expected
        assert follower.known == {"x": "one"}


def test_a_capture_obeys_its_word():
    play = "ana > 1\nbeto < <name> wrote\ncaro > <name>"
    assert met(play, "beto < ana wrote") is Met.YES
    assert met(play, "beto < ana-maria wrote") is Met.MISFIT


# -- what is not in the inbox -----------------------------------------------------------------------------------------


def test_ignored_lines_meet_and_disturb_nothing():
    assert met(FIFO, "beto < * caro is away\nbeto < ana: 1\nbeto < ana: 2") is Met.MISFIT
    assert met(FIFO, "beto < * caro is away\nbeto < ana: 1\nbeto < ana: 2", ignore=["* <*> is away"]) is Met.YES


def test_a_line_that_breaks_a_law_of_another_check_is_set_aside():
    story = "beto < ana: 1\nbeto < ana: 1\nbeto < ana: 2"
    assert met(FIFO, story) is Met.MISFIT
    assert met(FIFO, story, carried=("doubled",)) is Met.YES


def test_a_line_set_aside_is_not_waiting_either():
    case = chat("ana > 1\nbeto < ana: 1", "ana", "beto", "caro", carried=("doubled",))
    follower, _ = follow(case, JOINED + "ana > 1\nbeto < ana: 1\nbeto < ana: 1")
    assert follower.meet(case.check.play[-1], "beto") is Met.YES
    assert follower.waiting("beto") == []
    assert [b.law for _, b in follower.set_aside] == ["doubled"]


# -- several clients, and the joins -----------------------------------------------------------------------------------


def test_a_line_of_several_clients_is_met_by_each_for_itself():
    play = "ana > 1\nbeto, caro < ana: 1"
    assert met(play, "beto < ana: 1", who="beto") is Met.YES
    assert met(play, "beto < ana: 1", who="caro") is Met.OPEN


def test_what_came_while_others_joined_meets_nothing_in_the_play():
    case = chat("beto < * caro joined", "ana", "beto", "caro")
    follower, _ = follow(case, JOINED)
    assert follower.meet(case.check.play[-1], "beto") is Met.OPEN


def test_raw_expectations_see_the_end_of_the_line():
    play = "ana > 1\nbeto << ana: 1\\n"
    case = chat(play, "ana", "beto", "caro")
    for raw, expected in (("ana: 1\\n", Met.YES), ("ana: 1\\r\\n", Met.MISFIT)):
        follower, _ = follow(case, f"{JOINED}ana > 1\nbeto << {raw}")
        assert follower.meet(case.check.play[-1], "beto") is expected


@pytest.mark.parametrize("play", [FIFO, ANY, SKIPS, TIMES])
def test_following_in_one_go_or_bit_by_bit_comes_to_the_same(play):
    """The conductor asks after each event, the judge once at the end."""
    case = chat(play, "ana", "beto", "caro")
    said = "ana > 1\nana > 2\nana > 3\ncaro > 3\n"
    events = case.told(f"{JOINED}{said}beto < ana: 1\nbeto < caro: 3\nbeto < ana: 2\nbeto < ana: 3").events
    patient, eager = case.follow(), case.follow()
    line = case.check.play[-1]
    for index, event in enumerate(events):
        for follower in (patient, eager):
            take_in(follower, case, index, event)
        eager.meet(line, "beto")
    assert patient.meet(line, "beto") is eager.meet(line, "beto")
    assert patient.step_of == eager.step_of
