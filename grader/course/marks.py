"""`marks.yaml`: the points that a person gives, for what no check can see.

    alice: {report: 12, style: 3.5}
    bob: {report: 10}

It lies among the results, where no student can write: beside the class page, or the folder of one submission. The keys are
the submissions and what stands under `manual:` in the spec. What is not given yet is a box on the page, and no sum counts it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from grader.errors import UsageError
from grader.model import Grade, Manual
from grader.registry import nearest

FILE = "marks.yaml"
LARGEST = 1 << 20
Marks = Mapping[str, Mapping[str, float]]


def marks_in(folder: Path, manual: Sequence[Manual], names: Collection[str] | None = None) -> Marks:
    """The marks in a folder of results, none where there is no such file.

    Raises UsageError for a mark that nobody can mean: of a submission that is not among `names`, where these are known,
    of something that the spec does not name, or of more points than there are.
    """
    path = folder / FILE
    try:
        with path.open("rb") as file:
            plain = yaml.safe_load(file.read(LARGEST).decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise UsageError("unreadable-file", path=str(path), why=problem.strerror) from problem
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        why = getattr(problem, "problem", None) or type(problem).__name__
        raise UsageError("bad-marks", path=str(path), why=why, line=mark.line + 1 if mark else None) from problem
    if plain is None:
        return {}
    if not isinstance(plain, dict) or not all(isinstance(one, dict) for one in plain.values()):
        raise UsageError("bad-marks", path=str(path))
    most = {one.id: one.points for one in manual}
    marks = {str(name): {str(key): value for key, value in own.items()} for name, own in plain.items()}
    for name, own in marks.items():
        if names is not None and name not in names:
            raise UsageError("unknown-marked", path=str(path), name=name, nearest=nearest(name, list(names)))
        for key, given in own.items():
            if key not in most:
                near = nearest(key, list(most))
                raise UsageError("unknown-mark", path=str(path), name=name, mark=key, nearest=near, known=[*most])
            number = isinstance(given, int | float) and not isinstance(given, bool)
            if given is not None and not (number and 0 <= given <= most[key]):
                raise UsageError(
                    "bad-mark", path=str(path), name=name, mark=key, given=str(given), most=_plain(most[key])
                )
    return {name: {k: round(float(v), 2) for k, v in own.items() if v is not None} for name, own in marks.items()}


def marked(grade: Grade, marks: Marks, place: str = "") -> Grade:
    """The grade with what a person has given; `place` is the folder of its results, which may have another name."""
    own = marks.get(grade.submission.name, marks.get(place, {}))
    return replace(grade, manual=tuple(replace(one, given=own.get(one.id)) for one in grade.manual))


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number
