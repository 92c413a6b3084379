"""The doors for an instructor's Python: what a spec names in a file, made of the text that travels with the spec.

    python: checks/primes.py:agrees_with_sieve             a check      (`conduct/python_check.py`)
    ana < <python checks/primes.py:is_prime>               a matcher    (`wire/demands.py`)
    framing: {python: framings.py:Stuffed}                 a framing    (`wire/framings/python.py`)

A file is run once in each process, from its text: the machine that grades need not have the file. It runs in the grader,
with all that the grader may do. What goes wrong in it is the instructor's fault, never a student's: a grader problem that
names file and line.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
import traceback
from collections.abc import Mapping
from importlib.abc import SourceLoader
from types import ModuleType

from grader.errors import HarnessError

BROKE = "python-broke"
_LOADED: dict[tuple[str, str], ModuleType] = {}


class _Told(SourceLoader):
    """Loads a module from a text; tracebacks show its lines, wherever they are made."""

    def __init__(self, path: str, source: str) -> None:
        self._path = path
        self._source = source

    def get_filename(self, fullname: str) -> str:
        """The name of the file, as it stands in tracebacks."""
        return self._path

    def get_data(self, path: str | bytes) -> bytes:
        """The text of the file."""
        return self._source.encode("utf-8", "surrogateescape")


def source_key(path: str) -> str:
    """The name under which the text of a file of Python is known among words. No word has it: there is a space in it."""
    return f"python {path}"


def sources(python: Mapping[str, str]) -> dict[str, str]:
    """The texts of files by the names under which words have them."""
    return {source_key(path): source for path, source in python.items()}


def taken_apart(said: str) -> tuple[str, str]:
    """The file and the name of ``checks/primes.py:is_prime``; both empty where it is not written so."""
    path, _, name = said.rpartition(":")
    return (path.strip(), name) if path.strip() and name.isidentifier() else ("", "")


def defined(source: str, kind: type[ast.AST]) -> list[str]:
    """The functions, or the classes, that stand at the left of a text. Nothing is run. Raises SyntaxError or ValueError."""
    return [node.name for node in ast.parse(source).body if isinstance(node, kind) and hasattr(node, "name")]


def named(path: str, source: str, name: str) -> object:
    """What has this name in a file of this text. Raises HarnessError."""
    if (path, source) not in _LOADED:
        spec = importlib.util.spec_from_loader(f"grader_door_{len(_LOADED)}", _Told(path, source), origin=path)
        if spec is None:
            raise HarnessError(BROKE, what=f"{path} can't be read as Python")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        try:
            _Told(path, source).exec_module(module)
        except Exception as error:
            raise HarnessError(BROKE, what=told(error)) from error
        _LOADED[path, source] = module
    found: object = getattr(_LOADED[path, source], name, None)
    if not callable(found):
        raise HarnessError(BROKE, what=f"{_short(path)} has no {name} that can be called")
    return found


def told(error: BaseException) -> str:
    """An error of an instructor's Python in words: what it is, and in which line of which file it came up.

    The line is the innermost of theirs, if there is one: a mistake in a call shows there, not in what was called.
    """
    if isinstance(error, HarnessError):
        return str(error.facts.get("what", error.code))
    paths = {path for path, _ in _LOADED}
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename in paths] or list(frames)
    where = f" ({_short(own[-1].filename)}, line {own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {error}{where}"


def _short(path: str) -> str:
    return path.rpartition("/")[2]
