"""Finds out how a server talks that nobody has described: guesses, tried on fresh servers, until texts arrive.

The first guess fits four of five: a client sends its name, then what it has to say. A server that takes the name for a
message is found out by its form, which is then that of a message; one that waits for a prompt to be answered has asked
first. Only where nothing arrives the rarer families are tried, with the words of the source. What is learned is read from
what the others get, by difference.

Many servers wake up several times a second for nothing, and to wait for that after every act takes most of the time. So
their timers are waited for only where three clients speak for the first time and where somebody leaves. If anything came
by one, or if nothing is understood, everything is done again with all patience.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace

from grader.conduct.learn import families, keyed, logins, spoken
from grader.conduct.learn.forms import Heard, ends_alike, form, marks
from grader.conduct.learn.instead import at_keyboard, instead, other_protocol
from grader.conduct.learn.leaving import Left, by_command, by_socket
from grader.conduct.learn.session import Session
from grader.conduct.learn.source import Source, read_source
from grader.conduct.learn.trial import FIRST, Guess, Seen, attempt
from grader.model import Command, Event, Instead, Learned
from grader.model.learned import LIKELY, SURE
from grader.stage.box import Box

MOST_STARTS, MOST_PATIENT, MOST_DEADLINES = 60, 30, 30
"""After so many starts no further guess is made, or after so many waits of a server that never rests. Not after a time: a
busy machine must not change what is found. Most servers are understood, or given up, long before."""
SEEN_AT_ONCE = frozenset({"instead-websocket", "instead-http", "instead-tls", "instead-udp"})


class _Enough(Exception):
    """There is no end to guessing: this is it."""


class Learner:
    """Learns how one server talks. `box` is its own; `command` says how the server is started."""

    def __init__(self, box: Box, command: Command, port: int, folder: str) -> None:
        self._box = box
        self._command = command
        self._port = port
        self._folder = folder
        self._starts = 0
        self._hasty = True
        self._sessions: list[Session] = []
        self._began = time.monotonic()
        self._source = Source()
        self._instead: Instead | None = None

    def learn(self) -> tuple[Learned, Instead | None]:
        """The dialect; and, if this is no chat that three clients can use, what it is instead."""
        self._source = read_source(self._folder)
        learned, found = self._learn_once()
        hasted = any(s.waiter.unproven for s in self._sessions)
        ticks = any(s.waiter.late for s in self._sessions)
        at_once = found is not None and found.code in SEEN_AT_ONCE
        if not at_once and (ticks or (hasted and (found is not None or learned.confidence != SURE))):
            self._hasty, self._starts, self._sessions, self._instead = False, 0, [], None
            return self._learn_once()
        timed = any(s.waiter.timed for s in self._sessions)
        return replace(learned, idles=timed and not ticks), found

    def _learn_once(self) -> tuple[Learned, Instead | None]:
        first, *others = families.PLAIN.framings
        plain = [attempt(self._start, Guess("plain", first, ("<name>",)), patient=True)]
        plain += [self._try(Guess("plain", framing, ("<name>",))) for framing in others]
        if not plain[0].listens:
            return self._unknown(plain)
        seen = self._best(plain)
        if not seen.delivered and not self._settles_early(plain):
            seen = self._without_ends(self._rarer(plain))
        if not seen.delivered:
            return self._unknown(plain)
        return self._settled(self._without_hello(seen)), None

    # -- guesses ----------------------------------------------------------------------------------------------------

    def _start(self) -> Session:
        self._starts += 1
        self._sessions.append(Session(self._box, self._command, self._port, hasty=self._hasty))
        return self._sessions[-1]

    def _try(self, guess: Guess) -> Seen:
        return attempt(self._start, guess)

    def _best(self, trials: list[Seen]) -> Seen:
        """The one in which most arrived; of equal ones the last, which needs no end of line."""
        return max(enumerate(trials), key=lambda t: (t[1].whole, t[1].delivered, t[1].came_in, t[0]))[1]

    def _guess_start(self) -> Session:
        most = MOST_STARTS if self._hasty else MOST_PATIENT
        if self._starts >= most or sum(s.deadlines for s in self._sessions) > MOST_DEADLINES:
            raise _Enough
        return self._start()

    def _rarer(self, plain: list[Seen]) -> Seen:
        best = plain[0]
        with contextlib.suppress(_Enough):
            for guess in self._guesses():
                seen = attempt(self._guess_start, guess)
                if seen.delivered > best.delivered or (seen.delivered and seen.whole):
                    best = seen
                if best.whole:
                    break
        return best

    def _guesses(self) -> Iterator[Guess]:
        """What else there is. With no source to read, its words are the usual ones."""
        source, start = self._source, self._guess_start
        yield from logins.guesses(start, source, self._folder)
        json = "json" in source.text.lower()
        if json:
            yield from keyed.guesses(start, source)
        if source.compared:
            yield from spoken.guesses(start, source)
        yield from families.fixed(source)
        if not source.text:
            yield from spoken.guesses(start, source)
            yield from keyed.guesses(start, source)

    def _without_ends(self, seen: Seen) -> Seen:
        """Whether it understands the same without ends of lines: then it does not mark by them where a message ends."""
        if not seen.delivered or seen.guess.framing != "newline":
            return seen
        without = self._try(replace(seen.guess, framing="none"))
        return without if without.whole else seen

    def _without_hello(self, seen: Seen) -> Seen:
        """Whether what was meant for a name is a message like any other: then nothing is sent before the first one."""
        guess = seen.guess
        if guess.hello != ("<name>",) or guess.say != "<text>":
            return seen
        as_message = form([Heard("", h.name, h.data) for h in seen.hellos])
        spoken_form = form([Heard("", m.text, m.data) for m in seen.messages])
        if not ends_alike(as_message, spoken_form):
            return seen
        without = self._try(Guess(guess.family, guess.framing, (), guess.say))
        return without if without.delivered >= seen.delivered and _same_throughout(without) else seen

    # -- what was learned -------------------------------------------------------------------------------------------

    def _settled(self, seen: Seen) -> Learned:
        seen = self._named(seen)
        guess, heard = seen.guess, seen.heard
        closed, cut = (by_socket(self._start, guess, way, heard) for way in ("close", "reset"))
        quit_ = by_command(self._start, guess, self._goodbyes(guess), heard)
        ways = [way for way in (quit_, closed, cut) if way.notice]
        joined = form(seen.hellos).strip("\r\n")
        say = guess.say
        names = "server" if "<name>" in heard else "client" if guess.hello and say == "<text>" else "nobody"
        if names == "client":
            say, heard = "<name>: <text>", heard.replace("<text>", "<name>: <text>")
        newline = guess.framing == "newline" and "<name>\n" in heard
        return Learned(
            family=_family(guess, seen, names),
            framing=guess.framing,
            hello=guess.hello,
            asked=seen.asked.decode("utf-8", "replace"),
            say=say,
            heard=heard,
            echo=bool(seen.echoed),
            names=names,
            joined=joined,
            left=_notice(ways),
            announces=tuple(way.way for way in ways),
            goodbye=quit_.command,
            logins=dict(guess.logins),
            marks=(
                *marks((heard, joined)),
                *(("newline",) if newline else ()),
                *(("chatter",) if seen.strangers else ()),
            ),
            confidence=SURE if seen.whole else LIKELY,
            starts=self._starts,
            seconds=round(time.monotonic() - self._began, 3),
            proof=_proof(seen, quit_, closed, cut),
        )

    def _goodbyes(self, guess: Guess) -> list[str]:
        used = {guess.say.split("<")[0].strip(), *(piece.split("<")[0].strip() for piece in guess.hello)}
        return [word for word in families.quits(self._source) if word not in used]

    def _named(self, seen: Seen) -> Seen:
        """Where nobody has a name, a command may give one: those of the source that begin like a command are tried."""
        guess = seen.guess
        if guess.hello or "<name>" in seen.heard or guess.say != "<text>":
            return seen
        words = [w.strip() for w in self._source.compared if w[:1] in "/!@" and len(w.strip()) > 1]
        for word in list(dict.fromkeys(words))[:5]:
            named = self._try(Guess(guess.family, guess.framing, (f"{word} <name>",), guess.say))
            if named.delivered >= seen.delivered and "<name>" in named.heard:
                return named
        return seen

    def _settles_early(self, plain: list[Seen]) -> bool:
        """Whether it is no chat, so that no more has to be guessed."""
        if at_keyboard(plain):
            return True
        self._instead = other_protocol(self._start, plain) if not any(t.came_in or t.waiting for t in plain) else None
        return self._instead is not None

    def _unknown(self, plain: list[Seen]) -> tuple[Learned, Instead | None]:
        """Nothing arrived: what this is, and the plainest way to talk to it, so that its checks can show the same."""
        found = self._instead or instead(self._start, plain)
        seen = self._best(plain)
        proof = _proof(seen)
        asked = seen.asked.decode("utf-8", "replace")
        learned = Learned("unknown", "newline", ("<name>",), asked, confidence="none", starts=self._starts, proof=proof)
        return learned, found


def _same_throughout(seen: Seen) -> bool:
    """Whether the first text of a client looked like its later ones: else it was taken for a name."""
    first = [m for m in seen.messages if m.text == FIRST]
    later = [m for m in seen.messages if m.text == "kw3x7q"]
    texts = {m.text.encode() for m in seen.messages}
    mixed = any(len([t for t in texts if t in m.data]) > 1 for m in seen.messages)
    alike = form(first[:1]).strip() == form(later[:1]).strip()
    return bool(first) and bool(later) and not mixed and alike


def _family(guess: Guess, seen: Seen, names: str) -> str:
    if guess.family != "plain":
        return guess.family
    if not guess.hello:
        return "relay"
    if guess.hello != ("<name>",):
        return "command"
    return "asks-name" if seen.asked else "name-first"


def _notice(ways: list[Left]) -> str:
    named = [way.notice for way in ways if "<name>" in way.notice]
    return next(iter(named), next((way.notice for way in ways), ""))


def _proof(seen: Seen, *ways: Left) -> dict[str, tuple[Event, ...]]:
    return {"say": seen.events, **{way.way: way.events for way in ways if way.events}}
