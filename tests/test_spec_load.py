"""A spec file, read: what comes out of a good one, and what is said about a bad one, at which place.

Every row of MISTAKES is something that instructors write. It says what is changed in BASE and all complaints about it:
line and column, what is wrong, what to do.
"""

import contextlib
import hashlib
import random

import pytest

from grader.errors import SpecError, UsageError
from grader.model import Command, Dialect, Protocol
from grader.spec.load import load

BASE = """\
title: Chat
server: {run: python3 server.py <port>}
reference: {folder: ., run: python3 reference.py <port>}
dialect:
  words: {name: "[a-z]{1,20}"}
  welcome: welcome <name>
  joined: "* <name> joined"
  heard: "<name>: <text>"
clients:
  any:
    join: |
      me < name?
      me > <me>
      me < welcome <me>
checks:
  - id: talk
    points: 5
    clients: [ana, beto]
    play: |
      ana  > hola
      beto < ana: hola
  - {id: other, points: 5, play: server (listens)}
"""


def load_text(folder, text):
    path = folder / "spec.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path)


def complaints_about(folder, text):
    with pytest.raises(SpecError) as caught:
        load_text(folder, text)
    return [(f"{c.place.line}:{c.place.column}", c.message, c.hint) for c in caught.value.complaints]


def changed(edits):
    text = BASE
    for old, new in edits.items():
        assert text.count(old) >= 1, f"{old!r} is not in BASE"
        text = text.replace(old, new, 1)
    return text


PORT_HINT = "Write python3 server.py <port>; or `port: any` if the port stands in the program."
MISTAKES = [
    (
        "needs cycle",
        {
            "    points: 5\n": "    points: 5\n    needs: other\n",
            "id: other, points: 5": "id: other, points: 5, needs: talk",
        },
        [("18:12", "These checks need one another: talk needs other needs talk.", "None of them could ever run.")],
    ),
    (
        "unknown key",
        {"title: Chat\n": "titel: Chat\n"},
        [("1:1", "A spec has no key 'titel'.", "The nearest is 'title'."), ("1:1", "A spec needs `title`.", "")],
    ),
    (
        "unknown key of a check",
        {"    points: 5\n": "    points: 5\n    requirment: x\n"},
        [("18:5", "A check has no key 'requirment'.", "The nearest is 'requirement'.")],
    ),
    (
        "unknown nested",
        {"{folder: .,": "{foldr: ., folder: .,"},
        [("3:13", "The reference has no key 'foldr'.", "The nearest is 'folder'.")],
    ),
    (
        "servers that are a list",
        {"title: Chat\n": "title: Chat\nservers: []\n"},
        [("2:10", "`servers` is a map of names.", "Each has run, env, files and stdin.")],
    ),
    (
        "limits of a check",
        {"    points: 5\n": "    points: 5\n    limits: {run: 5s}\n"},
        [("18:14", "The `limits` of a check has no key 'run'.", "It has memory, processes and files.")],
    ),
    (
        "limits of a check whose server has other checks",
        {"    points: 5\n": "    points: 5\n    limits: {files: 20}\n", "<port>}\n": "<port>, life: submission}\n"},
        [
            (
                "16:5",
                "`limits` of a check are for a server of its own.",
                "Remove `life`, or write them under `limits` of the spec.",
            )
        ],
    ),
    (
        "max_line of what has no lines",
        {"title: Chat\n": "title: Chat\nprotocol: {framing: nul, max_line: 512}\n"},
        [("2:36", "`max_line` is for the framing `line`.", "Remove it.")],
    ),
    ("missing server", {"server: {run: python3 server.py <port>}\n": ""}, [("1:1", "A spec needs `server`.", "")]),
    ("missing id", {"  - id: talk\n    points": "  - points"}, [("16:5", "A check needs `id`.", "")]),
    (
        "dup key",
        {"    points: 5\n": "    points: 5\n    points: 6\n"},
        [("18:5", "'points' stands here twice, first in line 17.", "")],
    ),
    (
        "dup id",
        {"{id: other": "{id: talk"},
        [("22:10", "There are two checks called 'talk', the first in line 16.", "")],
    ),
    (
        "bad id",
        {"id: talk": "id: Talk to me"},
        [("16:9", "'Talk to me' is no id: it is made of small letters, digits and -.", "Write talk-to-me.")],
    ),
    (
        "points zero",
        {"    points: 5\n": "    points: 0\n"},
        [("17:13", "`points` is a positive number, not '0'.", "Write 5 or 2.5.")],
    ),
    (
        "points word",
        {"    points: 5\n": "    points: five\n"},
        [("17:13", "`points` is a positive number, not 'five'.", "Write 5 or 2.5.")],
    ),
    (
        "points negative",
        {"    points: 5\n": "    points: -5\n"},
        [("17:13", "`points` is a positive number, not '-5'.", "Write 5 or 2.5.")],
    ),
    (
        "needs",
        {"    points: 5\n": "    points: 5\n    needs: othr\n"},
        [("18:12", "No check is called 'othr'.", "The nearest is 'other'.")],
    ),
    (
        "law",
        {"    points: 5\n": "    points: 5\n    law: ecco\n"},
        [("18:10", "'ecco' is no law.", "The nearest is 'echo'.")],
    ),
    (
        "law needs form",
        {"    points: 5\n": "    points: 5\n    law: one-notice\n"},
        [("18:10", "The law one-notice needs `left` in the dialect.", "")],
    ),
    (
        "concept",
        {"    points: 5\n": "    points: 5\n    concept: threads\n"},
        [("18:14", "'threads' is no concept.", "The nearest is 'thread'.")],
    ),
    (
        "leftovers",
        {"    points: 5\n": "    points: 5\n    leftovers: alowed\n"},
        [("18:16", "'alowed' is no way to treat leftovers.", "The nearest is 'allowed'.")],
    ),
    (
        "hidden",
        {"    points: 5\n": "    points: 5\n    hidden: maybe\n"},
        [("18:13", "`hidden` is true or false.", "")],
    ),
    (
        "attempts",
        {"    points: 5\n": "    points: 5\n    attempts: 0\n"},
        [("18:15", "`attempts` is a whole number from 1 to 20.", "")],
    ),
    (
        "horizon",
        {"dialect:": "quiet: {horizon: 2}\ndialect:"},
        [("4:18", "`horizon` is a time from 50 ms to 30 s.", "Write 2s or 400ms.")],
    ),
    (
        "horizon too far",
        {"dialect:": "quiet: {horizon: 31s}\ndialect:"},
        [("4:18", "`horizon` is a time from 50 ms to 30 s.", "Write 2s or 400ms.")],
    ),
    (
        "unsteady",
        {"dialect:": "unsteady: half\ndialect:"},
        [("4:11", "'half' is no way to count an unsteady check.", "Write share, nothing or everything.")],
    ),
    (
        "framing",
        {"dialect:": "protocol: {framing: lines}\ndialect:"},
        [("4:21", "'lines' is no framing.", "The nearest is 'line'.")],
    ),
    (
        "encoding",
        {"dialect:": "protocol: {encoding: latin-1}\ndialect:"},
        [("4:22", "'latin-1' is no encoding that is supported.", "Write utf-8.")],
    ),
    (
        "language",
        {"title: Chat\n": "title: {en: Chat, es: Chat}\nlanguage: fr\n"},
        [("2:11", "The title is not in 'fr', the language of the spec.", "It is in en and es.")],
    ),
    (
        "missing language",
        {
            "title: Chat\n": "title: {en: Chat, es: Charla}\n",
            "    points: 5\n": "    points: 5\n    why: {en: because}\n",
        },
        [("18:10", "`why` is missing in es.", "")],
    ),
    (
        "extra language",
        {
            "title: Chat\n": "title: {en: Chat, es: Charla}\n",
            "    points: 5\n": "    points: 5\n    why: {en: a, es: b, fr: c}\n",
        },
        [("18:25", "The spec has no 'fr'.", "The title is in en and es.")],
    ),
    (
        "comma in map",
        {"title: Chat\n": "title: {en: Chat, es: hola, mundo}\n"},
        [("1:29", "'mundo' is no language.", "A comma ends a text in { }: put it in quotes.")],
    ),
    (
        "cut requirement",
        {"    points: 5\n": "    points: 5\n    requirement: room #5 is open\n"},
        [
            (
                "18:18",
                "YAML takes the # in this text for a comment and drops the rest.",
                "In quotes it stays whole: requirement: 'room #5 is open'",
            )
        ],
    ),
    (
        "cut play",
        {"play: server (listens)}": "play: ana > hi}"},
        [("22:34", "No client is called 'ana' here.", "Name it in `clients:`, or write `ana (joins)` before.")],
    ),
    (
        "cut play2",
        {"    play: |\n      ana  > hola\n      beto < ana: hola\n": "    play: ana > hi #c\n"},
        [
            (
                "19:11",
                "YAML takes the # in this text for a comment and drops the rest.",
                "Write `play: |` and the lines below it, indented.",
            )
        ],
    ),
    (
        "folded",
        {"    play: |\n": "    play: >\n"},
        [
            (
                "19:11",
                "Under > YAML joins the lines of a text to one.",
                "Write `play: |` and the lines below it, indented.",
            )
        ],
    ),
    (
        "plain over lines",
        {"    play: |\n": "    play:\n"},
        [("21:17", "YAML takes this line of a play for a key.", "Write `play: |` above the lines.")],
    ),
    (
        "star",
        {'joined: "* <name> joined"': "joined: * <name> joined"},
        [("7:12", "YAML takes a * at the beginning for an alias.", "Put the text in quotes.")],
    ),
    (
        "colon",
        {"    points: 5\n": "    points: 5\n    why: so: yes\n"},
        [("18:12", "YAML takes the ': ' in this text for a key.", "Put the text in quotes, or below >-.")],
    ),
    (
        "tag",
        {"    points: 5\n": "    points: !!int 5\n"},
        [
            (
                "17:13",
                "Tags such as 'tag:yaml.org,2002:int' are not used in a spec.",
                "Remove it, or put the text in quotes.",
            )
        ],
    ),
    (
        "tab",
        {"    points: 5\n": "\tpoints: 5\n"},
        [("17:1", "A tab stands where only spaces may.", "Indent with spaces.")],
    ),
    (
        "quote",
        {'joined: "* <name> joined"': 'joined: "* <name> joined'},
        [("8:11", "This closes a quotation that was opened further up.", "Look for the one that is missing.")],
    ),
    (
        "alias",
        {"    points: 5\n": "    points: *five\n"},
        [("17:13", "*five refers to nothing above it.", "A text that begins with * must stand in quotes.")],
    ),
    (
        "no port",
        {"run: python3 server.py <port>}\nref": "run: python3 server.py}\nref"},
        [("2:15", "The command does not say where the port goes.", PORT_HINT)],
    ),
    (
        "bad placeholder",
        {"run: python3 server.py <port>}\nref": "run: python3 server.py <prot>}\nref"},
        [("2:15", "<prot> is unknown in a command.", "Write <port> where the port goes.")],
    ),
    (
        "folder",
        {"{folder: .,": "{folder: ./nowhere,"},
        [("3:21", "There is no folder './nowhere'.", "It is looked for from the folder of the spec.")],
    ),
    (
        "regex",
        {"[a-z]{1,20}": "[a-z{1,20}"},
        [("5:17", "This is no regular expression: unterminated character set at position 0.", "")],
    ),
    (
        "regex group",
        {"[a-z]{1,20}": "([a-z])+"},
        [("5:17", "The regular expression has groups.", "Write (?: instead of ( .")],
    ),
    ("regex empty", {"[a-z]{1,20}": "[a-z]*"}, [("5:17", "<name> would fit nothing at all.", "Write + instead of *.")]),
    (
        "dialect name",
        {'joined: "* <name> joined"': 'joined: "* <nme> joined"'},
        [("7:11", "`joined`: <nme> has no value here.", "The nearest is <name>.")],
    ),
    (
        "dialect escape",
        {'joined: "* <name> joined"': "joined: '* <name> \\q'"},
        [("7:11", "`joined`: \\q is not an escape.", "Write \\\\ for a plain backslash.")],
    ),
    (
        "heard",
        {'heard: "<name>: <text>"': 'heard: "<name>"'},
        [("8:10", "`heard` needs <text>: what was said.", "Write '<name>: <text>'.")],
    ),
    (
        "ignore",
        {"    points: 5\n": "    points: 5\n    ignore: ['* <nam> left']\n"},
        [("18:14", "`ignore`: <nam> has no value here.", "The nearest is <name>.")],
    ),
    (
        "clients name",
        {"clients: [ana, beto]": "clients: [ana, beto, server]"},
        [("18:26", "'server' is a word of the language, not the name of a client.", "Choose another name.")],
    ),
    (
        "clients twice",
        {"clients: [ana, beto]": "clients: [ana, beto, ana]"},
        [("18:26", "'ana' stands here twice.", "")],
    ),
    (
        "clients range",
        {"clients: [ana, beto]": "clients: [ana, beto, c5..c2]"},
        [
            (
                "18:26",
                "'c5..c2' is no range of clients.",
                "Write c1..c200: the same letters, numbers going up, at most 1000.",
            )
        ],
    ),
    (
        "clients map",
        {"clients: [ana, beto]": "clients: {ana: x}"},
        [("18:14", "`clients` is a list of names.", "Write [ana, beto] or c1..c5.")],
    ),
    (
        "role",
        {"  any:\n": "  sender: {join: x}\n  any:\n"},
        [
            (
                "10:12",
                "Another kind of client has no key 'join'.",
                "It has played_by, listens, carries, port, protocol, messages and types.",
            )
        ],
    ),
    (
        "no play",
        {"  - {id: other, points: 5, play: server (listens)}": "  - {id: other, points: 5}"},
        [("22:5", "A check has either `play`, `use` or `python`.", "Write `play: |` and its lines below.")],
    ),
    (
        "play and use",
        {"play: server (listens)": "play: server (listens), use: crowd"},
        [("22:5", "A check has either `play`, `use` or `python`.", "Remove one of them.")],
    ),
    (
        "use",
        {"play: server (listens)": "use: croud"},
        [("22:33", "'croud' is no ready-made check.", "The nearest is 'crowd'.")],
    ),
    (
        "with",
        {"play: server (listens)": "use: crowd, with: {client: 5}"},
        [("22:47", "crowd has no setting 'client'.", "The nearest is 'clients'.")],
    ),
    (
        "with range",
        {"play: server (listens)": "use: crowd, with: {clients: 5000}"},
        [("22:56", "`clients` of crowd is a whole number from 2 to 500.", "")],
    ),
    (
        "with alone",
        {"play: server (listens)": "play: server (listens), with: {clients: 5}"},
        [("22:58", "`with` belongs to `use`, which is not here.", "Remove it.")],
    ),
    (
        "use clients",
        {"play: server (listens)": "use: crowd, clients: [ana]"},
        [("22:49", "crowd brings its own clients.", "Remove `clients`.")],
    ),
    (
        "empty play",
        {"play: server (listens)": "play: ''"},
        [("22:34", "`play` is empty.", "Write `play: |` and the lines below it, indented.")],
    ),
    (
        "comment play",
        {"    play: |\n      ana  > hola\n      beto < ana: hola\n": "    play: |\n      # nothing\n"},
        [("19:11", "The play has no line.", "A line that begins with # is a comment.")],
    ),
    (
        "join who",
        {"      me > <me>\n": "      ana > <me>\n"},
        [("13:7", "In `join:` only `me` acts.", "Write `me > text` or `me < text`.")],
    ),
    (
        "join act",
        {"      me > <me>\n": "      me (leaves)\n"},
        [("13:7", "`me (leaves)` can't stand in `join:`.", "Remove it.")],
    ),
    (
        "join name",
        {"      me > <me>\n": "      me > <you>\n"},
        [("13:12", "<you> has no value here.", "It must stand in a `<` line before; write \\< for a plain <.")],
    ),
    (
        "join capture",
        {"me < welcome <me>": "me < welcome <me> <room>"},
        [("14:25", "<room> gets a value here and is used nowhere else.", "Write <*> if any text will do.")],
    ),
    (
        "list wanted",
        {"checks:\n  - id: talk": "checks:\n    id: talk"},
        [("22:3", "This line does not line up with the ones above.", "Check its spaces.")],
    ),
    (
        "second doc",
        {"  - {id: other": "---\n  - {id: other"},
        [("22:1", "A second document begins here.", "A spec is one document: remove the line ---.")],
    ),
]


@pytest.mark.parametrize(("name", "edits", "complaints"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_its_place(tmp_path, name, edits, complaints):
    assert complaints_about(tmp_path, changed(edits)) == complaints


def test_what_a_good_spec_says(tmp_path):
    spec = load_text(tmp_path, BASE)
    assert (spec.id, spec.title, spec.language) == ("spec", {"en": "Chat"}, "en")
    assert spec.server == Command("python3 server.py <port>")
    assert (spec.reference_folder, spec.reference) == (str(tmp_path.resolve()), Command("python3 reference.py <port>"))
    assert spec.protocol == Protocol("line", {}, "utf-8")
    assert spec.dialect == Dialect(
        words={"name": "[a-z]{1,20}"}, welcome="welcome <name>", joined="* <name> joined", heard="<name>: <text>"
    )
    assert spec.path == str(tmp_path / "spec.yaml")
    assert spec.digest == hashlib.sha256(BASE.encode()).hexdigest()
    assert [check.id for check in spec.checks] == ["talk", "other"]


def test_what_a_check_says(tmp_path):
    keys = """    points: 2.5
    title: Two talk
    requirement: >-
      Text with: a colon and a #hash.
    why: 'quoted: text #1'
    hint: fine  # with a comment
    concept: thread
    needs: other
    law: [echo, lost]
    race: true
    attempts: 5
    leftovers: allowed
    ignore: "* <*> is away"
    hidden: yes
    same_as_reference: true
"""
    check = load_text(tmp_path, changed({"    points: 5\n": keys})).checks[0]
    assert (check.title, check.points) == ({"en": "Two talk"}, 2.5)
    assert check.requirement == {"en": "Text with: a colon and a #hash."}
    assert (check.why, check.hint) == ({"en": "quoted: text #1"}, {"en": "fine"})
    assert (check.concept, check.needs, check.laws) == ("thread", ("other",), ("echo", "lost"))
    assert (check.race, check.attempts, check.leftovers_allowed, check.hidden) == (True, 5, True, True)
    assert check.same_as_reference
    assert (check.ignore, check.clients) == (("* <*> is away",), ("ana", "beto"))
    assert (check.place.line, check.place.column) == (16, 5)


def test_what_a_check_does_not_say(tmp_path):
    check = load_text(tmp_path, BASE).checks[1]
    assert (check.title, check.requirement, check.concept) == ({"en": "other"}, {}, None)
    assert (check.needs, check.laws, check.race, check.attempts) == ((), (), False, 3)
    assert (check.leftovers_allowed, check.ignore, check.hidden, check.clients) == (False, (), False, ())


def test_when_silence_counts_and_what_an_unsteady_check_earns(tmp_path):
    spec = load_text(tmp_path, changed({"dialect:": "quiet: {horizon: 400ms}\nunsteady: nothing\ndialect:"}))
    assert (spec.horizon, spec.unsteady) == (0.4, "nothing")
    plain = load_text(tmp_path, BASE)
    assert (plain.horizon, plain.unsteady) == (1.0, "share")


def test_the_laws_of_all_checks_are_carried(tmp_path):
    edits = {"    points: 5\n": "    points: 5\n    law: echo\n", "id: other,": "id: other, law: [lost, echo],"}
    assert load_text(tmp_path, changed(edits)).carried == {"echo", "lost"}


def test_texts_in_several_languages(tmp_path):
    edits = {
        "title: Chat\n": "title: {en: Chat, es: Charla}\nlanguage: es\n",
        "    points: 5\n": "    points: 5\n    why: {en: yes, es: NO}\n    hint: para todos\n",
    }
    spec = load_text(tmp_path, changed(edits))
    assert (spec.language, spec.title) == ("es", {"en": "Chat", "es": "Charla"})
    # YAML would make true and false of these. A plain text is the same in every language.
    assert spec.checks[0].why == {"en": "yes", "es": "NO"}
    assert spec.checks[0].hint == {"es": "para todos"}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("001", "001"),
        ("NO", "NO"),
        ("0x20", "0x20"),
        ("12:30", "12:30"),
        ("2024-01-02", "2024-01-02"),
        ("~", "~"),
        ("'it''s'", "it's"),
        ("a  # a comment", "a"),
    ],
)
def test_a_text_stays_a_text(tmp_path, written, text):
    check = load_text(tmp_path, changed({"    points: 5\n": f"    points: 5\n    hint: {written}\n"})).checks[0]
    assert check.hint == {"en": text}


def test_every_mistake_is_named_in_one_run(tmp_path):
    edits = {
        "title: Chat": "titel: Chat",
        "clients: [ana": "clients: [anna",
        "other,": "Other,",
        "points: 5\n": "points: x\n",
    }
    found = complaints_about(tmp_path, changed(edits))
    assert [place for place, _, _ in found] == ["1:1", "1:1", "17:13", "20:7", "22:10"]


def test_a_complaint_shows_the_line(tmp_path):
    with pytest.raises(SpecError) as caught:
        load_text(tmp_path, changed({"points: 5\n": "points: five\n"}))
    assert str(caught.value) == (
        f"{tmp_path}/spec.yaml:17:13: `points` is a positive number, not 'five'. Write 5 or 2.5."
        "\n        points: five\n                ^"
    )


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", ("1:1", "The file is empty.", "")),
        (b"# nothing\n", ("2:1", "The file is empty.", "")),
        (b"title: caf\xe9\n", ("1:11", "The file is not UTF-8.", "Save it as UTF-8.")),
        (b"a: b\nc: \x00\n", ("2:4", "This character is not allowed in YAML.", r"In a play write \xNN, after >>.")),
        (b"x" * 300_000, ("1:1", "The spec is larger than 256 KB.", "")),
        (
            b"[" * 1000,
            ("1:32", "The spec has values nested over 30 deep.", "Look for an alias (*name) that repeats itself."),
        ),
        (b"just a text", ("1:1", "A spec is a map of keys.", None)),
        (b"- a\n- b\n", ("1:1", "A spec is a map of keys.", None)),
    ],
)
def test_what_is_no_spec_at_all(tmp_path, data, complaint):
    (found,) = complaints_about(tmp_path, data)
    assert found[:2] == complaint[:2]
    assert complaint[2] in {None, found[2]}


def test_an_alias_bomb_is_refused(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (found,) = complaints_about(tmp_path, "\n".join(lines))
    assert found[1] == "The spec has more than 20000 values."


def test_an_alias_is_as_good_as_what_it_stands_for(tmp_path):
    edits = {
        "    points: 5\n": "    points: 5\n    why: &why because\n",
        "points: 5, play": "points: 5, why: *why, play",
    }
    first, second = load_text(tmp_path, changed(edits)).checks
    assert first.why == second.why == {"en": "because"}


def test_a_byte_order_mark_and_windows_lines(tmp_path):
    data = b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode()
    assert load_text(tmp_path, data).checks[0].play == load_text(tmp_path, BASE).checks[0].play


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError) as caught:
        load(tmp_path / "none.yaml")
    assert (caught.value.code, caught.value.facts) == ("spec-missing", {"path": str(tmp_path / "none.yaml")})


def test_a_file_that_can_not_be_read(tmp_path):
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert caught.value.code == "spec-unreadable"
    assert caught.value.facts == {"path": str(tmp_path), "why": "Is a directory"}


def test_needs_may_go_deep_but_not_round(tmp_path):
    head = BASE.split("checks:", maxsplit=1)[0] + "checks:\n"
    row = "  - {{id: c{}, points: 1, needs: [c{}], play: server (listens)}}\n"
    chain = "".join(row.format(n, n + 1) for n in range(500))
    last = "  - {id: c500, points: 1, play: server (listens)}\n"
    assert len(load_text(tmp_path, head + chain + last).checks) == 501
    (found,) = complaints_about(tmp_path, head + chain + row.format(500, 497))
    assert found[1] == "These checks need one another: c497 needs c498 needs c499 needs c500 needs c497."


@pytest.mark.parametrize("seed", range(60))
def test_whatever_the_file_holds_there_is_no_traceback(tmp_path, seed):
    chance = random.Random(seed)
    text = BASE
    for _ in range(chance.choice([1, 2, 10])):
        at = chance.randrange(len(text))
        cut = chance.choice([0, 0, 1, 5])
        text = (
            text[:at]
            + chance.choice(["", "\n", "\t", " ", "*", "&a", "<", "> ", "(", ": ", "#", "{", "\\x", "'", "|", "!"])
            + text[at + cut :]
        )
    with contextlib.suppress(SpecError):
        load_text(tmp_path, text)
