"""Servers that let in only whom they know: the tables of users that lie in the submission are tried, in the usual forms.

A way in counts if three clients that use it are kept; then every way to speak is tried, each with a token of its own,
and the token that arrives names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

from grader.conduct.learn import families, keyed
from grader.conduct.learn.accounts import tables
from grader.conduct.learn.session import Session
from grader.conduct.learn.source import Source
from grader.conduct.learn.trial import NAMES, Guess, Start

MARKS = (":", " ", ",", ";", "|", "/")
FRAMINGS = ("newline", "none")
MOST_VERBS, MOST_SAYS, MOST_KEYS = 4, 16, 8
NAME, PASSWORD = "<name>", "<password>"


def guesses(start: Start, source: Source, folder: str) -> Iterator[Guess]:
    """Guesses that have been seen to carry a text, with the table that opened the door; those that name the speaker first."""
    nameless = []
    for table in tables(folder, source):
        for framing in FRAMINGS:
            for hello in _ways_in(source):
                guess = Guess("login", framing, hello, logins=tuple(table.items()))
                for say, named in arrive(start, guess, _sayings(source, hello)):
                    found = Guess("login", framing, hello, say, guess.logins)
                    if named:
                        yield found
                    else:
                        nameless.append(found)
    yield from nameless


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
        # A name and its password are looked up one after the other.
        beside = [*pairwise(keys), *zip(keys, keys[2:], strict=False)]
        objects = [(keyed.made(kind, {one: NAME, two: PASSWORD}),) for kind in kinds[:2] for one, two in beside]
    return [*objects, *ways, *spoken] if objects else [*ways, *spoken]


def _sayings(source: Source, hello: tuple[str, ...]) -> list[dict[str, str]]:
    """How a text may be said after that: forms to try, in each its marks with the form that holds if that mark arrives."""
    if hello[0].startswith("{"):
        found = keyed.words(source)
        keys = [key for key in found.keys if f'"{key}"' not in hello[0]][: 2 * MOST_KEYS]
        kinds: list[keyed.Kind] = [kind for kind in found.kinds if json.dumps(kind[1]) not in hello[0]]
        marked = {f"<{number}>": key for number, key in enumerate(keys)}
        return [
            {
                "": keyed.made(kind, {key: mark for mark, key in marked.items()}),
                **{mark: keyed.made(kind, {key: "<text>"}) for mark, key in marked.items()},
            }
            for kind in kinds or [None]
        ]
    first = hello[0].split("<")[0]
    verbs = [verb for verb in families.verbs(source) if source.compared and verb != first]
    says = ["<text>", *(say for verb in verbs for say in families.sayings(verb))][:MOST_SAYS]
    return [{"": say.replace("<text>", "<0>"), "<0>": say} for say in says]


def arrive(start: Start, guess: Guess, says: list[dict[str, str]]) -> Iterator[tuple[str, bool]]:
    """The ways of speaking whose tokens arrive after this way in, and whether the name does; none if the door stays shut."""
    says = list(says)
    while says:
        with start() as session:
            if not session.listens or not all(_comes_in(session, guess, name) for name in NAMES):
                return
            while says and session.connected(NAMES[2]):
                say = says.pop(0)
                form, tokens = say[""], {mark: f"kw{mark[1:-1]}z{len(says)}x7q" for mark in say if mark}
                for mark, token in tokens.items():
                    form = form.replace(mark, token)
                session.forget()
                session.send(NAMES[2], Guess("login", guess.framing, (), form, guess.logins).saying(NAMES[2], ""))
                got = session.heard(NAMES[0]) + session.heard(NAMES[1])
                named = guess.user(NAMES[2]).encode() in got
                yield from ((say[mark], named) for mark, token in tokens.items() if token.encode() in got)


def _comes_in(session: Session, guess: Guess, name: str) -> bool:
    if not session.connect(name) or not session.accepted(name):
        return False
    for piece in guess.greeting(name):
        session.send(name, piece)
    return session.connected(name)
