"""What a server makes of a leave: whether it notices it, in which ways, tells the others, and lets go of the connection.

A notice of a leave is known by its text: a message that names somebody who had left and that never came. That it is the
same notice in two checks is known by the same words around the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.course.causes.cases import Case, Cases, gathered, named
from grader.model import Cause, Event, Kind

LEAVES = {Kind.CLOSED, Kind.CRASHED, Kind.HALF_CLOSED}
RESET = re.compile(r"ConnectionReset|BrokenPipe|ConnectionAborted|Connection reset|Broken pipe|ECONNRESET|EPIPE")


def reset_kills_the_clean_up(cases: Cases) -> Iterator[Cause]:
    """The error of a connection that was reset ends what would have told the others."""
    found = []
    for case in cases.of("never-came"):
        where = case.raised
        gone = [who for who in case.count(Kind.CRASHED) if _names(case.text, who)]
        if gone and where and RESET.search(where.says):
            found.append((case, gone[0], where))
    if found:
        case, who, where = found[0]
        facts = {"who": [who], "error": where.says, "line": where.line, "text": case.text}
        yield named("reset-kills-clean-up", [c for c, _, _ in found], facts, where)


def only_on_command(cases: Cases) -> Iterator[Cause]:
    """The others are told of whoever says goodbye, and of nobody who just closes."""
    unannounced = _unannounced(cases)
    closed = [(c, who, form) for c, who, form in unannounced if c.count(Kind.CLOSED, Kind.HALF_CLOSED)[who]]
    if not closed:
        return
    case, who, form = closed[0]
    command = next((said for t in cases.passed if (said := _announced_after(t.events, form))), None)
    if command:
        every = [c for c, _, f in unannounced if f == form]
        yield named(
            "leave-only-on-command", gathered(every, case), {"who": [who], "command": command, "text": case.text}
        )


def never_announced(cases: Cases) -> Iterator[Cause]:
    """Nobody is ever told that somebody left, in whatever way."""
    unannounced = _unannounced(cases)
    if not unannounced:
        return
    case, who, form = unannounced[0]
    every = [c for c in cases.left if c.code == "never-came" and _form_of(c.text, c.events) == form]
    notice = _notice(form)
    came = any(notice.fullmatch(_text(e)) for events in cases.everything for e in events if e.kind is Kind.RECEIVED)
    if len(every) > 1 and not came:
        yield named("leave-never-announced", gathered(every, case), {"who": [who], "text": case.text})


def never_closes(cases: Cases) -> Iterator[Cause]:
    """No connection was ever closed by the server, in any check, and several waited for it."""
    found = cases.of("not-closed")
    closes = any(e.kind in (Kind.SERVER_CLOSED, Kind.SERVER_RESET) for events in cases.everything for e in events)
    if len(found) > 1 and not closes:
        yield named("never-closes", found, {"who": found[0].who})


def _unannounced(cases: Cases) -> list[tuple[Case, str, str]]:
    """Checks in which a notice never came that names somebody who had ended the connection: who, and the notice's form."""
    found = []
    for case in cases.of("never-came"):
        for who in case.count(*LEAVES):
            if _names(case.text, who) and who not in case.who:
                found.append((case, who, _form(case.text, who)))
                break
    return found


def _form_of(text: str, events: Sequence[Event]) -> str:
    """A notice with its name left out: the name of whoever it names."""
    names = {e.who for e in events if e.kind is Kind.CONNECTED}
    return next((_form(text, who) for who in sorted(names) if _names(text, who)), "")


def _announced_after(events: Sequence[Event], form: str) -> str:
    """What a client had said last when the others were told that it left, if its connection still stood; else empty."""
    notice = _notice(form)
    said: dict[str, str] = {}
    gone: set[str] = set()
    for event in events:
        if event.kind is Kind.SENT:
            said[event.who] = _text(event)
        elif event.kind in LEAVES:
            gone.add(event.who)
        elif event.kind is Kind.RECEIVED:
            named = notice.fullmatch(_text(event))
            if named and named["who"] in said and named["who"] != event.who and named["who"] not in gone:
                return said[named["who"]]
    return ""


def _form(text: str, who: str) -> str:
    return re.sub(rf"\b{re.escape(who)}\b", "\0", text)


def _names(text: str, who: str) -> bool:
    return bool(re.search(rf"\b{re.escape(who)}\b", text))


def _notice(form: str) -> re.Pattern[str]:
    """A notice of this form, of whomever: what stands in the place of the name, everywhere the same."""
    first, *rest = map(re.escape, form.split("\0"))
    return re.compile(rf"{first}(?P<who>\w+){'(?P=who)'.join(rest)}" if rest else first)


def _text(event: Event) -> str:
    return event.data.decode("utf-8", "replace").strip("\r\n")
