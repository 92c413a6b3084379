"""`grade serve`: the reference server, on this machine, for trying clients and servers against."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from grader.cli.codes import USAGE
from grader.errors import SpecError, UsageError


def serve_reference(port: int, spec: str | None, language: str) -> int:
    """Become the reference server; comes back only if that is not possible."""
    from grader.course.choice import spec_for
    from grader.spec.load import load
    from grader.words.sentences import Sentences

    say = Sentences(language)
    try:
        loaded = load(Path(spec) if spec else spec_for(Path.cwd()))
    except UsageError as problem:
        print(say.say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
        return USAGE
    except SpecError as problem:
        from grader.words.complaints import in_language

        print(in_language(problem, language), file=sys.stderr)
        return USAGE
    print(say.say("cli.serving", port=port), flush=True)
    argv = [word.replace("<port>", str(port)) for word in shlex.split(loaded.reference.run)]
    if argv[0] in ("python", "python3"):
        argv[0] = sys.executable
    os.chdir(loaded.reference_folder)
    return os.execvp(argv[0], argv)  # noqa: S606 - it takes our place, so that Ctrl-C reaches it alone
