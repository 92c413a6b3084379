"""The circumstances of a grading: which grader, on which machine, in which sandbox."""

from __future__ import annotations

import functools
import hashlib
import platform
from pathlib import Path

import grader
from grader.stage import sandbox, staging
from grader.stage.sandbox import Choice

ONLY_SHOW = ("cli", "report", "words")
"""Rooms whose code shows a grade and has no part in it."""


def chosen(rung: str | None, least_rung: str | None) -> Choice:
    """The sandbox of this machine. Raises UsageError or HarnessError where there is none such."""
    probe = staging.empty_staging()
    try:
        return sandbox.choose(probe, rung, least_rung)
    finally:
        staging.remove(probe)


def versions() -> dict[str, str]:
    """What a grading was done with."""
    return {
        "grade": grader.__version__,
        "code": code_digest(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "host": platform.node(),  # for staff; the student's view takes it out, wherever the server may have said it
    }


@functools.cache
def code_digest() -> str:
    """A digest of the code that comes to a verdict: whoever changes it has another grader, whatever its version is called."""
    top = Path(grader.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(p for p in top.rglob("*") if p.suffix in (".py", ".yaml")):
        inside = path.relative_to(top)
        if inside.parts[0] not in ONLY_SHOW:
            data = path.read_bytes()
            digest.update(f"{inside} {len(data)} ".encode() + data)
    return digest.hexdigest()[:12]
