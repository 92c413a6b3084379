"""A second start, outside the grade, of a Python server that never opened its port and printed no error.

An error that a program catches without a word leaves no trace from outside. Started once more with a tracer around it
(`tracer.py`), the program tells which errors came up in it. What is seen here explains a verdict that stands already; where
the program behaves differently the second time, nothing is said. The student's program could forge it, and would only
mislead its author.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePath

from grader.clients.record import Record
from grader.conduct.server_acts import ServerActs
from grader.conduct.waiting import Waiter
from grader.model import Kind
from grader.stage.box import Box


@dataclass(frozen=True, slots=True)
class Caught:
    """The last error that came up and was caught: where it arose and where it was caught, as the program names the file."""

    file: str
    line: int
    caught_in: str
    caught_at: int
    type: str
    text: str


def caught(box: Box, argv: Sequence[str], port: int) -> Caught | None:
    """The last error that a server caught before it came to rest without a port; None if it does not so, or is no Python."""
    script = next((i for i, word in enumerate(argv[1:], 1) if not word.startswith("-")), 0)
    if not PurePath(argv[0]).name.startswith("python") or not argv[script].endswith(".py"):
        return None
    token = secrets.token_hex(8)
    source = resources.files("grader.conduct").joinpath("tracer.py").read_text(encoding="utf-8")
    record = Record()
    acts = ServerActs(
        box, record, Waiter(record, {}, box.diag), [*argv[:script], "-c", source, token, *argv[script:]], port
    )
    try:
        listened = acts.start(step=None)
    finally:
        box.kill()
        acts.close()
        box.clear()
    printed = b"".join(e.data for e in record.events if e.kind is Kind.ERRORS).decode(errors="replace")
    said = [line.removeprefix(token) for line in printed.splitlines() if line.startswith(token)]
    aloud = [line for line in printed.splitlines() if line.strip() and not line.startswith(token)]
    return None if listened or aloud else _last(said)


def _last(said: list[str]) -> Caught | None:
    try:
        passed = [json.loads(line) for line in said]
        last = [at for at in passed if at["error"] == passed[-1]["error"] and at["type"] == passed[-1]["type"]]
        first, out = last[0], last[-1]
        return Caught(first["file"], first["line"], out["file"], out["line"], out["type"], out["text"])
    except (ValueError, KeyError, TypeError, IndexError):
        return None
