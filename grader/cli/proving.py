"""`grade prove specs/chat.yaml`: from the arguments to the matrix of checks and servers.

Nothing is written unless a folder is named for it. On a terminal one line moves while servers are tried; elsewhere each
trial prints a line of its own, so that a log shows how far it came.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from grader.cli.codes import GRADED, GRADER_PROBLEM, INTERRUPTED, USAGE
from grader.errors import HarnessError, SpecError, UsageError
from grader.registry import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.proof import Trial
    from grader.model import Spec
    from grader.spec.proof import KnownServer
    from grader.words.sentences import Sentences

PROVED, NOT_PROVED = GRADED, GRADER_PROBLEM
ALL = "GRADER_ALL"
"""With 1 in this variable nothing may be left out: a machine that is meant to have every compiler says so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What stood on the command line."""

    spec: str
    only: tuple[str, ...]
    jobs: int | None
    runs: int
    out: str | None
    lang: str | None


def prove_spec(asked: Asked, locale_language: str) -> int:
    """Try every server, print the matrix; returns the exit code."""
    from grader.spec.load import load
    from grader.words.sentences import Sentences

    say = Sentences(asked.lang or locale_language)
    try:
        spec = load(Path(asked.spec))
        say = Sentences(asked.lang or spec.language or locale_language)
        return _proved(asked, spec, _servers(asked, spec), say)
    except UsageError as problem:
        key = f"cli.{problem.code}"
        print(say.say(key if say.has(key) else f"prove.{problem.code}", **problem.facts), file=sys.stderr)
        return USAGE
    except SpecError as problem:
        from grader.words.complaints import in_language

        print(in_language(problem, asked.lang or locale_language), file=sys.stderr)
        return USAGE
    except HarnessError as problem:
        print(say.say(f"finding.{problem.code}.happened", **problem.facts), file=sys.stderr)
        return NOT_PROVED


def _servers(asked: Asked, spec: Spec) -> tuple[KnownServer, ...]:
    """The reference and the servers of the spec, or those of them that are asked for."""
    from grader.spec.proof import known_servers

    if not spec.proof:
        raise UsageError("no-proof", path=asked.spec)
    servers = known_servers(spec)
    known = [server.name for server in servers]
    for name in asked.only:
        if name not in known:
            raise UsageError("unknown-server", name=name, nearest=nearest(name, known) or "")
    return tuple(server for server in servers if not asked.only or server.name in asked.only)


def _proved(asked: Asked, spec: Spec, servers: tuple[KnownServer, ...], say: Sentences) -> int:
    from grader.cli.matrix import ending, matrix, remarks
    from grader.course import store
    from grader.course.proof import Proof, as_json
    from grader.course.proving import Proving

    began = time.monotonic()
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    seeds = [random.SystemRandom().randrange(2**31) for _ in range(asked.runs)]
    workers = asked.jobs or len(os.sched_getaffinity(0))
    interrupted = False
    with _Live(console, say, spec.id, servers, len(servers) * asked.runs) as live:
        proving = Proving(spec, servers, seeds, workers, live.heard)
        try:
            proving.run()
        except KeyboardInterrupt:
            interrupted = True
    proof = Proof(spec, servers, tuple(proving.trials), not asked.only and not interrupted, os.environ.get(ALL) == "1")
    for line in (*matrix(proof, say), *remarks(proof, say)):
        console.print(line)
    if not interrupted:
        for line in ending(proof, say, time.monotonic() - began):
            console.print(line, style=_style(line))
    if asked.out:
        place = Path(asked.out) / "proof.json"
        store.write(place, json.dumps(as_json(proof), ensure_ascii=False, indent=1) + "\n")
        console.print(say.say("prove.written", path=str(place)))
    if interrupted:
        console.print(say.say("cli.interrupted"))
        return INTERRUPTED
    return NOT_PROVED if proof.faults else PROVED


def _style(line: str) -> str:
    return "red" if line.startswith("✗") else ""


class _Live:
    """A context in which `heard` may be called with each trial: a bar on a terminal, a line for each elsewhere."""

    def __init__(self, console: Console, say: Sentences, name: str, servers: Sequence[KnownServer], total: int) -> None:
        self._console = console
        self._say = say
        self._servers = {server.name: server for server in servers}
        self._total = total
        self._heard = 0
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("[dim]{task.fields[last]}"),
            console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._progress.add_task(say.say("prove.proving", name=name), total=total, last="")

    def heard(self, trial: Trial) -> None:
        """One more server was tried."""
        from grader.cli.matrix import row, surprising

        self._heard += 1
        self._progress.update(self._task, advance=1, last=trial.server)
        server = self._servers[trial.server]
        mark = "✗" if surprising(server, trial) and not trial.lacking else " "
        if not self._console.is_terminal:
            count = self._say.say("prove.tried", number=self._heard, of=self._total)
            self._console.print(f"{mark} {count}  {trial.server}  {row(server, [trial], self._say)}".rstrip())

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
        if not self._console.is_terminal:
            self._console.print()
