"""The families of dialects, in the order in which they are tried: how a client comes in, how it speaks, in what envelope.

A new row is a new family. Most servers are of the first: whoever comes sends a name (or something that is taken for a
message), then texts. What a row leaves open, such as verbs and keys, is taken from the words of the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.conduct.learn.source import Source
from grader.conduct.learn.trial import Guess

ROOM = "sala"
MOST_VERBS = 10
USUAL_VERBS = ("LOGIN", "JOIN", "NICK", "USER", "CONNECT", "HELLO", "MSG", "SEND", "SAY", "BROADCAST", "BCST", "CHAT")
USUAL_QUITS = (
    "/quit", "quit", "/exit", "exit", "/salir", "salir", "/sair", "sair", "bye", "chau", "adios", "q", "q!", "!quit", "!exit",
    "!DISCONNECT", "DISCONNECT", "QUIT", "EXIT", "LOGOUT", "LEAVE", "/leave", "/disconnect", "{quit}", ":q", "fin", "tchau",
)  # fmt: skip
_VERB = re.compile(r"[/!@#.:]?[^\W\d_]\w{1,14}(?P<end>[ :|/,;]?)")
_MARK = re.compile(r"[|:/;,#~]{1,2}")


@dataclass(frozen=True, slots=True)
class Family:
    """A row: `sign` is what in a source makes it worth trying early; the order is changed by it, and nothing else."""

    name: str
    framings: tuple[str, ...]
    hello: tuple[str, ...] = ("<name>",)
    say: str = "<text>"
    sign: str = ""


PLAIN = Family("plain", ("newline", "none"))
OTHERS = (
    Family("header", ("header10", "header64"), sign=r"ljust|rjust|:<\d|:>\d|%-\d|HEADER|header"),
    Family("length", ("u16", "u32", "u32-little"), sign=r"struct|to_bytes|from_bytes|UTF\(|hton|ntoh|UInt|Int32"),
    Family("ended", ("crlf", "nul"), sign=r"\\r\\n|\\0|\\x00"),
    Family("rooms", ("newline", "none"), hello=("<name>", f"/join {ROOM}"), sign=r"/join|room|sala"),
)


def fixed(source: Source) -> Iterator[Guess]:
    """Everything that needs no words of the source; what the source shows a sign of comes first."""
    found = [f for f in OTHERS if re.search(f.sign, source.text)]
    for family in [*found, *(f for f in OTHERS if f not in found)]:
        for framing in family.framings:
            yield Guess(family.name, framing, family.hello, family.say)


def verbs(source: Source) -> list[str]:
    """Words with which a client may have to begin what it sends, each with the mark that follows it."""
    marks = [m for m in source.literals if _MARK.fullmatch(m)]
    words = [w for w in source.compared if _VERB.fullmatch(w)] or list(USUAL_VERBS)
    found: list[str] = []
    for word in words:
        match = _VERB.fullmatch(word)
        if match is None or match["end"]:
            found.append(word)
        else:
            found += [word + mark for mark in dict.fromkeys([*marks, " "])]
    return list(dict.fromkeys(found))[: MOST_VERBS + len(USUAL_VERBS)]


def has_verbs(source: Source) -> bool:
    """Whether the source compares what comes with words that may be verbs."""
    return any(_VERB.fullmatch(word) for word in source.compared)


def sayings(verb: str) -> list[str]:
    """How a text may stand behind a verb."""
    mark = verb[-1]
    if mark == " ":
        return [f"{verb}<text>"]
    return [f"{verb}<text>", f"{verb}<name>{mark}<text>", f"{verb}<name>{mark}12:00{mark}<text>"]


def quits(source: Source) -> list[str]:
    """Words that may end a connection: those of the source, the usual ones first. All usual ones where there is no source."""
    if not source.text:
        return list(USUAL_QUITS)
    short = [w.strip() for w in source.literals if 0 < len(w.strip()) <= 16 and " " not in w.strip()]
    usual = [w for w in short if w in USUAL_QUITS or w.lower() in USUAL_QUITS]
    compared = [w.strip() for w in source.compared if w.strip() and " " not in w.strip() and w not in usual]
    return list(dict.fromkeys([*usual, *(w for w in compared if w not in ("__main__", "utf-8"))]))
