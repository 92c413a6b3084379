"""Servers whose protocol a student invented: each is understood, and each of its faults is found, and no other.

The truth about each server of `dialects/` stands in `dialects/truth.yaml`: how it talks, which checks of `specs/any-chat.yaml`
it must lose, and what is only remarked. The same must hold when its words are replaced by those of another language, or
by words of none: nothing may depend on English.
"""

import json
import re
from dataclasses import replace

import pytest
import yaml
from dialects_at_hand import COMMANDS, HERE, folder_of, in_words

from grader.cli.main import run
from grader.conduct.learn.accounts import tables
from grader.conduct.learn.forms import Heard, form
from grader.conduct.learn.source import read_source
from grader.course import learning
from grader.course.dialect_file import own_dialect, written
from grader.course.entry import Entry
from grader.course.grading import Grading
from grader.course.subject import Subject
from grader.course.wish import Wish
from grader.errors import UsageError
from grader.model import GATHERED, Event, Kind, Learned, Outcome, Protocol, Verb
from grader.report.text import as_text
from grader.spec.discovered import spoken
from grader.spec.load import load
from grader.spec.pieces_sent import cut
from grader.stage import sandbox, staging
from grader.stage.build import build
from grader.wire.envelope import ENVELOPES, enclosed, filled
from grader.wire.framings import framing
from grader.wire.pieces import pieces
from grader.words.sentences import Sentences

SPEC = load(HERE.parent.parent / "specs" / "any-chat.yaml")
TRUTH = yaml.safe_load((HERE / "truth.yaml").read_text(encoding="utf-8"))
FEW = ("prompt_name.py", "json_bare.py", "one_to_one.py")
"""Those that are learned in every run; all of them are in the long one."""
SEED = 7
MOST_STARTS = 16
"""Servers that are started to understand one: what the time that it takes comes from, whatever the machine."""


def learned_of(name, tmp_path, words=None):
    folder, command = folder_of(name, tmp_path, words)
    staged, _ = staging.stage(folder)
    try:
        rung = sandbox.choose(staged).rung
        if command.build:
            assert build(command.build, rung, staged).status == 0
        return learning.learn(staged, rung, replace(SPEC.server, run=command.run), SEED)
    finally:
        staging.remove(staged)


def is_as_the_table_says(name, tmp_path, words=None):
    true = TRUTH[name]
    learned, instead = learned_of(name, tmp_path, words)
    if "instead" in true:
        assert instead is not None
        assert instead.code == f"instead-{true['instead']}"
        return
    assert instead is None or true.get("silent")
    assert learned.starts <= MOST_STARTS
    shown = {key: getattr(learned, key) for key in true["dialect"]}
    shown = {key: list(value) if isinstance(value, tuple) else value for key, value in shown.items()}
    wanted = {key: as_replaced(value, words) for key, value in true["dialect"].items()}
    assert shown == wanted, learned


def as_replaced(value, words):
    """What stands in the table, with the same words replaced."""
    if isinstance(value, list):
        return [as_replaced(v, words) for v in value]
    return value if not isinstance(value, str) or value in PLAIN_WORDS else in_words(value, words)


PLAIN_WORDS = {"server", "client", "nobody", "close", "reset", "quit", *ENVELOPES}


def loses_what_the_table_says(name, tmp_path, words=None):
    true = TRUTH[name]
    folder, _ = folder_of(name, tmp_path, words)
    grade = Grading(folder, SPEC, Wish(SEED, explained=False)).run()
    lost = [v.check.id for v in grade.verdicts if v.outcome is Outcome.FAILED]
    of_others = {v.check.id for v in grade.verdicts if any(r.code not in GATHERED for r in v.remarks)}
    remarked = [
        v.check.id for v in grade.verdicts if v.outcome is Outcome.PASSED and v.check.demand and v.check.id in of_others
    ]
    assert not [v for v in grade.verdicts if v.outcome is Outcome.GRADER_PROBLEM]
    told = [(v.check.id, f.code, dict(f.facts)) for v in grade.verdicts for f in v.findings]
    assert sorted(lost) == sorted(true.get("loses", [])), told
    assert sorted(remarked) == sorted(true.get("remarks", [])), told


@pytest.mark.parametrize("name", FEW)
def test_how_it_talks_is_found_out(name, tmp_path):
    is_as_the_table_says(name, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(set(TRUTH) - set(FEW)))
def test_how_each_talks_is_found_out(name, tmp_path):
    is_as_the_table_says(name, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("words", ["es", "pt", "nonsense"])
@pytest.mark.parametrize("name", sorted(TRUTH))
def test_nothing_depends_on_english(name, words, tmp_path):
    is_as_the_table_says(name, tmp_path, words)


def test_a_chat_that_somebody_invented_is_graded_by_what_it_does(tmp_path):
    loses_what_the_table_says("nick_token.py", tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(TRUTH))
def test_its_faults_are_found_and_no_others(name, tmp_path):
    loses_what_the_table_says(name, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("words", ["es", "pt", "nonsense"])
@pytest.mark.parametrize("name", sorted(TRUTH))
def test_its_faults_are_found_in_any_words(name, words, tmp_path):
    loses_what_the_table_says(name, tmp_path, words)


def test_every_server_is_in_the_table():
    servers = {p.name for p in HERE.iterdir() if p.suffix in COMMANDS}
    assert servers == set(TRUTH)
    for name, true in TRUTH.items():
        assert set(true) <= {"dialect", "instead", "loses", "remarks", "silent"}, name
        assert set(true.get("loses", [])) | set(true.get("remarks", [])) <= {c.id for c in SPEC.checks}


def test_a_hundred_points():
    assert sum(check.points for check in SPEC.checks) == 100


# ------------------------------------------------------------------------------------------------------ its parts


def test_a_form_is_found_by_difference():
    one = Heard("zoraida", "kw1", b"[10:31:07] zoraida: kw1\n")
    two = Heard("quirino", "kw2", b"[10:31:08] quirino: kw2\n")
    assert form([one, two]) == "[<time>] <name>: <text>\n"
    assert form([Heard("ana", "kw1", b"#1 kw1"), Heard("ana", "kw2", b"#2 kw2")]) == "#<*> <text>"
    assert form([Heard("ana", "kw1", b"('127.0.0.1', 50412): kw1")]) == "('<ip>', <port>): <text>"
    assert form([]) == ""


def test_pieces_are_what_has_to_come():
    assert pieces("\x1b[33m<name> has joined\x1b[0m\n") == ["<name>", "has joined"]
    assert pieces("<time> <ip>:<port>") == []


def test_the_source_tells_what_it_compares(tmp_path):
    (tmp_path / "server.py").write_text(
        'if verb == "LOGIN":\n    pass\nelif obj.get("tipo") == "mensaje" and line in ("chau", "fin"):\n    pass\n'
    )
    source = read_source(str(tmp_path))
    assert source.compared == ("LOGIN", "mensaje", "chau", "fin")
    assert source.keys == ("tipo",)


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("none", b"hola"),
        ("newline", b"hola\n"),
        ("header10", b"4         hola"),
        ("u16", b"\0\x04hola"),
        ("nul", b"hola\0"),
    ],
)
def test_what_stands_around_a_text(kind, sent):
    assert enclosed(kind, "hola") == sent


def test_in_json_a_text_is_written_as_json_does():
    assert json.loads(filled('{"a": "<text>"}', text='say "hola"')) == {"a": 'say "hola"'}
    assert filled("MSG <text>", text='say "hola"') == 'MSG say "hola"'


def test_a_stream_is_cut_where_a_text_ends():
    made = framing(Protocol("heard", {"texts": "hola a todos\nbuenas"}))
    assert made.feed(b"ana: hola a t") == []
    assert made.feed(b"odos\nbeto: buenas\n") == [b"ana: hola a todos", b"\nbeto: buenas"]
    assert made.flush() == [b"\n"]


def test_a_play_is_put_into_the_words_of_the_server():
    learned = Learned("asks-name", hello=("<name>",), say="<name>: <text>", heard="<name>: <text>", left="<name> salió")
    play = next(c for c in spoken(SPEC, learned).checks if c.id == "leaves-told").play
    assert [(line.verb, line.argument) for line in play if line.who == ("ana",)][:2] == [
        (Verb.CONNECTS, ""), (Verb.SEND_RAW, "ana"),
    ]  # fmt: skip
    assert [line.verb for line in play if line.text == "ana > /quit"] == [Verb.LEAVES]
    assert [line.argument for line in play if line.verb is Verb.SKIPS_TO] == ["<*>ana<*>salió<*>", "<*>caro<*>salió<*>"]
    assert re.search("hola a todos", str(spoken(SPEC, learned).protocol.settings["texts"]))


# ------------------------------------------------------------------------------------------- printed, and read back


def test_a_dialect_is_printed_as_yaml_and_read_back(tmp_path):
    learned = Learned(
        "asks-name", "header10", ("<name>", "/join"), "NICK\n", heard="\x1b[1m<name>\x1b[0m: <text>", echo=True,
        left="<name> salió", announces=("quit",), goodbye="chau",
    )  # fmt: skip
    (tmp_path / "submission.yaml").write_text(written(learned, "python3 server.py", "make"), encoding="utf-8")
    assert own_dialect(tmp_path) == replace(learned, family="written")
    assert yaml.safe_load((tmp_path / "submission.yaml").read_text())["build"] == "make"


def test_what_a_server_sends_can_not_change_what_is_printed():
    hostile = "x\u2028run: rm\x85say: no\n  framing: none \x1b[2J\udcff"
    sent = [
        Event(0.0, "zoraida", Kind.CONNECTED), Event(0.1, "zoraida", Kind.RECEIVED, hostile.encode("utf-8", "surrogateescape")),
        Event(0.2, "zoraida", Kind.SENT, b"kw1x7q"),
    ]  # fmt: skip
    text = written(Learned("relay", asked=hostile, proof={"say": tuple(sent)}))
    assert yaml.safe_load(text)["dialect"]["asked"] == hostile
    assert set(yaml.safe_load(text)) == {"dialect"}
    assert "\x1b" not in text
    assert "\u2028" not in text


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("dialect: no", "`dialect` is a map of keys"),
        ("dialect: {sya: x}", "`dialect` has no key 'sya'"),
        ("dialect: {say: hola}", "need <text>"),
        ("dialect: {framing: u7}", "`dialect.framing` is one of none, newline"),
        ("dialect: {hello: 3}", "`dialect.hello` is not what belongs there"),
        ("dialect: {names: all}", "`dialect.names` is one of server, client, nobody"),
        ("dialect: {say: '<text>" + "x" * 3000 + "'}", "`dialect.say` is too long"),
    ],
)
def test_a_dialect_that_can_not_be_used_is_refused_in_a_sentence(said, wrong, tmp_path):
    (tmp_path / "submission.yaml").write_text(f"run: python3 server.py\n{said}\n")
    with pytest.raises(UsageError) as refused:
        own_dialect(tmp_path)
    assert wrong in str(refused.value.facts["why"])


@pytest.mark.parametrize(
    ("framing", "say", "written_so", "sent"),
    [
        ("newline", "<text>", [b"ho", b"la\ndos"], r"ho|la\x0ados\x0a"),
        ("u16", "MSG <text>", [b"ho", b"la"], r"\x00\x08MSG ho|la"),
        ("none", '{"a": "<text>"}', [b'x"', b"\xff"], r'{"a": "x\x5c"|\xff"}'),
        ("none", "<text>!", [b"uno\n", b"dos"], "uno!|dos!"),
        ("header10", "<text>", [b"o", b"la"], "3         o|la"),
    ],
)
def test_a_message_is_cut_where_it_was_cut_in_whatever_form(framing, say, written_so, sent):
    assert "".join(message.enclosed(framing, say) for message in cut(written_so)) == sent


def test_only_who_marks_the_end_of_a_message_is_asked_to_put_it_together():
    framed, unframed = (spoken(SPEC, Learned("plain", framing)) for framing in ("newline", "none"))
    assert "framing" in framed.demands
    assert "framing" not in unframed.demands


def test_a_server_that_delivers_slowly_loses_nothing(tmp_path):
    """Between two deliveries all its threads wait, one of them for a moment: that is no quiet."""
    folder, _ = folder_of("slow_queue.py", tmp_path)
    only = ("at-once", "flood", "odd-bytes")
    grade = Grading(folder, SPEC, Wish(SEED, only=only, explained=False)).run()
    assert [v.outcome for v in grade.verdicts if v.outcome is not None] == [Outcome.PASSED] * 3


def test_timers_of_which_nothing_comes_need_not_be_waited_for_everywhere(tmp_path):
    """It wakes up several times a second: that is seen, and what is remarked of it is what was seen with all patience."""
    learned, _ = learned_of("polls_timeout.py", tmp_path)
    assert (learned.idles, learned.confidence) == (True, "sure")
    assert spoken(SPEC, learned).idles


@pytest.mark.long
@pytest.mark.parametrize("name", ["late_list.py", "slow_queue.py", "drops.py"])
def test_timers_of_which_something_comes_are_waited_for(name, tmp_path):
    assert not learned_of(name, tmp_path)[0].idles


def learned_at(period, name, tmp_path):
    """What is learned of one of the servers if its timer goes off so often; and all of that but what a clock changes."""
    folder, command = folder_of(name, tmp_path)
    source = (folder / "server.py").read_text(encoding="utf-8")
    (folder / "server.py").write_text(re.sub(r"sleep\([\d.]+\)", f"sleep({period})", source), encoding="utf-8")
    staged, _ = staging.stage(folder)
    try:
        found, instead = learning.learn(
            staged, sandbox.choose(staged).rung, replace(SPEC.server, run=command.run), SEED
        )
    finally:
        staging.remove(staged)
    assert instead is None
    return found


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("late_list.py", 0.2),
        ("polls_sleep.py", 0.1),
        *(pytest.param("late_list.py", p, marks=pytest.mark.long) for p in (0.03, 0.1, 0.45, 0.9)),
        *(pytest.param("polls_sleep.py", p, marks=pytest.mark.long) for p in (0.02, 0.3, 0.6)),
    ],
)
def test_whatever_its_timer_the_same_is_learned_of_a_server(name, period, tmp_path):
    """One lets people in only by a timer; the other looks by a timer for all that clients do. Of neither a start is wasted."""
    found = learned_at(period, name, tmp_path)
    wanted = TRUTH[name]["dialect"]
    assert {key: list(v) if isinstance(v := getattr(found, key), tuple) else v for key in wanted} == wanted
    assert found.confidence == "sure"
    assert found.starts <= MOST_STARTS


@pytest.mark.long
def test_what_failed_in_haste_is_tried_with_patience(tmp_path):
    """Told that nothing comes of its timers, though everybody comes in by one, the grader fails nobody by it."""
    folder, command = folder_of("late_list.py", tmp_path)
    staged, _ = staging.stage(folder)
    try:
        rung = sandbox.choose(staged).rung
        learned, _ = learning.learn(staged, rung, replace(SPEC.server, run=command.run), SEED)
        spec = spoken(SPEC, replace(learned, idles=True))
        subject = Subject(staged, spec, rung, Entry(replace(SPEC.server, run=command.run)), "submission", SEED)
        check = next(c for c in spec.checks if c.id == "reaches")
        assert subject.attempt(check).outcome is Outcome.PASSED
        subject.close()
    finally:
        staging.remove(staged)


STRICT = {
    '"/register"': '"SIGNUP"', '"/login"': '"ENTER"', "elif name:": 'elif name and text.startswith("SAY "):',
    "{name}: {text}": "{name}: {text[4:]}", 'self.wfile.write(b"Who are you?\\n")': "break",
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(("faulty", "outcome"), [(False, Outcome.PASSED), (True, Outcome.FAILED)])
def test_who_hangs_up_on_a_wrong_word_is_registered_with_too(faulty, outcome, tmp_path):
    """Its words are verbs, and so is that before a text; the faulty one cuts texts short, and is told so."""
    folder, command = folder_of("register_login.py", tmp_path)
    source = (folder / "server.py").read_text(encoding="utf-8")
    for old, new in {**STRICT, **({"text[4:]": "text[4:16]"} if faulty else {})}.items():
        assert old in source
        source = source.replace(old, new)
    (folder / "server.py").write_text(source, encoding="utf-8")
    staged, _ = staging.stage(folder)
    try:
        found, _ = learning.learn(staged, sandbox.choose(staged).rung, replace(SPEC.server, run=command.run), SEED)
    finally:
        staging.remove(staged)
    assert (found.family, found.say, found.confidence) == ("registers", "SAY <text>", "sure")
    assert [hello.split(" ")[:2] for hello in found.hello] == [["SIGNUP", "<name>"], ["ENTER", "<name>"]]
    grade = Grading(folder, SPEC, Wish(SEED, only=("reaches",), explained=False)).run()
    assert [v.outcome for v in grade.verdicts if v.outcome is not None] == [outcome]


def test_tables_of_users_are_found_in_whatever_form(tmp_path):
    (tmp_path / "users.txt").write_text("# name:password\nana:1234\nbeto:abcd\n")
    (tmp_path / "people.json").write_text('{"users": [{"name": "caro", "key": "x1"}, {"name": "dani", "key": "y2"}]}')
    (tmp_path / "notes.txt").write_text("This is what the server does.\nRun it.\nport: 5000\n")
    (tmp_path / "server.py").write_text('KNOWN = {\n    "eva": "z3",\n    "fito": "w4",\n}\n')
    found = tables(str(tmp_path), read_source(str(tmp_path)))
    assert {"ana": "1234", "beto": "abcd"} in found
    assert {"caro": "x1", "dani": "y2"} in found
    assert {"eva": "z3", "fito": "w4"} in found
    assert not any("port" in table for table in found)


def test_the_command_prints_what_can_be_pasted(tmp_path, capfd):
    folder, _ = folder_of("prompt_spanish.py", tmp_path)
    assert run(["dialect", str(folder), "--lang", "en"]) == 0
    printed = capfd.readouterr().out
    assert printed.startswith("# Found out in ")
    assert "# quirino < <zoraida> kw3x7q\\n\n" in printed
    said = yaml.safe_load(printed)
    assert said["run"] == "python3 server.py"
    assert said["dialect"]["heard"] == "<<name>> <text>\n"
    # Whoever says it itself is taken at its word: with a wrong one nothing arrives.
    said["dialect"]["say"] = "<text>"
    said["dialect"]["framing"] = "header64"
    said["dialect"]["hello"] = []
    (folder / "submission.yaml").write_text(yaml.safe_dump(said))
    grade = Grading(folder, SPEC, Wish(SEED, only=("reaches",), explained=False)).run()
    assert [v.outcome for v in grade.verdicts if v.outcome is not None] == [Outcome.FAILED]


def test_the_command_says_what_it_is_instead(tmp_path, capfd):
    folder, _ = folder_of("udp.py", tmp_path)
    assert run(["dialect", str(folder), "--lang", "es"]) == 0
    assert "UDP" in capfd.readouterr().out
    assert run(["dialect", str(tmp_path / "nowhere"), "--lang", "en"]) == 2


@pytest.mark.long
def test_the_reason_is_none_of_a_protocol_of_lines(tmp_path):
    """A message with another's name before it is no piece of a line where nobody speaks in lines."""
    folder, _ = folder_of("wrong_name.py", tmp_path)
    grade = Grading(folder, SPEC, Wish(SEED)).run()
    assert [cause.code for cause in grade.causes] == ["never-came"]


@pytest.mark.parametrize(
    ("name", "check", "code"), [("udp.py", "starts", "instead-udp"), ("one_to_one.py", "accepts", "instead-operator")]
)
def test_what_is_no_chat_has_one_reason_and_it_comes_first(name, check, code, tmp_path):
    """Nineteen checks can't be passed, and there is one thing to learn: its evidence stands there in both languages."""
    folder, _ = folder_of(name, tmp_path)
    grade = Grading(folder, SPEC, Wish(SEED)).run()
    (cause,) = grade.causes
    assert (cause.code, cause.explains[0]) == (code, check)
    lost = {v.check.id for v in grade.verdicts if v.outcome is not Outcome.PASSED}
    assert set(cause.explains) == lost
    assert grade.notices == ()
    shown = {lang: " ".join(as_text(grade, lang).split()) for lang in ("en", "es")}
    for lang, sentence in {"instead-udp": {"en": "opened UDP port 6000", "es": "abrió el puerto UDP 6000"}}.get(
        code, {}
    ).items():
        assert sentence in shown[lang]
    first = {lang: Sentences(lang).of_finding(code, "one", cause.facts) for lang in shown}
    for lang, text in shown.items():
        assert text.index(Sentences(lang).say("page.first")) < text.index(first[lang])
        assert text.count(first[lang]) == 1


def test_a_cause_with_a_line_says_more_than_that_it_is_no_chat(tmp_path):
    folder, _ = folder_of("one_client.py", tmp_path)
    (cause,) = Grading(folder, SPEC, Wish(SEED)).run().causes
    assert cause.code == "one-at-a-time"
    assert cause.where is not None
