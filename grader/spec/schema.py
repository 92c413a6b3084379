"""A JSON Schema of the spec language, made from the tables: editors complete keys by it, and mark what is no key.

It says what stands where, and no more: what a play may hold, and what makes sense, `grade spec check` says. A text may
look like a number or a flag to YAML, so texts are allowed to; each key is allowed in Spanish, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.model import spanish
from grader.spec import amounts, commands, tables, values
from grader.spec.given import GIVEN
from grader.spec.keys import Keys, Reader

Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "number", "boolean"]}
BLOCK: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number", "exclusiveMinimum": 0}
TEXTS: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
WORDS: Schema = {
    "anyOf": [TEXT, {"type": "object", "propertyNames": {"pattern": "^[a-z]{2,3}$"}, "additionalProperties": TEXT}]
}
NAMES: Schema = {"type": "object", "additionalProperties": TEXT}
ANY_MAP: Schema = {"type": "object"}

SIMPLE: Mapping[Reader, Schema] = {
    values.text: TEXT,
    values.words: WORDS,
    values.slug: {"type": ["string", "integer"], "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
    values.count: {"type": "integer", "minimum": 1, "maximum": 20},
    values.seconds: {"type": "string", "pattern": r"^[0-9.]+ ?(ms|s)$"},
    values.minutes: {"type": "string", "pattern": r"^[0-9.]+ ?(s|min)$"},
    values.flag: {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", *spanish.FLAGS, "sí"]}]},
    commands.environment: NAMES,
    commands.files: NAMES,
    commands.typed: {"anyOf": [TEXT, NAMES]},
    commands.host: TEXT,
    amounts.points: NUMBER,
    amounts.memory: {"type": "string", "pattern": r"^[0-9]+ ?(MB|GB)$"},
    amounts.processes: {"type": "integer", "minimum": 8, "maximum": 4096},
    amounts.files: {"type": "integer", "minimum": 16, "maximum": 4096},
    amounts.line: {"type": "integer", "minimum": 2, "maximum": amounts.LONGEST_LINE},
    amounts.gate: {
        "anyOf": [{"type": "boolean"}, {"type": "integer", "minimum": 0}, {"enum": ["yes", "no", "sí", "si"]}]
    },
    amounts.tiers: {
        "type": "object",
        "propertyNames": {"pattern": r"^[0-9.]+ ?(ms|s|x)$"},
        "additionalProperties": NUMBER,
    },
}
"""What the plain readers take."""

LISTS: Mapping[str, Keys] = {
    "checks": tables.CHECK, "groups": tables.GROUP, "manual": tables.MANUAL, "milestones": tables.MILESTONE,
}  # fmt: skip
MAPS: Mapping[str, Keys] = {"protocol": tables.PROTOCOL, "dialect": tables.DIALECT, "defaults": tables.DEFAULTS}
SPOKEN: Schema = {
    "anyOf": [
        {"enum": ["discover", *spanish.of(["discover"], spanish.VALUES)]},
        {"type": "object", "required": ["say"]},
    ]
}
DISCOVERED: Schema = {"anyOf": [{"properties": {key: SPOKEN}, "required": [key]} for key in ("dialect", "dialecto")]}
"""A spec for servers with a protocol of their own, for which there is no reference."""
SERVERS: Schema = {"anyOf": [TEXT, {"type": "array"}]}
READ_LATER: Mapping[str, Schema] = {
    "title": WORDS,
    "extends": BLOCK,
    "include": TEXTS,
    "words": NAMES,
    "types": ANY_MAP,
    "messages": ANY_MAP,
    "framing": {"type": ["string", "object"]},
    "acknowledge": {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
    "join": BLOCK,
    "play": BLOCK,
    "clients": TEXTS,
    "each": {"type": "array", "items": {"anyOf": [TEXT, NAMES]}, "minItems": 1},
    "with": ANY_MAP,
    "good": SERVERS,
    "bad": SERVERS,
    **dict.fromkeys(tables.FORMS, BLOCK),
    "also": TEXTS,
    "commands": TEXTS,
}
"""Of the keys whose values are read only when more is known."""


def schema() -> Schema:
    """The whole schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A spec of socket-grader",
        **_map(tables.SPEC, instead=("extends", "include")),
    }


def _map(keys: Keys, instead: tuple[str, ...] = ()) -> Schema:
    """A map of keys. What it needs may be missing where one of `instead` brings it."""
    properties = {key: _value(key, reader) for key, reader in keys.readers.items()}
    folded = {
        f"^(?:{'|'.join(names)})$": properties[key]
        for key in properties
        if (names := [_any_spelling(word) for word, english in spanish.KEYS.items() if english == key])
    }
    needed = [
        {
            "anyOf": [
                *({"required": [w]} for w in (key, *spanish.of([key], spanish.KEYS), *_accented(key), *instead)),
                *([DISCOVERED] if key == "reference" else []),
            ]
        }
        for key in keys.required
    ]
    return {
        "type": "object",
        "properties": properties,
        **({"patternProperties": folded} if folded else {}),
        **({"allOf": needed} if needed else {}),
        "additionalProperties": False,
    }


def _value(key: str, reader: Reader) -> Schema:
    if reader is values.as_it_is:
        if key in LISTS:
            return {"type": "array", "items": _map(LISTS[key]), "minItems": 1}
        if key == "dialect":
            found_out = {"enum": ["discover", *spanish.of(["discover"], spanish.VALUES)]}
            return {"anyOf": [_map(MAPS[key]), _map(GIVEN), found_out]}
        return _map(MAPS[key]) if key in MAPS else READ_LATER[key]
    if reader in SIMPLE:
        return SIMPLE[reader]
    made = values.MADE_BY[reader]
    return MADE[made.name](made)


def _some(made: values.Made) -> Schema:
    one = _value("", made.inner) if made.inner is not None else TEXT
    return {"anyOf": [one, {"type": "array", "items": one}]}


def _named(made: values.Made) -> Schema:
    own = {name: _map(keys) for name, keys in (made.own or {}).items()}
    return {
        "type": "object",
        "properties": {word: one for name, one in own.items() for word in (name, *spanish.of([name], spanish.KEYS))},
        "additionalProperties": _map(made.keys) if made.keys is not None else ANY_MAP,
    }


MADE: Mapping[str, Callable[[values.Made], Schema]] = {
    "one_of": lambda made: {"enum": [*made.choices, *spanish.of(made.choices, spanish.VALUES)]},
    "some_of": _some,
    "template": lambda _made: TEXT,
    "named": _named,
    "logins": lambda _made: {"type": "object", "additionalProperties": TEXT},
    "nested": lambda made: _map(made.keys) if made.keys is not None else ANY_MAP,
}
"""What the readers take that are made for one key."""

_ACCENTS = {"a": "[aá]", "e": "[eé]", "i": "[ií]", "o": "[oó]", "u": "[uú]", "_": "[_ ]"}


def _any_spelling(word: str) -> str:
    """A pattern for a Spanish word, with its accents or without."""
    return "".join(_ACCENTS.get(letter, letter) for letter in word)


def _accented(key: str) -> list[str]:
    return {"title": ["título"]}.get(key, [])
