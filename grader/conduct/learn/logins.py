"""Servers that let in only whom they know: the tables of users that lie in the submission are tried, in the usual forms.

A way in counts if three clients that use it are kept; then every way to speak is tried, each with a token of its own,
and the token that arrives names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from grader.conduct.learn import families, keyed
from grader.conduct.learn.accounts import tables
from grader.conduct.learn.source import Source
from grader.conduct.learn.trial import NAMES, Guess, Start

MARKS = (":", " ", ",", ";", "|", "/")
FRAMINGS = ("newline", "none")
MOST_VERBS, MOST_SAYS, MOST_KEYS = 4, 16, 5
NAME, PASSWORD = "<name>", "<password>"


def guesses(start: Start, source: Source, folder: str) -> Iterator[Guess]:
    """Guesses that have been seen to carry a text, with the table that opened the door."""
    for table in tables(folder, source):
        for framing in FRAMINGS:
            for hello in _ways_in(source):
                guess = Guess("login", framing, hello, logins=tuple(table.items()))
                for say in _arrive(start, guess, _sayings(source, hello)):
                    yield Guess("login", framing, hello, say, guess.logins)


def _ways_in(source: Source) -> list[tuple[str, ...]]:
    """How a name and a password may be said: in two pieces, in one, behind a verb, in an object."""
    ways: list[tuple[str, ...]] = [(NAME, PASSWORD), *((f"{NAME}{mark}{PASSWORD}",) for mark in MARKS)]
    verbs = [verb for verb in families.verbs(source) if source.compared][:MOST_VERBS]
    spoken = [(f"{verb}{NAME}{verb[-1] if not verb[-1].isalnum() else ' '}{PASSWORD}",) for verb in verbs]
    objects = []
    if "json" in source.text.lower():
        found = keyed.words(source)
        kinds: list[keyed.Kind] = list(found.kinds) or [None]
        keys = [key for key in found.keys if key not in {k for k, _ in found.kinds}][:MOST_KEYS]
        objects = [
            (keyed.made(kind, {one: NAME, two: PASSWORD}),)
            for one in keys
            for two in keys
            if one != two
            for kind in kinds
        ]
    return [*objects, *ways, *spoken] if objects else [*ways, *spoken]


def _sayings(source: Source, hello: tuple[str, ...]) -> list[str]:
    """How a text may be said after that."""
    if hello[0].startswith("{"):
        found = keyed.words(source)
        keys = [key for key in found.keys if f'"{key}"' not in hello[0]][: 2 * MOST_KEYS]
        says: list[keyed.Kind] = [kind for kind in found.kinds if json.dumps(kind[1]) not in hello[0]]
        return [keyed.made(kind, {key: "<text>"}) for key in keys for kind in says or [None]][: 2 * MOST_SAYS]
    first = hello[0].split("<")[0]
    verbs = [verb for verb in families.verbs(source) if source.compared and verb != first]
    return ["<text>", *(say for verb in verbs for say in families.sayings(verb))][:MOST_SAYS]


def _arrive(start: Start, guess: Guess, says: list[str]) -> list[str]:
    """The ways of speaking whose tokens arrive after this way in; none if the door stays shut."""
    found = []
    with start() as session:
        if not session.listens:
            return []
        for name in NAMES:
            if not session.connect(name) or not session.accepted(name):
                return []
            for piece in guess.greeting(name):
                session.send(name, piece)
            if not session.connected(name):
                return []
        for number, say in enumerate(says):
            token = f"kw{number:02}x7q"
            session.forget()
            session.send(NAMES[2], Guess("login", guess.framing, (), say, guess.logins).saying(NAMES[2], token))
            if token.encode() in session.heard(NAMES[0]) + session.heard(NAMES[1]):
                found.append(say)
                break
            if not session.connected(NAMES[2]):
                break
    return found
