"""Finds out how a server talks that nobody has described: guesses, tried on fresh servers, until texts arrive.

The first guess fits four of five: a client sends its name, then what it has to say. A server that takes the name for a
message is found out by its form, which is then that of a message; one that waits for a prompt to be answered has asked
first. Only where nothing arrives the rarer families are tried, with the words of the source. What is learned is read from
what the others get, by difference.

Many servers wake up several times a second for nothing, and to wait for that after every act takes most of the time. So
their timers are waited for only where three clients speak for the first time and where somebody leaves. If anything came
by one where they speak, or if nothing is understood, everything is done again with all patience. Where a server looks by
a timer for what clients do, what will probably be asked for next is begun ahead, side by side (`beside.py`).
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from functools import partial

from grader.conduct.learn import families, rarer
from grader.conduct.learn.experiments import WAYS, Experiments, More
from grader.conduct.learn.instead import at_keyboard, instead, other_protocol
from grader.conduct.learn.session import Late, Session
from grader.conduct.learn.settled import proof, same_throughout, settled, takes_hello_for_message
from grader.conduct.learn.source import Source, read_source
from grader.conduct.learn.trial import NAMES, Guess, Seen, attempt
from grader.model import Command, Instead, Learned
from grader.model.learned import SURE
from grader.stage.box import Box

MOST_STARTS, MOST_PATIENT, MOST_DEADLINES = 60, 30, 30
"""After so many starts no further guess is made, or after so many waits of a server that never rests. Not after a time: a
busy machine must not change what is found. Most servers are understood, or given up, long before."""
SEEN_AT_ONCE = frozenset({"instead-websocket", "instead-http", "instead-tls", "instead-udp"})


class _Enough(Exception):
    """There is no end to guessing: this is it."""


class Learner:
    """Learns how one server talks. `box` is its own, and `more` makes further ones, where they share nothing with it."""

    def __init__(self, box: Box, command: Command, port: int, folder: str, more: More | None = None) -> None:
        self._folder = folder
        self._began = time.monotonic()
        self._source = Source()
        self._instead: Instead | None = None
        self._try = Experiments(box, command, port, more, self._goodbyes)

    def learn(self) -> tuple[Learned, Instead | None]:
        """The dialect; and, if this is no chat that three clients can use, what it is instead."""
        self._source = read_source(self._folder)
        with self._try:
            with contextlib.suppress(Late):
                learned, found = self._learn_once()
                at_once = found is not None and found.code in SEEN_AT_ONCE
                if at_once or not self._try.unproven or (found is None and learned.confidence == SURE):
                    return replace(learned, idles=self._try.idles), found
            self._try.with_patience()
            self._instead = None
            return self._learn_once()

    def _learn_once(self) -> tuple[Learned, Instead | None]:
        first, *others = (Guess("plain", framing, ("<name>",)) for framing in families.PLAIN.framings)
        usual = partial(self._try.ahead, others, [*others, first])
        if not self._try.hasty:
            usual()
        plain = [self._try.watched(first, usual)]
        everybody = plain[0].came_in == len(NAMES)
        plain += [self._try.trial(guess) if everybody else self._try.watched(guess) for guess in others]
        if not plain[0].listens:
            return self._unknown(plain)
        seen = self._best(plain)
        if not seen.delivered and not self._settles_early(plain):
            seen = self._without_ends(self._rarer(plain))
        if not seen.delivered:
            return self._unknown(plain)
        return self._settled(self._without_hello(seen)), None

    # -- guesses ----------------------------------------------------------------------------------------------------

    def _best(self, trials: list[Seen]) -> Seen:
        """The one in which most arrived; of equal ones the last, which needs no end of line."""
        return max(enumerate(trials), key=lambda t: (t[1].whole, t[1].delivered, t[1].came_in, t[0]))[1]

    def _guess_start(self) -> Session:
        most = MOST_STARTS if self._try.hasty else MOST_PATIENT
        if self._try.starts >= most or sum(s.deadlines for s in self._try.sessions) > MOST_DEADLINES:
            raise _Enough
        return self._try.start()

    def _rarer(self, plain: list[Seen]) -> Seen:
        best = plain[0]
        with contextlib.suppress(_Enough):
            for guess in rarer.guesses(self._guess_start, self._source, self._folder):
                seen = attempt(self._guess_start, guess)
                if seen.delivered > best.delivered or (seen.delivered and seen.whole):
                    best = seen
                if best.whole:
                    break
        if best.whole and self._try.hasty and self._try.timers.longest:
            best = self._try.watched(best.guess)  # what its timers bring has not been waited for yet
        return best

    def _without_ends(self, seen: Seen) -> Seen:
        """Whether it understands the same without ends of lines: then it does not mark by them where a message ends."""
        if not seen.delivered or seen.guess.framing != "newline":
            return seen
        without = self._try.trial(replace(seen.guess, framing="none"))
        return without if without.whole else seen

    def _without_hello(self, seen: Seen) -> Seen:
        """Whether what was meant for a name is a message like any other: then nothing is sent before the first one."""
        guess = seen.guess
        if guess.hello != ("<name>",) or guess.say != "<text>" or not takes_hello_for_message(seen):
            return seen
        bare = Guess(guess.family, guess.framing, (), guess.say)
        self._try.ahead([bare], [bare, guess])
        without = self._try.trial(bare)
        return without if without.delivered >= seen.delivered and same_throughout(without) else seen

    # -- what was learned -------------------------------------------------------------------------------------------

    def _settled(self, seen: Seen) -> Learned:
        seen = self._named(seen)
        self._try.ahead([], [seen.guess])
        quit_, closed, cut = (self._try.left(seen, way) for way in WAYS)
        seconds = round(time.monotonic() - self._began, 3)
        return replace(settled(seen, quit_, closed, cut), starts=self._try.starts, seconds=seconds)

    def _goodbyes(self, guess: Guess) -> list[str]:
        used = {guess.say.split("<")[0].strip(), *(piece.split("<")[0].strip() for piece in guess.hello)}
        return [word for word in families.quits(self._source) if word not in used]

    def _named(self, seen: Seen) -> Seen:
        """Where nobody has a name, a command may give one: those of the source that begin like a command are tried."""
        guess = seen.guess
        if guess.hello or "<name>" in seen.heard or guess.say != "<text>":
            return seen
        words = [w.strip() for w in self._source.compared if w[:1] in "/!@" and len(w.strip()) > 1]
        naming = [replace(guess, hello=(f"{word} <name>",)) for word in list(dict.fromkeys(words))[:5]]
        self._try.ahead(naming, [guess])
        for one in naming:
            named = self._try.trial(one)
            if named.delivered >= seen.delivered and "<name>" in named.heard:
                return named
        return seen

    def _settles_early(self, plain: list[Seen]) -> bool:
        """Whether it is no chat, so that no more has to be guessed."""
        if at_keyboard(plain):
            return True
        self._instead = (
            other_protocol(self._try.start, plain) if not any(t.came_in or t.waiting for t in plain) else None
        )
        return self._instead is not None

    def _unknown(self, plain: list[Seen]) -> tuple[Learned, Instead | None]:
        """Nothing arrived: what this is, and the plainest way to talk to it, so that its checks can show the same."""
        found = self._instead or instead(self._try.start, plain)
        seen = self._best(plain)
        asked = seen.asked.decode("utf-8", "replace")
        learned = Learned(
            "unknown", "newline", ("<name>",), asked, confidence="none", starts=self._try.starts, proof=proof(seen)
        )
        return learned, found
