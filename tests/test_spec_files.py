"""A spec in several files, and what it says once for all checks: `extends`, `include`, `defaults`, `words`, `limits`."""

import pytest
from test_spec_load import BASE

from grader.course.run_limit import left_over
from grader.errors import SpecError
from grader.model import Attempt, Check, Event, Evidence, Kind, Outcome, Transcript, Verdict
from grader.spec.load import load


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / "spec.yaml"


def complaints(path):
    with pytest.raises(SpecError) as caught:
        load(path)
    return [
        (c.place.path.rsplit("/", 1)[1], c.place.line, c.message, c.source.strip()) for c in caught.value.complaints
    ]


def test_what_stands_here_is_taken_instead_of_what_stands_there(tmp_path):
    own = """\
extends: base.yaml
title: Chat, second group
dialect: {left: "* <name> left"}
checks:
  - {id: talk, points: 7}
  - {id: more, points: 1, play: "server (listens)"}
  - {id: other, use: crowd, with: {clients: 2}}
"""
    spec = load(write(tmp_path, base=BASE, spec=own))
    assert [(c.id, c.points, len(c.play) > 0) for c in spec.checks] == [
        ("talk", 7.0, True), ("other", 5.0, True), ("more", 1.0, True)]  # fmt: skip
    assert (spec.dialect.heard, spec.dialect.left, spec.title["en"]) == (
        "<name>: <text>", "* <name> left", "Chat, second group")  # fmt: skip
    assert spec.checks[1].play[-1].text.startswith("c1..c1 (skips to")
    alone = load(write(tmp_path, spec=BASE))
    assert alone.digest != spec.digest


def test_what_is_included_is_added(tmp_path):
    rooms = "words: {room: '[a-z]+'}\nchecks:\n  - {id: rooms, points: 1, clients: [ana], play: 'ana > /join <*>'}\n"
    path = write(tmp_path, rooms=rooms.replace(" <*>", " a"), spec=f"include: rooms.yaml\n{BASE}")
    spec = load(path)
    assert [c.id for c in spec.checks] == ["talk", "other", "rooms"]
    assert spec.dialect.words == {"name": "[a-z]{1,20}", "room": "[a-z]+"}
    write(tmp_path, rooms=rooms)
    assert complaints(path) == [
        ("rooms.yaml", 3, "<*> stands for any text, and a client has to send a certain one.",
         "- {id: rooms, points: 1, clients: [ana], play: 'ana > /join <*>'}"),
    ]  # fmt: skip


def test_a_path_is_seen_from_the_file_in_which_it_stands(tmp_path):
    (tmp_path / "course" / "model").mkdir(parents=True)
    (tmp_path / "course" / "bad.py").write_text("# Bug: none\n# Loses: talk\n")
    base = BASE.replace("folder: .", "folder: model") + "proof: {bad: bad.py}\n"
    (tmp_path / "course" / "base.yaml").write_text(base)
    spec = load(write(tmp_path, spec="extends: course/base.yaml\n"))
    assert spec.reference_folder == str((tmp_path / "course" / "model").resolve())
    assert [x.path for x in spec.proof] == ["course/bad.py"]


WRONG = {
    "a file that is not there": (
        {"spec": "extends: bsae.yaml\n"}, [("spec.yaml", 1, "There is no file 'bsae.yaml'.", "extends: bsae.yaml")]),
    "a circle": (
        {"spec": f"include: other.yaml\n{BASE}", "other": "include: spec.yaml\n"},
        [("other.yaml", 1, "'spec.yaml' would go round in a circle.", "include: spec.yaml")]),
    "twice": (
        {"spec": f"include: other.yaml\n{BASE}", "other": "title: Another\nchecks: [{id: talk, points: 3}]\n"},
        [("other.yaml", 1, "'title' stands in spec.yaml, line 2, too.", "title: Another"),
         ("other.yaml", 2, "'talk' stands in spec.yaml, line 17, too.", "checks: [{id: talk, points: 3}]")]),
    "a mistake in the file below": (
        {"spec": "extends: base.yaml\nchecks: [{id: talk, points: 3}]\n", "base": BASE.replace("beto < ana", "bet < ana")},
        [("base.yaml", 21, "No client is called 'bet' here.", "bet < ana: hola")]),
    "YAML that can't be read": (
        {"spec": f"include: other.yaml\n{BASE}", "other": "checks: [\n"},
        [("other.yaml", 2, "A bracket that was opened before this is never closed.", "")]),
    "no name": ({"spec": f"extends: [a, b]\n{BASE}"}, [("spec.yaml", 1, "`extends` is the name of a file.", "extends: [a, b]")]),
    "no spec": (
        {"spec": f"include: other.yaml\n{BASE}", "other": "- a\n"},
        [("spec.yaml", 1, "'other.yaml' is no spec: it holds no keys.", "include: other.yaml")]),
    "a default that is none": (
        {"spec": f"defaults: {{play: x, points: 5}}\n{BASE}"},
        [("spec.yaml", 1, "`defaults` has no key 'play'.", "defaults: {play: x, points: 5}")]),
    "a default that makes no sense": (
        {"spec": f"defaults: {{attempts: 50}}\n{BASE}"},
        [("spec.yaml", 1, "`attempts` is a whole number from 1 to 20.", "defaults: {attempts: 50}")]),
    "a word twice": (
        {"spec": f"words: {{name: x}}\n{BASE}"},
        [("spec.yaml", 6, "<name> stands under `words` at the top, too.", 'words: {name: "[a-z]{1,20}"}')]),
    "a limit": (
        {"spec": f"limits: {{run: 2s}}\n{BASE}"},
        [("spec.yaml", 1, "`run` is a time from 10 s to 60 min.", "limits: {run: 2s}")]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_complaint_names_the_file_that_has_to_be_corrected(tmp_path, name):
    files, expected = WRONG[name]
    assert complaints(write(tmp_path, **files)) == expected


def test_a_default_is_for_the_checks_that_do_not_say_it(tmp_path):
    text = BASE.replace("id: talk\n    points: 5\n", "id: talk\n").replace("points: 5, play", "penalty: 2, play")
    spec = load(write(tmp_path, spec="defaults: {points: 3, hidden: true, clients: [zoe]}\n" + text))
    talk, other = spec.checks
    assert (talk.points, talk.clients, talk.hidden) == (3.0, ("ana", "beto"), True)
    assert (other.points, other.penalty, other.clients) == (0.0, 2.0, ("zoe",))


def test_what_a_spec_demands_and_how_long_it_may_run(tmp_path):
    spec = load(write(tmp_path, spec=f"limits: {{run: 2min}}\ndemands: [threads, threads, epoll]\n{BASE}"))
    assert (spec.run_limit, spec.demands) == (120.0, ("threads", "epoll"))


def took(seconds, reference=0.1):
    transcript = Transcript("c", "reference", 0, (Event(reference, "ana", Kind.CLOSED),))
    attempt = Attempt(Outcome.PASSED, Evidence.SEEN, seconds, (), (), transcript)
    return Verdict(Check("c", {}, 1.0), Outcome.PASSED, 1.0, attempts=(attempt,), reference=transcript)


def test_what_is_left_when_the_time_is_over_has_failed_unless_nobody_could_be_faster():
    check = Check("last", {}, 4.0)
    assert left_over(check, None, [took(500)]) is None
    assert left_over(check, 100, [took(60), took(40)]) is None
    late = left_over(check, 100, [took(60), took(41)])
    assert (late.outcome, late.earned, late.findings[0].code) == (Outcome.FAILED, 0.0, "timed-out")
    tight = left_over(check, 100, [took(60, 30), took(60, 21)])
    assert (tight.outcome, tight.findings[0].code) == (Outcome.GRADER_PROBLEM, "no-time")


def test_a_default_may_hold_the_words_of_the_dialect(tmp_path):
    spec = load(write(tmp_path, spec='defaults: {ignore: "* <name> joined"}\n' + BASE))
    assert all(check.ignore == ("* <name> joined",) for check in spec.checks)
    with pytest.raises(SpecError, match="<nmae> has no value here"):
        load(write(tmp_path, spec='defaults: {ignore: "* <nmae> joined"}\n' + BASE))
