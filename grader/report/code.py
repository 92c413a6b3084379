"""The student's code where a finding points at it, and the threads that stood in it.

A line is pointed at only with evidence: a traceback, a thread's stack, or the flight recorder. The arrow says what is known
of that line, in eight words at most, and nothing that would be a guess: what the recorder saw, the error that came up there,
or only that the server was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from grader.model import SourceSpot, Thread
from grader.report.elements import el, join
from grader.words import Sentences, cut, printable, printable_lines

THREADS = 4
LONGEST = 160
AROUND = 5
"""Lines of code shown on either side of the marked one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One thread, drawn: who it is, what it was doing, where."""

    name: str
    doing: str
    place: str
    code: Markup | None
    calm: bool = False
    """Whether it only waited for what may come next: nothing is wrong there, so nothing is red."""


def caption(spot: SourceSpot, say: Sentences, code: str = "") -> str:
    """What the arrow says: what was seen there, the error that came up there, by its name, or that the server was there."""
    if say.has(f"recorded.{spot.recorded}.arrow"):
        return say.say(f"recorded.{spot.recorded}.arrow", says=cut(printable(spot.says), 40))
    if code == "wrong-port":
        return say.say("page.literal")
    error = printable(spot.says).split(":", 1)[0].strip()
    return say.say("page.here") if not error or " " in error else say.say("page.raised", error=cut(error, 40))


def excerpt(spot: SourceSpot, says: str, *, around: int = AROUND) -> Markup | None:
    """The lines around a spot, the line itself marked, and under it an arrow with a few words."""
    lines = [(n, text) for n, text in spot.excerpt if abs(n - spot.line) <= around]
    if not lines:
        return None
    wide = len(str(lines[-1][0]))
    shown: list[Markup] = []
    for number, text in lines:
        code = printable_lines(cut(text.expandtabs(4).replace("\n", " "), LONGEST))
        row = [el("span", f"{number:>{wide}}  ", class_="ln"), code]
        shown.append(el("span", row, class_="hot" if number == spot.line else "l"))
        if number == spot.line and says:
            indent = " " * (len(code) - len(code.lstrip()))
            arrow = [el("span", " " * (wide + 2), class_="ln"), indent, el("span", f"↑ {says}", class_="say")]
            shown.append(el("span", arrow, class_="l"))
    return el("pre", el("code", join(shown, "\n")), tabindex="0")


def standing(threads: Sequence[Thread], say: Sentences, most: int = THREADS) -> tuple[list[Standing], str]:
    """The threads that tell most (with unread input, or in the middle of something), and how many more there are."""
    names = {t.name for t in threads}
    if len(names) == 1 and len(threads) > 1:  # the program's name says nothing that tells them apart
        threads = [replace(t, name=say.say("page.thread", number=n)) for n, t in enumerate(threads, 1)]
    lines = any(t.spot for t in threads)  # then a thread without one is the runtime's own, unless it serves somebody
    ranked = sorted(threads, key=lambda t: (lines and t.spot is None and not t.of_client, _rank(t)))
    return [_standing(t, say) for t in ranked[:most]], (
        say.say("page.threads-more", count=len(threads) - most) if len(threads) > most else ""
    )


def _rank(thread: Thread) -> int:
    """How little a thread tells: stuck on behalf of a client first, a runtime's own threads last."""
    word = word_for(thread.doing)
    if thread.of_client:
        return 0 if thread.unread or word not in _LISTENING else 1
    if word in _LISTENING:
        return 2 if word == "accept" else 3
    return 5 if word in ("futex", "lock", "sleep") else 4


def word_for(doing: str) -> str:
    """What a thread does, by the name that a programmer knows; the system's own calls have longer ones."""
    return _CALLS.get(doing, doing)


_SENDING = ("send", "sendall", "write")
_LISTENING = ("accept", "recv", "read", "select", "poll", "epoll")
_CALLS = {
    "recvfrom": "recv",
    "recvmsg": "recv",
    "accept4": "accept",
    "sendto": "send",
    "sendmsg": "send",
    "writev": "write",
    "pselect6": "select",
    "ppoll": "poll",
    "epoll_wait": "epoll",
    "epoll_pwait": "epoll",
    "nanosleep": "sleep",
    "clock_nanosleep": "sleep",
    "wait4": "wait",
    "waitid": "wait",
}


def _standing(thread: Thread, say: Sentences) -> Standing:
    name = printable(thread.name)
    word = word_for(thread.doing)
    if (
        thread.of_client
    ):  # the connection that it is at: one that reads serves it, one that sends may be serving another
        key = "page.thread-to" if word in _SENDING else "page.thread-of"
        name = say.say(key, name=thread.name, client=thread.of_client)
    doing = say.say(f"doing.{word}") if say.has(f"doing.{word}") else printable(word)
    unread = say.say("page.thread-unread", unread=thread.unread, client=thread.of_client) if thread.unread else ""
    place, code = "", None
    if thread.spot is not None:
        place = say.say("page.place", file=thread.spot.file, line=thread.spot.line)
        code = excerpt(thread.spot, doing, around=2)
    said = [doing, unread] if code is None else [unread]  # with code, the arrow says what it was doing
    calm = word in _LISTENING and not thread.unread
    return Standing(name, ". ".join(x for x in said if x), place, code, calm)
