"""Functions of an instructor's: the file is run once in each process, and what is wrong with it is a grader problem."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.errors import HarnessError
from grader.model import Check

BROKE = "python-broke"
GIVEN: dict[str, Callable[[Any], object]] = {}
"""Functions that are here already, such as a test of pytest, by the name under which a check has them."""
_LOADED: dict[str, ModuleType] = {}


def function_of(check: Check) -> Callable[[Any], object]:
    """The function that a check names. Its file is run once in each process."""
    if check.python in GIVEN:
        return GIVEN[check.python]
    path, _, name = check.python.rpartition(":")
    if path not in _LOADED:
        spec = importlib.util.spec_from_file_location(f"grader_check_{len(_LOADED)}", path)
        if spec is None or spec.loader is None:
            raise HarnessError(BROKE, what=f"{Path(path).name} can't be read as Python")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise HarnessError(BROKE, what=f"{Path(path).name}: {type(error).__name__}: {error}") from error
        _LOADED[path] = module
    found: object = getattr(_LOADED[path], name, None)
    if not callable(found):
        raise HarnessError(BROKE, what=f"{Path(path).name} has no function {name}")
    return found
