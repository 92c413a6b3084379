"""Servers with verbs, such as `LOGIN ana` and `MSG hola`: which verbs, in which form, is found in few starts.

All candidates for coming in are sent one after the other, by every client, then all for speaking, each with a token of
its own: the token that arrives names the verb. Where a server hangs up on an unknown verb, each way in has a start of its
own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.conduct.learn import families
from grader.conduct.learn.source import Source
from grader.conduct.learn.trial import NAMES, Guess, Start
from grader.wire.envelope import enclosed, filled

MOST_ALONE, MOST_SAYS = 12, 4
FRAMINGS = ("newline", "none")


def guesses(start: Start, source: Source) -> Iterator[Guess]:
    """Guesses that have been seen to carry a text, the way in still to be confirmed; the narrowest first."""
    words = families.verbs(source)
    ways_in = [f"{word}<name>" for word in words]
    says = [form for word in words for form in families.sayings(word)]
    for framing in FRAMINGS:
        for say in arriving(start, framing, ways_in, says):
            for way in ways_in:
                if not say.startswith(way.split("<")[0]):
                    yield Guess("verbs", framing, (way,), say)
            yield Guess("verbs", framing, (), say)
        for way in ways_in[:MOST_ALONE]:
            for say in arriving(start, framing, [way], [s for s in says if not s.startswith(way.split("<")[0])]):
                yield Guess("verbs", framing, (way,), say)


def arriving(start: Start, framing: str, ways_in: Sequence[str], says: Sequence[str]) -> list[str]:
    """The ways of speaking whose tokens arrive: first those with the speaker's name, and of these the last in the source.

    A way to come in that is announced looks like one too, but it comes first in a source, and names somebody else.
    """
    found: list[tuple[bool, int, str]] = []
    with start() as session:
        if not session.listens:
            return []
        for name in NAMES:
            if not session.connect(name) or not session.accepted(name):
                return []
            for way in ways_in:
                session.send(name, enclosed(framing, filled(way, name=name)))
                if not session.connected(name):
                    return []
        for number, say in enumerate(says):
            token = f"kw{number:02}x7q"
            session.forget()
            session.send(NAMES[2], enclosed(framing, filled(say, name=NAMES[2], text=token)))
            got = b"".join(session.heard(n) for n in NAMES[:2])
            if token.encode() in got:
                found.append((NAMES[2].encode() in got, number, say))
            if not session.connected(NAMES[2]):
                break
    return [say for _, _, say in sorted(found, reverse=True)][:MOST_SAYS]
