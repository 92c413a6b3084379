"""Who takes part in a play besides the server and its ordinary clients: what a spec may say of them, and of loops.

That plays with them pass a right server and catch faulty ones is shown by the specs of `test_specs_graded.py`.
"""

import json
from pathlib import Path

import pytest

from grader.errors import SpecError
from grader.model import Verb
from grader.model.scripts import Repeat
from grader.spec.load import load
from grader.wire.values import BadSum, NoNumber, compute

HERE = Path(__file__).parent


def read(folder: Path, play: str, *, run: str = "python3 server.py <port>", life: str = "check", **more: object):
    spec = {
        "title": "T",
        "server": {"run": run, "life": life},
        "reference": {"folder": ".", "run": "python3 server.py <port>"},
        "checks": [{"id": "it", "points": 1, "clients": ["ana"], "play": play}],
        **more,
    }
    (folder / "spec.yaml").write_text(json.dumps(spec), encoding="utf-8")
    return load(folder / "spec.yaml")


UP = {"clients": {"up": {"listens": True}}}
UDP = {"clients": {"ed": {"protocol": {"transport": "udp"}}}}
TWO = {"servers": {"two": {"run": "./s <port-of-two>"}}}
MISTAKES = {
    "Nobody calls ana: (accepts) makes no sense.": ("ana (accepts)", {}),
    "up is called by the server.": ("up (connects)", UP),
    "Write `up (accepts)` before": ("up > hola", UP),
    "(half-closes) is of connections": ("ed (connects)\ned (half-closes)", UDP),
    "ana and ed speak in different ways.": ("ed (connects)\nana, ed > hola", UDP),
    "'tow' is no port.": ("beto (connects to tow)", TWO),
    "does not say where its port goes": ("ana > a", {"servers": {"two": {"run": "./s <port>"}}}),
    "<port-of-upp> is unknown in a command.": ("ana > a", {**UP, "run": "./s <port> <port-of-upp>"}),
    "'two' is named twice.": ("ana > a", {**TWO, "programs": {"two": {"run": "./c <port>"}}}),
    "One server for all checks has clients of one kind": ("ana > a", {**TWO, "life": "submission"}),
    "'server' can't be the name": ("ana > a", {"programs": {"server": {"run": "./c <port>"}}}),
    "up listens: it has a port of its own.": ("ana > a", {"clients": {"up": {"listens": True, "port": "port2"}}}),
    "'port3x' is no port of a server.": ("ana > a", {"clients": {"up": {"port": "port3x"}}}),
    "ana is no program: (starts) is an act of programs": ("ana (starts)", {}),
    "<p2> has no value here.": ("data (connects to <p2>)", {}),
    "'p1 +' is no sum.": ("ana < <p1>\nana > <value p1 +>", {}),
    "No line says when this loop ends.": ("repeat up to 3 times:\n  ana > a", {}),
    "A loop of so many times has no `-> done`.": ("repeat 3 times:\n  ana < a  -> done", {}),
    "An arrow stands behind a `<` line in a loop.": ("ana < a  -> done", {}),
    "can't follow an arrow.": ("repeat up to 3 times:\n  ana < a  -> stop\n  ana < b  -> done", {}),
    "0 times is out of range.": ("repeat 0 times:\n  ana > a", {}),
    "No line stands under `repeat:`.": ("repeat 3 times:\nana > a", {}),
    "<low> has no value here.": ("low = low + 1\nana > <low>", {}),
    "<low> gets a value here and is used nowhere else.": ("low = 1\nana > a", {}),
    "The loops of this play come to more than": ("repeat 1000 times:\n" + "  ana > a\n" * 30, {}),
    "can't stand inside another group.": ("repeat 3 times:\n  repeat 3 times:\n    ana > a", {}),
}


@pytest.mark.parametrize("said", MISTAKES)
def test_what_makes_no_sense_is_complained_of(tmp_path, said):
    play, more = MISTAKES[said]
    with pytest.raises(SpecError) as caught:
        read(tmp_path, play, **more)
    assert said in str(caught.value)


def test_a_loop_is_kept_as_it_is_written(tmp_path):
    check = read(
        tmp_path, "n = 3\nrepite hasta 4 veces:\n  ana > <n>\n  ana < <*>b  -> listo\n  ana < c  -> n = n - 1"
    ).checks[0]
    assert [line.verb for line in check.play] == [Verb.CONNECTS, Verb.SETTLES]
    first, loop = check.script
    assert first.sets == (("n", "3"),)
    assert isinstance(loop, Repeat)
    assert (loop.most, loop.until, len(loop.steps)) == (4, True, 2)
    assert [(o.pattern, o.ends, o.sets) for o in loop.steps[1].options] == [
        ("<*>b", True, ()),
        ("c", False, (("n", "n - 1"),)),
    ]


SUMS = {
    "1 + 2 * 3": 7,
    "(low + high) / 2": 50,
    "-7 / 2": -4,
    "high % 7 - -1": 3,
    "port-of-up / 256": 82,
    "2*(3-(1))": 4,
}


@pytest.mark.parametrize("written", SUMS)
def test_a_sum_has_a_whole_value(written):
    assert compute(written, {"low": "1", "high": " 100", "port-of-up": "21010"}) == SUMS[written]


@pytest.mark.parametrize("text", ["", "many", "1.5", "１", "9" * 19, "0x10"])
def test_what_a_server_sent_may_be_no_number(text):
    with pytest.raises(NoNumber):
        compute("n + 1", {"n": text})


@pytest.mark.parametrize("written", ["", "1 +", "(1", "1 2", "a ** 2", "__import__('os')", "1;2", "+".join("1" * 90)])
def test_what_is_no_sum_is_refused(written):
    with pytest.raises((BadSum, NoNumber, KeyError)):
        compute(written, {"a": "1"})


def test_a_number_that_grows_without_end_ends():
    with pytest.raises(NoNumber):
        compute("n * n", {"n": "9" * 18})
