"""`grade spec`: mistakes named, plays told back in words, a schema that fits every spec we ship, and a first spec."""

import json

import jsonschema
import pytest
import yaml
from test_architecture import ROOT
from test_spanish import ENGLISH, SPANISH
from test_spec_docs import of_kind

from grader.cli import main
from grader.cli.explaining import Explainer
from grader.cli.new_spec import KINDS, Answers, ask_all, written
from grader.model import spanish
from grader.spec import acts
from grader.spec.load import load
from grader.spec.ready_made import ready_made
from grader.spec.schema import schema
from grader.words.sentences import LANGUAGES, Sentences

SHIPPED = sorted((ROOT / "specs").glob("*.yaml"))
IN_TESTS = sorted((ROOT / "tests" / "specs").glob("*.yaml"))


def run(capsys, *argv):
    code = main.run(["spec", *map(str, argv)])
    out, err = capsys.readouterr()
    return code, out, err


# ------------------------------------------------------------------------------------------------------------ check


def test_a_spec_without_mistakes(capsys):
    code, out, err = run(capsys, "check", ROOT / "specs" / "chat.yaml", "--lang", "en")
    assert (code, err) == (0, "")
    assert "100 points, no mistakes." in out


def test_every_mistake_is_named_and_counted(capsys, tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("title: T\nserver: {run: ./a}\ncheks: []\n", encoding="utf-8")
    code, out, err = run(capsys, "check", path, "--lang", "es")
    assert (code, out) == (2, "")
    assert f"{path}:3:1: Una especificación no tiene la clave 'cheks'. Lo más parecido es 'checks'." in err
    assert err.endswith("3 errores. Con esta especificación todavía no se puede evaluar nada.\n")
    assert run(capsys, "check", tmp_path / "none.yaml", "--lang", "en")[0] == 2


# ---------------------------------------------------------------------------------------------------------- explain


def explained(path, lang, *only):
    spec = load(path)
    return "\n".join(Explainer(spec, Sentences(lang)).lines([c for c in spec.checks if not only or c.id in only]))


WHOLE = """\
title: Chat
server: {run: ./server <port>, build: make}
reference: {folder: ., run: ./server <port>}
dialect: {words: {name: "[a-z]+"}, heard: "<name>: <text>"}
checks:
  - id: all-of-it
    points: 2.5
    clients: c1..c9
    ignore: ping <*>
    play: |
      c1 > hola  3 times
      c1 >> a|\\r\\n
      c2 < <name>: <said> | nobody: <*>  within 100ms..2s
      c2 < <name>: <said>
      together:
        c3 > <said>
        c4 > <long 20>
      any order:
        c5 < </x+/>
        c5 < <set a, b>
      c1..c9 (still connected)
      c1 (leaves)
      zoe (joins)
      zoe (skips to <number 1..5>)
      server (gets SIGTERM)
      server (stops)
"""
SAID = {
    "en": """\
Chat
One check, 2.5 points.
A server is started with “./server <port>”, after “make”.

all-of-it · all-of-it · 2.5 points
  Before it begins, c1, c2 and 7 more have joined.
    1. c1 sends “hola” 3 times.
    2. c1 sends the bytes “a|\\r\\n”, without an end of line.
    3. c2 reads “<name>: <said> | nobody: <*>” not before 100 ms at the latest after 2000 ms (one of these wordings). \
<name> is what fits [a-z]+; the first time it is learned, then it has to be the same. \
<said> is learned the first time; then it has to be the same. <*> is any text.""",
    "es": "  Antes de empezar entraron c1, c2 y 7 más.",
}


def test_what_will_be_sent_and_expected_in_words(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(WHOLE.replace(" | nobody: <*>", "").replace("(joins)", "(connects)"), encoding="utf-8")
    text = explained(path, "en")
    expected = (
        SAID["en"]
        .replace(" | nobody: <*>", "")
        .replace(" (one of these wordings)", "")
        .replace(" <*> is any text.", "")
    )
    assert text.startswith(expected)
    for line in ("At the same moment:", "In any order:", "zoe connects.", "the server gets a signal SIGTERM.",
                 "<set …> are these words in any order.", "Messages like ping <*> never count."):  # fmt: skip
        assert line in text, line
    assert "Antes de empezar" in explained(path, "es")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", SHIPPED + IN_TESTS, ids=lambda path: path.stem)
def test_every_spec_of_ours_can_be_told_in_words(path, lang):
    text = explained(path, lang)
    assert "‹" not in text, "a sentence is missing"
    assert text.count("\n") > len(load(path).checks)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_act_has_words(lang):
    say = Sentences(lang)
    for name in (*acts.CLIENT_ACTS, *acts.SERVER_ACTS):
        if name != "skips to":
            assert say.has(f"sides.verb.{name.replace(' ', '-')}"), name


def test_a_ready_made_check_is_written_out(capsys, tmp_path):
    path = tmp_path / "s.yaml"
    checks = WHOLE[: WHOLE.index("checks:")] + "checks: [{id: many, points: 1, use: crowd, with: {clients: 3}}]\n"
    path.write_text(checks, encoding="utf-8")
    code, out, _ = run(capsys, "explain", path, "--lang", "en", "--only", "many")
    assert (code, out.count("connects") + out.count(" joins")) == (0, 3)
    assert "c3 sends “hola a todos”" in out
    assert run(capsys, "explain", path, "--only", "mny", "--lang", "en")[2].endswith("The nearest is many.\n")
    assert "crowd" in ready_made()


# ----------------------------------------------------------------------------------------------------------- schema


def valid(text):
    errors = list(
        jsonschema.Draft202012Validator(schema()).iter_errors(
            yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        )
    )
    return [error.message for error in errors]


def test_the_schema_is_a_schema(capsys):
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads(run(capsys, "schema")[1]) == schema()


@pytest.mark.parametrize("path", SHIPPED + IN_TESTS, ids=lambda path: path.stem)
def test_every_spec_of_ours_fits_the_schema(path):
    assert valid(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("block", of_kind("yaml"), ids=str)
def test_every_example_fits_the_schema(block):
    assert valid(block.text) == []


@pytest.mark.parametrize("text", [ENGLISH, SPANISH], ids=["English", "Spanish"])
def test_both_languages_fit(text):
    assert valid(text) == []


MISFITS = {
    ("points: 2,", "pionts: 2,"): "'pionts'",
    ("law: [echo, lost]", "law: [eko]"): "['eko'] is not valid",
    ("server: {run", "server: {rum"): "'rum'",
    ("checks:\n", "chequeos:\n"): "'chequeos'",
    ("points: 8", "points: lots"): "'lots' is not of type 'number'",
}


@pytest.mark.parametrize("edit", MISFITS)
def test_an_editor_marks_what_is_wrong(edit):
    assert edit[0] in ENGLISH
    assert any(MISFITS[edit] in message for message in valid(ENGLISH.replace(*edit, 1)))


# -------------------------------------------------------------------------------------------------------------- new

ODD = 'A "chat": #1 \\ {x} <b>'


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_answered_the_spec_loads(tmp_path, kind, lang):
    answers = Answers(ODD, "python3 'my server.py' <port>", ".", kind, "[<name>] <text>", "GET <x> | \\  y", "* <*> #1")
    path = tmp_path / "s.yaml"
    path.write_text(written(answers, Sentences(lang)), encoding="utf-8")
    spec = load(path)
    assert (spec.title[lang], spec.server.run) == (ODD, answers.run)
    assert len(spec.checks) == 3
    assert path.read_text(encoding="utf-8").count("\n# ") + path.read_text(encoding="utf-8").count("  # ") >= 6
    assert valid(path.read_text(encoding="utf-8")) == []


def test_a_question_is_asked_until_there_is_an_answer(tmp_path, capsys):
    given = iter(
        [
            "",
            "Calculator",
            "python3 server.py",
            "./calc <port>",
            "nowhere",
            ".",
            "neither",
            "answers",
            "PING",
            "2 + 2 = 4",
        ]
    )
    got = ask_all(lambda _question, _otherwise: next(given), Sentences("en"), tmp_path)
    assert got == Answers("Calculator", "./calc <port>", ".", "answers", asked="2 + 2", answer="4")
    said = capsys.readouterr().out
    assert "“python3 server.py” does not say where the port goes." in said
    assert "There is no folder “nowhere”." in said


def test_five_questions_on_the_command_line(tmp_path, capsys, monkeypatch):
    path = tmp_path / "specs" / "first.yaml"
    path.parent.mkdir()
    monkeypatch.setattr("sys.stdin", __import__("io").StringIO("Mi chat\n\n\n\n\n"))
    code, out, _ = run(capsys, "new", path, "--lang", "es")
    assert code == 0, out
    assert out.endswith(f"{path}: 3 pruebas, 20 puntos, sin errores.\n")
    code, _, err = run(capsys, "new", path, "--lang", "es")
    assert (code, "ya existe" in err) == (2, True)
    assert len(spanish.KEYS) > 50
