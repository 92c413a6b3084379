"""`grade …`: what was asked for is looked at, and handed to whoever grades one submission, a class, or one on every save.

What can't be used is said in one sentence before anything starts.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from grader.cli.asked import Asked
from grader.cli.codes import GRADER_PROBLEM, USAGE
from grader.cli.formats import wished
from grader.cli.grade_one import graded
from grader.errors import HarnessError, SpecError, UsageError
from grader.model import Spec
from grader.registry import nearest


def grade_any(asked: Asked, locale_language: str) -> int:
    """Grade one submission or a class, write, print; returns the exit code."""
    from grader.course.choice import language_for
    from grader.course.members import is_class
    from grader.course.reference import child_process, dismiss
    from grader.words.sentences import Sentences

    child: subprocess.Popen[bytes] | None = None
    try:
        wished(asked.formats)
        folder = _folder(asked)
        if len(asked.submissions) == 1 and folder.is_dir() and not asked.watch:
            child = child_process()  # it takes as long to get ready as reading the spec does
        spec = _spec(asked, folder)
        language = language_for(spec, asked.lang, locale_language)
        say = Sentences(language)
        if is_class([Path(name) for name in asked.submissions], spec):
            from grader.cli.grade_class import grade_class, handed_in

            if asked.watch:
                raise UsageError("watch-one", path=asked.submission)
            if child is not None:
                dismiss(child)
                child = None
            return grade_class(asked, spec, handed_in(asked, spec), language, say)
        if asked.cluster:
            raise UsageError("cluster-for-a-class", path=asked.submission)
        if asked.watch:
            from grader.cli.watching import watch

            return watch(asked, folder, spec, language, say)
        return graded(asked, folder, spec, language, say, child or child_process()).code
    except UsageError as problem:
        say = Sentences(asked.lang or locale_language)
        print(say.say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
        return USAGE
    except SpecError as problem:
        from grader.words.complaints import in_language

        print(in_language(problem, asked.lang or locale_language), file=sys.stderr)
        return USAGE
    except HarnessError as problem:
        say = Sentences(asked.lang or locale_language)
        print(say.say(f"finding.{problem.code}.happened", **problem.facts), file=sys.stderr)
        return GRADER_PROBLEM
    finally:
        if child is not None:
            dismiss(child)


def _folder(asked: Asked) -> Path:
    """The submission's folder. Raises UsageError."""
    folder = Path(asked.submission)
    if not folder.exists():
        raise UsageError("usage-missing-folder", path=asked.submission)
    if not folder.is_dir() and not _archive(folder):
        raise UsageError("not-a-folder", path=asked.submission)
    return folder


def _archive(path: Path) -> bool:
    from grader.course.archives import is_archive

    return path.is_file() and is_archive(path)


def _spec(asked: Asked, folder: Path) -> Spec:
    """The spec, which has every check that is asked for. Raises UsageError or SpecError."""
    from grader.course.choice import spec_for
    from grader.spec.load import load

    spec = load(Path(asked.spec) if asked.spec else spec_for(folder))
    known = [c.id for c in spec.checks]
    for name in asked.only:
        if name not in known:
            raise UsageError(
                "unknown-check", name=name, **({"nearest": near} if (near := nearest(name, known)) else {})
            )
    return spec
