"""The spec language in Spanish: every word of it has one, and a spec in Spanish is the spec in English."""

from dataclasses import fields, is_dataclass, replace

import pytest
from conftest import REFERENCE
from plays import Case
from test_spec_load import complaints_about, load_text

from grader.model import Line, Outcome, spanish
from grader.spec import acts, grammar, names, tables
from grader.spec.keys import Keys
from grader.wire.parts import take_apart

ENGLISH = """\
title: {en: Chat, es: Chat}
language: es
server: {run: python3 server.py <port>}
reference: {folder: ., run: python3 chat_server.py <port>}
dialect:
  words: {name: "[A-Za-z0-9_]{1,20}"}
  welcome: welcome <name>
  joined: "* <name> joined"
  heard: "<name>: <text>"
  left: "* <name> left"
  also: ["* here: <*>", "name?"]
clients:
  any:
    join: |
      me < name?
      me > <me>
      me < welcome <me>
groups: [{id: basics, title: {en: Basics, es: Lo básico}, points: 8}]
defaults: {leftovers: allowed}
checks:
  - {id: starts, group: basics, gate: true, concept: port, play: server (listens)}
  - id: broadcast
    group: basics
    title: {en: Everybody hears, es: Todos oyen}
    requirement: {en: To all, es: A todos}
    why: {en: A chat, es: Un chat}
    hint: {en: Look, es: Mira}
    needs: starts
    law: [echo, lost]
    clients: [ana, beto, caro]
    each: [hola, adios]
    play: |
      ana > <each>
      beto, caro < ana: <each>
      together:
        beto > line <i>  3 times
        caro > <long 20>
      any order:
        ana < beto: line 1
        ana < beto: line 2
        ana < beto: line 3
        ana < caro: <*>
      all (still connected)
      caro (skips to beto: line 3)
      caro (nothing)
      beto (crashes)
      caro < * beto left  within 5s
      eva (joins)
      caro < * eva joined
      eva (freezes)
      caro > <file greeting.txt>
      eva (thaws)
      eva (skips to caro: <not adios>)
      eva (leaves)
      caro < * <name> left
      server (is running)
  - {id: many, points: 2, bonus: true, hidden: true, use: crowd, with: {clients: 3}}
"""
SPANISH = """\
título: {en: Chat, es: Chat}
idioma: es
servidor: {ejecuta: python3 server.py <port>}
referencia: {carpeta: ., ejecuta: python3 chat_server.py <port>}
dialecto:
  palabras: {name: "[A-Za-z0-9_]{1,20}"}
  bienvenida: welcome <name>
  entró: "* <name> joined"
  se oye: "<name>: <text>"
  salió: "* <name> left"
  también: ["* here: <*>", "name?"]
clientes:
  cualquiera:
    entrada: |
      yo < name?
      yo > <yo>
      yo < welcome <yo>
grupos: [{id: basics, título: {en: Basics, es: Lo básico}, puntos: 8}]
por omisión: {sobras: permitidas}
pruebas:
  - {id: starts, grupo: basics, eliminatoria: sí, concepto: puerto, juego: servidor (escucha)}
  - id: broadcast
    grupo: basics
    titulo: {en: Everybody hears, es: Todos oyen}
    requisito: {en: To all, es: A todos}
    porque: {en: A chat, es: Un chat}
    pista: {en: Look, es: Mira}
    necesita: starts
    ley: [eco, perdidos]
    clientes: [ana, beto, caro]
    cada: [hola, adios]
    juego: |
      ana > <cada>
      beto, caro < ana: <cada>
      juntos:
        beto > line <i>  3 veces
        caro > <largo 20>
      en cualquier orden:
        ana < beto: line 1
        ana < beto: line 2
        ana < beto: line 3
        ana < caro: <*>
      todos (sigue conectado)
      caro (salta hasta beto: line 3)
      caro (nada)
      beto (se cae)
      caro < * beto left  dentro de 5s
      eva (entra)
      caro < * eva joined
      eva (se congela)
      caro > <archivo greeting.txt>
      eva (se descongela)
      eva (salta hasta caro: <no adios>)
      eva (sale)
      caro < * <name> left
      servidor (sigue en pie)
  - {id: many, puntos: 2, adicional: verdadero, oculta: sí, usa: multitud, con: {clients: 3}}
"""


def meant(value):
    """A spec without how it is worded: a line by what it asks, places and digests left out."""
    if isinstance(value, Line):
        source = value.argument.replace("<yo>", "<me>")
        parts = tuple(replace(part, offset=0) for part in take_apart(source))
        return (value.step, value.who, value.verb, parts, value.times, value.block, value.part, value.within)
    if is_dataclass(value):
        return {f.name: meant(getattr(value, f.name)) for f in fields(value) if f.name not in ("place", "digest")}
    if isinstance(value, tuple):
        return tuple(map(meant, value))
    return value


@pytest.fixture
def both(tmp_path):
    (tmp_path / "greeting.txt").write_text("¡hola!", encoding="utf-8")
    return load_text(tmp_path, ENGLISH), load_text(tmp_path, SPANISH)


def test_a_spec_in_spanish_is_the_spec_in_english(both):
    english, in_spanish = both
    assert meant(in_spanish) == meant(english)
    assert len(english.checks) == 4
    assert in_spanish.checks[1].play[-1].text == "servidor (sigue en pie)", "a report shows what was written"


def test_a_play_in_spanish_is_played(both, stand):
    _, in_spanish = both
    for check in in_spanish.checks[:2]:
        judged = stand.conduct_and_judge(Case(check, in_spanish), REFERENCE)
        assert (judged.outcome, judged.findings) == (Outcome.PASSED, ())


def all_keys():
    return {key for value in vars(tables).values() if isinstance(value, Keys) for key in value.readers}


def test_every_word_of_the_language_has_a_spanish_one():
    same = {"id", "proof", "manual"} - set(spanish.KEYS.values())
    assert all_keys() - set(spanish.KEYS.values()) - same == set()
    assert {*acts.CLIENT_ACTS, *acts.SERVER_ACTS} - set(spanish.ACTS.values()) == set()
    assert set(grammar.BLOCKS) == set(spanish.GROUPS.values())
    assert {"server", "me", "all"} == set(spanish.ACTORS.values())
    assert set(spanish.ACTORS.values()) <= set(names.RESERVED)
    choices = {*tables.LAWS, *tables.CONCEPTS, "allowed", "share", "nothing", "everything"} - {"socket"}
    assert choices - set(spanish.VALUES.values()) == set()


def test_no_spanish_word_is_an_english_one_with_another_meaning():
    for table, english in ((spanish.KEYS, all_keys()), (spanish.ACTS, {*acts.CLIENT_ACTS, *acts.SERVER_ACTS})):
        assert set(table) & english == set()
    assert all(spanish.fold(word) == word for table in (spanish.KEYS, spanish.ACTS) for word in table)


MISTAKES = {
    ("puntos: 2,", "puntso: 2,"): "A check has no key 'puntso'. The nearest is 'puntos'.",
    ("pista: {en", "puntos: 1\n    points: 1\n    pista: {en"): "'points' is `points`, which stands here already.",
    ("(se cae)", "(se cea)"): "(se cea) is not an act of a client. The nearest is 'se cae'.",
    ("(entra)", "(sigue en pie)"): "(sigue en pie) is not an act of a client.",
    ("juntos:", "juntoss:"): "'juntoss:' is no line of a play. The nearest is 'juntos:'.",
    ("[eco, perdidos]", "[eko, perdidos]"): "'eko' is no law. The nearest is 'eco'.",
    ("[ana, beto, caro]", "[ana, beto, caro, todos]"): "'todos' is a word of the language, not the name of a client.",
    ("3 veces", "0 veces"): "0 times is out of range.",
    ("servidor (sigue en pie)", "servidor (espera 2s)"): "(espera 2s) is not an act of the server. These are: listens,",
}


@pytest.mark.parametrize("edit", MISTAKES)
def test_a_mistake_in_spanish_gets_the_nearest_spanish_word(tmp_path, edit):
    (tmp_path / "greeting.txt").write_text("x")
    assert edit[0] in SPANISH
    said = [f"{message} {hint}" for _, message, hint in complaints_about(tmp_path, SPANISH.replace(*edit, 1))]
    assert any(one.startswith(MISTAKES[edit]) for one in said), said
