"""Framings and matchers in Python: an instructor's class and function do what ours do, and what breaks is theirs to mend."""

import pickle
import shutil
from textwrap import dedent, indent

import pytest
from plays import Case, codes
from test_spec_load import complaints_about, load_text

from grader.errors import HarnessError
from grader.model import Outcome
from grader.words import Sentences

FRAMINGS = """
from grader.wire.framing import Framing


class Stuffed(Framing):
    def encode(self, message: bytes) -> bytes:
        return b"~" + message.replace(b"}", b"}]").replace(b"~", b"}^") + b"~"

    def end(self, data: bytes) -> int | None:
        at = data.find(b"~", 1)
        return at + 1 if at > 0 else None

    def strip(self, message: bytes) -> bytes:
        return message.strip(b"~").replace(b"}^", b"~").replace(b"}]", b"}")


class Divides(Stuffed):
    def end(self, data: bytes) -> int | None:
        return len(data) // 0


class Nothing(Stuffed):
    def end(self, data: bytes) -> int | None:
        return 0


class Sends(Stuffed):
    def encode(self, message: bytes) -> bytes:
        return None


class Strips(Stuffed):
    def strip(self, message: bytes) -> bytes:
        return message.text


class Other:
    pass
"""
MATCHERS = """
def is_prime(text: str) -> bool | str:
    number = int(text)
    other = next((n for n in range(2, number) if number % n == 0), None)
    return True if other is None else f"{text} is {other} times {number // other}"


def divides(text: str, by: str) -> bool | str:
    return int(text) % int(by) == 0


def counts(text: str) -> int:
    return 3
"""
STUFFED = "{python: framings.py:Stuffed}"


@pytest.fixture
def written(tmp_path):
    (tmp_path / "framings.py").write_text(FRAMINGS, encoding="utf-8")
    (tmp_path / "own.py").write_text(MATCHERS, encoding="utf-8")

    def spec(play, framing=STUFFED):
        return dedent("""\
            title: Relay
            server: {run: python3 server.py <port>}
            reference: {folder: ., run: python3 server.py <port>}
            protocol: {framing: %s}
            checks:
              - id: it
                points: 5
                clients: [ana, beto]
                play: |
            """) % framing + indent(play, "      ")  # fmt: skip

    return spec


@pytest.fixture
def judged(written, tmp_path, stand):
    def conduct(play, fault="", framing=STUFFED):
        spec = load_text(tmp_path, written(play, framing))
        return stand.conduct_and_judge(Case(spec.checks[0], spec), f"python3 stuffed.py <port> {fault}".strip())

    return conduct


TALK = "ana > a ~ b } c\nbeto < a ~ b } c\nana >> ~ho|la~~x~\nbeto < hola\nbeto < x\nbeto << ~x~"


def test_a_framing_of_the_instructor_s_own_cuts_and_sends(judged):
    found = judged(TALK.removesuffix("\nbeto << ~x~"))
    assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, [])


@pytest.mark.parametrize(("fault", "code"), [("bare", "came-instead"), ("flag", "never-came")])
def test_it_catches_a_faulty_server(judged, fault, code):
    assert codes(judged("ana > a ~ b\nbeto < a ~ b", fault).findings) == [code]


BROKEN = {
    "Divides": "ZeroDivisionError: integer division or modulo by zero (framings.py, line 19)",
    "Nothing": "ValueError: end() gave 0: a message has at least one byte",
    "Sends": "TypeError: cannot convert 'NoneType' object to bytes",
    "Strips": "AttributeError: 'bytes' object has no attribute 'text' (framings.py, line 34)",
    "Other": "Other in framings.py is no framing: write class Other(Framing)",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_in_it_is_a_grader_problem_with_its_line(judged, name):
    with pytest.raises(HarnessError) as raised:
        judged("ana > hola\nbeto < hola", framing=f"{{python: framings.py:{name}}}")
    assert raised.value.code == "python-broke"
    assert raised.value.facts["what"].startswith(BROKEN[name])
    assert judged("ana > hola\nbeto < hola").outcome is Outcome.PASSED, "the box is whole again"


def test_a_matcher_of_the_instructor_s_own_says_what_fits_and_why_not(judged):
    play = "ana > 97 of 98\nbeto < <python own.py:is_prime> of <python own.py:divides 7>"
    assert judged(play).outcome is Outcome.PASSED
    found = judged(play.replace("97", "91"))
    assert codes(found.findings) == ["came-instead"]
    for language, words in (("en", "the function of the course says"), ("es", "la función del curso dice")):
        said = Sentences(language).say(f"misfit.{found.findings[0].facts['why']}", **found.findings[0].facts)
        assert words in said
        assert "91 is 7 times 13" in said
    assert codes(judged(play.replace("98", "99")).findings) == ["came-instead"]


def test_a_matcher_stands_in_json_too(judged):
    play = 'ana > {"n": 97}\nbeto < {"n": <python own.py:is_prime>}'
    assert judged(play, framing="json", fault="").outcome is not Outcome.PASSED  # stuffed.py knows no JSON
    from grader.wire.doors import sources
    from grader.wire.json_phrase import JsonPhrase

    phrase = JsonPhrase.parse('{"n": <python own.py:is_prime>}', sources({"own.py": MATCHERS}))
    assert phrase.match('{"n": 97}', {}) == {}
    assert phrase.match('{"n": 91}', {}) is None


@pytest.mark.parametrize("block", ["{}", "together:\n  {}\n  ana > x\nana, beto (nothing)"])
@pytest.mark.parametrize(
    ("matcher", "what"),
    [
        ("own.py:is_prime", "ValueError: invalid literal for int() with base 10: 'hola' (own.py, line 3)"),
        ("own.py:counts", "own.py:counts gave 3: write True, or why the text does not fit"),
    ],
)
def test_what_breaks_in_a_matcher_is_a_grader_problem_wherever_it_stands(judged, block, matcher, what):
    with pytest.raises(HarnessError) as raised:
        judged("ana > hola\n" + block.format(f"beto < <python {matcher}>"))
    assert raised.value.facts["what"] == what


MISTAKES = [
    ("{python: framings}", "`python` of the framing python is a file and a class, such as framings.py:Stuffed.", ""),
    ("{python: framing.py:Stuffed}", "There is no file 'framing.py'.", "It is looked for from the folder of the spec."),
    ("{python: framings.py:Stufed}", "There is no class 'Stufed' in 'framings.py'.", "The nearest is 'Stuffed'."),
    ("{python: bad.py:Stuffed}", "'bad.py' is no Python: line 1 can't be read.", ""),
]


@pytest.mark.parametrize(("framing", "message", "hint"), MISTAKES)
def test_a_framing_that_is_not_there(written, tmp_path, framing, message, hint):
    (tmp_path / "bad.py").write_text("def :\n", encoding="utf-8")
    assert [c[1:] for c in complaints_about(tmp_path, written("ana > x", framing))] == [(message, hint)]


@pytest.mark.parametrize(
    ("matcher", "message"),
    [
        ("own", "<python own> names no function."),
        ("own.py:isprime", "There is no function 'isprime' in 'own.py'."),
        ("none.py:is_prime", "There is no file 'none.py'."),
    ],
)
def test_a_matcher_that_is_not_there(written, tmp_path, matcher, message):
    found = complaints_about(tmp_path, written(f"ana > 3\nbeto < <python {matcher}>"))
    assert [message] == [complaint[1] for complaint in found]


def test_a_matcher_can_t_be_sent_nor_stand_outside_of_plays(written, tmp_path):
    found = complaints_about(tmp_path, written("ana > <python own.py:is_prime>"))
    assert len(found) == 1
    text = written("ana > 3").replace("points: 5", "points: 5\n    ignore: <python own.py:is_prime>")
    assert [c[1] for c in complaints_about(tmp_path, text)] == ["`ignore`: <python …> stands only in plays."]


def test_the_python_of_a_spec_travels_with_it(written, tmp_path, stand):
    functions = tmp_path / "checks.py"
    functions.write_text("def talks(stage):\n    ana, beto = stage.clients\n    ana.send('x')\n    beto.expect('x')\n")
    text = written("ana > 97\nbeto < <python own.py:is_prime>")
    text += "\n  - {id: talks, points: 5, clients: [ana, beto], python: checks.py:talks}\n"
    there = pickle.loads(pickle.dumps(load_text(tmp_path, text)))
    shutil.rmtree(tmp_path)
    for check in there.checks:
        found = stand.conduct_and_judge(Case(check, there), "python3 stuffed.py <port>")
        assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, []), check.id


def test_a_change_of_the_python_is_a_change_of_what_is_asked(written, tmp_path):
    from grader.spec.contents import contents

    text = written("ana > 97\nbeto < <python own.py:is_prime>")
    before = contents(load_text(tmp_path, text))
    (tmp_path / "own.py").write_text(MATCHERS + "# more\n", encoding="utf-8")
    assert contents(load_text(tmp_path, text)) != before
    (tmp_path / "checks.py").write_text("def talks(stage):\n    pass\n")
    text += "\n  - {id: talks, points: 5, python: checks.py:talks}\n"
    before = contents(load_text(tmp_path, text))
    (tmp_path / "checks.py").write_text("def talks(stage):\n    return\n")
    after = contents(load_text(tmp_path, text))
    assert (after["it"], after["talks"] != before["talks"]) == (before["it"], True)


def test_a_kind_of_client_with_a_protocol_of_its_own_has_the_doors_too(written, tmp_path, stand):
    text = written("ana > 97\nbeto < <python own.py:is_prime>", framing="line")
    text = text.replace(
        "checks:", f"clients:\n  own: {{played_by: [ana, beto], protocol: {{framing: {STUFFED}}}}}\nchecks:", 1
    )
    spec = load_text(tmp_path, text)
    found = stand.conduct_and_judge(Case(spec.checks[0], spec), "python3 stuffed.py <port>")
    assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, [])
