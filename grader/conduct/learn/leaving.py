"""How somebody leaves, and what the others are told of it: by the server's own command, an end of stream, a reset.

Each way has a fresh server, because after a disconnection many can't go on. A notice is what the others get that is no
message: a message without text, as a server sends that takes an end of stream for one, tells nobody anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.conduct.learn.forms import Heard, form
from grader.conduct.learn.trial import NAMES, Guess, Seen, Start, enter
from grader.model import Event, Kind
from grader.wire.envelope import enclosed
from grader.wire.pieces import MARK

MOST_TRIED = 14
LEAVER = NAMES[1]


@dataclass(frozen=True, slots=True)
class Left:
    """What came of one way to leave: the form of the notice, empty if there was none."""

    way: str
    notice: str = ""
    command: str = ""
    events: tuple[Event, ...] = ()


def by_socket(start: Start, guess: Guess, way: str, heard: Callable[[], str]) -> Left:
    """Leave by `close` or `reset`. `heard` tells the form of a message."""
    with start() as session:
        seen = Seen(guess)
        if not (session.listens and all(enter(session, guess, name, seen) for name in NAMES)):
            return Left(way, events=session.events)
        session.calm()
        session.forget()
        session.leave(LEAVER, Kind.CLOSED if way == "close" else Kind.CRASHED)
        told, events = [session.heard(n) for n in NAMES if n != LEAVER], session.events
    return Left(way, _notice(guess, told, heard()), events=events)


def by_command(start: Start, guess: Guess, words: Sequence[str], heard: Callable[[], str]) -> Left:
    """Look for a word that the server takes for a goodbye: it closes the connection, or tells the others something else."""
    words = list(words)[:MOST_TRIED]
    while words:
        with start() as session:
            seen = Seen(guess)
            if not (session.listens and all(enter(session, guess, name, seen) for name in NAMES)):
                return Left("quit", events=session.events)
            session.calm()
            while words:
                word = words.pop(0)
                session.forget()
                for sent in _goodbyes(guess, word):
                    session.send(LEAVER, sent)
                    if not session.connected(LEAVER):
                        session.leave(LEAVER, Kind.CLOSED)  # as a client does that has been told goodbye
                        break
                told = [session.heard(n) for n in NAMES if n != LEAVER]
                if session.ended:
                    break  # it died of it: what it takes for a goodbye is still to be found
                relayed = any(word.encode() in t for t in told)
                notice = _notice(guess, told, heard(), word)
                if not session.connected(LEAVER) or (notice and not relayed):
                    return Left("quit", notice, word, session.events)
    return Left("quit")


def _goodbyes(guess: Guess, word: str) -> list[bytes]:
    """A goodbye as a client sends it: by itself, or where a message has a form, in the place of its text."""
    if guess.say.startswith("{"):
        return [guess.saying(LEAVER, word)]
    return [enclosed(guess.framing, word)]


def _notice(guess: Guess, told: list[bytes], heard: str, word: str = "") -> str:
    """The form of what the others got, without what is a message: the word that was said, or no text at all."""
    found = form(
        [Heard(guess.user(LEAVER), "", guess.bare(t), tuple(guess.user(n) for n in NAMES if n != LEAVER)) for t in told]
    )
    if word:
        found = found.replace(heard.replace("<text>", word), "", 1)
    empty = heard.replace("<text>", "")
    bare = found
    if "<name>" in empty or len(MARK.sub("", empty).strip()) > 1:
        while empty.strip() and empty.strip() in bare:
            bare = bare.replace(empty.strip(), "", 1)  # once, or a flood of them
    return found.strip("\r\n") if bare.strip() else ""
