"""The framings and messages of `docs/SPEC.md`: every example is sent and read as it says, every table row is true."""

import re

import pytest
import yaml
from test_spec_docs import BLOCKS, PAGE, Block, coded, of_kind, table
from test_spec_docs import FRAMINGS as PYTHON

from grader.errors import SpecError
from grader.model import Protocol, Spec
from grader.spec import field_types
from grader.spec.load import load
from grader.wire.framing import LARGEST
from grader.wire.framings import FRAMINGS, framing
from grader.wire.match import Fit, to_text
from grader.wire.numbers import NUMBERS
from grader.wire.phrases import Phrases

HEAD = """title: x
server: {run: python3 server.py <port>}
reference: {folder: ., run: python3 server.py <port>}
dialect: {words: {word: "[a-zó]+"}}
"""
CHECK = "checks: [{id: it, points: 1, play: server (listens)}]\n"
EXAMPLES = of_kind("framing")


def read(block: Block, folder) -> Spec:
    path = folder / "spec.yaml"
    (folder / "framings.py").write_text(PYTHON, encoding="utf-8")
    path.write_text(HEAD + block.text.partition("---\n")[0] + CHECK, encoding="utf-8")
    return load(path)


def pairs(block: Block):
    """Each text with the bytes that stand below it; where several are possible, each of them."""
    lines = block.text.partition("---\n")[2].splitlines()
    for said, meant in zip(lines[::2], lines[1::2], strict=True):
        who, mark, text = re.fullmatch(r"(\w+) ([<>]) (.*)", said).groups()
        assert meant.startswith(f"{who} {mark}{mark} ")
        yield mark, text, meant[len(f"{who} {mark}{mark} ") :]


@pytest.mark.parametrize("block", EXAMPLES, ids=str)
def test_an_example_says_the_same_thing_twice(block, tmp_path):
    spec = read(block, tmp_path)
    phrases = Phrases(spec.protocol, spec.dialect.words)
    for mark, text, written in pairs(block):
        for raw in written.split(" | ") if mark == "<" else [written]:
            data = phrases.parse(raw, raw=True).pieces({})[0]
            if mark == ">":
                assert framing(spec.protocol).outgoing(phrases.parse(text).fill({})) == data
                continue
            made = framing(spec.protocol)
            if spec.protocol.framing == "websocket":
                accept(made)
            (got,) = made.feed(data) or made.flush()
            assert got == data
            assert isinstance(phrases.parse(text).fit(made.text(got), {}), Fit)
            assert isinstance(phrases.parse(raw, raw=True).fit(to_text(got), {}), Fit)


def accept(made):
    """What a server answers to the request that opens a WebSocket."""
    from wsproto import ConnectionType, WSConnection
    from wsproto.events import AcceptConnection

    server = WSConnection(ConnectionType.SERVER)
    server.receive_data(made.opening)
    list(server.events())
    assert made.feed(server.send(AcceptConnection())) == []
    assert made.ready


def test_every_framing_has_its_row_and_its_example(tmp_path):
    rows = {coded(row[0])[0]: row[1] for row in table("framing", "settings", "a message is")}
    written = sorted(name for name in FRAMINGS if FRAMINGS.get(name).written)
    assert sorted(rows) == written
    shown = {read(block, tmp_path).protocol.framing for block in EXAMPLES}
    assert sorted(shown) == written


def test_a_framing_that_the_grader_chooses_is_not_for_specs(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(HEAD + "protocol: {framing: heard}\n" + CHECK, encoding="utf-8")
    with pytest.raises(SpecError) as wrong:
        load(path)
    assert wrong.value.complaints[0].message == "'heard' is no framing."


def test_every_setting_is_named_with_what_it_takes():
    rows = {coded(row[0])[0]: row[1] for row in table("framing", "settings", "a message is")}
    for name, cell in rows.items():
        settings = FRAMINGS.get(name).settings
        assert set(re.findall(r"`(\w+)`(?::|;|$|, )", cell)) <= set(settings) | {"size"}
        assert all(f"`{setting}`" in cell for setting in settings)
        for key, setting in settings.items():
            said = re.search(rf"`{key}`: ([^;]*)", cell)
            for word in re.findall(r"[a-z0-9]+", said[1]) if said else ():
                if setting.read(word) is None:
                    assert word in (
                        "or",
                        "to",
                        "some",
                        "bytes",
                        "an",
                        "address",
                        "another",
                        "name",
                        "a",
                        "line",
                        "with",
                        "size",
                        "4",
                        "digits",
                        "1",
                    ), word
    assert str(LARGEST) in rows["fixed"]
    assert PAGE.count(str(LARGEST)) == 2


def test_every_type_of_a_field_can_be_declared(tmp_path):
    written = [name for row in table("type of a field", "what travels") for name in coded(row[0]) if name != "types:"]
    assert set(NUMBERS) <= set(written)
    for kind in [*written, "text(32) padded with spaces", "list(3) of u8", "list of u8"]:
        spec = tmp_path / "spec.yaml"
        head = HEAD + f'protocol: {{framing: datagram}}\nmessages: {{it: {{field: "{kind}"}}}}\n'
        spec.write_text(head + CHECK, encoding="utf-8")
        assert load(spec).protocol.messages[0].fields[0].name == "field"


# -- complaints -------------------------------------------------------------------------------------------------------

# what stands in the spec, where the complaint points, what it says, what to write
MISTAKES = [
    ("protocol: {framing: lines}", "5:21", "'lines' is no framing.", "The nearest is 'line'."),
    ("protocol: {framing: {lenght: u16}}", "5:22", "'lenght' is no framing.", "The nearest is 'length'."),
    ("protocol: {framing: {length: u15}}", "5:30", "`length` of the framing length is u8, u16, u32, u64, digits or 4 digits.", ""),
    ("protocol: {framing: length}", "5:21", "The framing length needs `length`: u8, u16, u32, u64, digits or 4 digits.", "Write {length: …}."),
    ("protocol: {framing: {length: u16, ordr: big}}", "5:35", "The framing length has no setting 'ordr'.", "The nearest is 'order'."),
    ("protocol: {framing: {nul: yes}}", "5:22", "The framing nul takes no value.", "Write framing: nul."),
    ("protocol: {framing: [line]}", "5:21", "`framing` is a name, or a map that begins with one.", "Write line or {length: u16}."),
    ("protocol: {framing: {fixed: 0}}", "5:29", "`fixed` of the framing fixed is a whole number from 1 to 4194304.", ""),
    ("protocol: {framing: {until: ''}}", "5:29", r"`until` of the framing until is some characters such as \n or ; or \x03.", ""),
    ("protocol: {framing: {counted: SEND}}", "5:31", "`counted` of the framing counted is a line with <size> where the number of bytes stands, such as 'SEND <*> <size>'.", ""),
    ("protocol: {framing: messages}", "5:21", "The framing `messages` needs `messages`.", "Declare them."),
    ("protocol: {order: middle}", "5:19", "'middle' is no order of bytes.", "Write big or little."),
    ("messages: {a: {x: u15}}", "5:19", "'u15' is no type.", "The nearest is 'u16'."),
    ("messages: {a: {x: text(4) with u8 length}}", "5:19", "'text(4) with u8 length' is no type.", field_types._PLACE),
    ("messages: {a: {x: text with u9 length}}", "5:19", "'u9' can't count bytes.", "Write u8, u16, u32 or u64."),
    ("messages: {a: {x: i8 list of u16}}", "5:19", "'i8' can't count the values of a list.", "Write u8, u16, u32 or u64."),
    ("messages: {a: {x: u8 = 300}}", "5:19", "'300' is no u8.", "Write u8 = 0x20."),
    ("messages: {a: {x: text}}", "5:11", "Nothing says where x of a ends.", "Write how long it is: text with u8 length, text(32) or text to zero."),
    ("messages: {a: {x: u8 = 1}, b: {x: u8 = 1}}", "5:28", "Nothing tells b from a.", "Give a field of each a value of its own: type: u8 = 1."),
    ("messages: {a b: {x: u8}}", "5:12", "'a b' is no name for a message.", "Use letters, digits and -."),
    ("messages: {a: u8}", "5:15", "a is a map of its fields.", "Write {type: u8 = 1, text: text to zero}."),
    ("types: {k: {join: 1}}\nmessages: {a: {x: k}}", "5:12", "The type k does not say which number it is.", "Write {of: u8, join: 1, leave: 2}."),
    ("types: {k: u8}", "5:8", "`types` are for `messages`, which are not here.", "Remove it."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message", "hint"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_its_place_and_the_way_out(tmp_path, text, place, message, hint):
    path = tmp_path / "spec.yaml"
    path.write_text(HEAD + text + "\n" + CHECK, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load(path)
    first = caught.value.complaints[0]
    assert (f"{first.place.line}:{first.place.column}", first.message, first.hint) == (place, message, hint)


MESSAGES = "messages: {say: {code: u8 = 1, text: text with u8 length, n: u16}, bye: {code: u8 = 2}}\n"
# the lines of a play, and what is complained about
PLAYS = [
    ("ana > sey text=hola n=1", "No message is called 'sey'.", "The nearest is 'say'."),
    ("ana > say texto=hola n=1", "say has no field 'texto'.", "The nearest is 'text'."),
    ("ana > say text=hola", "say is sent with all its fields.", "Write n=…."),
    ("ana > say text=hola n=70000", "'70000' is no u16.", ""),
    ("ana > say text=two words n=1", "'words n=1' is no field and its value.", 'Write field=value with one space before it; a value with spaces stands in quotes: text="two words".'),
    ("ana > say text=<nombre> n=1", "<nombre> has no value here.", r"It must stand in a `<` line before; write \< for a plain <."),
    ("ana > say text=<*> n=1", "<*> stands for any text, and a client has to send a certain one.", "Write the text."),
    ("ana > say text=hola code=1 n=1", "say has no field 'code'.", "It has text, n."),
    ("ana < bye n=1", "bye has no field 'n'.", "It has no fields to name."),
]  # fmt: skip


@pytest.mark.parametrize(("play", "message", "hint"), PLAYS, ids=[row[0] for row in PLAYS])
def test_a_mistake_in_a_message_is_named(tmp_path, play, message, hint):
    path = tmp_path / "spec.yaml"
    check = f"checks:\n- id: it\n  points: 1\n  clients: [ana]\n  play: |\n    {play}\n"
    path.write_text(HEAD + MESSAGES + check, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load(path)
    first = caught.value.complaints[0]
    assert (first.place.line, first.message, first.hint) == (11, message, hint)


@pytest.mark.parametrize(
    ("protocol", "play", "message"),
    [
        ("{framing: {length: u8}}", "ana > <long 300>", "This comes to 300 bytes."),
        ("{framing: {fixed: 4}}", "ana > adios", "This comes to 5 bytes."),
        ("{framing: line}", "ana > <long 1000000><long 1000000><long 1000000>", "This comes to 3000 KB."),
        ("{framing: json-lines}", "ana > {a: 1}", "This is no JSON."),
        ("{framing: line}", "ana > <file nowhere.txt>", "There is no file 'nowhere.txt'."),
        ("{framing: line}", "ana < <number x>", "<number x> is not understood."),
        (
            "{framing: line}",
            "ana < </(a/>",
            "This is no regular expression: missing ), unterminated subpattern at position 0.",
        ),
        (
            "{framing: line}",
            "ana < </(?=a)b/>",
            "This regular expression can't be searched for: invalid perl operator: (?=.",
        ),
        ("{framing: line}", r"ana > a\nb", r"\n is understood only after >> and <<."),
    ],
)
def test_what_can_not_be_sent_or_expected_is_named(tmp_path, protocol, play, message):
    path = tmp_path / "spec.yaml"
    check = f"checks:\n- id: it\n  points: 1\n  clients: [ana]\n  play: |\n    {play}\n"
    path.write_text(f"{HEAD}protocol: {protocol}\n{check}", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load(path)
    assert caught.value.complaints[0].message == message


def test_the_framing_may_be_left_out(tmp_path):
    assert read(BLOCKS[0]._replace(text="---\n"), tmp_path).protocol == Protocol()
    assert yaml.safe_load(HEAD)["title"] == "x"
