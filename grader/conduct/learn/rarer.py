"""What a server may understand where the plainest guess brings nothing: the rarer families, each with the words of its source.

The order is that of how much a hit would tell. A table of users that opens the door is no accident; keys and verbs that
carry a text are none either; a length before a text may be. Where there is no source to read, its words are the usual ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.conduct.learn import families, keyed, logins, spoken
from grader.conduct.learn.source import Source
from grader.conduct.learn.trial import Guess, Start


def guesses(start: Start, source: Source, folder: str) -> Iterator[Guess]:
    """Guesses in the order in which they are worth a start; some have been seen to carry a text."""
    yield from logins.guesses(start, source, folder)
    if "json" in source.text.lower():
        yield from keyed.guesses(start, source)
    if source.compared:
        yield from spoken.guesses(start, source)
    yield from families.fixed(source)
    if not source.text:
        yield from spoken.guesses(start, source)
        yield from keyed.guesses(start, source)
