"""From a check as it is written to the play that is run: joins written out, steps counted.

    clients: [ana, beto]        ana connects, ana's join, the server settles,
    play: |                     beto connects, beto's join, the server settles,
      ana > hola                ana > hola
      eva (joins)               eva connects, eva's join

What a client says to join stands once in the spec, for `me`; here each client gets its own copy, with its name in the
place of `me` and `<me>`. Nothing else is multiplied: `c1..c199 < hola` stays one line with 199 clients.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from grader.model import SERVER, Block, Line, Verb

_ME = re.compile(r"\\.|<(?:me|yo)>", re.DOTALL)


_WHO = re.compile(r"^(?:me|yo)\s*")


def expand(
    clients: Iterable[str], play: Iterable[Line], join: Sequence[Line], others: Collection[str] = ()
) -> tuple[Line, ...]:
    """All lines of a check in the order in which they are run, numbered from 0. `others` join by connecting."""
    return tuple(
        Line(step, x.text, x.who, x.verb, x.argument, x.times, x.block, x.part, x.place, x.within)
        for step, x in enumerate(_lines(clients, play, join, others))
    )


def _lines(
    clients: Iterable[str], play: Iterable[Line], join: Sequence[Line], others: Collection[str]
) -> Iterator[Line]:
    place = join[0].place if join else None
    for name in clients:
        yield Line(0, f"{name} (connects)", (name,), Verb.CONNECTS, part="join", place=place)
        yield from _joined(name, () if name in others else join)
        yield Line(0, f"{SERVER} (settles)", (SERVER,), Verb.SETTLES, part="join", place=place)
    for line in play:
        if line.verb is not Verb.JOINS:
            yield line
            continue
        for name in line.who:
            yield replace(line, who=(name,), verb=Verb.CONNECTS)
            yield from _joined(name, () if name in others else join, line.block)


def _joined(name: str, join: Iterable[Line], block: Block | None = None) -> Iterator[Line]:
    """The join of one client."""
    for line in join:
        said = _WHO.sub("", line.text)
        yield Line(
            0,
            f"{name} {_named(said, name)}",
            (name,),
            line.verb,
            _named(line.argument, name),
            line.times,
            block,
            "join",
            line.place,
            line.within,
        )


def _named(text: str, name: str) -> str:
    return _ME.sub(lambda found: name if found[0][0] == "<" else found[0], text)


def count(clients: Sequence[str], play: Iterable[Line], join: Sequence[Line]) -> int:
    """How many lines `expand` would make, known before they are made."""
    each = len(join) + 1
    own = sum(len(line.who) * each if line.verb is Verb.JOINS else 1 for line in play)
    return len(clients) * (each + 1) + own
