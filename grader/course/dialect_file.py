r"""A dialect as YAML: what was learned of a server, printed so that a person can correct it, and read back.

    run: python3 server.py
    dialect:
      # zoraida > zoraida
      hello: ["<name>"]
      # zoraida > kw3x7q
      # quirino < zoraida: kw3x7q\n
      heard: "<name>: <text>\n"

Above each line stands what it was seen from. A submission whose `submission.yaml` has a `dialect` is taken at its word:
nothing is learned, and what is wrong in it shows in the checks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.model import Event, Kind, Learned
from grader.model.learned import WRITTEN
from grader.spec.given import LONGEST, PUTS_NAMES, READERS
from grader.wire.envelope import ENVELOPES
from grader.wire.parts import to_text

LARGEST, MOST_SHOWN, MOST_BYTES = 64 << 10, 6, 200
_UNSEEN = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""What would end a line of YAML, or can't be seen, and JSON lets pass: a server may send it to change what is printed."""
KEYS = tuple(READERS)
LISTS = ("hello", "announces")
SAID = {Kind.SENT: ">", Kind.RECEIVED: "<"}
DONE = {
    Kind.CONNECTED: "connects",
    Kind.CLOSED: "leaves",
    Kind.CRASHED: "crashes",
    Kind.SERVER_CLOSED: "is disconnected",
}


def written(learned: Learned, run: str = "", build: str | None = None) -> str:
    """The YAML of a dialect, with the transcript behind each line, and the command that starts the server if it is given."""
    lines = [f"{key}: {_plain(value)}" for key, value in (("run", run), ("build", build)) if value]
    lines.append("dialect:")
    otherwise = {f.name: f.default for f in fields(Learned)}
    for key in KEYS:
        value = getattr(learned, key)
        if key not in ("framing", "hello", "say", "heard") and (not value or value == otherwise[key]):
            continue
        lines += [f"  # {line}" for line in _behind(learned.proof, key)]
        lines.append(f"  {key}: {_plain(dict(value) if isinstance(value, Mapping) else value)}")
    return "\n".join(lines) + "\n"


def happened(events: Sequence[Event]) -> list[str]:
    """What was seen in an experiment, as a play writes it, from its beginning."""
    return list(_told([e for e in events if e.kind in SAID or e.kind in DONE]))


def _plain(value: Any) -> str:
    """A value as YAML in one line. JSON is YAML, and its escapes keep what can't be seen."""
    text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _behind(proof: Mapping[str, tuple[Event, ...]], key: str) -> Iterator[str]:
    """The events that a line was learned from, as a play writes them."""
    talk = [e for e in proof.get("say", ()) if e.kind in SAID or e.kind in DONE]
    comings = [at for at, e in enumerate(talk) if e.kind is Kind.CONNECTED]
    said = [at for at, e in enumerate(talk) if e.kind is Kind.SENT and b"kw" in e.data and b"x7q" in e.data]
    last = comings[-1] if comings else 0
    first = said[0] if said else len(talk)
    chosen: Sequence[Event] = ()
    if key == "asked":
        chosen = talk[: (comings[1] if len(comings) > 1 else first)][:2]
    elif key in ("hello", "joined"):
        chosen = talk[last:first]
    elif key == "say" and said:
        chosen = talk[said[-1] : said[-1] + 1]
    elif key in ("heard", "echo") and said:
        author = talk[said[-1]].who
        chosen = [e for e in talk[said[-1] + 1 :] if (e.who == author) == (key == "echo")]
    elif key in ("left", "announces"):
        for way in ("quit", "close", "reset"):
            yield from _told(_after_leaving(proof.get(way, ())))
        return
    elif key == "goodbye":
        chosen = _after_leaving(proof.get("quit", ()))
    yield from _told(chosen)


def _after_leaving(events: Sequence[Event]) -> Sequence[Event]:
    """What happened from the leave on: a client's own act, or the last that it said before it was let go."""
    shown = [e for e in events if e.kind in SAID or e.kind in DONE]
    leave = next((at for at, e in enumerate(shown) if e.kind in (Kind.CLOSED, Kind.CRASHED, Kind.SERVER_CLOSED)), None)
    if leave is None:
        return ()
    before = max((at for at, e in enumerate(shown[:leave]) if e.kind is Kind.SENT), default=leave)
    return shown[before if shown[leave].kind is Kind.SERVER_CLOSED else leave :]


def _told(events: Sequence[Event]) -> Iterator[str]:
    for event in events[:MOST_SHOWN]:
        if event.kind in SAID:
            text = _plain(to_text(event.data[:MOST_BYTES]))[1:-1].replace('\\"', '"')
            yield f"{event.who} {SAID[event.kind]} {text}"
        else:
            yield f"{event.who} ({DONE[event.kind]})"


def own_dialect(folder: Path) -> Learned | None:
    """The dialect that a submission says itself, in its `submission.yaml`. Raises UsageError where it can't be used."""
    import yaml

    path = folder / "submission.yaml"
    try:
        read = yaml.safe_load(path.read_bytes()[:LARGEST].decode("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise UsageError("bad-submission-yaml", path=str(path), why=str(problem).splitlines()[0]) from problem
    said = read.get("dialect") if isinstance(read, dict) else None
    if said is None:
        return None
    wrong = _wrong(said)
    if wrong:
        raise UsageError("bad-submission-yaml", path=str(path), why=wrong)
    values: dict[str, Any] = {key: tuple(value) if key in LISTS else value for key, value in said.items()}
    return Learned(WRITTEN, **values)


def _wrong(said: Any) -> str:
    """What is wrong with a dialect that somebody wrote; empty if nothing is."""
    if not isinstance(said, dict):
        return "`dialect` is a map of keys"
    for key, value in said.items():
        if key not in KEYS:
            return f"`dialect` has no key {key!r}; it has {', '.join(KEYS)}"
        texts = (
            list(value.values()) if key == "logins" and isinstance(value, dict) else value if key in LISTS else [value]
        )
        kind = bool if key == "echo" else str
        if not isinstance(texts, list) or not all(isinstance(t, kind) for t in texts):
            return f"`dialect.{key}` is not what belongs there"
        if any(len(str(t)) > LONGEST for t in texts):
            return f"`dialect.{key}` is too long"
    if said.get("framing", "none") not in ENVELOPES:
        return f"`dialect.framing` is one of {', '.join(ENVELOPES)}"
    if said.get("names", "server") not in PUTS_NAMES:
        return f"`dialect.names` is one of {', '.join(PUTS_NAMES)}"
    if "<text>" not in said.get("say", "<text>") or "<text>" not in said.get("heard", "<text>"):
        return "`dialect.say` and `dialect.heard` need <text>: what is said"
    return ""
