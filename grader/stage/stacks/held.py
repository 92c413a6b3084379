"""Which locks a thread holds, and which one it waits for, as the structure of the source proves it.

A thread whose line lies inside the block of `with lock:` holds `lock`; so does one that has passed `lock.acquire()` as an
earlier statement of the same block, without a `release()` since. One that stands at either of the two waits for it. That
the name is a lock's is not looked up: whoever asks knows that a thread waits for a lock, and looks for who holds one of
the same name.

Two names are the same lock if they are the same global, or the same attribute of the same object, whose address the stack
tells. Where it is not clear, nothing is said.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Lock = tuple[object, str]
"""What tells a lock from others, and how the source calls it."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True, slots=True)
class Scope:
    """A line in a source, and the addresses of the objects that local names stood for there."""

    source: str
    line: int
    local: Mapping[str, int]


def held(scope: Scope) -> Iterator[tuple[object, str, int]]:
    """The locks that are held at this line: what tells each from others, its name, and the line where it was taken."""
    for expression, line in _way_to(scope)[0]:
        if lock := _lock(expression, scope):
            yield *lock, line


def wanted(scope: Scope) -> Lock | None:
    """The lock that a thread at this line waits for, if the line takes one."""
    statement = _way_to(scope)[1]
    expression: ast.expr | None = None
    if isinstance(statement, ast.With | ast.AsyncWith) and len(statement.items) == 1:
        expression = statement.items[0].context_expr
    elif statement is not None and not isinstance(statement, ast.With | ast.AsyncWith):
        head = getattr(statement, "test", None) if hasattr(statement, "body") else statement
        calls = [n for n in ast.walk(head) if _is_call(n, "acquire")] if head is not None else []
        expression = calls[0].func.value if len(calls) == 1 else None  # type: ignore[attr-defined]
    return _lock(expression, scope) if expression is not None else None


def _way_to(scope: Scope) -> tuple[list[tuple[ast.expr, int]], ast.stmt | None]:
    """What has been taken on the way from the beginning of the function to the line, and the statement of the line."""
    function = _function(_tree(scope.source), scope.line)
    body = getattr(function, "body", None)
    return _down(body, scope.line, []) if isinstance(body, list) else ([], None)


def _down(
    block: list[ast.stmt], line: int, taken: list[tuple[ast.expr, int]]
) -> tuple[list[tuple[ast.expr, int]], ast.stmt | None]:
    for statement in block:
        if (statement.end_lineno or statement.lineno) < line:
            taken = _after(statement, taken)
            continue
        if statement.lineno > line:
            break
        inner = [
            b for name in BLOCKS for b in _blocks(statement, name) if b[0].lineno <= line <= (b[-1].end_lineno or 0)
        ]
        if isinstance(statement, ast.With | ast.AsyncWith):
            if statement.body[0].lineno == statement.lineno:
                return taken, None  # the block stands on the same line: which of the two it is can't be told
            if inner:
                taken = [*taken, *((item.context_expr, statement.lineno) for item in statement.items)]
        return _down(inner[0], line, taken) if inner else (taken, statement)
    return taken, None


def _after(statement: ast.stmt, taken: list[tuple[ast.expr, int]]) -> list[tuple[ast.expr, int]]:
    """What is held after a whole statement: only a plain `acquire()` takes, and any `release()` in it may give back."""
    released = {ast.dump(n.func.value) for n in ast.walk(statement) if _is_call(n, "release")}  # type: ignore[attr-defined]
    taken = [t for t in taken if ast.dump(t[0]) not in released]
    if isinstance(statement, ast.Expr) and _is_call(statement.value, "acquire"):
        taken = [*taken, (statement.value.func.value, statement.lineno)]  # type: ignore[attr-defined]
    return taken


def _blocks(statement: ast.stmt, name: str) -> list[list[ast.stmt]]:
    """The blocks of a compound statement; the handlers of a `try` and the cases of a `match` have one each."""
    found = [] if isinstance(statement, FUNCTIONS) else getattr(statement, name, [])
    if name in ("handlers", "cases"):
        return [inner.body for inner in found]
    return [found] if isinstance(found, list) and found else []


def _lock(expression: ast.expr, scope: Scope) -> Lock | None:
    """A name, or attributes of one; whatever a call gives may be another lock each time."""
    root = expression
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return None
    text = ast.unparse(expression)
    return (scope.local.get(root.id, "global"), text), text


def _function(tree: ast.AST, line: int) -> ast.AST:
    inside = [n for n in ast.walk(tree) if isinstance(n, FUNCTIONS) and n.lineno <= line <= (n.end_lineno or 0)]
    return max(inside, key=lambda n: n.lineno, default=tree)


def _is_call(node: ast.AST, method: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method


@functools.lru_cache(maxsize=8)
def _tree(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])
