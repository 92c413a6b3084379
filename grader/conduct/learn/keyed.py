"""Servers that talk JSON: which key holds the name, which the text, and what has to stand in the one that says what it is.

An object may hold many keys at once, so one object asks many questions: every key that may hold the text gets a token of
its own, and the token that arrives names the key. Keys and kinds are taken from the source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.conduct.learn.families import ROOM
from grader.conduct.learn.session import Session
from grader.conduct.learn.source import Source
from grader.conduct.learn.trial import NAMES, Guess, Start
from grader.wire.envelope import enclosed

KINDS = ("type", "tipo", "action", "command", "cmd", "event", "op")
NAMING = ("username", "user", "name", "nick", "nickname", "sender", "from", "usuario", "nombre", "nome", "alias")
SAYING = ("text", "message", "msg", "content", "body", "data", "texto", "mensaje", "contenido", "mensagem")
USUAL_KEYS = (
    "type",
    "action",
    "command",
    "username",
    "user",
    "name",
    "nick",
    "text",
    "message",
    "msg",
    "content",
    "room",
)
USUAL_VALUES = ("join", "login", "register", "connect", "message", "msg", "chat", "text")
FRAMINGS = ("newline", "none", "u32", "u16", "header10")
MOST_KEYS, MOST_VALUES, MOST_PAIRS = 9, 9, 30
Kind = tuple[str, str] | None
_WORD = re.compile(r"[^\W\d]\w{0,19}")


@dataclass(frozen=True, slots=True)
class Words:
    """The keys that may stand in an object, and the pairs of key and value that may say what it is."""

    keys: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]


def words(source: Source) -> Words:
    """What the source says of keys and values; the usual ones where it says nothing."""
    keys = [k for k in source.keys if _WORD.fullmatch(k) and re.search(rf"['\"]{k}['\"]|\.{k}\b", source.text)]
    values = [v for v in source.compared if _WORD.fullmatch(v) and v != "__main__"]
    told = [k for k in keys if _tells(k, source.text)]
    holders = {holder for holder, _ in source.nested if holder not in told}
    nested = [f"{holder}.{inner}" for holder, inner in source.nested if holder in holders]
    inside = {inner for holder, inner in source.nested if holder in holders}
    keys = [*nested, *(k for k in keys if k not in holders and k not in inside)] or list(USUAL_KEYS)
    told = told[:2] or [k for k in keys if k in KINDS][:2]
    kinds = [(k, v) for k in told for v in (values or USUAL_VALUES)[:MOST_VALUES]]
    return Words(tuple(keys[: MOST_KEYS + len(told)]), tuple(kinds))


def _tells(key: str, text: str) -> bool:
    """Whether what a key holds is compared with literals: then it says what an object is."""
    held = rf"(?:\.get\(\s*['\"]{key}['\"][^)]*\)|\[['\"]{key}['\"]\]|\.{key}\b)"
    if re.search(rf"{held}\s*===?\s*['\"]|{held}\.equals|switch\s*\(\s*\w+{held}", text):
        return True
    names = re.findall(rf"(\w+)\s*=\s*\w+{held}", text)
    return any(re.search(rf"\b{name}\s*===?\s*['\"]|\bmatch\s+{name}\b", text) for name in names)


def guesses(start: Start, source: Source) -> Iterator[Guess]:
    """Guesses that have been seen to carry a text."""
    found = words(source)
    told = {key for key, _ in found.kinds}
    others = [k for k in found.keys if k not in told]
    kinds: list[Kind] = list(found.kinds) or [None]
    framings = FRAMINGS if re.search(r"struct|to_bytes|ljust|UTF|UInt", source.text) else FRAMINGS[:2]
    for framing in framings:
        for name_key, text_key in _orders(others):
            got = _arrives(start, framing, (name_key, text_key), others, list(kinds))
            if got is None:
                continue
            kind, alive = got
            rest = {k: ROOM for k in others if k not in (name_key, text_key)}
            for hello_kind in alive:
                hello = {name_key: "<name>"}
                for more in ({}, rest, {**rest, text_key: ROOM}):
                    say = made(kind, {**hello, **({} if not more else rest), text_key: "<text>"})
                    yield Guess("json", framing, (made(hello_kind, {**hello, **more}),), say)
            yield Guess("json", framing, (), made(kind, {name_key: "<name>", text_key: "<text>"}))
            return


def _orders(keys: list[str]) -> list[tuple[str, str]]:
    """Which key may hold the name and which the text, the usual ones first."""
    pairs = [(name, text) for name in keys for text in keys if name != text]
    return sorted(pairs, key=lambda p: (_last(p[0]) not in NAMING) + (_last(p[1]) not in SAYING))[:MOST_PAIRS]


def _last(key: str) -> str:
    return key.rpartition(".")[2]


def made(kind: Kind, pairs: dict[str, str]) -> str:
    """The object of a kind with these pairs; `data.text` is the key `text` of the object under `data`."""
    built: dict[str, object] = {}
    for key, value in (*([kind] if kind else []), *pairs.items()):
        *above, last = key.split(".")
        place: dict[str, object] = built
        for name in above:
            inner = place.setdefault(name, {})
            place = inner if isinstance(inner, dict) else place
        place[last] = value
    return json.dumps(built)


def _arrives(
    start: Start, framing: str, keys: tuple[str, str], others: list[str], kinds: list[Kind]
) -> tuple[Kind, list[Kind]] | None:
    """The kind of object that carries a text in this key; and the kinds at which the server does not hang up."""
    name_key, text_key = keys
    alive = list(kinds)
    while alive:
        with start() as session:
            if not session.listens:
                return None
            fatal = _all_come_in(session, framing, name_key, others, alive)
            if fatal:
                alive = [k for k in alive if k not in fatal]
                continue
            for number, kind in enumerate(alive):
                token = f"kw{number:02}x7q"
                pairs = {**dict.fromkeys(others, ROOM), name_key: NAMES[2], text_key: token}
                session.forget()
                session.send(NAMES[2], enclosed(framing, made(kind, pairs)))
                if token.encode() in session.heard(NAMES[0]) + session.heard(NAMES[1]):
                    return kind, alive
        return None
    return None


def _all_come_in(session: Session, framing: str, name_key: str, others: list[str], kinds: list[Kind]) -> list[Kind]:
    """Everybody sends every kind of object; those at which the server hangs up."""
    for name in NAMES:
        if not session.connect(name) or not session.accepted(name):
            return list(kinds)
        for kind in kinds:
            session.send(name, enclosed(framing, made(kind, {**dict.fromkeys(others, ROOM), name_key: name})))
            if not session.connected(name):
                return [kind]
    return []
