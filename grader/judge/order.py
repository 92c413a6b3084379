"""In what order a client's expectations may be met: the play, cut into groups.

One client's messages are first-in first-out, so its expectations are met in the order in which they stand. But nothing
is assumed across senders: expectations that stand together, after acts by two or more other clients, may be met in any
order. What belongs together follows from the play alone, so it is computed once, before anything runs.

A group ends where anybody acts, because every act waits for all expectations above it. Inside `together:` a client waits
only for its own lines, so there a group ends at that client's own next line.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.model import SERVER, Block, Line, Verb

EXPECTATIONS = {Verb.EXPECT, Verb.EXPECT_MAYBE, Verb.EXPECT_RAW, Verb.SKIPS_TO, Verb.PRINTS}
ASSERTIONS = {
    Verb.FREEZES,
    Verb.THAWS,
    Verb.NOTHING,
    Verb.WAITS,
    Verb.SKIPS_THE_REST,
    Verb.IS_DISCONNECTED,
    Verb.STILL_CONNECTED,
    Verb.LISTENS,
    Verb.IS_RUNNING,
    Verb.IS_TIDY,
    Verb.STOPS,
    Verb.EXITS,
    Verb.LOSES,
    Verb.DOUBLES,
    Verb.SWAPS,
    Verb.ACKNOWLEDGES,
    Verb.DOES_NOT_ACKNOWLEDGE,
    Verb.ACCEPTS,
}
"""Lines that do nothing to the server: they only look, or stop looking."""


MEANS_AN_END = {Verb.GETS, Verb.STOPS, Verb.RESTARTS, Verb.EXITS}
"""Acts after which the server may have ended without any fault."""


def means_an_end(line: Line) -> bool:
    """Whether a line may end the server: by such an act, or by what is typed at its terminal."""
    return line.verb in MEANS_AN_END or (line.who == (SERVER,) and line.verb is Verb.SEND)


def expects(line: Line) -> bool:
    """Whether a line waits for something that comes; such lines gather until somebody acts."""
    return line.verb in EXPECTATIONS or line.verb is Verb.IS_DISCONNECTED


def wanted(line: Line) -> str:
    """What such a line waits for, in a word."""
    return "close" if line.verb is Verb.IS_DISCONNECTED else "message"


MOST_KEPT = 64


@dataclass(slots=True)
class Group:
    """Expectations of one client that are met together: each slot is one line, once (`number` counts from 1)."""

    who: str
    first: int
    last: int
    ordered: bool = True
    slots: list[tuple[Line, int]] = field(default_factory=list)


def groups(play: tuple[Line, ...]) -> dict[str, list[Group]]:
    """The groups of each client, in order. They follow from the play alone, so those of the last plays are kept."""
    known = _KEPT.get(id(play))
    if known is None or known[0] is not play:
        if len(_KEPT) > MOST_KEPT:
            _KEPT.clear()
        known = _KEPT[id(play)] = (play, _groups(play))
    return known[1]


def _groups(play: tuple[Line, ...]) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = {}
    current: dict[str, Group] = {}
    settled = -1
    for at, line in enumerate(play):
        together = line.block is not None and line.block.kind == "together"
        if line.verb in EXPECTATIONS:
            for who in line.who:
                group = current.get(who)
                if group is None or _of_any_order(group.slots[-1][0]) != _of_any_order(line):
                    group = current[who] = Group(who, at, at)
                    found.setdefault(who, []).append(group)
                group.last = at
                group.slots += [(line, n) for n in range(1, line.times + 1)]
        elif together or line.verb in ASSERTIONS:
            for who in line.who:
                current.pop(who, None)
        else:
            current.clear()
        if line.verb is Verb.SETTLES:
            settled = at
            for own in found.values():
                own[-1].last = max(own[-1].last, settled)
    for who, own in found.items():
        before = -1
        for group in own:
            group.ordered = who == SERVER or not _several(play, who, group, before)
            before = group.last
    return found


def _of_any_order(line: Line) -> Block | None:
    return line.block if line.block is not None and line.block.kind == "any order" else None


def _several(play: tuple[Line, ...], who: str, group: Group, before: int) -> bool:
    """Whether two or more others acted between this client's last expectations and the end of these."""
    if len(group.slots) < 2:
        return False
    lines = {line.block.kind for line, _ in group.slots if line.block}
    if "any order" in lines:
        return True
    until = group.last
    block = play[group.last].block
    if block is not None and block.kind == "together":
        until = max(i for i, line in enumerate(play) if line.block == block)
    others: set[str] = set()
    for line in reversed(play[before + 1 : until + 1]):
        if line.verb is Verb.SETTLES:
            break
        if line.verb not in EXPECTATIONS and line.verb not in ASSERTIONS:
            others.update(w for w in line.who if w != who)
        if len(others) > 1:
            return True
    return False


_KEPT: dict[int, tuple[tuple[Line, ...], dict[str, list[Group]]]] = {}
