"""A dialect that was printed can be pasted into a spec, for a whole class, and corrected there by hand."""

import shutil

import pytest
from dialects_at_hand import HERE, folder_of

from grader.cli.main import run
from grader.course.grading import Grading
from grader.course.wish import Wish
from grader.errors import SpecError
from grader.model import Learned, Outcome
from grader.spec.load import load

ANY_CHAT = HERE.parent.parent / "specs" / "any-chat.yaml"
SMALL = """\
title: A class that talks alike
server: {{run: python3 server.py <port>, port: any, host: any}}
{dialect}
checks:
  - {{id: reaches, points: 2, clients: [ana, beto], play: "ana > hola\\nbeto < ana: hola\\n"}}
  - {{id: tells, points: 1, clients: [ana, beto], play: "ana (leaves)\\nbeto < * ana left\\n"}}
"""


def printed(folder, capfd):
    """What `grade dialect` prints, from `dialect:` on, as somebody would copy it."""
    assert run(["dialect", str(folder), "--lang", "en"]) == 0
    text = capfd.readouterr().out
    return text[text.index("dialect:\n") :]


def outcomes(folder, spec, only=()):
    grade = Grading(folder, spec, Wish(7, only=only, explained=False)).run()
    return {v.check.id: v.outcome for v in grade.verdicts if v.outcome is not None}, grade


def test_it_can_be_pasted_into_a_copy_of_any_chat(tmp_path, capfd):
    folder, _ = folder_of("slash_nick.py", tmp_path)
    text = ANY_CHAT.read_text(encoding="utf-8")
    assert text.count("\ndialect: discover\n") == 1
    spec = tmp_path / "ours.yaml"
    spec.write_text(text.replace("\ndialect: discover\n", "\n" + printed(folder, capfd)), encoding="utf-8")
    loaded = load(spec)
    assert loaded.talks.hello == ("/nick <name>",)
    found, grade = outcomes(folder, loaded, ("reaches", "sender", "leaves-told"))
    assert found == {"reaches": Outcome.PASSED, "sender": Outcome.PASSED, "leaves-told": Outcome.PASSED}
    assert [n.code for n in grade.notices] == ["talks-written"]


def test_in_a_spec_that_extends_it_and_it_counts_more_than_the_folder(tmp_path, capfd):
    folder, _ = folder_of("prompt_spanish.py", tmp_path)
    shutil.copy(ANY_CHAT, tmp_path / "any-chat.yaml")
    spec = tmp_path / "ours.yaml"
    spec.write_text("extends: any-chat.yaml\n" + printed(folder, capfd), encoding="utf-8")
    (folder / "submission.yaml").write_text("run: python3 server.py\ndialect: {say: 'NO <text>', framing: header64}\n")
    assert outcomes(folder, load(spec), ("reaches",))[0] == {"reaches": Outcome.PASSED}


def test_what_was_not_found_out_is_corrected_by_hand(tmp_path, capfd):
    """Its passwords can't be read by anybody: what is printed is the plainest dialect, and whoever knows them says them."""
    folder, _ = folder_of("accounts_hashed.py", tmp_path)
    block = printed(folder, capfd)
    spec = tmp_path / "ours.yaml"
    spec.write_text(SMALL.format(dialect=block), encoding="utf-8")
    assert outcomes(folder, load(spec))[0] == {"reaches": Outcome.FAILED, "tells": Outcome.FAILED}
    assert block.count('hello: ["<name>"]\n') == 1
    logins = 'hello: ["<name>:<password>"]\n  logins: {luisa: gato, marcos: perro}\n  left: "<name> has left"\n'
    spec.write_text(SMALL.format(dialect=block.replace('hello: ["<name>"]\n', logins)), encoding="utf-8")
    assert outcomes(folder, load(spec))[0] == {"reaches": Outcome.PASSED, "tells": Outcome.PASSED}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("{say: hola}", "`say` needs <text>: what is said."),
        ('{say: "<text>", farming: none}', "The dialect has no key 'farming'. The nearest is 'framing'."),
        ('{say: "<text>", framing: u7}', "'u7' is no framing of a client."),
        ('{say: "<text>", announces: [closed]}', "'closed' is no way of leaving."),
        ('{say: "<text>", logins: [ana]}', "`logins` is a map of name to password."),
        ('{say: "<text>", heard: "<name>"}', "`heard` needs <text>: what is said."),
        (f'{{say: "<text>{"x" * 3000}"}}', "`say` is too long."),
    ],
)
def test_what_is_wrong_in_it_is_said_with_its_place(said, wrong, tmp_path):
    spec = tmp_path / "ours.yaml"
    spec.write_text(SMALL.format(dialect=f"dialect: {said}"), encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        load(spec)
    assert wrong in str(refused.value)
    assert "ours.yaml:3:" in str(refused.value)


def test_in_spanish_too(tmp_path):
    spec = tmp_path / "ours.yaml"
    said = 'dialecto: {saludo: ["<name>"], dice: "<text>\\n", se_oye: "<name>: <text>", nombra: servidor, cuentas: {ana: "1"}}'
    spec.write_text(SMALL.format(dialect=said), encoding="utf-8")
    assert load(spec).talks == Learned(
        "written", hello=("<name>",), say="<text>\n", heard="<name>: <text>", names="server", logins={"ana": "1"}
    )
    spec.write_text(SMALL.format(dialect="dialecto: descubre"), encoding="utf-8")
    assert (load(spec).discover, load(spec).talks) == (True, None)


def test_a_check_with_more_clients_than_logins_costs_nobody_a_point(tmp_path):
    folder, _ = folder_of("accounts_hashed.py", tmp_path)
    spec = tmp_path / "ours.yaml"
    said = 'dialect: {hello: ["<name>:<password>"], say: "<text>", heard: "<name>: <text>", logins: {luisa: gato, marcos: perro}}'
    more = '  - {id: three, points: 2, clients: [ana, beto, caro], play: "ana > hola a todos\\nbeto, caro < hola a todos\\n"}\n'
    spec.write_text(SMALL.format(dialect=said) + more, encoding="utf-8")
    found, grade = outcomes(folder, load(spec), ("reaches", "three"))
    assert found == {"reaches": Outcome.PASSED, "three": Outcome.GRADER_PROBLEM}
    (verdict,) = [v for v in grade.verdicts if v.check.id == "three"]
    assert [(f.code, f.facts) for f in verdict.findings] == [("too-few-logins", {"wanted": 3, "known": 2})]
