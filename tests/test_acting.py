"""While one client acts, no other may take the server's silence for its last word.

A server that has read half a line waits for the rest: it is quiet, and yet it will speak, because a client of ours is
still in the midst of its lines. Bytes that are paced one by one make that last; a thread that is held up makes it sure.
"""

import threading

import pytest
from plays import chat, codes

from grader.conduct.acting import Acting
from grader.conduct.acts import Acts
from grader.conduct.at_once import at_once
from grader.model import Evidence, Line, Outcome

WORD = "|".join("otorrinolaringologa")
SLOWLY = f"together:\n  ana >> {WORD}\\n\n  beto < ana: otorrinolaringologa\n  caro < ana: otorrinolaringologa"
IN_TURN = f"together:\n  ana >> {WORD}\\n\n  beto < ana: otorrinolaringologa\n  beto > si\n  caro < ana: otorrinolaringologa\n  caro < beto: si\n  ana < beto: si"
GREETING = "together:\n  ana > hola\n  ana > adios\n  beto < ana: hola\n  caro < ana: hola\n  caro < ana: adios\n  beto < ana: adios"
NEVER = f"together:\n  ana >> {WORD}\\n\n  beto < ana: otra\n  caro < ana: otorrinolaringologa"
NOBODY = "together:\n  ana < beto: hola\n  beto < caro: hola\n  caro < ana: hola"
NAMES = ("ana", "beto", "caro")


@pytest.mark.parametrize("play", [SLOWLY, IN_TURN])
@pytest.mark.parametrize("run", ["python3 chat_server.py <port>", "python3 chat.py <port>"])
def test_who_waits_outwaits_a_client_that_is_still_acting(stand, play, run):
    judged = stand.conduct_and_judge(chat(play, *NAMES), run)
    assert (judged.outcome, codes(judged.findings), judged.evidence) == (Outcome.PASSED, [], Evidence.QUIET)


@pytest.mark.parametrize("play", [SLOWLY, IN_TURN, GREETING])
def test_a_client_that_is_held_up_is_outwaited(stand, play, monkeypatch):
    """The thread of a client gets no processor for a while: to the server that is silence, and not its own."""
    do, hold = Acts.do, threading.Event()

    def held_up(acts: Acts, line: Line) -> None:
        if line.block is not None and line.who == ("ana",):
            hold.wait(0.3)
        do(acts, line)

    monkeypatch.setattr(Acts, "do", held_up)
    judged = stand.conduct_and_judge(chat(play, *NAMES))
    assert (judged.outcome, codes(judged.findings), judged.evidence) == (Outcome.PASSED, [], Evidence.QUIET)


@pytest.mark.parametrize("fault", ["deaf", "loses"])
def test_who_waits_in_vain_is_told_when_nobody_acts_any_more(stand, fault):
    play = SLOWLY.replace("ana >>", "ana > uno\n  ana > dos\n  ana >>")
    play = play.replace("beto <", "beto (skips to ana: dos)\n  beto <").replace(
        "caro <", "caro (skips to ana: dos)\n  caro <"
    )
    judged = stand.conduct_and_judge(chat(play, *NAMES), f"python3 chat.py <port> {fault}")
    assert (judged.outcome, judged.evidence) == (Outcome.FAILED, Evidence.QUIET)
    assert set(codes(judged.findings)) == {"never-came"}


def test_another_message_than_the_one_that_was_due_is_found_beside_one_who_acts(stand):
    judged = stand.conduct_and_judge(chat(NEVER, *NAMES))
    assert codes(judged.findings) == ["came-instead"]


def test_those_who_all_wait_for_each_other_end_by_quiet(stand):
    judged = stand.conduct_and_judge(chat(NOBODY, *NAMES))
    assert (codes(judged.findings), judged.evidence) == (["never-came"] * 3, Evidence.QUIET)


# -- who is still to act ---------------------------------------------------------------------------------------------


def test_a_client_whose_thread_has_not_run_yet_counts_as_acting():
    acting = Acting()
    acting.begin(2)
    with acting.waiting(lambda: False, last=True):
        assert acting.still(last=True) is None
        acting.end()
        assert acting.still(last=True) is not None


@pytest.mark.parametrize(
    ("come", "goes_on", "still"),
    [(False, False, True), (True, False, False), (False, True, False), (True, True, False)],
)
def test_another_wait_is_hopeless_only_if_nothing_has_come_and_nothing_follows_it(come, goes_on, still):
    acting = Acting()
    acting.begin(2)
    inside, leave = threading.Event(), threading.Event()

    def wait() -> None:
        with acting.waiting(lambda: come, last=not goes_on):
            inside.set()
            leave.wait()

    other = threading.Thread(target=wait, daemon=True)
    other.start()
    inside.wait()
    with acting.waiting(lambda: False, last=True):
        assert (acting.still(last=True) is not None) == still
        assert (acting.still(last=False) is not None) == (not come), "who keeps pace waits for nobody who keeps pace"
    leave.set()
    other.join()


def test_a_turn_that_another_took_meanwhile_shows():
    acting = Acting()
    acting.begin(1)
    with acting.waiting(lambda: False, last=True):
        before = acting.still(last=True)
        with acting.waiting(lambda: True, last=False):
            pass
        assert acting.still(last=True) != before


def test_what_breaks_in_one_of_those_who_act_at_once_is_ours_and_raised():
    def act(name: str) -> bool:
        if name == "beto":
            raise OSError("too many open files")
        return True

    with pytest.raises(OSError, match="too many"):
        at_once(["ana", "beto"], act, Acting())
