"""How a submission is started: by its own `submission.yaml`, else by the spec's command, else in the way of what it is.

The spec's command names a file, such as `server.py`. A folder without that file is looked through for the usual ways of
building and starting a server (`ways.py`), where the spec lets it. The first way that finds something counts, unless
another way finds something too: where several programs could be the server, nobody guesses, and the person at the
keyboard is asked, once, with the line that would answer.
"""

from __future__ import annotations

import contextlib
import json
import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course.ways import SCRIPTS, WAYS, Program
from grader.errors import UsageError
from grader.model import Command
from grader.stage.staging import is_ours

LARGEST = 64 << 10
BUILDERS = ("Makefile", "Cargo.toml", "go.mod", "package.json")
OWN = "submission.yaml"
PYTHON, PYTHON_NAMED = re.compile(r"^python3?(?= )"), re.compile(r"(^|/)(python|pypy)[\d.]*$")


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
    """How to start the submission in `folder`.

    Raises UsageError where its `submission.yaml` can't be used, and where several programs could be meant.
    """
    own = folder / OWN
    if own.is_file() and spec_command.own_start:
        return Entry(_written(own, spec_command))
    words = shlex.split(spec_command.run)
    files = words[1:] if words and PYTHON_NAMED.search(words[0]) else words
    script = next((w for w in files if "." in w and "<" not in w and not w.startswith("-")), None)
    if script is None or (folder / script).is_file():
        return Entry(spec_command)
    if not spec_command.own_start:
        return Entry(None, (script,))
    arguments = words[words.index(script) + 1 :]
    found = _programs(folder)
    if len(found) > 1:
        lines = [_line(_command(program, arguments), program.build) for program in found]
        raise UsageError("which-server", path=str(folder), files=[program.file for program in found], lines=lines)
    if not found:
        return Entry(None, (script, *(n for n in SCRIPTS if n != script), OWN))
    run = _with_the_spec_s(_command(found[0], arguments), spec_command)
    return Entry(replace(spec_command, run=run, build=found[0].build or None))


def _programs(folder: Path) -> list[Program]:
    """The programs that could be the server. A Makefile and its like speak for all the sources beside them."""
    found = [(name, programs) for name, way in WAYS if (programs := _unbuilt(way(folder)))]
    own = [p for _, programs in found for p in programs if "/" not in p.file]
    if len(own) == 1 and own[0].file in SCRIPTS:
        return own  # it has the name of a server and stands in front: what lies in folders below is something else
    builders = [programs for name, programs in found if name in BUILDERS]
    scripts = [p for name, programs in found if programs[0].file.endswith(".py") for p in programs]
    if builders:
        return [*scripts, *(p for programs in builders for p in programs)]
    return [p for _, programs in found for p in programs]


def _unbuilt(programs: list[Program]) -> list[Program]:
    return list({program.run + (program.build or ""): program for program in programs}.values())


def _with_the_spec_s(run: str, spec_command: Command) -> str:
    """A command of Python's with the interpreter that the spec's own command names, such as `python3.12`."""
    asked = shlex.split(spec_command.run)[:1]
    return PYTHON.sub(lambda _: shlex.quote(asked[0]), run) if asked and PYTHON_NAMED.search(asked[0]) else run


def _command(program: Program, arguments: list[str]) -> str:
    """The program with the arguments of the spec's command; what starts with its own way keeps it."""
    return " ".join([program.run, *(a if "<" in a else shlex.quote(a) for a in arguments)])


def _line(run: str, build: str | None) -> str:
    """The line of a `submission.yaml` that names a program; quoted where YAML would read it as something else."""
    import yaml

    plain = f"run: {run}"
    with contextlib.suppress(yaml.YAMLError):
        if not build and yaml.safe_load(plain) == {"run": run}:
            return plain
    words = {"run": run, **({"build": build} if build else {})}
    return "{" + ", ".join(f"{key}: {json.dumps(word)}" for key, word in words.items()) + "}"


def looks_like_a_class(folder: Path, spec_command: Command) -> bool:
    """Whether a folder holds no server itself, but several folders that do: a class, not a submission."""
    if is_submission(folder, spec_command):
        return False
    inner = [path for path in sorted(folder.iterdir())[:50] if path.is_dir() and not is_ours(path)]
    return sum(find_quietly(path, spec_command) for path in inner) > 1


def find_quietly(folder: Path, spec_command: Command) -> bool:
    """Whether a folder has something that could be started."""
    return is_submission(folder, spec_command) or bool(_programs(folder))


def is_submission(folder: Path, spec_command: Command) -> bool:
    """Whether a file in the folder itself says that it is one."""
    words = shlex.split(spec_command.run)
    names = [OWN, *SCRIPTS, *BUILDERS, *(w for w in words if "." in w and "<" not in w)]
    return any((folder / name).is_file() for name in names)


def _written(path: Path, spec_command: Command) -> Command:
    import yaml

    try:
        text = path.read_bytes()[:LARGEST].decode("utf-8")
        read = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise UsageError("bad-submission-yaml", path=str(path), why=str(problem).splitlines()[0]) from problem
    if (
        not isinstance(read, dict)
        or not isinstance(read.get("run"), str)
        or not set(read) <= {"run", "build", "dialect"}
    ):
        raise UsageError("bad-submission-yaml", path=str(path), why="it needs a line `run: …`, and may have `build: …`")
    built = read.get("build")
    run = _with_the_spec_s(read["run"], spec_command)
    return replace(spec_command, run=run, build=str(built) if built is not None else None)
