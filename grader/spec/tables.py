"""The keys of a spec, as tables: what may stand where, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.spec import amounts, commands, values
from grader.spec.keys import Keys, Reader
from grader.spec.ready_made import ready_made

CONCEPTS = ("server", "client", "socket", "host", "port", "thread")

LAWS: Mapping[str, tuple[str, ...]] = {
    "echo": ("welcome", "heard"),
    "one-notice": ("welcome", "heard", "left"),
    "before-welcome": ("welcome", "heard"),
    "one-welcome": ("welcome", "heard"),
    "commands": ("welcome", "heard"),
    "line-end": (),
    "lost": ("welcome", "heard"),
    "doubled": ("welcome", "heard"),
    "torn": ("welcome", "heard"),
    "invented": ("welcome", "heard"),
    "order": ("welcome", "heard"),
    "total-order": ("welcome", "heard"),
    "sent-once": (),
}
"""The laws, each with the forms of the dialect without which nobody could say whether it is kept."""

WITHOUT_FORMS = frozenset({"doubled"})
"""The laws that are kept or broken whatever the dialect: what was said is looked for in the bytes."""

FORMS: Mapping[str, tuple[str, ...]] = {
    "welcome": ("name",),
    "joined": ("name",),
    "heard": ("name", "text"),
    "left": ("name",),
    "also": ("name", "text"),
    "commands": (),
}
"""The forms of a dialect and the placeholders that may stand in them, besides its words."""

START: Mapping[str, Reader] = {
    "run": values.text,
    "build": values.text,
    "env": commands.environment,
    "files": commands.files,
    "stdin": commands.typed,
    "port": values.text,
    "host": commands.host,
}
"""How a program is started, whoever wrote it."""

SERVER = Keys(
    "the server",
    {
        **START,
        "own_start": values.flag,
        "course": values.some_of(values.text),
        "life": values.one_of(("check", "submission"), "life of a server"),
    },
    ("run",),
)
PROGRAM = Keys(
    "the program",
    {
        **{key: START[key] for key in ("run", "build", "env", "files", "stdin")},
        "own_start": values.flag,
        "played_by": values.some_of(values.text),
    },
    ("run", "played_by"),
)
REFERENCE = Keys("the reference", {"folder": values.text, **START}, ("folder", "run"))
PROTOCOL = Keys(
    "the protocol",
    {
        "framing": values.as_it_is,
        "encoding": values.one_of(("utf-8",), "encoding that is supported"),
        "body": values.one_of(("text", "json"), "body of a message"),
        "order": values.one_of(("big", "little"), "order of bytes"),
        "transport": values.one_of(("tcp", "udp", "tls"), "transport"),
        "certificate": values.text,
        "replies": values.one_of(("same", "anywhere"), "way to answer"),
        "repeats": values.one_of(("count", "ignored"), "way to treat repetitions"),
        "acknowledge": values.as_it_is,
        "max_line": amounts.line,
    },
)
DIALECT = Keys("the dialect", {"words": values.as_it_is, **dict.fromkeys(FORMS, values.as_it_is)})
QUIET = Keys("`quiet`", {"horizon": values.seconds})
ROLE = Keys("a kind of client", {"join": values.as_it_is})
KIND = Keys(
    "another kind of client",
    {
        "played_by": values.some_of(values.text),
        "listens": values.flag,
        "carries": values.flag,
        "port": values.text,
        "protocol": values.as_it_is,
        "messages": values.as_it_is,
        "types": values.as_it_is,
    },
)
FURTHER = {key: START[key] for key in ("run", "env", "files", "stdin")}
MEMBER = Keys("a further program", {**FURTHER, "played_by": values.some_of(values.text)}, ("run",))
NEIGHBOUR = Keys("a further server", FURTHER, ("run",))
BAD = Keys("a bad server", {"server": values.text, "loses": values.some_of(values.text)}, ("server", "loses"))
PROOF = Keys("the proof", {"good": values.as_it_is, "bad": values.as_it_is})

OWN_LIMITS = Keys(
    "the `limits` of a check",
    {"memory": amounts.memory, "processes": amounts.processes, "files": amounts.files},
)
LIMITS = Keys("`limits`", {"run": values.minutes, **OWN_LIMITS.readers})
GROUP = Keys("a group", {"id": values.slug, "title": values.words, "points": amounts.points}, ("id",))
MANUAL = Keys(
    "a mark by hand",
    {"id": values.slug, "title": values.words, "points": amounts.points, "requirement": values.words},
    ("id", "points"),
)
MILESTONE = Keys(
    "a milestone",
    {"id": values.slug, "title": values.words, "checks": values.some_of(values.text)},
    ("id", "checks"),
)

SPEC = Keys(
    "a spec",
    {
        "extends": values.as_it_is,
        "include": values.as_it_is,
        "title": values.as_it_is,
        "language": values.text,
        "server": values.nested(SERVER),
        "program": values.nested(PROGRAM),
        "programs": values.named(MEMBER),
        "servers": values.named(NEIGHBOUR),
        "reference": values.nested(REFERENCE),
        "protocol": values.as_it_is,
        "types": values.as_it_is,
        "messages": values.as_it_is,
        "dialect": values.as_it_is,
        "clients": values.named(KIND, {"any": ROLE}),
        "quiet": values.nested(QUIET),
        "unsteady": values.one_of(("share", "nothing", "everything"), "way to count an unsteady check"),
        "words": values.as_it_is,
        "defaults": values.as_it_is,
        "limits": values.nested(LIMITS),
        "demands": values.some_of(values.text),
        "groups": values.as_it_is,
        "manual": values.as_it_is,
        "milestones": values.as_it_is,
        "checks": values.as_it_is,
        "proof": values.nested(PROOF),
    },
    ("title", "server", "reference", "checks"),
)

CHECK = Keys(
    "a check",
    {
        "id": values.slug,
        "title": values.words,
        "requirement": values.words,
        "why": values.words,
        "hint": values.words,
        "concept": values.one_of(CONCEPTS, "concept"),
        "points": amounts.points,
        "penalty": amounts.points,
        "tiers": amounts.tiers,
        "bonus": values.flag,
        "gate": amounts.gate,
        "group": values.text,
        "each": values.as_it_is,
        "needs": values.some_of(values.text),
        "law": values.some_of(values.one_of(LAWS, "law")),
        "race": values.flag,
        "attempts": values.count,
        "clients": values.as_it_is,
        "play": values.as_it_is,
        "python": values.text,
        "use": values.one_of(ready_made(), "ready-made check"),
        "with": values.as_it_is,
        "leftovers": values.one_of(("allowed",), "way to treat leftovers"),
        "ignore": values.some_of(values.template()),
        "same_as_reference": values.flag,
        "hidden": values.flag,
        "demand": values.slug,
        "limits": values.nested(OWN_LIMITS),
        "quiet": values.nested(QUIET),
    },
    ("id",),
)

DEFAULTS = Keys(
    "`defaults`",
    {
        key: CHECK.readers[key]
        for key in (
            "concept", "points", "group", "needs", "law", "race", "attempts", "clients", "leftovers", "ignore", "hidden",
        )
    },
)  # fmt: skip
"""What most checks may say alike."""


def of_spec(*, discover: bool) -> Keys:
    """The keys of a spec. Where each server has a protocol of its own, none can be the reference of all."""
    return replace(SPEC, required=("title", "server", "checks")) if discover else SPEC
