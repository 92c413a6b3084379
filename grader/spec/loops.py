"""Loops and computed values in a play: how they are written, and the script that they make.

repeat 3 times:                   the lines below are played three times; <i> is 1, 2, 3
repeat up to 7 times:             until a line that ends with `-> done` is met; the last time, only that will do
guess = (low + high) / 2          a value that is computed when the play comes here
ana < higher  -> low = guess + 1  such lines of one client, one below the other: whichever fits is met
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.model import Line, Verb
from grader.model.scripts import Option, Repeat, Sets, Step
from grader.spec.complaints import Complaints, Spot, shown
from grader.wire.parts import What, names_in
from grader.wire.phrases import Phrase
from grader.wire.values import names_of

MOST_TIMES, MOST_LINES = 1000, 20_000
KIND = "repeat"
_HEADING = re.compile(r"(?:repeat|repite) (?P<until>up to |hasta )?(?P<times>\d{1,9}) (?:times|veces):")
_LET = re.compile(r"(?P<name>[^\W\d]\w*) = (?P<sum>.*)")
_ARROW = re.compile(r" {2,}-> *(?P<what>.*)$")
DONE = ("done", "listo")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a loop."""

    most: int
    until: bool
    number: int = 0
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """What follows when a line is met: values, or the end of the loop."""

    sets: Sets = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A line of a play as a script needs it."""

    line: Line
    template: Phrase | None
    loop: Heading | None
    sets: Sets
    arrow: Arrow | None


def heading(text: str, spot: Spot, complaints: Complaints) -> Heading | None:
    """The heading of a loop, if a line is one."""
    found = _HEADING.fullmatch(text)
    if found is None:
        return None
    times = int(found["times"])
    if not 1 <= times <= MOST_TIMES:
        complaints.add(spot.place, f"{times} times is out of range.", f"1 to {MOST_TIMES} are possible.")
        times = 1
    return Heading(times, bool(found["until"]), spot=spot)


def assignment(text: str, spot: Spot, complaints: Complaints) -> Sets | None:
    """The value that a line computes, if it is such a line; empty after a complaint."""
    found = _LET.fullmatch(text)
    if found is None:
        return None
    try:
        names_of(found["sum"])
    except ValueError:
        hint = "Write guess = (low + high) / 2: numbers, names, + - * / % and parentheses."
        complaints.add(spot.at(found.start("sum")), f"{shown(found['sum'])} is no sum.", hint)
        return ()
    return ((found["name"], found["sum"]),)


def arrow(text: str, spot: Spot, complaints: Complaints, *, inside: bool) -> tuple[str, Arrow | None]:
    """A line's text without what follows its arrow, and that; `inside`: it is an expectation in a loop."""
    found = _ARROW.search(text)
    if found is None:
        return text, None
    place = Spot(spot.at(found.start("what")), spot.exact)
    said = found["what"].strip()
    if not inside:
        hint = r"If it is text, write \s for one of the spaces."
        complaints.add(place.place, "An arrow stands behind a `<` line in a loop.", hint)
        return text[: found.start()], None
    if said in DONE:
        return text[: found.start()], Arrow(ends=True)
    sets = assignment(said, place, complaints)
    if sets is None:
        complaints.add(place.place, f"{shown(said)} can't follow an arrow.", "Write -> done, or -> low = guess + 1.")
    return text[: found.start()], Arrow(sets or ())


def is_script(lines: Sequence[Said]) -> bool:
    """Whether a play has to be made while it runs."""
    return any(x.loop is not None or x.sets for x in lines)


def script(lines: Sequence[Said], known: Sequence[str], complaints: Complaints) -> tuple[Step | Repeat, ...]:
    """The script of a play. `known` are the names that have a value before it begins, and declared words."""
    made: list[Step | Repeat] = []
    have = set(known)
    total = at = 0
    while at < len(lines):
        loop = lines[at].loop
        if loop is None:
            made.append(Step(None if lines[at].sets else lines[at].line, lines[at].sets))
            have.update(_names(lines[at]))
            total, at = total + 1, at + 1
            continue
        own = []
        while at < len(lines) and lines[at].loop == loop:
            own.append(lines[at])
            at += 1
        steps = tuple(_steps(own))
        given = {name for x in own for name, _ in x.sets} | {n for x in own if x.arrow for n, _ in x.arrow.sets}
        again = {name for x in own for name in _captured(x)} - have - given
        made.append(Repeat(loop.most, loop.until, steps, tuple(sorted(again))))
        have |= again | given
        total += loop.most * len(steps)
        _check_end(loop, steps, complaints)
    if total > MOST_LINES:
        message = f"The loops of this play come to more than {MOST_LINES} lines."
        complaints.add(next(x.loop.spot.place for x in lines if x.loop and x.loop.spot), message)
    return tuple(made)


def _steps(own: Sequence[Said]) -> Iterator[Step]:
    """The steps of a loop: lines with arrows of one client, one below the other, are one."""
    options: list[Option] = []
    for n, one in enumerate(own):
        if one.arrow is None:
            yield Step(None if one.sets else one.line, one.sets)
            continue
        options.append(Option(one.line.argument, one.arrow.sets, one.arrow.ends))
        following = own[n + 1] if n + 1 < len(own) else None
        if following is None or following.arrow is None or following.line.who != one.line.who:
            yield Step(one.line, options=tuple(options))
            options = []


def _check_end(loop: Heading, steps: Sequence[Step], complaints: Complaints) -> None:
    ends = any(option.ends for step in steps for option in step.options)
    if loop.spot is None or ends == loop.until:
        return
    if loop.until:
        complaints.add(loop.spot.place, "No line says when this loop ends.", "Write `ana < correct  -> done` in it.")
    else:
        hint = f"Write `repeat up to {loop.most} times:`."
        complaints.add(loop.spot.place, "A loop of so many times has no `-> done`.", hint)


def _names(said: Said) -> set[str]:
    return {name for name, _ in said.sets} | set(_captured(said))


def _captured(said: Said) -> Iterator[str]:
    if said.template is None or said.line.verb not in (Verb.EXPECT, Verb.EXPECT_RAW, Verb.SKIPS_TO):
        return
    for part in said.template.parts:
        if part.what is What.NAME:
            yield from names_in(part)
