"""How a submission is started: by its own `submission.yaml`, else by the spec's command.

The spec's command names a file, such as `server.py`. A folder without that file is given the benefit of the usual names
before it counts as a folder without a server.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.model import Command

USUAL = ("server.py", "servidor.py", "chat_server.py", "main.py")
LARGEST = 64 << 10


@dataclass(frozen=True, slots=True)
class Entry:
    """The command to start a server with, or, where there is none, the names that were looked for."""

    command: Command | None
    looked_for: tuple[str, ...] = ()

    @property
    def argv(self) -> list[str]:
        """The command's words; ``<port>`` still stands where the port goes."""
        return shlex.split(self.command.run) if self.command else []


def find(folder: Path, spec_command: Command) -> Entry:
    """How to start the submission in `folder`. Raises UsageError where its `submission.yaml` can't be used."""
    own = folder / "submission.yaml"
    if own.is_file():
        return Entry(_written(own))
    words = shlex.split(spec_command.run)
    script = next((w for w in words if "." in w and "<" not in w), None)
    if script is None or (folder / script).is_file():
        return Entry(spec_command)
    there = [name for name in USUAL if name != script and (folder / name).is_file()]
    if len(there) == 1:
        return Entry(Command(spec_command.run.replace(script, there[0]), spec_command.build))
    return Entry(None, (script, *(n for n in USUAL if n != script), "submission.yaml"))


def looks_like_a_class(folder: Path, spec_command: Command) -> bool:
    """Whether a folder holds no server itself, but several folders that do: a class, not a submission."""
    if find_quietly(folder, spec_command):
        return False
    return sum(find_quietly(inner, spec_command) for inner in sorted(folder.iterdir())[:50] if inner.is_dir()) > 1


def find_quietly(folder: Path, spec_command: Command) -> bool:
    """Whether a folder has something that could be started."""
    return (folder / "submission.yaml").is_file() or find(folder, spec_command).command is not None


def _written(path: Path) -> Command:
    import yaml

    try:
        text = path.read_bytes()[:LARGEST].decode("utf-8")
        read = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise UsageError("bad-submission-yaml", path=str(path), why=str(problem).splitlines()[0]) from problem
    if not isinstance(read, dict) or not isinstance(read.get("run"), str) or not set(read) <= {"run", "build"}:
        raise UsageError("bad-submission-yaml", path=str(path), why="it needs a line `run: …`, and may have `build: …`")
    built = read.get("build")
    return Command(read["run"], str(built) if built is not None else None)
