"""What is said about the mistakes of a spec, in the language of its reader.

The complaints are made in English, where the mistakes are found. In Spanish each is the sentence that stands below it in
`complaints.es.yaml`; what has none stays English, for a complaint is worth more than its language.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib.resources import files

import yaml

from grader.errors import Complaint, SpecError

SLOT = "{}"
_AND_OR = {" and ": " y ", " or ": " o "}


def in_language(problem: SpecError, language: str) -> str:
    """Every complaint, one below the other."""
    if language != "es":
        return str(problem)
    return "\n".join(str(_spanish(complaint)) for complaint in problem.complaints)


def spanish(said: str) -> str | None:
    """The sentence in Spanish; None where there is none."""
    for pattern, there in _sentences():
        if found := pattern.fullmatch(said):
            parts = there.split(SLOT)
            filled = (f"{_listed(slot)}{rest}" for slot, rest in zip(found.groups(), parts[1:], strict=True))
            return parts[0] + "".join(filled)
    return None


def pairs() -> list[tuple[str, str]]:
    """Each sentence in English and in Spanish."""
    text = files("grader.words").joinpath("complaints.es.yaml").read_text(encoding="utf-8")
    lines = yaml.safe_load(text)["said"].splitlines()
    return list(zip(lines[::2], lines[1::2], strict=True))


@cache
def _sentences() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile("(.*?)".join(map(re.escape, said.split(SLOT))), re.DOTALL), there) for said, there in pairs()]


def _spanish(complaint: Complaint) -> Complaint:
    hint = complaint.hint and (spanish(complaint.hint) or complaint.hint)
    return replace(complaint, message=spanish(complaint.message) or complaint.message, hint=hint)


def _listed(slot: str) -> str:
    """A list of words that the loader joined; what stands in quotes is the instructor's own."""
    if slot[:1] in "'\"":
        return slot
    for there, here in _AND_OR.items():
        before, joint, after = slot.rpartition(there)
        slot = f"{before}{here}{after}" if joint and " " not in after else slot
    return slot
