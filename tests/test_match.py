"""Templates and dialects as tables: what fits, what does not and exactly why, what is sent."""

import string

import pytest

from grader.model import Dialect
from grader.wire.dialect import Said, Wording
from grader.wire.match import Fit, Misfit, Template, TemplateError, to_bytes, to_text, unknown
from grader.wire.parts import long_text

WORDS = {"name": "[A-Za-z0-9_]{1,20}", "id": "[0-9]+"}

# template, known values, a text that fits, what it captures
FITS = [
    ("hola", {}, "hola", {}),
    ("", {}, "", {}),
    ("a < b", {}, "a < b", {}),
    ("1 <2> 3", {}, "1 <2> 3", {}),
    ("* <name> joined", {}, "* ana joined", {"name": "ana"}),
    ("* <name> joined", {"name": "ana"}, "* ana joined", {}),
    ("<name>: <text>", {}, "ana: beto: hola", {"name": "ana", "text": "beto: hola"}),
    ("<a>, <b>", {}, "x, y, z", {"a": "x", "b": "y, z"}),
    ("<a><b>", {}, "xyz", {"a": "x", "b": "yz"}),
    ("<a> y <a>", {}, "eco y eco", {"a": "eco"}),
    ("<a> y <a>", {}, "a y b y a y b", {"a": "a y b"}),
    ("<a> y <a>", {"a": "x"}, "x y x", {}),
    ("<*>ana<*>", {}, "ana", {}),
    ("<*>ana<*>left", {}, "* ana has left", {}),
    ("<*> <name> left", {}, "* x y ana left", {"name": "ana"}),
    ("refused: <*>", {}, "refused: ", {}),
    ("<*>", {}, "", {}),
    ("<text>", {}, "dos\rlíneas", {"text": "dos\rlíneas"}),
    ("si | no", {}, "no", {}),
    ("nick <name> | user <name>", {}, "user ana", {"name": "ana"}),
    ("a|b", {}, "a|b", {}),
    (r"a \| b", {}, "a | b", {}),
    (r"\<name> \\ x\s", {}, "<name> \\ x ", {}),
    ("código <id>", {}, "código 007", {"id": "007"}),
    ("ana: <text>", {}, "ana: \udcff", {"text": "\udcff"}),
    ("<año>", {}, "2024", {"año": "2024"}),
]

# template, a text that does not fit, why, the facts that say where
MISFITS = [
    ("hola", "halo", "differs", {"at": 1, "expected": "ola", "found": "alo"}),
    ("hola", "hola ana", "goes-on", {"at": 4, "expected": "", "found": " ana"}),
    ("hola ana", "hola", "ends-early", {"at": 4, "expected": " ana", "found": ""}),
    ("hola ana", "Hola ANA", "case", {"at": 0, "expected": "hola ana", "found": "Hola ANA"}),
    ("hola ana", "hola  ana ", "spaces", {"at": 5, "expected": "ana", "found": " ana "}),
    ("hola", "hola\r", "spaces", {"at": 4, "expected": "", "found": "\r"}),
    ("", "x", "goes-on", {"at": 0, "expected": "", "found": "x"}),
    ("* <name> joined", "* ana left", "differs", {"at": 6, "expected": "joined", "found": "left"}),
    ("* <name> joined", "* ana joined!", "goes-on", {"at": 12, "expected": "", "found": "!"}),
    ("* <name> joined", "* ana", "ends-early", {"at": 5, "expected": " joined", "found": ""}),
    ("* <name> joined", "* Ana JOINED", "case", {"at": 0, "expected": "* <name> joined", "found": "* Ana JOINED"}),
    ("* <name> joined", "*  ana joined", "spaces", {"at": 0, "expected": "* <name> joined", "found": "*  ana joined"}),
    ("* <name> joined", "* ñu joined", "word", {"at": 2, "expected": "<name>", "found": "ñu joined", "name": "name"}),
    ("<name>: <text>", "ana: ", "ends-early", {"at": 5, "expected": "<text>", "found": ""}),
    ("<a>=<a>", "x=y", "word", {"at": 2, "expected": "<a>", "found": "y", "name": "a"}),
    ("si | no", "quizá", "differs", {"at": 0, "expected": "si", "found": "quizá"}),
    ("ana si | ana no", "ana nunca", "differs", {"at": 5, "expected": "o", "found": "unca"}),
    ("<text>", "x" * 70_000, "too-long", {"at": 0, "length": 70_000, "limit": 65_536}),
    ("<a>=<a>", "x" * 5_000, "too-long", {"at": 0, "length": 5_000, "limit": 4_096}),
    ("x" * 100, "y", "differs", {"at": 0, "expected": "x" * 59 + "…", "found": "y"}),
]

# template, after >> or not, what is complained about, at which character, the hint
UNREADABLE = [
    (r"hola\n", False, r"\n is understood only after >> and <<.", 4, "Use >> to send raw bytes."),
    (r"\x41", False, r"\x is understood only after >> and <<.", 0, "Use >> to send raw bytes."),
    (r"a\q", False, r"\q is not an escape.", 1, r"Write \\ for a plain backslash."),
    ("a\\", False, "\\ is not an escape.", 1, r"Write \\ for a plain backslash."),
    (r"\x4", True, r"\x is not an escape.", 0, r"After \x come two hexadecimal digits."),
    ("<long x>", False, "<long x> is not a placeholder.", 0, r"Write \< for a plain <."),
    ("a <long>", False, "<long> needs a length.", 2, "Write <long 5000>."),
    ("<long 0>", False, "A length of 0 is out of range.", 0, "1 to 1000000 are possible."),
    ("<long 9999999>", False, "A length of 9999999 is out of range.", 0, "1 to 1000000 are possible."),
    ("<random 10 bytes>", False, "Random bytes can only be sent raw.", 0, "Use >> instead of >."),
    ("<random>", True, "<random> needs a length.", 0, "Write <random 1400 bytes>, after >>."),
    (
        "x <each>",
        False,
        "<each> stands for an entry of `each:`, and this check has none.",
        2,
        "Write `each: [hola, adios]` beside the play.",
    ),
    ("<b class=x>", False, "<b class=x> is not a placeholder.", 0, r"Write \< for a plain <."),
    ("\ud800", False, "This character can't be sent as UTF-8.", 0, ""),
]

# template, the bytes that go out in pieces
RAW = [
    (r"hola\r\n", [b"hola\r\n"]),
    (r"ho|la a t|odos\n", [b"ho", b"la a t", b"odos\n"]),
    (r"ma\xc3|\xb1ana\n", [b"ma\xc3", b"\xb1ana\n"]),
    (r"\0\t\\\|\<\s", [b"\0\t\\|< "]),
    ("ñ", [b"\xc3\xb1"]),
    (r"\xff\xfe", [b"\xff\xfe"]),
    ("<name>!", [b"ana!"]),
    ("", [b""]),
]


@pytest.mark.parametrize(("source", "known", "text", "captures"), FITS)
def test_what_fits(source, known, text, captures):
    template = Template.parse(source, WORDS)
    assert template.fit(text, known) == Fit(captures)
    assert template.match(text, known) == captures


@pytest.mark.parametrize(("source", "text", "why", "facts"), MISFITS)
def test_what_does_not_fit_and_why(source, text, why, facts):
    template = Template.parse(source, WORDS)
    assert template.fit(text, {}) == Misfit(why, facts)
    assert template.match(text, {}) is None


@pytest.mark.parametrize(("source", "raw", "message", "offset", "hint"), UNREADABLE)
def test_what_is_no_template(source, raw, message, offset, hint):
    with pytest.raises(TemplateError) as caught:
        Template.parse(source, WORDS, raw=raw)
    assert (caught.value.message, caught.value.offset, caught.value.hint) == (message, offset, hint)


@pytest.mark.parametrize(("source", "pieces"), RAW)
def test_raw_pieces(source, pieces):
    assert Template.parse(source, WORDS, raw=True).pieces({"name": "ana"}) == pieces


def test_an_unknown_name_is_refused_with_the_nearest():
    template = Template.parse("<nme> y <x> y <name>", WORDS)
    found = unknown(template.parts, ["name", "text"])
    assert [(error.message, error.offset, error.hint) for error in found] == [
        ("<nme> has no value here.", 0, "The nearest is <name>."),
        ("<x> has no value here.", 8, ""),
    ]


def test_a_name_without_a_value_can_not_be_sent():
    with pytest.raises(KeyError, match="name"):
        Template.parse("hola <name>", WORDS).fill({})


def test_what_is_sent():
    template = Template.parse(r"<name>: mensaje <i> a | b \<x>", WORDS)
    assert template.fill({"name": "ana"}, number=7) == "ana: mensaje 7 a | b <x>"
    assert template.pieces({"name": "ana"}, number=7) == [b"ana: mensaje 7 a | b <x>"]


def test_a_long_text_is_the_same_on_both_sides():
    sent = Template.parse("<long 4000>", WORDS).fill({}, seed=7)
    heard = Template.parse("ana: <long 4000>", WORDS)
    assert heard.fit(f"ana: {sent}", {}, seed=7) == Fit({})
    assert isinstance(heard.fit(f"ana: {sent}", {}, seed=8), Misfit)


@pytest.mark.parametrize("size", [1, 2, 3, 100, 9000])
def test_a_long_text_is_plain(size):
    text = long_text(size, seed=1)
    assert len(text) == size
    assert set(text) <= set(string.ascii_lowercase + string.digits)


def test_random_bytes_are_the_same_each_time():
    template = Template.parse("<random 1400 bytes>", WORDS, raw=True)
    (first,) = template.pieces({}, seed=3)
    assert len(first) == 1400
    assert template.pieces({}, seed=3) == [first]
    assert template.pieces({}, seed=4) != [first]


def test_the_number_of_a_repetition_must_fit():
    template = Template.parse("ana: mensaje <i>", WORDS)
    assert template.fit("ana: mensaje 12", {}, number=12) == Fit({})
    assert isinstance(template.fit("ana: mensaje 12", {}, number=1), Misfit)


def test_raw_bytes_are_compared_with_their_end():
    template = Template.parse(r"ma\xc3\xb1ana|x\n", WORDS, raw=True)
    assert template.fit("mañana|x\n", {}) == Fit({})
    assert isinstance(template.fit("mañana|x\r\n", {}), Misfit)


def test_what_a_template_knows_of_itself():
    template = Template.parse("<name> <*> <i> <text> <name>", WORDS)
    assert (template.names, template.literal, template.source) == (
        ("name", "text"),
        False,
        "<name> <*> <i> <text> <name>",
    )
    assert Template.parse(r"a \< b", WORDS).literal


@pytest.mark.parametrize("data", [b"hola", "ñandú".encode(), b"\xff\xfe\x80", b"\xc3", b"\xed\xa0\x80"])
def test_bytes_survive_as_text(data):
    assert to_bytes(to_text(data)) == data


HOSTILE = [
    ("<*>a<*>a<*>a<*>b", "a" * 1_000_000),
    ("<x>a<y>a<z>b", "a" * 65_000),
    ("<x>a<x>", "ab" * 2_000),
    ("<x>a<x>b<y>c<y>", "abc" * 1_000_000),
    ("<*> <name> <*> <name> <*>", "a " * 500_000),
    ("<name>: <text>", "a" * 1_000_000),
]


@pytest.mark.parametrize(("source", "text"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_a_hostile_message_does_not_hang_the_grader(source, text):
    # No time is asserted: without the atomic groups these take hours, and the suite's own limit ends them.
    assert isinstance(Template.parse(source, WORDS).fit(text, {}), Misfit)


DIALECT = Dialect(
    words=WORDS,
    welcome="welcome <name>",
    joined="* <name> joined",
    heard="<name>: <text>",
    left="* <name> left",
    also=("* <name> is away", "* here: <*>", "refused: <*>", "name?"),
    commands=("/<*>",),
)

# a line, its kind, who it is about, its text
SAID = [
    ("welcome ana", "welcome", "ana", ""),
    ("* ana joined", "joined", "ana", ""),
    ("* ana left", "left", "ana", ""),
    ("* ana is away", "also", "ana", ""),
    ("* here: ana, beto", "also", "", ""),
    ("* here: * ana left", "also", "", ""),
    ("name?", "also", "", ""),
    ("refused: in use", "also", "", ""),
    ("ana: hola", "heard", "ana", "hola"),
    ("ana: * beto left", "heard", "ana", "* beto left"),
    ("ana: \udcff", "heard", "ana", "\udcff"),
]


@pytest.mark.parametrize(("line", "kind", "name", "text"), SAID)
def test_a_line_has_a_form(line, kind, name, text):
    said = Wording(DIALECT).read(line)
    assert said is not None
    assert said[:3] == (kind, name, text)


@pytest.mark.parametrize("line", ["", "hola", "ana:", "ana: ", "* ana", "welcome", "ñu: hola", "* ana left\r"])
def test_a_line_without_a_form(line):
    assert Wording(DIALECT).read(line) is None


def test_a_notice_wins_over_free_text():
    loose = Dialect(words={}, joined="* <name>: in", heard="<name>: <text>")
    assert Wording(loose).read("* ana: in") == Said("joined", "ana", "", "* <name>: in")


@pytest.mark.parametrize(("line", "command"), [("", True), ("/who", True), ("hola", False), (" /who", False)])
def test_what_a_client_sends_is_a_command_or_a_message(line, command):
    assert Wording(DIALECT).is_command(line) is command


def test_an_empty_dialect_reads_nothing():
    assert Wording(Dialect()).read("ana: hola") is None
    assert not Wording(Dialect()).is_command("/who")
