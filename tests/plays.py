r"""Plays and transcripts for tests: a spec around a few lines of play, and what happened written down by hand.

    case = chat("ana > hola\nbeto < ana: hola", "ana", "beto")        a check of the course's chat protocol, in a spec
    case.told("ana, beto (join)\nana > hola\nbeto < ana: hola")       a transcript of it, as if it had happened

The lines of a transcript look like those of a play. What travels is `ana > text` and `ana < text` (`>>` and `<<` with
escapes); what happens stands in parentheses, with its note behind it: `ana (server-closed)`, `server (waited) quiet`.
An event that performs a line of the play carries that line's step: the first line that is not told yet and does the same,
or the line that is quoted, as in `beto (gave-up) message @ beto < ana: hola`.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.judge.follow import Follow
from grader.judge.found import Judged
from grader.judge.happened import END
from grader.judge.order import EXPECTATIONS
from grader.judge.verdict import judge
from grader.model import Check, Event, Finding, Kind, Line, ServerFacts, Spec, Transcript, Verb
from grader.spec.load import load
from grader.wire.match import to_bytes

SEED, PORT = 7, 21_000
CHAT = {
    "words": {"name": "[A-Za-z0-9_]{1,20}"},
    "welcome": "welcome <name>",
    "joined": "* <name> joined",
    "heard": "<name>: <text>",
    "left": "* <name> left",
    "also": ["name?", "* <name> is away", "* <name> is back", "* here: <*>", "unknown: <*>", "refused: <*>"],
    "commands": ["/<*>"],
}
JOIN = "me < name?\nme > <me>\nme < welcome <me>"
OF_THE_SPEC = ("protocol", "messages", "types", "dialect", "clients")
DONE_BY = {
    Verb.SEND: Kind.SENT,
    Verb.SEND_RAW: Kind.SENT,
    Verb.CONNECTS: Kind.CONNECTED,
    Verb.LEAVES: Kind.CLOSED,
    Verb.HALF_CLOSES: Kind.HALF_CLOSED,
    Verb.CRASHES: Kind.CRASHED,
    Verb.FREEZES: Kind.FROZEN,
    Verb.THAWS: Kind.THAWED,
    Verb.NOTHING: Kind.WAITED,
    Verb.STILL_CONNECTED: Kind.WAITED,
    Verb.GETS: Kind.SIGNALLED,
}
"""The event that shows that a line of a play was performed; all others are `noted`."""


@dataclass(frozen=True)
class Case:
    """A check and the spec that it stands in."""

    check: Check
    spec: Spec

    def told(self, story: str, *, port: int = PORT) -> Transcript:
        """The transcript that `story` tells."""
        events = tuple(_events(story, self.check))
        facts = ServerFacts(("python3", "server.py", str(port)), port, port)
        return Transcript(self.check.id, "submission", SEED, events, self.check.play, facts)

    def judged(self, story: str) -> Judged:
        """What the judge makes of a story."""
        return judge(self.check, self.spec, self.told(story))

    def follow(self) -> Follow:
        """A follower that has seen nothing yet."""
        return Follow(self.check, self.spec, SEED)


def chat(play: str, *clients: str, carried: tuple[str, ...] = (), **keys: object) -> Case:
    """A check of the chat protocol; `carried` are laws that other checks of the spec carry."""
    case = _case(play, clients, {"dialect": CHAT, "clients": {"any": {"join": JOIN}}}, keys)
    return replace(case, spec=replace(case.spec, carried=case.spec.carried | set(carried)))


def relay(play: str, *clients: str, **keys: object) -> Case:
    """A check of the smallest protocol: what a client says goes to all others, and nobody joins.

    `protocol`, `messages` and `types` are those of the spec.
    """
    return _case(play, clients, {key: keys.pop(key) for key in OF_THE_SPEC if key in keys}, keys)


def _case(play: str, clients: tuple[str, ...], more: dict[str, object], keys: dict[str, object]) -> Case:
    check = {"id": "it", "points": 10, "clients": list(clients), "play": play, **keys}
    spec = {
        "title": {"en": "Test"},
        "server": {"run": "python3 server.py <port>"},
        "reference": {"folder": ".", "run": "python3 server.py <port>"},
        "checks": [check],
        **more,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.yaml"
        path.write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
        loaded = load(path)
    return Case(loaded.checks[0], loaded)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    """The codes of findings, in their order."""
    return [finding.code for finding in findings]


def heard(transcript: Transcript, who: str) -> list[bytes]:
    """What a client received, in order."""
    return [e.data for e in transcript.events if e.who == who and e.kind is Kind.RECEIVED]


# -- stories ----------------------------------------------------------------------------------------------------------


def _events(story: str, check: Check) -> Iterator[Event]:
    told: Counter[tuple[int, str]] = Counter()
    ended = False
    for t, (who, kind, data, tail) in enumerate(_happenings(story, check)):
        note, _, of_line = tail.partition(" @ ")
        ended = ended or note == END
        step = _named(check.play, of_line) if of_line else _next(check.play, who, kind, told)
        yield Event(t / 1000, who, kind, data, note, step)
    if not ended:
        yield Event(99.0, "server", Kind.NOTED, note=END)


def _happenings(story: str, check: Check) -> Iterator[tuple[str, Kind, bytes, str]]:
    for line in filter(None, map(str.strip, story.splitlines())):
        whole, mark, text = _split(line)
        names = [name.strip() for name in whole.split(",")]
        if mark == "(join)":
            yield from _joins(names, check)
            continue
        for who in names:
            if mark in (">", "<"):
                yield who, Kind.SENT if mark == ">" else Kind.RECEIVED, to_bytes(text) + b"\n", ""
            elif mark in (">>", "<<"):
                raw = text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1")
                yield who, Kind.SENT if mark == ">>" else Kind.RECEIVED, raw, ""
            else:
                yield who, Kind(mark[1:-1]), b"", text


def _split(line: str) -> tuple[str, str, str]:
    who, _, rest = line.partition(" ") if "," not in line.split(" ", 1)[0] else _after_names(line)
    mark = rest[: rest.index(")") + 1] if rest.startswith("(") else rest.split(" ", 1)[0]
    return who, mark, rest[len(mark) :].removeprefix(" ")


def _after_names(line: str) -> tuple[str, str, str]:
    words = line.split(" ")
    last = next(i for i, word in enumerate(words) if not word.endswith(","))
    return " ".join(words[: last + 1]), " ", " ".join(words[last + 1 :])


def _joins(names: list[str], check: Check) -> Iterator[tuple[str, Kind, bytes, str]]:
    here: list[str] = []
    for name in names:
        yield name, Kind.CONNECTED, b"", ""
        yield name, Kind.RECEIVED, b"name?\n", ""
        yield name, Kind.SENT, f"{name}\n".encode(), ""
        yield name, Kind.RECEIVED, f"welcome {name}\n".encode(), ""
        for other in here:
            yield other, Kind.RECEIVED, f"* {name} joined\n".encode(), ""
        here.append(name)
        if name in check.clients:
            yield "server", Kind.NOTED, b"", "settled"


def _named(play: tuple[Line, ...], text: str) -> int:
    return next(line.step for line in play if line.text == text)


def _next(play: tuple[Line, ...], who: str, kind: Kind, told: Counter[tuple[int, str]]) -> int | None:
    """The step of the first line of the play that this event performs and that no earlier event did."""
    for line in play:
        if who in line.who and _shows(line.verb) is kind and told[line.step, who] < line.times:
            told[line.step, who] += 1
            return line.step
    return None


def _shows(verb: Verb) -> Kind | None:
    return None if verb in EXPECTATIONS or verb is Verb.IS_DISCONNECTED else DONE_BY.get(verb, Kind.NOTED)
