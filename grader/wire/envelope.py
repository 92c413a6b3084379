r"""What a client puts around its words where a student invented the protocol: an end, a length, or nothing.

    none       hola             newline    hola\n          header10   4         hola        u16   \0\x04hola

These are the framings of this room under one word each, so that a dialect that was learned names its own in one word.
Only what goes out needs them: what comes in is searched for the text itself, wherever it stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from grader.model import Protocol
from grader.wire.framings import framing
from grader.wire.parts import to_bytes

ENVELOPES: Mapping[str, Protocol] = {
    "none": Protocol("none"),
    "newline": Protocol("line"),
    "crlf": Protocol("line", {"line": "crlf"}),
    "nul": Protocol("nul"),
    "header10": Protocol("header", {"header": 10}),
    "header64": Protocol("header", {"header": 64}),
    "u16": Protocol("length", {"length": "u16"}),
    "u32": Protocol("length", {"length": "u32"}),
    "u32-little": Protocol("length", {"length": "u32", "order": "little"}),
}


def enclosed(kind: str, text: str) -> bytes:
    """A text as it goes over the wire in this envelope."""
    return framing(ENVELOPES[kind]).encode(to_bytes(text))


def filled(template: str, **values: str) -> str:
    """A template of a dialect with values for its placeholders; in one that is JSON they are written as JSON does."""
    for name, value in values.items():
        template = template.replace(f"<{name}>", as_json(value) if is_json(template) else value)
    return template


def is_json(template: str) -> bool:
    """Whether what a template makes is an object of JSON."""
    return template.startswith("{")


def as_json(value: str) -> str:
    """A text as it stands in a string of JSON; bytes that are no UTF-8 stay what they are."""
    plain = value.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in value)
    return json.dumps(value, ensure_ascii=plain)[1:-1]
