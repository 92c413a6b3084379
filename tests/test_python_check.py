"""Checks in Python: what a function does is performed, recorded and judged as a play is."""

import pytest
from conftest import REFERENCE
from plays import codes, heard
from test_spec_load import BASE, complaints_about, load_text

from grader.errors import HarnessError
from grader.judge.verdict import judge
from grader.model import Outcome, Verb
from grader.spec.load import load

FUNCTIONS = """
def talks(stage):
    ana, beto, caro = stage.clients
    for number in range(3):
        ana.send(f"{number} < {number + 1} \\\\\\\\ a | b")
        assert beto.expect("ana: <*>") == f"ana: {number} < {number + 1} \\\\\\\\ a | b"
        caro.expect_text(f"ana: {number} < {number + 1} \\\\\\\\ a | b")
    beto.send("x")
    caro.send("y")
    assert ana.expect_all(["caro: y", "beto: x"]) == ["caro: y", "beto: x"]
    caro.read(), beto.expect("caro: <what>")
    eva = stage.join("eva")
    ana.expect("* <who> joined")
    beto.skip_to("* eva joined")
    caro.expect("* eva joined", within=10)
    eva.send_bytes(b"in two\\r\\n")
    assert caro.read() == "eva: in two"
    ana.read(), beto.read()
    ana.wait(0.01)
    eva.send("in the end")
    ana.skip_the_rest(), beto.skip_the_rest(), caro.skip_the_rest()
    eva.crash()
    for client in (ana, beto, caro):
        client.expect("* eva left")
    assert stage.quiet()
    ana.nothing()
    ana.still_connected()
    stage.server("is running")


def wants_echo(stage):
    ana, *_ = stage.clients
    ana.send("hola")
    ana.expect("ana: hola")
    raise SystemError("never reached")


def finds(stage):
    stage.clients[0].send("/who")
    said = stage.clients[0].read()
    stage.find(f"{len(said.split())} words are too many")


def asserts(stage):
    stage.clients[0].send("/who")
    assert "zoe" in stage.clients[0].read(), "zoe is missing"


def leaves_something(stage):
    stage.clients[0].send("hola")


def divides(stage):
    stage.clients[0].send("hola")
    1 / 0


def misuses(stage):
    stage.client("zoe").send("hola")


def waits_too_long(stage):
    stage.clients[0].wait(61)


def mistypes(stage):
    stage.clients[0].expect("<what is this>")
"""


@pytest.fixture
def conducted(tmp_path, stand):
    (tmp_path / "checks.py").write_text(FUNCTIONS, encoding="utf-8")
    join = "      me < name?\n      me > <me>\n      me < welcome <me>\n"
    assert join in BASE
    words = 'left: "* <name> left"\n  also: ["* here: <*>", "name?"]\n  commands: ["/<*>"]\nclients:'

    def conduct(name):
        from grader.conduct.performers import conduct as play

        top = (
            BASE[: BASE.index("checks:")]
            .replace("clients:", words, 1)
            .replace('words: {name: "[a-z]{1,20}"}', 'words: {name: "[a-z]{1,20}"}')
        )
        top = top.replace('  heard: "<name>: <text>"\nleft', '  heard: "<name>: <text>"\n  left')
        checks = f"checks:\n  - {{id: it, points: 5, clients: [ana, beto, caro], python: checks.py:{name}}}\n"
        spec = load_text(tmp_path, top + checks)
        transcript = play(spec.checks[0], spec, stand.box, REFERENCE.split(), stand.port, seed=7, subject="submission")
        return judge(spec.checks[0], spec, transcript)

    return conduct


def test_a_function_plays_and_the_play_is_in_the_transcript(conducted):
    judged = conducted("talks")
    assert (judged.outcome, judged.findings, judged.remarks) == (Outcome.PASSED, (), ())
    own = [line for line in judged.transcript.play if line.part == "play"]
    assert own[0].text == r"ana > 0 \< 1 \\\\ a | b"
    assert [line.step for line in judged.transcript.play] == list(range(len(judged.transcript.play)))
    assert {Verb.SEND, Verb.EXPECT, Verb.SKIPS_TO, Verb.CRASHES, Verb.NOTHING, Verb.IS_RUNNING} <= {x.verb for x in own}
    assert heard(judged.transcript, "caro").count(b"* eva left\n") == 1
    steps = {event.step for event in judged.transcript.events if event.step is not None}
    assert steps >= {line.step for line in own}


def test_what_does_not_come_ends_the_function_and_is_the_finding(conducted):
    judged = conducted("wants_echo")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.FAILED, ["never-came"])
    assert judged.findings[0].facts["text"] == "ana: hola"
    assert str(judged.evidence) == "quiet"


@pytest.mark.parametrize(("name", "text"), [("finds", "5 words are too many"), ("asserts", "zoe is missing")])
def test_what_a_function_finds_is_a_finding(conducted, name, text):
    judged = conducted(name)
    assert (judged.outcome, codes(judged.findings)) == (Outcome.FAILED, ["not-as-asked"])
    assert judged.findings[0].facts["text"] == text
    assert judged.transcript.events[judged.findings[0].events[0]].data.decode() == text


def test_the_end_is_judged_as_in_any_check(conducted):
    assert codes(conducted("leaves_something").findings) == ["left-over"]


BROKEN = {
    "divides": "ZeroDivisionError: division by zero (checks.py, line",
    "waits_too_long": "'61000ms' is no time that can be waited for.",
    "misuses": "zoe is not connected: (>) makes no sense here",
    "mistypes": "'<what is this>': <what is this> is not a placeholder.",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_function_is_our_problem_and_nobody_s_points(conducted, name):
    with pytest.raises(HarnessError) as raised:
        conducted(name)
    assert raised.value.code == "python-broke"
    assert raised.value.facts["what"].startswith(BROKEN[name])
    assert conducted("talks").outcome is Outcome.PASSED, "the box is whole again"


MISTAKES = {
    "checks.py": ("`python` names a file and a function.", "Write checks/primes.py:agrees_with_sieve."),
    "chekcs.py:talks": ("There is no file 'chekcs.py'.", "It is looked for from the folder of the spec."),
    "checks.py:talk": ("There is no function 'talk' in 'checks.py'.", "The nearest is 'talks'."),
    "bad.py:talks": ("'bad.py' is no Python: line 1 can't be read.", ""),
}


@pytest.mark.parametrize("said", MISTAKES)
def test_a_function_that_is_not_there(tmp_path, said):
    (tmp_path / "checks.py").write_text(FUNCTIONS, encoding="utf-8")
    (tmp_path / "bad.py").write_text("def :\n", encoding="utf-8")
    text = BASE.replace("play: server (listens)", f"python: {said}")
    assert [(m, h) for _, m, h in complaints_about(tmp_path, text)] == [MISTAKES[said]]


def test_a_check_has_one_way(tmp_path):
    (tmp_path / "checks.py").write_text(FUNCTIONS, encoding="utf-8")
    text = BASE.replace("play: server (listens)", "python: checks.py:talks")
    path = tmp_path / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    assert load(path).checks[1].python == f"{tmp_path.resolve()}/checks.py:talks"
    both = BASE.replace("play: server (listens)", "play: server (listens), python: checks.py:talks")
    assert complaints_about(tmp_path, both)[0][1] == "A check has either `play`, `use` or `python`."
