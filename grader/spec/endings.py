"""What may stand at the end of a line, set apart from its text by two spaces.

beto < ana: line <i>  20 times
x < heartbeat  within 400ms..700ms
x < heartbeat  3 times  within 400ms..700ms
"""

from __future__ import annotations

import re
from typing import NamedTuple

from grader.model import Place, Verb
from grader.spec import acts
from grader.spec.complaints import Complaints, Spot, shown

MOST_TIMES = 100_000
LONGEST_WITHIN = 60.0

_WITHIN = re.compile(r" {2,}(?P<what>(?:within|dentro de) +(?P<when>\S+))$")
_TIMES = re.compile(r" {2,}(?P<what>(?P<times>\d+) (?:times|veces))$")
_TIME = r"(?:(?P<{0}>\d{{1,6}}(?:\.\d{{1,3}})?)(?P<{0}_unit>ms|s))"
_WHEN = re.compile(rf"{_TIME.format('only')}|{_TIME.format('least')}?\.\.{_TIME.format('most')}?")


class Ending(NamedTuple):
    """The text of a line without its ending, and what the ending says."""

    text: str
    times: int = 1
    repeated: bool = False
    within: tuple[float, float | None] | None = None


def duration(said: str) -> float | None:
    """Seconds, of a time such as `400ms`; None where it is none."""
    found = _WHEN.fullmatch(said)
    return _seconds(found, "only") if found and found["only"] else None


def read_ending(text: str, verb: Verb, spot: Spot, complaints: Complaints) -> Ending:
    """Take the ending off a line's text, which begins at `spot`."""
    within: tuple[float, float | None] | None = None
    if found := _WITHIN.search(text):
        within = _within(found["when"], verb, spot.at(found.start("what")), complaints)
        text = text[: found.start()]
    found = _TIMES.search(text)
    if not found:
        return Ending(text, within=within)
    times = _times(found["times"], verb, spot.at(found.start("what")), complaints)
    return Ending(text[: found.start()], times, repeated=True, within=within)


def _times(digits: str, verb: Verb, place: Place, complaints: Complaints) -> int:
    times = int(digits[:9])
    if verb not in acts.REPEATED:
        hint = r"If it is text, write \s for one of the spaces."
        complaints.add(place, f"Only > and < lines can be repeated, not {verb.value}.", hint)
    elif not 1 <= times <= MOST_TIMES:
        complaints.add(place, f"{times} times is out of range.", f"1 to {MOST_TIMES} are possible.")
    return times


def _within(when: str, verb: Verb, place: Place, complaints: Complaints) -> tuple[float, float | None] | None:
    if verb not in acts.TIMED:
        hint = r"If it is text, write \s for one of the spaces."
        complaints.add(place, f"Only < and << lines can be timed, not {verb.value}.", hint)
        return None
    found = _WHEN.fullmatch(when)
    if not found or when == "..":
        complaints.add(place, f"{shown(when)} is no time.", "Write 2s, 400ms..700ms or 400ms.. (not before).")
        return None
    least = _seconds(found, "least") or 0.0
    most = _seconds(found, "only") if found["only"] else _seconds(found, "most")
    if (most or least) > LONGEST_WITHIN or (most is not None and most <= least):
        hint = f"The shorter time stands first, and {LONGEST_WITHIN:.0f}s is the longest."
        complaints.add(place, f"{shown(when)} is no time that can be waited for.", hint)
        return None
    return least, most


def _seconds(found: re.Match[str], name: str) -> float | None:
    return None if found[name] is None else float(found[name]) / (1000 if found[f"{name}_unit"] == "ms" else 1)
