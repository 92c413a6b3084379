"""Ready-made checks: plays that `ready_made.yaml` holds as data, written out with a course's own wording.

    use: crowd                      c1 (joins)
    with: {clients: 3}              c2 (joins)
                                    c3 (joins)
                                    c3 > hola a todos
                                    …

What comes out is the text of a play, read by the same grammar as one that was written by hand: a ready-made check can
do nothing that an instructor could not write, and its lines read the same in a report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from grader.model import Dialect

_FILE = Path(__file__).with_name("ready_made.yaml")
_FIELDS = re.compile(r"\\.|<(name|text)>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Setting:
    """A number that can be given under `with:`."""

    value: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """One entry of the file. `wording` names the forms of the dialect that it needs."""

    name: str
    about: str
    wording: tuple[str, ...]
    settings: Mapping[str, Setting]
    play: tuple[Any, ...]

    def write(self, given: Mapping[str, int], dialect: Dialect) -> str:
        """The play as text. `given` overrides the settings, and must be within their limits."""
        values: dict[str, Any] = {name: setting.value for name, setting in self.settings.items()} | dict(given)
        values["last"] = values["clients"] - 1
        forms = {name: _Worded(getattr(dialect, name)) for name in self.wording}
        return "\n".join(_write(self.play, values | forms))


@cache
def ready_made() -> Mapping[str, ReadyMade]:
    """All ready-made checks by name."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C
    return {
        name: ReadyMade(
            name=name,
            about=entry["about"],
            wording=tuple(entry["wording"]),
            settings={key: Setting(**setting) for key, setting in entry["with"].items()},
            play=tuple(entry["play"]),
        )
        for name, entry in found.items()
    }


class _Worded:
    """A form of the dialect in a format string: `{heard:c7|hola}` is its template with these for name and text."""

    def __init__(self, form: str) -> None:
        self._form = form

    def __format__(self, spoken: str) -> str:
        name, _, text = spoken.partition("|")
        fields = {"name": name, "text": text}
        return _FIELDS.sub(lambda found: fields[found[1]] if found[1] else found[0], self._form)


def _write(play: tuple[Any, ...] | list[Any], values: Mapping[str, Any]) -> Iterator[str]:
    for entry in play:
        if isinstance(entry, str):
            yield entry.format_map(values)
            continue
        first, last = (int(str(end).format_map(values)) for end in entry["each"])
        for number in range(first, last + 1):
            yield from _write(entry["do"], {**values, "n": number, "before": number - 1})
