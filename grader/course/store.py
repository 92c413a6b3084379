"""What is kept of a grading: files that are written whole or not at all, and verdicts of an earlier run that still hold."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from grader.course.causes import causes
from grader.errors import UsageError
from grader.model import Grade
from grader.stage.staging import MARK, MARKED, is_ours


def mark(out: Path) -> None:
    """Have a folder of results be known as one of ours."""
    if not is_ours(out):
        write(out / MARK, MARKED)


def write(path: Path, text: str) -> None:
    """Write a text as a file: see `write_bytes`."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a power cut, meets the old one or the new one, never a half."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as problem:
        raise UsageError("cannot-write", path=str(path.parent), why=problem.strerror) from problem
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def sweep(folder: Path) -> None:
    """Remove what a power cut left of files that were being written there. Nobody else may be writing."""
    for ending in (".json", ".html"):
        for half in folder.glob(f".*{ending}.*"):
            half.unlink(missing_ok=True)


def merged(new: Grade, old: Grade | None, only: Collection[str]) -> Grade:
    """The new verdicts of the checks in `only`, the old ones of the others, if nothing but time lies between the two."""
    same = old is not None and (old.submission.digest, old.spec_digest) == (new.submission.digest, new.spec_digest)
    if old is None or not same or not only:
        return new
    kept = {v.check.id: v for v in old.verdicts}
    verdicts = tuple(v if v.check.id in only else kept.get(v.check.id, v) for v in new.verdicts)
    complete = all(v.outcome is not None for v in verdicts)
    return replace(new, verdicts=verdicts, causes=causes(verdicts), complete=complete)
