"""Does a play make sense: is everybody there who acts, and does every name have a value where it is sent.

The play is walked once from top to bottom with two things in mind: the state of each client's connection (`acts`) and
the names that have a value. A line that makes no sense is a complaint now rather than a puzzling failure of a student
later. What is tried here is only what the lines say; what a server does is not guessed.

A name gets its value from the first expectation that it stands in. It can't come from a line that may be missing
(`<?`, one of several alternatives, a group in any order), nor inside `together:` from another client's line, because
nothing says which of the two comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from grader.model import SERVER, Block, Place, Verb
from grader.model.roles import port_of
from grader.spec import acts
from grader.spec.acts import State
from grader.spec.complaints import Complaints, near_to
from grader.spec.grammar import Written
from grader.spec.loops import KIND
from grader.wire.parts import UNCERTAIN, Part, What, names_in
from grader.wire.values import names_of

ME, YO = "me", "yo"
ANY_ORDER = "any order"


@dataclass(frozen=True, slots=True)
class _Value:
    """Where a name got its value, and by whom: inside a group it is known to those clients only."""

    place: Place | None = None
    block: Block | None = None
    who: frozenset[str] = frozenset()
    must_be_used: bool = False


@dataclass(slots=True)
class _Walk:
    words: Mapping[str, str]
    complaints: Complaints
    states: dict[str, State]
    known: dict[str, _Value] = field(default_factory=dict)
    uses: Counter[str] = field(default_factory=Counter)
    strangers: set[str] = field(default_factory=set)
    networks: frozenset[str] = frozenset()
    """Those that carry datagrams: they are there from the beginning."""
    running: bool = True


def check_play(
    play: Iterable[Written], clients: tuple[str, ...], words: Mapping[str, str], complaints: Complaints,
    known: Iterable[str] = (), networks: frozenset[str] = frozenset(),
) -> None:  # fmt: skip
    """Complains about every line of a check's play that makes no sense. `clients` have joined before it begins.

    `known` are names that have a value from the start, `networks` those that only carry.
    """
    there = dict.fromkeys((*clients, *networks), State.HERE)
    walk = _Walk(words, complaints, there, {name: _Value() for name in known}, networks=networks)
    for written in play:
        if complaints.full:
            return
        for name, sum_ in written.sets:
            _is_computed(walk, written, name, sum_)
        if written.line.verb is Verb.LET:
            continue
        (_server_acts if written.line.who == (SERVER,) else _clients_act)(walk, written)
        _names_have_values(walk, written)
        for name, sum_ in written.arrow.sets if written.arrow else ():
            _is_computed(walk, written, name, sum_)
    _captures_are_used(walk)


def _is_computed(walk: _Walk, written: Written, name: str, sum_: str) -> None:
    """A value that the play computes: what it is made of needs values, and then it has one itself."""
    for needed in names_of(sum_):
        walk.uses[needed] += 1
        if needed not in walk.known and not (needed == "i" and written.loop is not None):
            hint = _where_from(walk, needed)
            walk.complaints.add(written.spot.place, f"<{needed}> has no value here.", hint)
    if name not in walk.known:
        walk.known[name] = _Value(written.spot.place, must_be_used=True)


def check_join(play: Iterable[Written], words: Mapping[str, str], complaints: Complaints) -> None:
    """Complains about every line of a `join:` that makes no sense: only `me` acts, and it is connected."""
    walk = _Walk(words, complaints, {ME: State.HERE}, {ME: _Value(), YO: _Value()})
    for written in play:
        line = written.line
        if line.who != (ME,):
            complaints.add(written.spot.place, "In `join:` only `me` acts.", "Write `me > text` or `me < text`.")
        elif line.verb not in acts.IN_JOINS:
            complaints.add(written.spot.place, f"`me ({line.verb.value})` can't stand in `join:`.", "Remove it.")
        if line.block:
            complaints.add(written.spot.place, "Groups can't stand in `join:`.")
        _names_have_values(walk, written)
    _captures_are_used(walk)


def _server_acts(walk: _Walk, written: Written) -> None:
    line, place = written.line, written.spot.place
    before, after = acts.SERVER_RULES[line.verb]
    if line.block and line.block.kind != KIND:
        walk.complaints.add(place, f"The server can't act under `{line.block.kind}:`.", "Write the line at the left.")
    if line.verb in acts.OF_ANY_TIME:
        return
    if walk.running != before:
        state = "runs" if walk.running else "has stopped"
        hint = "" if walk.running else "First comes server (starts)."
        walk.complaints.add(place, f"The server {state}: ({line.verb.value}) makes no sense here.", hint)
    walk.running = after
    if line.verb in acts.ENDS_CONNECTIONS:
        for name, state in walk.states.items():
            if state in acts.CLIENT_RULES[Verb.CRASHES].states:
                walk.states[name] = State.CUT_OFF


def _clients_act(walk: _Walk, written: Written) -> None:
    line, place = written.line, written.spot.place
    rule = acts.CLIENT_RULES[line.verb]
    if line.block and line.block.kind == ANY_ORDER and line.verb not in {Verb.EXPECT, Verb.EXPECT_RAW}:
        walk.complaints.add(place, "Only `<` lines can stand under `any order:`.", "Write this line at the left.")
    if line.block and line.block.kind == "together" and line.verb in acts.NOT_TOGETHER:
        message = f"({line.verb.value}) makes no sense under `together:`: the others still act."
        walk.complaints.add(place, message, "Write this line at the left.")
    if line.verb in {Verb.CONNECTS, Verb.JOINS} and not walk.running:
        walk.complaints.add(place, "The server has stopped: nobody can connect.", "First comes server (starts).")
    for name in line.who:
        if name in walk.networks and line.verb not in acts.OF_NETWORKS:
            walk.complaints.add(
                place, f"{name} only carries datagrams.", f"Write {name} (loses), or (doubles), or (swaps)."
            )
            continue
        state = walk.states.get(name, State.ABSENT)
        if state in rule.states:
            walk.states[name] = rule.becomes or state
        elif state is State.ABSENT:
            _complain_of_stranger(walk, name, place)
        else:
            said = f"({line.verb.value})" if line.verb.value not in acts.MARKS else f"`{name} {line.verb.value}`"
            message = f"{name} {acts.IN_WORDS[state]}: {said} makes no sense here."
            walk.complaints.add(place, message, acts.WAY_OUT[state].format(who=name))


def _complain_of_stranger(walk: _Walk, name: str, place: Place) -> None:
    if name not in walk.strangers:
        walk.strangers.add(name)
        comes = "accepts" if port_of(name) in walk.known else "joins"
        otherwise = f"Name it in `clients:`, or write `{name} ({comes})` before."
        if comes == "accepts":
            otherwise = f"Write `{name} (accepts)` before, or `{name} (starts)` if it is a server."
        walk.complaints.unknown(place, f"No client is called {name!r} here.", name, walk.states, otherwise)


def _names_have_values(walk: _Walk, written: Written) -> None:
    template = written.template
    if template is None or template.literal:
        return
    for part in template.parts:
        place = written.spot.at(written.argument_at + part.offset)
        if part.what is What.NUMBER and not written.repeated and written.loop is None:
            hint = "Write two spaces and `3 times` at its end."
            walk.complaints.add(place, "<i> counts repetitions, and this line has none.", hint)
        if part.what in UNCERTAIN and written.line.verb in acts.SENDS | acts.COMES:
            what = "<*> stands for any text" if part.what is What.ANY else "This stands for more than one text"
            walk.complaints.add(place, f"{what}, and a client has to send a certain one.", "Write the text.")
        for name in names_in(part):
            if name == "i" and written.loop is not None:
                continue
            if part.what is What.NAME or name in walk.known:
                _name_has_value(walk, written, name, place)
            else:
                walk.complaints.add(place, f"<{name}> has no value here.", _where_from(walk, name))


def _name_has_value(walk: _Walk, written: Written, name: str, place: Place) -> None:
    line, template = written.line, written.template
    value = walk.known.get(name)
    if value is not None and (value.block is None or value.block != line.block or value.who >= set(line.who)):
        walk.uses[name] += 1
        return
    if value is not None:
        walk.uses[name] += 1
        hint = "Under `together:` a name is known only to the client that got it, until the group ends."
        walk.complaints.add(place, f"<{name}> has no value here yet.", hint)
        return
    if line.verb in acts.SENDS | acts.COMES:
        walk.complaints.add(place, f"<{name}> has no value here.", _where_from(walk, name))
        return
    certain = (
        line.verb is not Verb.EXPECT_MAYBE
        and not (line.block and line.block.kind == ANY_ORDER)
        and written.arrow is None
        and (line.verb is Verb.EXPECT_RAW or not _has_alternatives(template.parts if template else ()))
    )
    word = name in walk.words
    if certain:
        block = line.block if written.loop is None else None
        walk.known[name] = _Value(place, block, frozenset(line.who) if block else frozenset(), not word)
    elif not word:
        hint = _near(name, chain(walk.words, walk.known)) or "Write <*> if any text will do."
        walk.complaints.add(place, f"<{name}> can't get a value from a line that may not come.", hint)


def _has_alternatives(parts: tuple[Part, ...]) -> bool:
    return any(part.what is What.BAR for part in parts)


def _captures_are_used(walk: _Walk) -> None:
    for name, value in walk.known.items():
        if walk.complaints.full:
            return
        if value.must_be_used and value.place and not walk.uses[name]:
            others = chain(walk.words, (other for other in walk.known if other != name))
            hint = _near(name, others) or _as_client(walk, name) or "Write <*> if any text will do."
            walk.complaints.add(value.place, f"<{name}> gets a value here and is used nowhere else.", hint)


def _where_from(walk: _Walk, name: str) -> str:
    known = _near(name, (other for other in walk.known if other not in {name, YO}))
    return _as_client(walk, name) or known or r"It must stand in a `<` line before; write \< for a plain <."


def _as_client(walk: _Walk, name: str) -> str:
    if name == ME:
        return "<me> stands only in `join:`; write the client's name."
    return f"The name of a client needs no < >: write {name}." if name in walk.states else ""


def _near(name: str, known: Iterable[str]) -> str:
    near = near_to(name, known)
    return f"The nearest is <{near}>." if near else ""
