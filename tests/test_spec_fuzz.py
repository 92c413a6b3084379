"""Whatever a file holds, reading it ends in a Spec or in complaints: quickly, in little memory, and never in a traceback."""

import resource
import time
import tracemalloc

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_spanish import SPANISH
from test_spec_load import BASE

from grader.errors import SpecError, UsageError
from grader.model import Spec
from grader.spec.load import load

PROFILE = settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
KEYS = [
    "title",
    "server",
    "run",
    "reference",
    "folder",
    "dialect",
    "words",
    "heard",
    "clients",
    "any",
    "join",
    "checks",
    "id",
    "points",
    "play",
    "each",
    "group",
    "groups",
    "use",
    "with",
    "law",
    "needs",
    "tiers",
    "gate",
    "penalty",
    "extends",
    "include",
    "defaults",
    "python",
    "messages",
    "protocol",
    "framing",
]
PIECES = ["*a", "&a ", "<<: ", "!!python/object:os.system ", "- ", ": ", "#", "|", ">", "'", '"', "{", "}", "[", "]", "\t", "\0",
          "ana > ", "ana < <", "(nada)", "together:\n", "  999999999 times", "c1..c999999", "<long 999999999>", "\u2028", "\ud800"]  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40), st.sampled_from(PIECES[:-1])
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)),
    max_leaves=25,
)


def outcome(folder, data):
    """What came of it, how long it took, and how much memory."""
    path = folder / "spec.yaml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    began = time.process_time()
    try:
        got = load(path)
    except (SpecError, UsageError) as refused:
        got = refused
    assert time.process_time() - began < 1.0
    assert isinstance(got, Spec | SpecError | UsageError)
    return got


@pytest.mark.parametrize("base", [BASE, SPANISH], ids=["English", "Spanish"])
@PROFILE
@given(data=st.data())
def test_a_spec_with_anything_in_it(tmp_path, base, data):
    text = base
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.sampled_from(PIECES)) + text[at + cut :]
    outcome(tmp_path, text)


@PROFILE
@given(value=st.dictionaries(st.sampled_from(KEYS), values, max_size=8))
def test_any_yaml(tmp_path, value):
    assert not isinstance(outcome(tmp_path, yaml.safe_dump(value, allow_unicode=True)), UsageError)


@PROFILE
@given(data=st.binary(max_size=300))
@example(data=b"\xff\xfe")
@example(data=b"%YAML 9.9\n---\n")
def test_any_bytes(tmp_path, data):
    outcome(tmp_path, data)


BOMBS = {
    "aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "nesting": "checks: " + "[" * 5000,
    "maps": "title: " + "{a: " * 2000,
    "names": BASE.replace("[ana, beto]", "c1..c1000").replace("      ana  > hola\n", "      c1..c1000 > hola\n" * 300),
    "joins": BASE.replace("ana  > hola", "\n      ".join(f"x{n} (joins)" for n in range(4999))),
    "long names": BASE.replace("beto <", "b" * 100_000 + " <"),
    "many mistakes": BASE.replace("ana  > hola", "\n      ".join(["anna > hola"] * 4900)),
    "entries": BASE.replace("    points: 5\n", f"    points: 5\n    each: [{','.join(['a'] * 5000)}]\n"),
    "sizes": BASE.replace("ana  > hola", "ana > <long 1000000>  100000 times"),
    "regex": BASE.replace("[a-z]{1,20}", "(a{1,1000}){1,1000}"),
    "placeholders": BASE.replace("ana: hola", "<*>" * 3000),
    "keys": BASE + "".join(f"key{n}: x\n" for n in range(9000)),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_costs_little(tmp_path, bomb):
    tracemalloc.start()
    try:
        (tmp_path / "spec.yaml").write_text(BOMBS[bomb], encoding="utf-8")
        with pytest.raises(SpecError):
            load(tmp_path / "spec.yaml")
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
    assert isinstance(outcome(tmp_path, BOMBS[bomb]), SpecError)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0


# --------------------------------------------------------------------------- what spec authors get wrong, ten times over


TYPICAL = {
    "a # that YAML takes for a comment": (
        {"    points: 5\n": "    points: 5\n    hint: Look at room #5.\n"},
        "YAML takes the # in this text for a comment and drops the rest. In quotes it stays whole: hint: 'Look at room #5.'"),
    "a text that begins with a star": (
        {'joined: "* <name> joined"': "joined: * <name> joined"},
        "YAML takes a * at the beginning for an alias. Put the text in quotes."),
    "a play below >": ({"play: |": "play: >"}, "Under > YAML joins the lines of a text to one. Write `play: |` and the lines below it, indented."),
    "no space after the mark": ({"ana  > hola": "ana >hola"}, "A space belongs after >. Write `ana > hola`."),
    "a client that is spelled differently": ({"beto < ana": "betto < ana"}, "No client is called 'betto' here. The nearest is 'beto'."),
    "a key that is spelled differently": ({"points: 5\n": "point: 5\n"}, "A check has no key 'point'. The nearest is 'points'."),
    "a command without the port": (
        {"python3 server.py <port>": "python3 server.py"},
        "The command does not say where the port goes. Write python3 server.py <port>; or `port: any` if the port stands in the program."),
    "a comment behind an act": (
        {"beto < ana: hola": "beto (nothing)  # no echo"},
        "An act ends with its parenthesis, and nothing follows. A comment stands on a line of its own."),
    "an escape where text is sent": ({"ana  > hola": r"ana > hola\n"}, r"\n is understood only after >> and <<. Use >> to send raw bytes."),
    "a need that is spelled differently": ({"points: 5, play": "points: 5, needs: tlak, play"}, "No check is called 'tlak'. The nearest is 'talk'."),
    "an indented line without a group": ({"beto < ana": "  beto < ana"}, "This line is indented and stands under no group. Only lines under `together:`, `any order:` and `repeat` are indented."),
    "a client who has gone": ({"beto < ana: hola": "beto (leaves)\n      beto > hola"}, "beto is gone: `beto >` makes no sense here. It comes back with beto (connects) or beto (joins)."),
}  # fmt: skip


@pytest.mark.parametrize("mistake", TYPICAL)
def test_a_typical_mistake_gets_a_complaint_that_says_what_to_write(tmp_path, mistake):
    edits, said = TYPICAL[mistake]
    text = BASE
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new, 1)
    got = outcome(tmp_path, text)
    assert isinstance(got, SpecError)
    complaint = next((c for c in got.complaints if f"{c.message} {c.hint}".strip() == said), None)
    assert complaint is not None, str(got)
    assert complaint.source in text
    place, caret = str(complaint).split("\n")[0], str(complaint).split("\n")[-1]
    assert place.startswith(f"{tmp_path}/spec.yaml:{complaint.place.line}:{complaint.place.column}: ")
    assert caret == " " * (4 + complaint.place.column - 1) + "^"
