"""`grade dialect submissions/alice`: how a server talks, found out and printed as YAML, with what it was seen from."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.codes import GRADED, GRADER_PROBLEM, USAGE
from grader.errors import HarnessError, SpecError, UsageError
from grader.words.plain import printable

CORRECTED = frozenset({"instead-keeps", "instead-refuses", "instead-encrypted"})
"""What may be a chat all the same, of a kind that was not tried: there is a dialect to start from, and to correct."""

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.words.sentences import Sentences


def print_dialect(submission: str, seed: int | None, language: str) -> int:
    """Learn and print. What is no chat is said in a sentence; exit code 0 then, too: that is the answer."""
    from grader.words.sentences import Sentences

    say = Sentences(language)
    try:
        folder = Path(submission)
        if not folder.is_dir():
            raise UsageError("not-a-folder" if folder.exists() else "usage-missing-folder", path=submission)
        return _learned(folder, seed if seed is not None else random.SystemRandom().randrange(2**31), say)
    except UsageError as problem:
        print(say.say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
        return USAGE
    except SpecError as problem:
        from grader.words.complaints import in_language

        print(in_language(problem, language), file=sys.stderr)
        return USAGE
    except HarnessError as problem:
        print(say.say(f"finding.{problem.code}.happened", **problem.facts), file=sys.stderr)
        return GRADER_PROBLEM


def _learned(folder: Path, seed: int, say: Sentences) -> int:
    from grader.course import entry, learning
    from grader.course.circumstances import chosen
    from grader.course.dialect_file import happened, written
    from grader.model import ANYWHERE, Command
    from grader.stage import staging
    from grader.stage.build import build

    found = entry.find(folder, Command("python3 server.py <port>", any_port=True, host=ANYWHERE))
    if found.command is None:
        raise UsageError("no-server-here", path=str(folder), looked_for=list(found.looked_for))
    rung = chosen(None, None).rung
    staged, _ = staging.stage(folder)
    try:
        if found.command.build:
            made = build(found.command.build, rung, staged)
            if made.status:
                facts = {"command": made.command, "status": made.status}
                print(say.say("finding.build-failed.happened", **facts), file=sys.stderr)
                print(made.log, file=sys.stderr)
                return GRADED
        learned, instead = learning.learn(staged, rung, found.command, seed)
    finally:
        staging.remove(staged)
    lines = []
    if instead is not None:
        lines += [say.of_finding(instead.code, part, instead.facts) for part in ("one", "happened", "where")]
        lines += happened(instead.events)
        if instead.code not in CORRECTED:
            _print_comments(lines)
            return GRADED
        lines.append(say.say("cli.learned-none"))
    else:
        lines.append(say.say(f"cli.learned-{learned.confidence}", starts=learned.starts, seconds=learned.seconds))
    _print_comments([*lines, say.say("cli.learned-paste")])
    print(written(learned, found.command.run, found.command.build), end="")
    return GRADED


def _print_comments(lines: Iterable[str]) -> None:
    for line in filter(None, lines):
        print(f"# {printable(line)}")
