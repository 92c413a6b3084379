"""Complaints about a spec in Spanish: every typical mistake of `docs/SPEC.md` has its sentence, with what was filled in."""

import re

import pytest
from test_spec_docs import in_frame, of_kind

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
