"""`python: checks/primes.py:agrees_with_sieve`: the function of a check, looked for without running anything."""

from __future__ import annotations

import ast
from pathlib import Path

from grader.spec.complaints import shown
from grader.spec.keys import Reading, Values


def read_function(reading: Reading, check: Values) -> str:
    """The file and the function that a check names, or nothing after a complaint or where it names none."""
    if "python" not in check.got:
        return ""
    place = check.place_of("python")
    said, _, name = check.get("python").rpartition(":")
    if "each" in check.places:
        reading.complain(check.place_of("each"), "A check in Python has no `each`.", "Write the loop in the function.")
    if not said or not name.isidentifier():
        reading.complain(place, "`python` names a file and a function.", "Write checks/primes.py:agrees_with_sieve.")
        return ""
    path = (Path(place.path).parent / said).resolve()
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except OSError:
        reading.complain(place, f"There is no file {shown(said)}.", "It is looked for from the folder of the spec.")
        return ""
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        reading.complain(place, f"{shown(said)} is no Python" + (f": line {line} can't be read." if line else "."))
        return ""
    known = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    if name not in known:
        message = f"There is no function {shown(name)} in {shown(said)}."
        reading.complaints.unknown(place, message, name, known, "It stands at the left, as def name(stage).")
    return f"{path}:{name}"
