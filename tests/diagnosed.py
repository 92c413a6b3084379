"""A server put through checks of the course's chat, and what is made of it: the causes, with their lines.

    diagnosed("server.py", source, "idle-client", …)    real boxes and clients, no reference: what is looked at is why

The verdicts are those of a grading, and so are the causes.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from conftest import rung_called
from needs import needs
from plays import SEED

from grader.course.attempts import attempt_until_clear, verdict
from grader.course.causes import causes
from grader.course.entry import Entry
from grader.course.subject import Subject
from grader.model import Cause, Check, Command, Spec, Verdict
from grader.spec.load import load
from grader.stage import staging

CHAT = Path(__file__).parent.parent / "specs" / "chat.yaml"
RUN = {
    ".py": (None, "python3 {name} <port>", ()),
    ".c": ("gcc -g -pthread -o server {name}", "./server <port>", ("gcc",)),
    ".java": ("javac {name}", "java -Xshare:auto -XX:TieredStopAtLevel=1 {stem} <port>", ("javac", "java")),
    ".js": (None, "node {name} <port>", ("node",)),
}
"""How a server is built and run, by the suffix of its file, and the programs that this takes."""


@cache
def chat_spec() -> Spec:
    """The course's spec."""
    return load(CHAT)


def verdicts(name: str, source: str, checks: Sequence[Check], spec: Spec) -> list[Verdict]:
    """The verdicts of some checks on a server, as a grading comes to them."""
    build, run, programs = RUN[Path(name).suffix]
    needs(*programs)
    places = {"name": name, "stem": Path(name).stem}
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ends:
        (Path(folder) / name).write_text(source, encoding="utf-8")
        staged, _ = staging.stage(Path(folder))
        ends.callback(staging.remove, staged)
        entry = Entry(Command(run.format(**places), build.format(**places) if build else None))
        subject = Subject(staged, spec, rung_called("full"), entry, "submission", SEED)
        ends.callback(subject.close)
        built = subject.build()
        assert built is None or built.status == 0, built.log
        made = []
        for check in checks:
            attempts = attempt_until_clear(check, lambda number, check=check: subject.attempt(check, number))
            made.append(verdict(check, attempts, None))
        return made


def diagnosed(name: str, source: str, *ids: str) -> tuple[Cause, ...]:
    """The causes behind the named checks of the course's spec."""
    spec = chat_spec()
    return causes(verdicts(name, source, [c for c in spec.checks if c.id in ids], spec))


def copied(folder: Path, target: Path) -> None:
    """A folder's files in another folder."""
    for path in folder.iterdir():
        if path.is_file():
            shutil.copy(path, target)
