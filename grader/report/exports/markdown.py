"""markdown: a comment for the feedback box of a learning platform or a pull request.

Short on purpose: the points, two sentences, what to fix first, and one line for each check that did not pass. Everything
that is not ours is escaped, so that a message of a student makes no link, no picture and no heading, and calls nobody by
their @name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.model import Grade, Outcome
from grader.report.registry import Order
from grader.report.summary import TO_FIX
from grader.report.told import Teller, Told

_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LINKS = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
_BEGINNING = re.compile(r"^(\s*\d*)([-+=#.)])")
"""What makes a list or a heading where it stands first."""
_CALLS = re.compile(r"([@#])(?=[\w\\])")
JOINER = "\u2060"
"""Prints nothing and keeps an @ from being a call: the only invisible character that is ours."""


def escaped(text: str) -> str:
    """Text of one line in which Markdown finds nothing to do, and which still reads well where nobody renders it."""
    text = _SPECIAL.sub(r"\\\1", text.replace("\n", " "))
    text = _BEGINNING.sub(r"\1\\\2", _LINKS.sub(r"\\\g<0>", text))
    return in_html(text)


def in_html(text: str) -> str:
    """Text inside an element, where Markdown is not read but @names are."""
    return _CALLS.sub(rf"\1{JOINER}", re.sub("[&<>]", lambda found: _ENTITIES[found[0]], text))


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The comment."""
    teller = Teller(grades[0], order.lang, staff=order.staff)
    open_ones = [t for t in teller.checks() if t.verdict.outcome in (*TO_FIX, Outcome.GRADER_PROBLEM)]
    parts = head(teller)
    if open_ones:
        parts.append("\n".join(line(told) for told in open_ones))
    return "\n\n".join(parts) + "\n"


def head(teller: Teller) -> list[str]:
    """The paragraphs that stand above the checks."""
    say = teller.say
    parts = [f"### {escaped(teller.course)} · {escaped(teller.name)}", f"**{escaped(teller.total)}**"]
    parts += [f"> {escaped(notice)}" for notice in teller.notices()]
    if said := teller.sentences():
        parts.append(" ".join(map(escaped, said)))
    if first := teller.first():
        what, *rest = map(escaped, first)
        parts.append("  \n".join([f"**{escaped(say.say('page.first'))}:** {what}", *rest]))
    return parts


def line(told: Told) -> str:
    """A check that did not pass, as an entry of a list."""
    return f"- {told.sign} **{escaped(told.title)}** ({escaped(told.points)}): {escaped(told.short)}"
