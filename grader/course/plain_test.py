"""One function played against a submission, outside any spec's checks: what a plain test of pytest is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.conduct.functions import GIVEN
from grader.course import entry as entries
from grader.course.choice import spec_for
from grader.course.subject import Subject
from grader.errors import UsageError
from grader.model import Check, Finding
from grader.spec.load import load
from grader.spec.proof import listed_paths
from grader.stage import sandbox, staging


class OneTest:
    """A submission, and the spec whose command and protocol it is tested by."""

    def __init__(self, submission: Path, spec: str | None, seed: int) -> None:
        self._folder, self._seed = submission, seed
        self._spec = load(Path(spec) if spec else spec_for(submission))

    def run(self, name: str, function: Callable[[Any], object]) -> tuple[Finding, ...]:
        """Play the function; what was found, or nothing. What the function raises comes through."""
        raised: list[BaseException] = []

        def kept(stage: Any) -> None:
            try:
                function(stage)
            except Exception as error:
                raised.append(error)
                raise

        GIVEN[name] = kept
        check = Check("test", {"en": name}, 1.0, python=name)
        entry = entries.find(self._folder, self._spec.server)
        if entry.command is None:
            raise UsageError("graded-nothing", path=str(self._folder))
        staged, _ = staging.stage(self._folder, listed_paths(self._spec))
        probe = staging.empty_staging()
        subject = None
        try:
            subject = Subject(staged, self._spec, sandbox.choose(probe).rung, entry, "submission", self._seed)
            subject.build()
            made = subject.attempt(check)
        except Exception:
            if raised:
                raise raised[0] from None
            raise
        finally:
            del GIVEN[name]
            if subject is not None:
                subject.close()
            staging.remove(probe)
            staging.remove(staged)
        if raised:
            raise raised[0]
        return made.findings
