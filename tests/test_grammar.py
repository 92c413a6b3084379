"""The grammar of `docs/SPEC.md` is the parser's: the same words, every line of every example, and nothing that the parser refuses."""

import re
from functools import cache

import pytest
import yaml
from test_spec_docs import BLOCKS, FRAME, of_kind
from test_spec_load import BASE, complaints_about

from grader.spec import acts, grammar
from grader.wire import parts

(BLOCK,) = [block.text for block in BLOCKS if block.kind == "grammar"]
TOKEN = re.compile(r'\s*(?:"((?:[^"])*)"|/((?:\\.|[^/\\])+)/|([a-z-]+)|([(){}\[\]|]))')


def rules():
    """Each rule: its name, and what stands right of its sign."""
    joined = re.sub(r"\n +\|", " |", BLOCK)
    return dict(line.split(" = ", 1) for line in re.sub(r"[ ]+=", " =", joined).splitlines())


RULES = {name.strip(): body for name, body in rules().items()}


def tokens(body):
    at = 0
    while body[at:].strip():
        found = TOKEN.match(body, at)
        assert found, body[at:]
        at = found.end()
        yield found


@cache
def regex(name):
    """The rule as a regular expression: the grammar of a line is a regular one."""
    written = []
    for literal, plain, rule, sign in (found.groups() for found in tokens(RULES[name])):
        if literal is not None:
            written.append(re.escape(literal))
        elif plain is not None:
            written.append(f"(?:{plain})")
        elif rule is not None:
            written.append(f"(?:{regex(rule)})")
        else:
            written.append({"[": "(?:", "]": ")?", "{": "(?:", "}": ")*", "(": "(?:", ")": ")", "|": "|"}[sign])
    return "".join(written)


def literals(*names):
    return {f[1] for name in names for f in tokens(RULES[name]) if f[1] is not None}


def lines():
    for block in of_kind("play"):
        yield from block.text.splitlines()
    for block in of_kind("yaml"):
        for check in yaml.safe_load(block.text).get("checks", ()):
            yield from str(check.get("play", "")).splitlines()


SPANISH = re.compile(r"servidor|\((se |nada)|veces$|en cualquier")
WRITTEN = sorted({line for line in lines() if line.strip() and not SPANISH.search(line)})


def test_every_rule_is_used_and_there_is_none_without_a_body():
    used = {f[3] for body in RULES.values() for f in tokens(body) if f[3]}
    assert used | {"line"} == set(RULES)


def test_its_words_are_those_of_the_parser():
    assert {x.strip() for x in literals("client-act")} - {"to", ""} == set(acts.CLIENT_ACTS)
    assert {x.strip() for x in literals("server-act")} - {"server", "(", ")", ""} == set(acts.SERVER_ACTS)
    assert literals("signal") == set(acts.SIGNALS)
    assert literals("group") == set(grammar.BLOCKS)
    marks = literals("send", "send-bytes", "expect", "maybe", "expect-bytes") - {" "}
    assert marks == set(acts.MARKS)
    assert literals("escape") == set(parts._ESCAPES)
    assert literals("byte") | literals("escape") == set(parts._RAW_ESCAPES)
    words = {found[1] for literal in literals("placeholder") if (found := re.match(r"<(\w+|\*)", literal))}
    assert words == {"*", "i", "each", "long", "random", *parts._WITH_TEXT}


@pytest.mark.parametrize("line", WRITTEN)
def test_every_line_of_every_example_is_a_line(line):
    assert re.fullmatch(regex("line"), line), line


def test_every_word_of_it_stands_in_an_example():
    shown = "\n".join(WRITTEN) + FRAME
    for word in literals("client-act", "server-act", "signal", "group", "placeholder", "times"):
        assert word.strip() in shown or word == "<each>", word


REFUSED = [
    "ana >hola", "ana (dances)", r"ana > a \q", "server < hola", "ana < <long x>", "ana", "ana > hola  3 times  4 times!\\",
    "together", "ana (gets SIGTERM)", "server (leaves)", "1ana > hola", "ana, > hola", r"ana > \n",
]  # fmt: skip


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_no_line_is_refused_by_both(tmp_path, line):
    assert not re.fullmatch(regex("line"), line), line
    text = BASE[: BASE.index("checks:")] + "checks:\n  - id: it\n    points: 5\n    clients: [ana]\n    play: |\n"
    assert complaints_about(tmp_path, f"{text}      {line}\n")
