"""An error that was caught without a word, as the source proves it: it kept the server from opening its port.

That a program caught an error is seen when it is started once more (`conduct.witness`). It explains a port that never
opened only if the lines that the error cut off, or the line at which it came up, would have opened it, and if whatever
caught it says nothing: a handler that prints has told the student already.
"""

from __future__ import annotations

import ast
from pathlib import Path

from grader.conduct.witness import Caught
from grader.course.spots import inside, spot
from grader.model import SourceSpot

OPENING = {"bind", "listen", "accept", "create_server", "start_server", "serve_forever", "socket", "TCPServer"}
SILENT = {"exit", "_exit", "close", "quit", "shutdown", "sleep", "wait", "Event", "set"}
"""Calls with which a handler says nothing."""


def swallowed(caught: Caught | None, folder: Path) -> tuple[SourceSpot, ...]:
    """Where the error came up (`says` names it), and the line that caught it; empty if it was not swallowed."""
    if caught is None:
        return ()
    arose, handled = inside(caught.file, folder), inside(caught.caught_in, folder)
    if arose is None or handled is None:
        return ()
    try:
        tree = ast.parse(handled.read_text(encoding="utf-8", errors="replace"))
    except (SyntaxError, ValueError):
        return ()
    handler = _handler(tree, caught.caught_at, opens=_opens_at(arose, caught.line))
    if handler is None:
        return ()
    says = f"{caught.type}: {caught.text}" if caught.text else caught.type
    return spot(arose, caught.line, folder, says), spot(handled, handler.lineno, folder)


def _opens_at(path: Path, line: int) -> bool:
    """Whether the line itself was to open the port."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
    except (SyntaxError, ValueError):
        return False
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.lineno <= line <= (n.end_lineno or 0)]
    return any(_called(call) in OPENING for call in calls)


def _handler(tree: ast.AST, line: int, *, opens: bool) -> ast.ExceptHandler | None:
    """The one silent handler of the innermost `try` around a line, if that, or the line itself, would have opened a port."""
    around = [
        n for n in ast.walk(tree)
        if isinstance(n, ast.Try) and n.handlers and n.body[0].lineno <= line <= (n.body[-1].end_lineno or 0)
    ]  # fmt: skip
    if not around:
        return None
    innermost = max(around, key=lambda n: n.lineno)
    handler = innermost.handlers[0]
    opens = opens or any(_called(n) in OPENING for part in innermost.body for n in ast.walk(part))
    speaks = any(
        isinstance(n, ast.Raise) or (isinstance(n, ast.Call) and _called(n) not in SILENT) for n in ast.walk(handler)
    )
    return handler if len(innermost.handlers) == 1 and opens and not speaks else None


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
