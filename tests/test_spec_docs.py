"""`docs/SPEC.md` says what the spec language is: every example in it is read, and its tables are held to the loader's.

An example is a fenced block, and its first word says what is done with it:

    yaml        a whole spec: it loads. The one that is called `yaml frame` is the frame of the others
    play        stands in the frame in place of its play: it loads, and the reference passes it (`leftovers` allows
                them, `alone` leaves the frame's clients out)
    mistake     of a file, a check or a play: it gives just the complaints that the next block, `complaint`, shows
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, NamedTuple

import pytest
import yaml
from conftest import REFERENCE, Stand
from plays import Case

from grader.errors import SpecError
from grader.model import Line, Outcome, Spec, Verb
from grader.model.spanish import key as canonical
from grader.spec import acts, grammar, load, names, ready_made, tables
from grader.spec.complaints import MOST
from grader.spec.keys import Keys
from grader.wire import parts
from grader.wire.match import Template
from grader.wire.parts import What

PAGE = (Path(__file__).parent.parent / "docs" / "SPEC.md").read_text(encoding="utf-8")
UNDER = {
    "`quiet`": ("quiet",),
    "a spec": (),
    "the server": ("server",),
    "the program": ("program",),
    "the reference": ("reference",),
    "the protocol": ("protocol",),
    "the dialect": ("dialect",),
    "a kind of client": ("clients", "any"),
    "another kind of client": ("clients", "<name>"),
    "a further program": ("programs", "<name>"),
    "a further server": ("servers", "<name>"),
    "the proof": ("proof",),
    "a bad server": ("proof", "bad"),
    "a check": ("checks",),
    "`limits`": ("limits",),
    "the `limits` of a check": ("checks", "limits"),
    "`defaults`": ("defaults",),
    "a group": ("groups",),
    "a mark by hand": ("manual",),
    "a milestone": ("milestones",),
}
"""Where each kind of map stands in a spec."""


class Block(NamedTuple):
    """A fenced block: the line of its fence, what it is called, and what stands in it."""

    line: int
    kind: str
    variety: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line} {self.kind}"


def _blocks() -> Iterator[Block]:
    for found in re.finditer(r"^```(\w+)[ ]?(.*)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE):
        yield Block(PAGE.count("\n", 0, found.start()) + 1, found[1], found[2], found[3])


def _file(name: str) -> str:
    """The text of a file of Python that the page shows, indented."""
    lines = PAGE.split(f"    # {name}, beside the spec\n")[1].splitlines()
    ends = next(n for n, line in enumerate(lines) if line and not line.startswith("    "))
    return dedent("\n".join(lines[:ends]))


PRIMES, OWN, FRAMINGS = map(_file, ("checks/primes.py", "own.py", "framings.py"))
Reader = Callable[[Block], Spec]
BLOCKS = list(_blocks())
FRAME = next(block.text for block in BLOCKS if (block.kind, block.variety) == ("yaml", "frame"))
CLIENTS, PLAY = "    clients: [ana, beto, caro]\n", "    play: |\n"


def of_kind(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind in kinds]


def in_frame(block: Block) -> str:
    """The whole spec that a block stands for."""
    if block.kind == "yaml" or block.variety == "file":
        return block.text
    if block.variety == "check":
        return FRAME[: FRAME.index("checks:\n")] + "checks:\n" + indent(block.text, "  ")
    around = FRAME[: FRAME.index(PLAY) + len(PLAY)]
    if block.variety == "alone":
        around = around.replace(CLIENTS, "")
    if block.variety == "leftovers":
        around = around.replace(PLAY, f"    leftovers: allowed\n{PLAY}")
    return around + indent(block.text, "      ")


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Reads a block in a folder with a stand-in for the reference."""
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "chat_server.py").write_text("# the course's", encoding="utf-8")
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "greeting.txt").write_text("¡hola a todos!", encoding="utf-8")
    shutil.copy(Path(__file__).parent / "servers" / "own.pem", tmp_path / "specs")
    path = tmp_path / "specs" / "spec.yaml"
    (tmp_path / "specs" / "checks").mkdir()
    (tmp_path / "specs" / "checks" / "primes.py").write_text(PRIMES, encoding="utf-8")
    (tmp_path / "specs" / "own.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "specs" / "base.yaml").write_text(FRAME.replace("id: example", "id: relay"), encoding="utf-8")
    (tmp_path / "specs" / "rooms.yaml").write_text(
        "checks:\n  - {id: rooms, play: 'ana > /join #a'}\n", encoding="utf-8"
    )

    def reading(block: Block) -> Spec:
        path.write_text(in_frame(block), encoding="utf-8")
        return load.load(path)

    return reading


# -- the examples -----------------------------------------------------------------------------------------------------


def test_no_block_is_passed_over() -> None:
    assert PAGE.count("\n```") == 2 * len(BLOCKS)
    assert {block.kind for block in BLOCKS} == {"yaml", "play", "mistake", "complaint", "framing", "grammar"}
    for before, after in pairwise(BLOCKS):
        assert (before.kind == "mistake") == (after.kind == "complaint"), f"line {after.line}"
    assert sum(block.text.count("spec.yaml:") for block in of_kind("complaint")) >= 10


@pytest.mark.parametrize("block", of_kind("yaml", "play"), ids=str)
def test_an_example_is_read_without_complaint(read: Reader, block: Block) -> None:
    assert read(block).checks


@pytest.mark.parametrize("block", of_kind("play"), ids=str)
def test_the_reference_passes_a_play(read: Reader, stand: Stand, block: Block) -> None:
    spec = read(block)
    judged = stand.conduct_and_judge(Case(spec.checks[0], spec), REFERENCE)
    assert (judged.outcome, judged.findings, judged.remarks) == (Outcome.PASSED, (), ())


@pytest.mark.parametrize("block", of_kind("mistake"), ids=str)
def test_a_mistake_gives_this_complaint(read: Reader, tmp_path: Path, block: Block) -> None:
    with pytest.raises(SpecError) as caught:
        read(block)
    shown = BLOCKS[BLOCKS.index(block) + 1].text
    assert str(caught.value).replace(f"{tmp_path}/specs/", "") + "\n" == shown


def test_a_ready_made_play_is_what_the_page_says(read: Reader) -> None:
    dialect = read(of_kind("yaml")[0]).dialect
    (alone,) = [block.text for block in of_kind("play") if block.variety == "alone"]
    assert ready_made.ready_made()["crowd"].write({"clients": 3}, dialect).play + "\n" == alone


# -- what is there is shown -------------------------------------------------------------------------------------------


def table(*head: str) -> list[list[str]]:
    """The cells of the table with this head. In a cell a bar is written with a backslash before it."""
    rows = PAGE.split(f"| {' | '.join(head)} |\n", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    return [[cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip("|"))] for row in rows]


def coded(cell: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`(.+?)`", cell)


def all_keys() -> list[Keys]:
    return [value for value in vars(tables).values() if isinstance(value, Keys)]


def dotted(keys: Keys, key: str) -> str:
    return ".".join((*UNDER[keys.of], key))


def test_every_key_stands_in_the_table() -> None:
    shown = {coded(row[0])[0]: row[1] for row in table("key", "needed", "meaning")}
    known = {dotted(keys, key): key in keys.required for keys in all_keys() for key in keys.readers}
    assert shown.keys() == known.keys()
    unclear = {"checks.play", "checks.use", "checks.python"}  # one of them is needed
    assert {key: need == "yes" for key, need in shown.items() if key not in unclear} == {
        key: required for key, required in known.items() if key not in unclear
    }


def used(node: Any, under: tuple[str, ...] = ()) -> Iterator[str]:
    """Every key of an example, dotted; below `words`, `with` and texts in several languages there are none."""
    for item in node if isinstance(node, list) else [node]:
        if isinstance(item, dict) and (under in UNDER.values() or (*under, "<name>") in UNDER.values()):
            for written, value in item.items():
                key = canonical(written)
                if (*under, key) not in UNDER.values() and (*under, "<name>") in UNDER.values():
                    key = "<name>"  # the instructor's own
                elif key != "<name>" and (*under, key) != ("clients", "any"):
                    yield ".".join((*under, key))
                yield from used(value, (*under, key))


def test_every_key_is_used_in_an_example() -> None:
    found = {key for block in of_kind("yaml") for key in used(yaml.safe_load(block.text))}
    assert found == {dotted(keys, key) for keys in all_keys() for key in keys.readers}


def plays() -> str:
    return "".join(block.text for block in of_kind("play", "yaml"))


@pytest.mark.parametrize(("whose", "known"), [("a client", acts.CLIENT_ACTS), ("the server", acts.SERVER_ACTS)])
def test_every_act_is_shown(whose: str, known: dict[str, Verb]) -> None:
    shown = [coded(row[0])[0].strip("()").removesuffix(" …") for row in table(f"act of {whose}", "meaning")]
    assert sorted(shown) == sorted(known)
    who = "server" if whose == "the server" else r"(?!server)\S+"
    for name in known:
        assert re.search(rf"^\s*(\S+, )*{who} \({name}[ )]", plays(), re.MULTILINE), name


def test_every_signal_mark_and_group_is_shown() -> None:
    for signal in acts.SIGNALS:
        assert f"`{signal}`" in PAGE
        assert f"server (gets {signal})" in plays()
    assert {coded(row[0])[0] for row in table("mark", "meaning")} == acts.MARKS.keys()
    for group in grammar.BLOCKS:
        assert f"`{group}`" in PAGE
        assert f"\n{group}\n" in plays()
    assert all(f"`{name}`" in PAGE for name in names.RESERVED)


def lines_of(read: Reader) -> list[Line]:
    return [line for block in of_kind("yaml", "play") for check in read(block).checks for line in check.play]


def test_every_mark_repetition_and_placeholder_is_used_in_an_example(read: Reader) -> None:
    lines = [line for line in lines_of(read) if line.argument and line.verb is not Verb.GETS]
    assert {line.verb for line in lines} >= set(acts.MARKS.values())
    assert {line.verb for line in lines if line.times > 1} == acts.REPEATED
    taken = [Template.parse(x.argument, {}, raw=x.verb in acts.RAW).parts for x in lines]
    assert {part.what for one in taken for part in one} == set(What)
    rows = " ".join(row[0] for row in table("written", "meaning"))
    for written in ("<*>", "<name>", "<i>", "<long 5000>", "<random 1400 bytes>", " | ", *parts._RAW_ESCAPES, r"\xff"):
        assert f"`{written}`" in rows, written
    for escape in (*parts._RAW_ESCAPES, r"\x"):
        assert escape in plays(), escape


def test_every_law_is_in_the_table_with_what_it_needs() -> None:
    assert {coded(row[0])[0]: tuple(coded(row[1])) for row in table("law", "needs", "what breaks it")} == dict(
        tables.LAWS
    )


def test_every_choice_is_named() -> None:
    rows = {coded(row[0])[0]: coded(row[2]) for row in table("key", "needed", "meaning")}
    assert rows["checks.concept"] == list(tables.CONCEPTS)


def test_every_ready_made_check_is_in_the_table() -> None:
    shown = {coded(row[0])[0]: (coded(row[1]), row[2]) for row in table("check", "needs", "settings", "what it does")}
    assert shown == {
        name: (
            list(entry.wording),
            ", ".join(
                f"`{key}`" if s.text is not None else f"`{key}`: {s.value}, from {s.least} to {s.most}"
                for key, s in entry.settings.items()
            ),
        )
        for name, entry in ready_made.ready_made().items()
    }


def test_the_limits_are_those_of_the_loader() -> None:
    from grader.spec import checks, endings, phrase_reader, sources

    limits = PAGE.split("## Limits\n")[1].split("\n## ")[0]
    assert [int(number) for number in re.findall(r"\d+", limits)] == [
        sources.LARGEST // 1024,
        grammar.MOST_LINES,
        checks.MOST_LINES,
        names.MOST_CLIENTS,
        endings.MOST_TIMES,
        phrase_reader.MOST_BYTES // 1_000_000,
        parts.LARGEST,
        MOST,
    ]


def test_the_page_names_no_path_of_a_machine() -> None:
    assert not re.search(r"(?<![\w.])/(home|tmp|work|usr|root|Users)\b", PAGE)


def test_the_table_of_single_files_is_that_of_the_prover() -> None:
    from grader.course.proving import WAYS

    rows = table("file", "is called", "is built by", "is started by")
    shown = {coded(row[0])[0]: (coded(row[1])[0], "".join(coded(row[2])), coded(row[3])[0]) for row in rows}
    assert shown == {suffix: (name, command.build or "", command.run) for suffix, (name, command) in WAYS.items()}


def test_the_table_of_spanish_words_is_the_one_of_the_loader() -> None:
    from grader.model import spanish

    shown = [(coded(row[0])[0], word) for row in table("English", "Spanish") if "`" in row[0] for word in coded(row[1])]
    tables_ = (spanish.KEYS, spanish.VALUES, spanish.ACTS, spanish.GROUPS)
    tables_ += (spanish.ACTORS, spanish.ENDINGS, spanish.PLACEHOLDERS)
    assert sorted(shown) == sorted((english, word) for one in tables_ for word, english in one.items())


def test_everything_that_a_function_can_do_is_in_the_tables() -> None:
    from grader.conduct.python_check import Client, Stage

    for whose, kind, inner in (("stage", Stage, {"act", "expect", "literally"}), ("a client", Client, {"name"})):
        shown = {
            name
            for row in table(f"of {'the ' if kind is Stage else ''}{whose}", "what it does")
            for name in coded(row[0])
        }
        known = {name for name in dir(kind) if not name.startswith("_")} - inner
        assert shown - {"random"} == known


def test_the_function_of_the_page_tells_right_from_wrong(read: Reader, stand: Stand) -> None:
    (block,) = [block for block in of_kind("yaml") if "python: checks/primes.py" in block.text]
    spec = read(block)
    right = stand.conduct_and_judge(Case(spec.checks[0], spec), "python3 primes_text.py <port>")
    assert (right.outcome, right.findings) == (Outcome.PASSED, ())
    wrong = stand.conduct_and_judge(Case(spec.checks[0], spec), "python3 primes_text.py <port> 49")
    assert [finding.facts["text"] for finding in wrong.findings] == ["49 is taken for something else"]
