"""What a line asks of a message, beyond plain templates: regexes, numbers, sets, JSON, declared messages; and why not.

Each row of the misfits has the sentence that a student reads, in both languages: behind “received …, the line that was due
is …”.
"""

import pytest

from grader.model import Field, Message, Protocol
from grader.wire.match import Fit, Misfit, Template, TemplateError
from grader.wire.phrases import Phrases
from grader.words import Sentences

WORDS = {
    "name": "[A-Za-z0-9_]{1,20}",
    "ip": r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}",
    "tag": "[a-z]+(?:-[a-z]+)*",
    "letters": r"\w+",
}
MESSAGES = (
    Message("plate", (Field("type", "u8", constant="32"), Field("plate", "text", length="u8"), Field("at", "u32"))),
    Message("roads", (Field("type", "u8", constant="129"), Field("roads", "u16", many="u8"))),
    Message(
        "move",
        (Field("type", "u8", constant="3"), Field("to", "u8", names={"left": 1, "right": 2}), Field("by", "f32")),
    ),
    Message("file", (Field("type", "u8", constant="4"), Field("data", "bytes", length="u16"))),
)
LINE = Phrases(Protocol(), WORDS)
BYTES = Phrases(Protocol("nul"), WORDS)
JSON = Phrases(Protocol("json-lines", body="json"), WORDS)
BINARY = Phrases(Protocol("messages", messages=MESSAGES), WORDS)

# what stands in the play, what is known, a message that fits, what is captured
FITS = [
    (LINE, "</[0-9]{3}/> <*>", {}, "404 not found", {}),
    (LINE, "</[a-z]+(?: [a-z]+)*/>", {}, "one two three", {}),
    (LINE, "a</b/></c/>d", {}, "abcd", {}),
    (LINE, "</b>", {}, "</b>", {}),
    (LINE, "from <ip> <name>", {}, "from 127.0.0.1 ana", {"ip": "127.0.0.1", "name": "ana"}),
    (LINE, "<tag>=<tag>", {}, "a-b=a-b", {"tag": "a-b"}),
    (LINE, "<tag>-<tag>", {}, "a-b-a-b", {"tag": "a-b"}),
    (LINE, "<letters> <ip>", {}, "ñandú 10.0.0.1", {"letters": "ñandú", "ip": "10.0.0.1"}),
    (LINE, "<ip>: <text>", {}, "1.2.3.4: \udcff\udcfe", {"ip": "1.2.3.4", "text": "\udcff\udcfe"}),
    (LINE, "pi is <number 3.14 +- 0.01>", {}, "pi is 3.1416", {}),
    (LINE, "<number ..0> <number 5..>", {}, "-7 5e3", {}),
    (LINE, "<number 200 +- 5%> ms", {}, "191 ms", {}),
    (LINE, "<number 7>", {}, "7.0", {}),
    (LINE, "here: <set ana, beto>", {}, "here: beto, ana", {}),
    (LINE, "here: <set ana beto ana>.", {}, "here: ana ana beto.", {}),
    (LINE, "version=<not hacked>", {}, "version=1.0", {}),
    (LINE, "v=<not a> w=<w>", {}, "v=b w=c", {"w": "c"}),
    (LINE, "<file a.txt>!", {"file a.txt": "¡hola\n"}, "¡hola\n!", {}),
    (BYTES, r"KEY: <k>\n\x00 | none", {}, "KEY: v\n\0", None),
    (BYTES, r"KEY: <k>\n", {}, "KEY: v\n", {"k": "v"}),
    (JSON, '{"a": 1}', {}, '{"b": [1], "a": 1.0}', {}),
    (JSON, '{"a": {"b": <x>}, "c": "<x>!"}', {}, '{"c": "ana!", "a": {"b": "ana"}}', {"x": "ana"}),
    (JSON, '{"a": <x>}', {}, '{"a": {"b": [1, "c"]}}', {"x": '{"b": [1, "c"]}'}),
    (JSON, '{"a": <x>}', {"x": "7"}, '{"a": 7}', {}),
    (JSON, '{"users": <set ana, beto>, "n": <number 1..3>}', {}, '{"users": ["beto", "ana"], "n": 2}', {}),
    (JSON, '["a", <*>, null, true]', {}, '["a", {"x": 1}, null, true]', {}),
    (JSON, r'{"q": "say \"<t>\" \\ \u00f1 \<b>"}', {}, '{"q": "say \\"hi\\" \\\\ ñ <b>"}', {"t": "hi"}),
    (JSON, "<*>", {}, "not json", {}),
    (JSON, '{"big": 123456789012345678901234567890}', {}, '{"big": 123456789012345678901234567890}', {}),
    (BINARY, "plate at=0x2d", {}, 'plate plate="UN1X" at=45', {}),
    (BINARY, 'plate plate="<a> <b>"', {}, 'plate plate="two words" at=45', {"a": "two", "b": "words"}),
    (BINARY, r'plate plate="a\x00\"b\""', {}, r'plate plate="a\0\"b\"" at=1', {}),
    (BINARY, "roads roads=[1,2]", {}, "roads roads=[1, 2]", {}),
    (BINARY, "roads roads=[<a>, 2]", {}, "roads roads=[1, 2]", {"a": "1"}),
    (BINARY, "roads roads=[]", {}, "roads roads=[]", {}),
    (BINARY, "move to=left by=<number 0.1 +- 0.001>", {}, "move to=left by=0.1", {}),
    (BINARY, "move to=2", {}, "move to=right by=0.0", {}),
    (BINARY, "roads | plate at=1", {}, 'plate plate="" at=1', {}),
    (BINARY, "file data=0x6869", {}, "file data=0x6869", {}),
    (BINARY, "<*>", {}, "0x99", {}),
]

# what stands in the play, a message that does not fit, why in English, why in Spanish
MISFITS = [
    (LINE, "hola ana", "hola beto", "The first 5 characters are as expected; then “beto” comes instead of “ana”.", "Los primeros 5 caracteres son los esperados; después viene «beto» en lugar de «ana»."),
    (LINE, "hola", "HOLA", "Only capital and small letters differ.", "Solo difieren las mayúsculas y minúsculas."),
    (LINE, "hola ana", "hola  ana", "Only the spaces differ.", "Solo difieren los espacios."),
    (LINE, "hola ana", "hola", "It ends where “ ana” was still due.", "Termina donde todavía tocaba « ana»."),
    (LINE, "hola", "hola!", "It goes on with “!” where it was to end.", "Sigue con «!» donde debía terminar."),
    (LINE, "<*>ana<*>", "hola a todos", "“ana” does not occur in it.", "«ana» no aparece en él."),
    (LINE, "* <name> left", "* ñ left", "“ñ left” does not fit “<name>”.", "«ñ left» no corresponde a «<name>»."),
    (LINE, "code </[0-9]{3}/>", "code 4x4", "“4x4” does not fit “</[0-9]{3}/>”.", "«4x4» no corresponde a «</[0-9]{3}/>»."),
    (LINE, "from <ip>", "from here", "“here” does not fit “<ip>”.", "«here» no corresponde a «<ip>»."),
    (LINE, "<tag>=<tag>", "a-b=a-c", "“a-c” does not fit “<tag>”.", "«a-c» no corresponde a «<tag>»."),
    (LINE, "<number 5..10>", "12", "The number in it is “12”, and was to be “5..10”.", "El número que trae es «12» y debía ser «5..10»."),
    (LINE, "took <number 3.14 +- 0.01>s", "took 3.2s", "The number in it is “3.2”, and was to be “3.14 +- 0.01”.", "El número que trae es «3.2» y debía ser «3.14 +- 0.01»."),
    (LINE, "<number 5..10>", "five", "“five” does not fit “<number 5..10>”.", "«five» no corresponde a «<number 5..10>»."),
    (LINE, "here: <set ana, beto, caro>", "here: ana, dani", "In it “beto” and “caro” are missing. In it “dani” is too much.", "Le faltan «beto» y «caro». Le sobra «dani»."),
    (LINE, "here: <set ana beto>", "here: ana", "In it “beto” is missing.", "Le falta «beto»."),
    (LINE, "here: <set ana beto>", "here: ana beto ana", "In it “ana” is too much.", "Le sobra «ana»."),
    (LINE, "v=<not hacked>", "v=hacked", "It is “hacked”, which is the one text that it must not be.", "Es «hacked», justo el texto que no debe ser."),
    (LINE, "<text>", "x" * 70_000, "It has 70000 characters; messages of at most 65536 are compared.", "Tiene 70000 caracteres; se comparan mensajes de 65536 como máximo."),
    (JSON, '{"a": {"b": 1}}', '{"a": {"b": 2}}', "Its field “a.b” is “2”, and was to be “1”.", "Su campo «a.b» es «2» y debía ser «1»."),
    (JSON, '{"ok": true}', '{"ok": "true"}', 'Its field “ok” is “"true"”, and was to be “true”.', 'Su campo «ok» es «"true"» y debía ser «true».'),
    (JSON, '{"n": 1}', '{"n": true}', "Its field “n” is “true”, and was to be “1”.", "Su campo «n» es «true» y debía ser «1»."),
    (JSON, '{"text": "hola, <name>"}', '{"text": "adios"}', 'Its field “text” is “"adios"”, and was to be “"hola, <name>"”.', 'Su campo «text» es «"adios"» y debía ser «"hola, <name>"».'),
    (JSON, '{"n": <number 1..3>}', '{"n": "2"}', 'Its field “n” is “"2"”, and was to be “<number 1..3>”.', 'Su campo «n» es «"2"» y debía ser «<number 1..3>».'),
    (JSON, '{"a": 1}', '{"A": 1}', "It has no field “a”.", "No tiene el campo «a»."),
    (JSON, '{"a": [1, 2]}', '{"a": [1]}', "Its field “a” is “[1]”, and was to be “[2]”.", "Su campo «a» es «[1]» y debía ser «[2]»."),
    (JSON, '{"a": [1, 2]}', '{"a": [1, 3]}', "Its field “a[1]” is “3”, and was to be “2”.", "Su campo «a[1]» es «3» y debía ser «2»."),
    (JSON, "[1]", '{"a": 1}', 'It is “{"a": 1}”, and was to be “[1]”.', 'Es «{"a": 1}» y debía ser «[1]».'),
    (JSON, '{"a": 1}', "{'a': 1}", "It is no JSON.", "No es JSON."),
    (JSON, '{"a": 1}', '{"a": NaN}', "It is no JSON.", "No es JSON."),
    (JSON, '{"a": 1}', '{"a":' * 70 + "1" + "}" * 70, "It holds values nested more than 64 deep.", "Contiene valores anidados a más de 64 niveles."),
    (BINARY, "plate at=45", 'plate plate="UN1X" at=46', "Its field “at” is “46”, and was to be “45”.", "Su campo «at» es «46» y debía ser «45»."),
    (BINARY, "plate plate=UN1X", 'plate plate="un1x" at=46', 'Its field “plate” is “"un1x"”, and was to be “UN1X”.', 'Su campo «plate» es «"un1x"» y debía ser «UN1X».'),
    (BINARY, "plate", "roads roads=[1]", "It is a message “roads”, and a message “plate” was due.", "Es un mensaje «roads» y tocaba un mensaje «plate»."),
    (BINARY, "plate", "0x9900", "It is a message “0x9900”, and a message “plate” was due.", "Es un mensaje «0x9900» y tocaba un mensaje «plate»."),
    (BINARY, "roads | plate at=1", 'plate plate="" at=2', "Its field “at” is “2”, and was to be “1”.", "Su campo «at» es «2» y debía ser «1»."),
]  # fmt: skip


@pytest.mark.parametrize(("phrases", "source", "known", "text", "captures"), FITS, ids=[row[1] for row in FITS])
def test_what_fits(phrases, source, known, text, captures):
    phrase = phrases.parse(source)
    if captures is None:  # alternatives give no value to anybody
        assert phrase.match(text, known) is not None
        return
    assert phrase.fit(text, known) == Fit(captures)
    assert phrase.match(text, known) == captures


@pytest.mark.parametrize(
    ("phrases", "source", "text", "english", "spanish"), MISFITS, ids=[f"{row[1]} {row[2][:30]}" for row in MISFITS]
)
def test_what_does_not_fit_and_the_sentence_that_says_why(phrases, source, text, english, spanish):
    phrase = phrases.parse(source)
    assert phrase.match(text, {}) is None
    misfit = phrase.fit(text, {})
    assert isinstance(misfit, Misfit)
    facts = {"who": ["ana"], "text": source, "got": text, "why": misfit.why, **misfit.facts}
    assert Sentences("en").of_finding("came-instead", "happened", facts).endswith(f" {english}")
    assert Sentences("es").of_finding("came-instead", "happened", facts).endswith(f" {spanish}")


# what is sent, what is known, the text that goes out
SENT = [
    (LINE, "hola <file a.txt>", {"file a.txt": "x\n"}, "hola x\n"),
    (JSON, '{"to": "<who>", "n": <i>, "again": <v>}', {"who": 'a "b"', "v": "7.5"}, '{"to": "a \\"b\\"", "n": 3, "again": 7.5}'),
    (JSON, '{"v": <v>}', {"v": "ana"}, '{"v": "ana"}'),
    (JSON, '{ "keep" :1.50, "order": [ ] }', {}, '{ "keep" :1.50, "order": [ ] }'),
    (BINARY, 'plate plate="<who> x" at=<n>', {"who": 'a"b', "n": "5"}, 'plate plate="a\\"b x" at=5'),
    (BINARY, "plate plate=<long 30> at=0x10", {}, None),
]  # fmt: skip


@pytest.mark.parametrize(("phrases", "source", "known", "text"), SENT, ids=[row[1] for row in SENT])
def test_what_is_sent(phrases, source, known, text):
    said = phrases.parse(source).fill(known, number=3, seed=7)
    if text is None:
        assert phrases.parse(source).match(said, known, seed=7) is not None
    else:
        assert said == text


# Each of these takes a backtracking engine longer than the suite may run.
HOSTILE = [
    ("</(?:a+)+/>b", "a" * 100_000),
    ("</(?:a|aa)+/>", "a" * 100_000 + "b"),
    ("<deep> <deep>", "a" * 60_000),
    ("</(?:x*)*y/><*></(?:x*)*z/>", "x" * 60_000),
    ("<*></[a-z]+/><*></[a-z]+/><*>!", "a" * 60_000),
    ("<number ..5><number 5..>", "1" * 60_000),
    ("<set a b> <set c d> <set e f>.", "a " * 30_000),
    ("<not a> <not b> <not c> <not d>!", "a " * 30_000),
    ("<many><many><many>!", "a" * 60_000),
    ("</.{1,4000}/></.{1,4000}/>!", "a" * 60_000),
]


@pytest.mark.parametrize(("source", "text"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_a_hostile_message_does_not_hang_the_grader(source, text):
    words = {"deep": "(?:(?:a*)*)*b", "many": "[a-z]+"}
    assert isinstance(Template.parse(source, words).fit(text, {}), Misfit)


@pytest.mark.parametrize(
    ("text", "why"),
    [("[" * 1_000_000, "deep"), ('{"a":' * 500_000, "deep"), ("9" * 1_000_000, "json"), ('"' * 1_000_001, "json")],
)
def test_hostile_json_is_a_misfit(text, why):
    misfit = JSON.parse('{"a": 1}').fit(text, {})
    assert isinstance(misfit, Misfit)
    assert misfit.why in (why, "value")


@pytest.mark.parametrize(
    ("phrases", "source", "message"),
    [
        (LINE, "<number 10..5>", "No number lies in 10..5."),
        (LINE, "<number about 5>", "<number about 5> is not understood."),
        (LINE, "</a(b)/>", "The regular expression has groups."),
        (LINE, r"</(?<=a)b/>", "This regular expression can't be searched for: invalid perl operator: (?<=."),
        (JSON, '{"a": 1', "This is no JSON."),
        (JSON, "{'a': 1}", "This is no JSON."),
        (BINARY, "plat at=1", "No message is called 'plat'."),
        (BINARY, "plate at=1 at", "'at' is no field and its value."),
    ],
)
def test_what_can_not_be_read(phrases, source, message):
    with pytest.raises(TemplateError) as caught:
        phrases.parse(source)
    assert caught.value.message == message
