"""One hypothesis tried: clients come in the way that it says, each speaks, and what the others get is kept.

A text is a token that nobody else would say, so it is found in any stream, whatever stands around it. The trial concludes
nothing but whether the texts arrived; what a form means is read from it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from grader.conduct.learn.forms import Heard, form
from grader.conduct.learn.session import Session
from grader.conduct.learn.timers import LONG
from grader.model import Event, Thread
from grader.wire.envelope import ENVELOPES, enclosed, filled
from grader.wire.framings import framing

NAMES = ("quirino", "wilfredo", "zoraida")
"""Who comes, in this order: names that no server says by itself."""

FIRST = "kw1x7q"
"""The first token that somebody says."""

Start = Callable[[], Session]


@dataclass(frozen=True, slots=True)
class Guess:
    """A way to talk that may be the server's: a row of the table of families in one envelope."""

    family: str
    framing: str
    hello: tuple[str, ...] = ()
    say: str = "<text>"
    logins: tuple[tuple[str, str], ...] = ()
    """Users that the server knows, each with its password, where it lets in nobody else."""

    def user(self, name: str) -> str:
        """Under which name a client comes in."""
        return self.logins[NAMES.index(name) % len(self.logins)][0] if self.logins else name

    def _filled(self, template: str, name: str, text: str = "") -> str:
        user = self.user(name)
        return filled(template, name=user, text=text, password=dict(self.logins).get(user, ""))

    def greeting(self, name: str) -> list[bytes]:
        """What a client sends before it may speak."""
        return [enclosed(self.framing, self._filled(piece, name)) for piece in self.hello]

    def saying(self, name: str, text: str) -> bytes:
        """What a client sends to say something."""
        return enclosed(self.framing, self._filled(self.say, name, text))

    def bare(self, data: bytes) -> bytes:
        """What came, without lengths before and zero bytes behind it, where the server writes as its clients do."""
        if self.framing in ("none", "newline", "crlf"):
            return data
        reader = framing(ENVELOPES[self.framing])
        bodies = [reader.strip(message) for message in reader.feed(data)]
        return data if reader.broken or reader.rest() or not bodies else b"".join(bodies)


@dataclass(slots=True)
class Seen:
    """What a trial showed."""

    guess: Guess
    listens: bool = False
    asked: bytes = b""
    came_in: int = 0
    """How many clients were accepted and kept."""
    waiting: str = ""
    """The client whose connection no program took."""
    hellos: list[Heard] = field(default_factory=list)
    """What the others got while somebody came in."""
    answers: bytes = b""
    """What a client got for its hello."""
    messages: list[Heard] = field(default_factory=list)
    """What others got for what somebody said."""
    delivered: int = 0
    expected: int = 0
    echoed: int = 0
    returned: bytes = b""
    """What speakers got for what they said."""
    strangers: bytes = b""
    """What others got for what somebody said, without the text in it."""
    printed: str = ""
    ended: bool = False
    restless: bool = False
    threads: tuple[Thread, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every text reached everybody."""
        return bool(self.expected) and self.delivered == self.expected

    @property
    def notices(self) -> int:
        """How many were told something while somebody came in."""
        return sum(bool(hello.data) for hello in self.hellos)

    @property
    def heard(self) -> str:
        """The form of what the others got. Where that is twice the same, it is a message that came twice."""
        found = form(self.messages)
        half = found[: len(found) // 2]
        return half if half * 2 == found and "<text>" in half else found


def enter(session: Session, guess: Guess, name: str, seen: Seen, *, asks: bool = False) -> bool:
    """A client comes in; whether the server took it and kept it.

    `asks`: what the server says unasked is waited for, whatever timer brings it. Else who has more to send sends it as soon
    as the server rests.
    """
    others = [n for n in NAMES if n != name and session.connected(n)]
    session.forget()
    if not session.connect(name, hasty=bool(guess.hello) and not asks):
        return False
    greeted = session.heard(name)
    seen.asked = seen.asked or greeted
    if not session.accepted(name):
        seen.waiting = seen.waiting or name
        return False
    answers = b""
    for piece in guess.greeting(name):
        session.send(name, piece)
        answers += session.heard(name)
    seen.answers = answers or seen.answers
    if not session.connected(name):
        return False
    seen.came_in += 1
    told = [(n, session.heard(n)) for n in others]
    known = tuple(map(guess.user, others))
    seen.hellos += [Heard(guess.user(name), "", guess.bare(data), known) for _, data in told]
    return True


def speak(session: Session, guess: Guess, name: str, text: str, seen: Seen) -> None:
    """A client says something; what everybody gets is kept."""
    session.forget()
    session.send(name, guess.saying(name, text))
    for other in NAMES:
        if not session.connected(other) and other != name:
            continue
        got = session.heard(other)
        if other == name:
            seen.echoed += text.encode() in got
            seen.returned += got
            continue
        seen.expected += 1
        if text.encode() in got:
            seen.delivered += 1
            seen.messages.append(Heard(guess.user(name), text, guess.bare(got)))
        else:
            seen.strangers += got


def attempt(start: Start, guess: Guess, *, patient: bool = False) -> Seen:
    """Try a guess on a fresh server: three clients come in, two of them speak, one of them twice.

    `patient`: what comes of that by the server's timers is waited for, in any case.
    """
    seen = Seen(guess)
    with start() as session:
        seen.listens = session.listens
        if session.listens:
            for name in NAMES:
                if not enter(session, guess, name, seen, asks=name == NAMES[0]):
                    break
            session.hasty = session.hasty and not patient
            if seen.came_in == len(NAMES):
                for number, name in enumerate((NAMES[2], NAMES[0], NAMES[2]), 1):
                    speak(session, guess, name, f"kw{number}x7q", seen)
                if patient and not session.timers.brought:
                    session.settle(LONG)
            elif seen.came_in == 1 and session.connected(NAMES[0]):
                session.send(NAMES[0], guess.saying(NAMES[0], FIRST))
                seen.returned += session.heard(NAMES[0])
        else:
            session.note_datagrams()
        seen.threads = session.threads()
        seen.restless = session.restless
        seen.printed, seen.ended, seen.events = session.printed, session.ended, session.events
    return seen
