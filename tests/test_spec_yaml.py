"""YAML as it is read here: texts stay texts, places are kept, and what goes wrong is said in plain words.

PyYAML has two parsers, one in C and one in Python, with different messages. Both must be understood.
"""

import pytest
import yaml

from grader.spec import yaml_marks
from grader.spec.complaints import Complaints
from grader.spec.yaml_marks import Entries, Items, Scalar, read_yaml, spot_of_line

PARSERS = ["SafeLoader", "CSafeLoader"] if hasattr(yaml, "CSafeLoader") else ["SafeLoader"]


@pytest.fixture(params=PARSERS, autouse=True)
def parser(request, monkeypatch):
    monkeypatch.setattr(yaml_marks, "_LOADER", getattr(yaml, request.param))


def read(text):
    complaints = Complaints("s.yaml", text)
    return read_yaml(text, complaints), complaints


# a file, and the place and the words of the complaint
REFUSED = [
    ("a: b: c\n", "1:5", "YAML takes the ': ' in this text for a key."),
    ("joined: * <name> joined\n", "1:9", "YAML takes a * at the beginning for an alias."),
    ("a: *x\n", "1:4", "*x refers to nothing above it."),
    ("a: &x [*x]\n", "1:8", "*x refers to nothing above it."),
    ("a: & x\n", "1:4", "YAML takes a & at the beginning for an anchor."),
    ("a: &b c d\n", "1:4", "YAML takes &b for an anchor, and it is used nowhere."),
    ("a: !foo b\n", "1:4", "Tags such as '!foo' are not used in a spec."),
    (
        "a: !!python/object:os.system x\n",
        "1:4",
        "Tags such as 'tag:yaml.org,2002:python/object:os.system' are not used in a spec.",
    ),
    ("a: !u!x b\n", "1:4", "YAML takes a ! at the beginning for a tag."),
    ("a: @foo\n", "1:4", "YAML can't begin a text with this character."),
    ("a: `x`\n", "1:4", "YAML can't begin a text with this character."),
    ("a: %x\n", "1:4", "YAML can't begin a text with this character."),
    ("a:\n\tb: 1\n", "2:1", "A tab stands where only spaces may."),
    ("a: 'foo\nb: 2\n", "1:4", "This quotation mark is never closed."),
    ('a: "b\nc: "d"\n', "2:5", "This closes a quotation that was opened further up."),
    ('a: "b" c\n', "1:8", "Something follows a text in quotes."),
    ("a: [b] c\n", "1:8", "Something follows a list or a map in brackets."),
    ("a: [1, 2\nb: 3\n", "1:4", "This bracket is never closed, or a comma is missing."),
    ("a: {b: 1\n", "1:4", "This bracket is never closed, or a comma is missing."),
    ("a: ]\n", "1:4", "This bracket closes nothing."),
    ("a: [\n", "2:1", "A bracket that was opened before this is never closed."),
    ("a: [\n  - b\n", "2:3", "A bracket that was opened before this is never closed."),
    ("a: 1\n b: 2\n", "2:3", "This line stands deeper than the one above, which has a value."),
    ("a:\n  - x\n y: 2\n", "3:2", "This line does not line up with the ones above."),
    ("- a\nb: 1\n", "2:1", "This line does not line up with the ones above."),
    ("foo: bar\nbaz\n", "2:1", "This line is no `key: value`."),
    ("a: - b\n", "1:4", "A list can't begin on the line of its key."),
    ("a: | foo\n  x\n", "1:6", "After | or > the text begins on the next line."),
    ("play:\n  ana > a\n  beto < b: a\n", "3:11", "YAML takes this line of a play for a key."),
    ("a: 1\na: 2\n", "2:1", "'a' stands here twice, first in line 1."),
    ("? [a]\n: 1\n", "1:3", "A key must be a word."),
    ("a: 1\n---\nb: 2\n", "2:1", "A second document begins here."),
    ("a: b\x01\n", "1:5", "This character is not allowed in YAML."),
]


@pytest.mark.parametrize(("text", "place", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused(text, place, message):
    _, complaints = read(text)
    ((line, column, said),) = [(c.place.line, c.place.column, c.message) for c in complaints.found]
    assert (line, said) == (int(place.split(":")[0]), message)
    # The two parsers do not agree on every column; none is further off than the text before it.
    assert abs(column - int(place.split(":")[1])) <= 1


# a value, and the text that it is
TEXTS = [
    ("NO", "NO"), ("001", "001"), ("12:30", "12:30"), ("0x20", "0x20"), ("2024-01-02", "2024-01-02"), ("null", "null"),
    ("~", "~"), ("<name> has joined", "<name> has joined"), ("'a: b'", "a: b"), (r"'a\n'", r"a\n"), (r'"a\n"', "a\n"),
    ("", ""), ("a\n  b", "a b"), ("|\n  a #b\n  c: d\n", "a #b\nc: d\n"), (">-\n  a\n  b\n", "a b"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "text"), TEXTS)
def test_a_value_is_its_text(written, text):
    node, complaints = read(f"key: {written}\n")
    complaints.raise_if_any()
    ((key, value),) = node.entries
    assert (key.value, value.value) == ("key", text)


# a value, and the whole text if its end was taken for a comment
COMMENTS = [
    ("room #5", "room #5"),
    ("#chan", "#chan"),
    ("JOIN #c", "JOIN #c"),
    ("JOIN  #c", "JOIN  #c"),
    ("yes # perhaps", "yes # perhaps"),
    ("a\n  b #c", "a b #c"),
    ("yes  # a comment", None),
    ("yes  ## a comment", None),
    ("C#", None),
    ("'room #5'", None),
    ("|  # a comment\n  room #5", None),
]


@pytest.mark.parametrize(("written", "whole"), COMMENTS)
def test_a_text_that_was_cut_is_known(written, whole):
    node, _ = read(f"key: {written}\n")
    cut = node.entries[0][1].cut
    assert (cut.strip() if cut else cut) == whole


def test_places_count_from_one():
    node, _ = read("a:\n  - b\n  - {c: d}\n")
    items = node.entries[0][1]
    assert isinstance(items, Items)
    assert [str(item.place) for item in items.items] == ["s.yaml:2:5", "s.yaml:3:5"]
    assert isinstance(items.items[1], Entries)
    assert str(items.items[1].entries[0][1].place) == "s.yaml:3:9"


@pytest.mark.parametrize("mark", ["|", "|-", "|+", "|1", "|  # a comment"])
def test_the_lines_of_a_block_have_places(mark):
    text = f"checks:\n- play: {mark}\n\n    ana > ñ x\n      beto < y\n"
    node, complaints = read(text)
    play = node.entries[0][1].items[0].entries[0][1]
    assert isinstance(play, Scalar)
    spots = [spot_of_line(play, n, line, complaints) for n, line in enumerate(play.value.split("\n")) if line.strip()]
    first = 5 if mark != "|1" else 4
    assert [str(spot.place) for spot in spots] == [f"s.yaml:4:{first}", f"s.yaml:5:{first}"]
    assert all(spot.exact for spot in spots)


def test_the_lines_of_a_quoted_text_stand_where_it_begins():
    node, complaints = read('play: "ana > x\\nbeto < y\\n"\n')
    spot = spot_of_line(node.entries[0][1], 1, "beto < y", complaints)
    assert (str(spot.place), str(spot.at(5))) == ("s.yaml:1:7", "s.yaml:1:7")
