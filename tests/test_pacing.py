"""Who acts after somebody else acts when the server has done with that, however late it does: no correct server stumbles over our haste."""

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


OTHERS = {
    "keeps": relay("ana (connects)\nbeto (connects)\nana > set a 1\nbeto > get a\nbeto < 1"),
    "late": relay("ana (connects)\nana > set a 1\nbeto (connects)\nbeto > get a\nbeto < 1"),
    "both": relay("ana (connects)\nbeto (connects)\nana > set a 1\nana, beto > get a\nana, beto < 1"),
    "hears": relay("ana (connects)\nbeto (connects)\nbeto > hola\nana < hola"),
}


@pytest.mark.parametrize("play", OTHERS)
def test_a_server_that_takes_its_time_passes(stand, play):
    judged = stand.conduct_and_judge(OTHERS[play], "python3 unhurried.py <port> 50")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


@pytest.mark.parametrize(
    ("play", "fault", "code"),
    [("keeps", "forgets", "came-instead"), ("late", "forgets", "came-instead"), ("hears", "deaf", "never-came")],
)
def test_one_that_does_not_do_it_is_caught(stand, play, fault, code):
    judged = stand.conduct_and_judge(OTHERS[play], f"python3 unhurried.py <port> 50 {fault}")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.FAILED, [code])
