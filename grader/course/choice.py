"""What is chosen when nobody says: the spec, the nearest `specs/` going up from a submission, and the language."""

from __future__ import annotations

from pathlib import Path

from grader.errors import UsageError
from grader.model import Spec
from grader.registry import nearest

USUAL, COURSE = "chat.yaml", "course.yaml"


def spec_for(submission: Path) -> Path:
    """The spec that `specs/course.yaml` names, else `specs/chat.yaml`, in the first folder with a `specs/` going up."""
    for folder in (submission.resolve(), *submission.resolve().parents):
        specs = folder / "specs"
        if not specs.is_dir():
            continue
        if (specs / COURSE).is_file():
            return specs / _named(specs / COURSE)
        if (specs / USUAL).is_file():
            return specs / USUAL
    raise UsageError("no-spec-found", path=str(submission))


def language_for(spec: Spec, asked: str | None, locale_language: str) -> str:
    """The language of a report: the one asked for, else the spec's own, else the reader's if the spec is in it too."""
    if asked:
        return asked
    return locale_language if not spec.languages or locale_language in spec.languages else spec.language


def _named(path: Path) -> str:
    import yaml

    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise UsageError("spec-unreadable", path=str(path), why=str(problem).splitlines()[0]) from problem
    name = read.get("spec") if isinstance(read, dict) else None
    if not isinstance(name, str) or "/" in name:
        raise UsageError("spec-unreadable", path=str(path), why="it needs a line such as `spec: chat.yaml`")
    if not (path.parent / name).is_file():
        others = [p.name for p in path.parent.glob("*.yaml") if p.name != COURSE]
        raise UsageError("spec-missing", path=str(path.parent / name), nearest=nearest(name, others) or "")
    return name
