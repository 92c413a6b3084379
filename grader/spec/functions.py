"""Python that a spec names, looked for without running anything: the function of a check, a matcher, a framing.

    python: checks/primes.py:agrees_with_sieve        a check: the file is seen from the folder of the file that names it
    ana < <python checks/primes.py:is_prime>          a matcher, and a framing: seen from any folder of the spec

What is found is the text of the file. It travels with the spec, so the machine that grades need not have the file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.registry import nearest
from grader.spec.complaints import shown
from grader.spec.keys import Reading, Values
from grader.wire.doors import defined, taken_apart

LARGEST = 1 << 20
KINDS: Mapping[type[ast.AST], tuple[str, str]] = {
    ast.FunctionDef: ("function", "def {}(…)"),
    ast.ClassDef: ("class", "class {}(Framing)"),
}


@dataclass(frozen=True, slots=True)
class Lacking(Exception):
    """What is not there, and what to write instead."""

    message: str
    hint: str = ""


def look_up(said: str, folders: Iterable[Path], kind: type[ast.AST] = ast.FunctionDef) -> tuple[Path, str, str]:
    """The file, its text, and the name of what ``file.py:name`` names. Raises Lacking."""
    what, example = KINDS[kind]
    written, name = taken_apart(said)
    if not written:
        hint = "Write checks/primes.py:agrees_with_sieve." if kind is ast.FunctionDef else "Write framings.py:Stuffed."
        raise Lacking(f"`python` names a file and a {what}.", hint)
    found = ((folder / written).resolve() for folder in folders)
    path = next((path for path in found if _is_file(path)), None)
    if path is None:
        raise Lacking(f"There is no file {shown(written)}.", "It is looked for from the folder of the spec.")
    try:
        text = path.read_text(encoding="utf-8")[: LARGEST + 1]
        known = defined(text, kind)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise Lacking(f"{shown(written)} is no Python" + (f": line {line} can't be read." if line else ".")) from None
    if len(text) > LARGEST:
        raise Lacking(f"{shown(written)} is larger than {LARGEST >> 20} MB.")
    if name not in known:
        near = nearest(name[:60], known)
        hint = f"The nearest is {near!r}." if near else f"It stands at the left, as {example.format(name)}."
        raise Lacking(f"There is no {what} {shown(name)} in {shown(written)}.", hint)
    return path, text, name


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def read_function(reading: Reading, check: Values) -> tuple[str, str]:
    """The file and the function of a check, and the text of the file; nothing after a complaint or where it names none."""
    if "python" not in check.got:
        return "", ""
    place = check.place_of("python")
    if "each" in check.places:
        reading.complain(check.place_of("each"), "A check in Python has no `each`.", "Write the loop in the function.")
    try:
        path, text, name = look_up(check.get("python"), [Path(place.path).parent])
    except Lacking as lacking:
        reading.complain(place, lacking.message, lacking.hint)
        return "", ""
    return f"{path}:{name}", text
