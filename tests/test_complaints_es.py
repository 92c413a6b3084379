"""Complaints about a spec in Spanish: every typical mistake of `docs/SPEC.md` has its sentence, with what was filled in."""

import ast
import re

import pytest
from conftest import HERE
from test_spec_docs import in_frame, of_kind
from test_spec_load import MISTAKES
from test_spec_play import REFUSED

from grader.cli.main import run
from grader.errors import SpecError
from grader.spec.load import load
from grader.words.complaints import SLOT, in_language, pairs, spanish


def test_each_sentence_stands_once_and_has_what_the_other_has():
    both = pairs()
    assert len({said for said, _ in both}) == len(both)
    for said, there in both:
        assert said.count(SLOT) == there.count(SLOT), said
        assert said[-1] == there[-1] or there.endswith((")", ").")), said
        assert set(re.findall(r"`[a-z]+:?`", said)) >= set(re.findall(r"`[a-z]+:?`", there)) - {"`clave: valor`"}


@pytest.mark.parametrize("block", of_kind("mistake"), ids=str)
def test_every_typical_mistake_is_told_in_spanish(block, tmp_path):
    path = tmp_path / "spec.yaml"
    (tmp_path.parent / "reference").mkdir(exist_ok=True)
    (tmp_path.parent / "reference" / "chat_server.py").write_text("# the course's", encoding="utf-8")
    path.write_text(in_frame(block), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load(path)
    for complaint in caught.value.complaints:
        assert spanish(complaint.message), complaint.message
        assert not complaint.hint or spanish(complaint.hint), complaint.hint
    assert len(in_language(caught.value, "es").splitlines()) == len(str(caught.value).splitlines())
    assert in_language(caught.value, "en") == str(caught.value)


def test_what_was_filled_in_stands_there_too():
    assert spanish("No client is called 'bet' here.") == "Aquí ningún cliente se llama 'bet'."
    assert spanish("The nearest is 'beto'.") == "Lo más parecido es 'beto'."
    assert (
        spanish("A spec needs `server`, `reference` and `checks`.")
        == "A la especificación le falta `server`, `reference` y `checks`."
    )
    assert spanish("Nobody ever says this.") is None


def test_the_command_line_tells_them_in_the_language_that_it_is_asked_for(tmp_path, capsys):
    (tmp_path / "sub").mkdir()
    (tmp_path / "spec.yaml").write_text(
        "title: x\nchecks:\n  - {id: a, pionts: 5, play: server (listens)}\n", encoding="utf-8"
    )
    for command in (["spec", "check", "spec.yaml"], ["sub", "--spec", "spec.yaml"], ["prove", "spec.yaml"]):
        words = [str(tmp_path / w) if w in ("sub", "spec.yaml") else w for w in command]
        assert run([*words, "--lang", "es"]) == 2
        said = capsys.readouterr().err
        assert "Una prueba no tiene la clave 'pionts'. Lo más parecido es 'points'." in said, command
        assert "A la especificación le falta `server` y `reference`." in said


MADE_OF_PARTS = {
    "x is not x.", "x x.", "(x) is of x.", "(x) is not an act of x.", "`x` of x is a whole number x.", "`x:` does not belong to a x server.",
    "(x) needs the text x.", "x, and a client has to send a certain one.", "The server x: (x) makes no sense here.", "x x: x makes no sense here.", "x stands in x, too.", "`x` is a positive numberx.",
}  # fmt: skip
"""Sentences whose parts are sentences themselves: what comes of them is tried in the tables below."""


ENGLISH = re.compile(r"\b(the|is|are|of|with|for|where|stands|needs|must)\b")
QUOTED = re.compile(r"'[^']*'|`[^`]*`|\([^)]*\)|<[^>]*>|text with u8 length|{of: u8")
"""What stands in a sentence as it is in a spec."""


def written_out(node):
    """The texts that an expression may be, with x for what is filled in."""
    if isinstance(node, ast.IfExp | ast.BoolOp | ast.Tuple):
        parts = {ast.IfExp: ("body", "orelse"), ast.BoolOp: ("values",), ast.Tuple: ("elts",)}[type(node)]
        for part in parts:
            for one in [getattr(node, part)] if part in ("body", "orelse") else getattr(node, part):
                yield from written_out(one)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.strip()
    elif isinstance(node, ast.JoinedStr):
        yield "".join(v.value if isinstance(v, ast.Constant) else "x" for v in node.values).strip()


def told(tree):
    """What a module may say to an instructor."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("complain", "add", "unknown", "Wrong", "TemplateError", "Lacking", "_complain"):
                for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                    yield from written_out(argument)
        elif isinstance(node, ast.Assign):
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            if names & {"hint", "message", "otherwise"}:
                yield from written_out(node.value)


@pytest.mark.parametrize("room", ["spec", "wire"])
def test_every_sentence_of_the_loader_has_one_in_spanish(room):
    found = {
        said
        for path in (HERE.parent / "grader" / room).rglob("*.py")
        for said in told(ast.parse(path.read_text(encoding="utf-8")))
        if " " in said and said[-1] in ".?"
    }
    assert len(found) > 30
    whole = {said: spanish(said) for said in found - MADE_OF_PARTS}
    assert {said for said, there in whole.items() if there is None} == set()
    assert {there for there in whole.values() if there and ENGLISH.search(QUOTED.sub("", there))} == set()


LANGUAGE_ONLY = re.compile(r"[\w<>() ,-]+\.|`[^`]+`")
"""What is made of words of the language alone reads the same."""
SAID = {
    said for *_, complaints in (*REFUSED, *MISTAKES) for _, message, hint in complaints for said in (message, hint) if said
}  # fmt: skip


@pytest.mark.parametrize("said", sorted(SAID))
def test_every_complaint_that_the_tests_know_is_told_in_spanish(said):
    there = spanish(said)
    assert there or LANGUAGE_ONLY.fullmatch(said)
    if said.startswith(("These are: ", "These checks need")):
        return  # a list of acts, or of checks
    assert not re.search(
        r"\b(the|is|are|stands|needs)\b", re.sub(r"'[^']*'|`[^`]*`|\([^)]*\)|<[^>]*>", "", there or "")
    )
