"""What was learned, put together: from the guess by which texts arrived, and from what came of each way to leave. Pure."""

from __future__ import annotations

from grader.conduct.learn.forms import Heard, ends_alike, form, marks
from grader.conduct.learn.leaving import Left
from grader.conduct.learn.trial import FIRST, Guess, Seen
from grader.model import Event, Learned
from grader.model.learned import LIKELY, SURE


def settled(seen: Seen, quit_: Left, closed: Left, cut: Left) -> Learned:
    """The dialect of a server, as far as one trial and three ways to leave show it."""
    guess, heard = seen.guess, seen.heard
    ways = [way for way in (quit_, closed, cut) if way.notice]
    joined = form(seen.hellos).strip("\r\n")
    say = guess.say
    names = "server" if "<name>" in heard else "client" if guess.hello and say == "<text>" else "nobody"
    if names == "client":
        say, heard = "<name>: <text>", heard.replace("<text>", "<name>: <text>")
    newline = guess.framing == "newline" and "<name>\n" in heard
    return Learned(
        family=_family(guess, seen),
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
        proof=proof(seen, quit_, closed, cut),
    )


def proof(seen: Seen, *ways: Left) -> dict[str, tuple[Event, ...]]:
    """What happened, for each line of the dialect that rests on an experiment of its own."""
    return {"say": seen.events, **{way.way: way.events for way in ways if way.events}}


def takes_hello_for_message(seen: Seen) -> bool:
    """Whether what was meant for a name looks like a message of the server."""
    as_message = form([Heard("", h.name, h.data) for h in seen.hellos])
    return ends_alike(as_message, form([Heard("", m.text, m.data) for m in seen.messages]))


def same_throughout(seen: Seen) -> bool:
    """Whether the first text of a client looked like its later ones: else it was taken for a name."""
    first = [m for m in seen.messages if m.text == FIRST]
    later = [m for m in seen.messages if m.text == "kw3x7q"]
    texts = {m.text.encode() for m in seen.messages}
    mixed = any(len([t for t in texts if t in m.data]) > 1 for m in seen.messages)
    alike = form(first[:1]).strip() == form(later[:1]).strip()
    return bool(first) and bool(later) and not mixed and alike


def disordered(seen: Seen) -> bool:
    """Whether something may have come when it was not its turn: some were told of who came and others not, or something
    stood beside what was said. Where a server has timers, that may be their doing.
    """
    told = {(bool(hello.data), hello.name.encode() in hello.data) for hello in seen.hellos}
    return len(told) > 1 or bool(seen.strangers) or (seen.whole and not same_throughout(seen))


def _family(guess: Guess, seen: Seen) -> str:
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
