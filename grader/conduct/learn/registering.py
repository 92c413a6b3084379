"""Servers that hear nobody who has not said a word to come in: `/nick ana`, or `/register ana secret` and then `/login ana secret`.

The words, and which of them have to be said in which order, are the source's. All are said twice by every client, with a password and without, so that
the one that registers comes before the one that lets in, wherever they stand. If a text arrives after that, the way in is
narrowed: to one word with a name, to one with a password too, or to two of these in an order.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, permutations

from grader.conduct.learn import families, logins, spoken
from grader.conduct.learn.source import Source
from grader.conduct.learn.trial import Guess, Start

EVERYBODYS = "Kw7x7q42"
"""What everybody's password is: letters of both sizes and numbers, as some servers demand."""
FRAMING = "newline"
"""Whoever needs no end of line takes one, too; whether it does is found out afterwards."""
MOST_WORDS, MOST_PAIRS, MOST_ALONE, MOST_SAYS = 6, 12, 4, 8


def guesses(start: Start, source: Source) -> Iterator[Guess]:
    """Guesses that have been seen to carry a text as it is, after words to come in; the narrowest first."""
    words = families.verbs(source)[:MOST_WORDS] if families.has_verbs(source) else []
    bare, secret = ([_way(word, more) for word in words] for more in ("", EVERYBODYS))
    if words and spoken.arriving(start, FRAMING, [*secret, *bare] * 2, ["<text>"]):
        yield from (Guess("command", FRAMING, (way,)) for way in bare)
        yield from (Guess("registers", FRAMING, hello) for hello in _hellos(secret))


def by_verbs(start: Start, source: Source) -> Iterator[Guess]:
    """The same for servers whose texts stand behind a verb of their own, or that hang up on whoever says a wrong word."""
    words = families.verbs(source)[:MOST_WORDS] if families.has_verbs(source) else []
    if len(words) < 2:
        return
    ways = [_way(word, EVERYBODYS) for word in words]
    says = [form for word in words for form in families.sayings(word)]
    for say in spoken.arriving(start, FRAMING, ways * 2, says):
        yield from (Guess("registers", FRAMING, h, say) for h in _hellos(w for w in ways if not _same(w, say)))
    beside = [pair for one, two in pairwise(ways) for pair in ((one, two), (two, one))]
    for hello in beside[:MOST_ALONE]:
        rest = [say for say in says if not any(_same(way, say) for way in hello)][:MOST_SAYS]
        marked = [{"": say.replace("<text>", "<0>"), "<0>": say} for say in (*rest, "<text>")]
        for say, _ in logins.arrive(start, Guess("registers", FRAMING, hello), marked):
            yield Guess("registers", FRAMING, hello, say)


def _way(word: str, password: str) -> str:
    mark = " " if word[-1].isalnum() else word[-1]
    return f"{word}<name>{mark}{password}" if password else f"{word}<name>"


def _same(way: str, say: str) -> bool:
    """Whether both begin with the same word."""
    return say.partition("<")[0] == way.partition("<")[0]


def _hellos(ways: Iterator[str] | list[str]) -> Iterator[tuple[str, ...]]:
    ways = list(ways)
    yield from ((way,) for way in ways)
    yield from list(permutations(ways, 2))[:MOST_PAIRS]
