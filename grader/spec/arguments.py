"""What may stand behind the words of an act: `(loses 3)`, `(exits 0)`, `(prints ready)`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from grader.model import Verb
from grader.model.commands import PORTS
from grader.spec import acts
from grader.spec.complaints import listed, shown
from grader.spec.endings import LONGEST_WITHIN, duration
from grader.spec.keys import Reading


class Wrong(NamedTuple):
    """What is wrong with an act, and what to write; whether it is what follows its words, or the act itself."""

    message: str
    hint: str
    behind: bool = True


def wrong_argument(verb: Verb, name: str, argument: str) -> Wrong | None:
    """What is wrong with what stands behind an act's words, if anything is."""
    if verb in acts.WITH_COUNT and argument and not (argument.isdecimal() and 1 <= int(argument[:5]) <= 1000):
        hint = f"Write ({name}) for one datagram, or ({name} 3)."
        return Wrong(f"{shown(argument)} is no number from 1 to 1000.", hint)
    if verb in acts.WITH_TIME and (wrong := _wrong_time(name, argument)) is not None:
        return wrong
    if verb in acts.WITH_STATUS and argument and not (argument.isdecimal() and int(argument[:4]) < 256):
        return Wrong(f"{shown(argument)} is no exit status.", f"Write ({name} 0), or ({name}) for any.")
    if verb in acts.WITH_TEMPLATE and not argument:
        printed = verb is Verb.PRINTS
        what, example = (
            ("that is printed", "server (prints ready)") if printed else ("to skip to", f"ana ({name} beto: hola)")
        )
        return Wrong(f"({name}) needs the text {what}.", f"Write `{example}`.", behind=False)
    return None


def _wrong_time(name: str, argument: str) -> Wrong | None:
    if not argument:
        return Wrong(f"({name}) needs a time.", f"Write ({name} 1s) or ({name} 400ms).", behind=False)
    seconds = duration(argument)
    if seconds is None:
        return Wrong(f"{shown(argument)} is no time.", f"Write ({name} 1s) or ({name} 400ms).")
    if not 0 < seconds <= LONGEST_WITHIN:
        return Wrong(f"{shown(argument)} is no time that can be waited for.", f"{LONGEST_WITHIN:.0f}s is the longest.")
    return None


def wrong_place(reading: Reading, name: str, argument: str) -> Wrong | None:
    """What is wrong with where somebody wants to connect to."""
    servers = [role.name for role in reading.roles if role.serves]
    if argument in (*PORTS, *servers):
        return None
    hint = f"Write ({name}), or ({name} to port2) where the command has <port2>."
    hint = f"Write {listed([f'({name} to {one})' for one in servers])}." if servers else hint
    return Wrong(f"{shown(argument)} is no port.", hint)


def wrong_way_in(reading: Reading, names: Sequence[str], verb: Verb, name: str) -> Wrong | None:
    """Who is called by the server accepts; everybody else connects, or joins. Acknowledges who is told how."""
    for who in names:
        role = reading.role_of(who)
        called = role is not None and role.called
        if verb in acts.OF_ACKNOWLEDGING and not reading.protocol_of(who).acknowledge:
            hint = 'Write `protocol: {acknowledge: {"data <n>": "ack <n>"}}`.'
            return Wrong(f"Nothing says what {who} acknowledges.", hint)
        if verb in acts.OF_CALLED and not called:
            hint = f"Write `{who} (connects)`, or say `clients: {{{who}: {{listens: true}}}}`."
            return Wrong(f"Nobody calls {who}: ({name}) makes no sense.", hint)
        if verb in acts.COMES and called:
            return Wrong(f"{who} is called by the server.", f"Write `{who} (accepts)`.")
    return None
