"""A small class for tests: a spec of three checks, the reference, and a handful of servers of known worth."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from grader.course.class_grading import ClassGrading, ClassWish, News
from grader.course.executor import Executor, Task
from grader.course.members import members
from grader.course.workers import Workers
from grader.model import Cohort
from grader.spec.load import load

REFERENCE = Path(__file__).parent.parent / "reference"
SPEC = """
title: A small chat
server: {run: "python3 server.py <port>"}
reference: {folder: reference, run: "python3 chat_server.py <port>"}
dialect:
  words: {name: "[A-Za-z0-9_]{1,20}"}
  welcome: welcome <name>
  joined: "* <name> joined"
  heard: "<name>: <text>"
  left: "* <name> left"
  also: ["* here: <*>", "unknown: <*>", "refused: <*>", "name?"]
  commands: ["/<*>"]
clients:
  any:
    join: |
      me < name?
      me > <me>
      me < welcome <me>
checks:
  - id: starts
    title: It starts
    points: 20
    play: |
      server (listens)
  - id: broadcast
    title: Everybody hears it
    points: 50
    needs: starts
    clients: [ana, beto]
    play: |
      ana > hola
      beto < ana: hola
  - id: no-echo
    title: Nobody hears their own words
    points: 30
    needs: broadcast
    law: echo
    clients: [ana, beto]
    play: |
      ana > hola
      beto < ana: hola
      ana (nothing)
"""
ENDS = "import socket, sys\nprint('no, thank you')\nsys.exit(3)\n"
RIGHT, ECHOES, ENDED, EMPTY = "ana", "beto", "caro", "dani"
WORTH = {RIGHT: 100.0, ECHOES: 70.0, ENDED: 0.0, EMPTY: 0.0}


def laid_out(folder: Path, spec: str = SPEC) -> Path:
    """The spec, the reference and four submissions, in a folder; returns where the submissions are."""
    (folder / "reference").mkdir(parents=True)
    shutil.copy(REFERENCE / "chat_server.py", folder / "reference")
    (folder / "spec.yaml").write_text(spec, encoding="utf-8")
    handed_in = folder / "submissions"
    for name, source in (
        (RIGHT, (REFERENCE / "chat_server.py").read_text(encoding="utf-8")),
        (ECHOES, (REFERENCE / "mutants" / "echo.py").read_text(encoding="utf-8")),
        (ENDED, ENDS),
    ):
        (handed_in / name).mkdir(parents=True)
        (handed_in / name / "server.py").write_text(source, encoding="utf-8")
    (handed_in / EMPTY).mkdir()
    (handed_in / EMPTY / "notes.txt").write_text("I had no time", encoding="utf-8")
    return handed_in


def graded(
    folder: Path, *, only: Sequence[str] = (), again: bool = False, executor: Executor | None = None,
    heard: list[News] | None = None, seconds: float = 120.0,
) -> Cohort:  # fmt: skip
    """The class in a folder graded, as the command does it."""
    spec = load(folder / "spec.yaml")
    task = Task(spec, 7, "en", seconds=seconds)
    news = heard if heard is not None else []
    wish = ClassWish(folder / "reports", tuple(only), again)
    return ClassGrading(task, members([folder / "submissions"], spec), wish, executor or Workers(2), news.append).run()


def outcomes(cohort: Cohort) -> dict[str, list[str | None]]:
    """How each check ended, of each submission."""
    return {m.place: [v.outcome.value if v.outcome else None for v in m.grade.verdicts] for m in cohort.members}


def kept(cohort: Cohort) -> set[str]:
    """The places whose grades an earlier run had made."""
    return {m.place for m in cohort.members if m.kept}
