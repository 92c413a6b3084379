"""Who acts after somebody has left acts when the server has done with it, however late it sees it: no correct server stumbles over our haste."""

import pytest
from plays import codes, relay

from grader.model import Outcome

IN = "ana (connects)\nana > in ana\nana < ok\nbeto (connects)\nbeto > in beto\nbeto < ok\n"
AGAIN = "ana (connects)\nana > in ana\nana < ok"
LEAVES = relay(f"{IN}ana (leaves)\n{AGAIN}\nbeto < ana left")
CRASHES = relay(f"{IN}ana (crashes)\n{AGAIN}\nbeto < ana left")
AFTER_ITS_NOTICE = relay(f"{IN}ana (leaves)\nbeto < ana left\n{AGAIN}")
AT_ITS_WISH = relay(f"{IN}ana > out\nana (is disconnected)\n{AGAIN}\nbeto < ana left")
PLAYS = {
    "leaves": LEAVES,
    "crashes": CRASHES,
    "notice": AFTER_ITS_NOTICE,
    "wish": AT_ITS_WISH,
}


@pytest.mark.parametrize("style", ["threads", "announces-first", "polls"])
@pytest.mark.parametrize("play", PLAYS)
def test_a_server_that_sees_late_who_has_left_passes(stand, play, style):
    judged = stand.conduct_and_judge(PLAYS[play], f"python3 lodging.py <port> {style} 50")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


@pytest.mark.parametrize("style", ["threads", "polls"])
@pytest.mark.parametrize("play", ["leaves", "crashes", "wish"])
def test_one_that_never_sees_it_is_caught(stand, play, style):
    judged = stand.conduct_and_judge(PLAYS[play], f"python3 lodging.py <port> {style} 50 never")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.FAILED, ["came-instead", "never-came"])
    assert judged.findings[0].facts["got"] == "taken"
