"""Runs a Python server once more and says which errors it caught: run as ``python -c SOURCE TOKEN SCRIPT ARGUMENTS…``.

It stands alone, like the agent: it is handed to the interpreter inside the sandbox, imports nothing of ours, and becomes
the server. Each error that comes up in a file of the student's is written to standard error, with each line that it passes
through on its way out, so that the last of these is the line where it was caught.
"""

import json
import os
import sys
import threading
from types import FrameType
from typing import Any

_TOKEN, _SCRIPT = sys.argv[1:3]
_HERE = os.getcwd() + os.sep
_ORDINARY = (StopIteration, StopAsyncIteration)
_write = os.write


def _own(file: str) -> bool:
    return file == _SCRIPT or file.startswith(_HERE)


def _trace(frame: FrameType, event: str, argument: Any) -> Any:
    if not _own(frame.f_code.co_filename):
        return None
    if event == "exception" and issubclass(argument[0], Exception) and not issubclass(argument[0], _ORDINARY):
        said = {
            "error": id(argument[1]),
            "file": frame.f_code.co_filename,
            "line": frame.f_lineno,
            "type": argument[0].__name__,
            "text": str(argument[1])[:200],
        }
        _write(2, ("\n" + _TOKEN + json.dumps(said) + "\n").encode("utf-8", "backslashreplace"))
    return _trace


sys.argv[:] = sys.argv[2:]
sys.path[0] = os.path.dirname(_SCRIPT)
_code = compile(open(_SCRIPT, "rb").read(), _SCRIPT, "exec")  # noqa: SIM115
sys.modules["__main__"].__dict__.update({"__file__": _SCRIPT})
threading.settrace(_trace)
sys.settrace(_trace)
exec(_code, sys.modules["__main__"].__dict__)  # noqa: S102 - this is what running a script means
