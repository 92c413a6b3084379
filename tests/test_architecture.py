"""The house keeps its floors: imports go down only, the pure rooms stay pure, and only the command line speaks.

Each rule is a function from a module's syntax tree to what is wrong with it. It is held against the real modules, and
against a small module that breaks it, so that a rule that has gone blind is noticed.
"""

import ast
import functools
import graphlib
from pathlib import Path

import pytest
from _pytest.outcomes import Failed, Skipped
from needs import needs

ROOT = Path(__file__).parent.parent
GRADER = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted((ROOT / "grader").rglob("*.py"))}
TESTS = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted((ROOT / "tests").glob("*.py"))}
FLOORS = {
    0: ("", "model", "errors", "registry", "results", "trim"),
    1: ("wire", "judge"),
    2: ("spec",),
    3: ("stage", "clients"),
    4: ("conduct",),
    5: ("course", "report", "words"),
    6: ("cli", "__main__", "pytest_plugin"),
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
NEIGHBOURS = {("judge", "wire"), ("report", "words"), ("cli", "__main__"), ("__main__", "cli")}
REPORT_MAY = {"", "model", "errors", "registry", "results", "trim", "words", "report"}
OF_THE_WORLD = {"socket", "threading", "subprocess", "time", "multiprocessing", "asyncio", "select", "selectors", "pty"}
"""What a room that only computes has no business with: `_socket` and the like count too."""
SLEEPING_ALLOWED = ("tests/servers/",)
MOST_LINES = 300


@functools.cache
def nodes(source):
    return list(ast.walk(ast.parse(source)))


def imports(source):
    """Every module that is imported anywhere in a module: in functions and under TYPE_CHECKING too."""
    for node in nodes(source):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
            yield from (f"{node.module}.{a.name}" for a in node.names if node.module == "grader")


def room_of(module):
    """`grader.stage.box` and `grader/stage/box.py` stand in the room `stage`."""
    parts = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".").split(".")
    return parts[1] if len(parts) > 1 and parts[1] != "__init__" else ""


def goes_up(path, source):
    here = room_of(path)
    for name in imports(source):
        if name.startswith("."):
            yield f"{path} imports {name}: say where from"
        elif name.split(".")[0] == "grader":
            there = room_of(name)
            if there not in FLOOR_OF and name.count(".") == 1:
                continue  # `from grader import __version__`: a name, not a room
            same = FLOOR_OF[there] == FLOOR_OF[here] and (
                FLOOR_OF[here] == 0 or here == there or (here, there) in NEIGHBOURS
            )
            if FLOOR_OF[there] >= FLOOR_OF[here] and not same:
                yield f"{path} imports {name}"


def reaches_the_world(path, source):
    if room_of(path) in ("judge", "report", "wire", "words") or FLOOR_OF.get(room_of(path)) == 0:
        yield from (f"{path} imports {n}" for n in imports(source) if n.split(".")[0].lstrip("_") in OF_THE_WORLD)
    if room_of(path) == "report":
        ours = (n for n in imports(source) if n.split(".")[0] == "grader")
        yield from (f"{path} imports {n}" for n in ours if room_of(n) in FLOOR_OF and room_of(n) not in REPORT_MAY)


def prints_or_exits(path, source):
    """`os._exit` is how a process that was forked or started for a task ends; it says nothing to anybody."""
    if room_of(path) == "cli":
        return
    for node in nodes(source):
        said = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        if said in ("print", "exit", "quit", "SystemExit", "sys.exit", "sys.stdout", "sys.stderr"):
            yield f"{path}:{node.lineno} {said}"


def sleeps(path, source):
    if path.startswith(SLEEPING_ALLOWED):
        return
    for node in nodes(source):
        if (isinstance(node, ast.Attribute) and node.attr == "sleep") or (
            isinstance(node, ast.Name) and node.id == "sleep"
        ):
            yield f"{path}:{node.lineno} sleeps"


def is_long(path, source):
    count = len(source.splitlines())
    if count > MOST_LINES:
        yield f"{path} has {count} lines"


def stands_alone(path, source):
    if path in ("grader/stage/agent.py", "grader/stage/agent_files.py"):
        yield from (f"{path} imports {name}" for name in imports(source) if name.split(".")[0] == "grader")


def skips_by_itself(path, source):
    """A test is skipped by `needs` only, which names what is missing, and fails where nothing may be."""
    if not path.startswith("tests/") or path == "tests/needs.py":
        return
    for node in nodes(source):
        if isinstance(node, ast.Attribute) and node.attr in ("skip", "skipif", "xfail", "importorskip"):
            yield f"{path}:{node.lineno} {node.attr}"


RULES = {
    goes_up: (
        ("grader/judge/x.py", "from grader.stage.box import Box"),
        ("grader/clients/x.py", "import grader.stage.quiet"),
    ),
    reaches_the_world: (
        ("grader/judge/x.py", "def f():\n    import time"),
        ("grader/report/x.py", "from grader.spec.load import load"),
    ),
    prints_or_exits: (("grader/course/x.py", "print(1)"), ("grader/stage/x.py", "import sys\nsys.exit(1)")),
    sleeps: (
        ("grader/stage/x.py", "import time\ntime.sleep(1)"),
        ("tests/test_x.py", "from time import sleep\nsleep(1)"),
    ),
    is_long: (("grader/wire/x.py", "x = 1\n" * (MOST_LINES + 1)),),
    skips_by_itself: (("tests/test_x.py", "import pytest\n@pytest.mark.skip\ndef test(): pass"),),
    stands_alone: (
        ("grader/stage/agent.py", "from grader.model import Event"),
        ("grader/stage/agent_files.py", "import grader.errors"),
    ),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_module_breaks_the_rule(rule):
    sources = GRADER | TESTS if rule in (sleeps, skips_by_itself) else GRADER
    faults = [fault for path, source in sources.items() for fault in rule(path, source)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("rule", "path", "source"), [(r, *bad) for r, several in RULES.items() for bad in several])
def test_a_module_that_breaks_the_rule_is_named(rule, path, source):
    (fault,) = rule(path, source)
    assert fault.startswith(path)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("grader/conduct/x.py", "from grader.stage.box import Box\nfrom grader.judge.follow import Follow"),
        ("grader/judge/x.py", "from grader.wire.match import Fit\nfrom grader.judge.order import groups"),
        ("grader/report/x.py", "from grader.words.sentences import Sentences\nfrom grader.model import Event"),
        ("grader/cli/x.py", "import time\nimport sys\nprint(time)\nsys.exit(2)"),
    ],
)
def test_an_ordinary_module_breaks_no_rule(path, source):
    assert [fault for rule in RULES for fault in rule(path, source)] == []


def test_imports_for_the_type_checker_count_too():
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from grader.conduct.acts import Acts"
    assert list(goes_up("grader/judge/x.py", source)) == ["grader/judge/x.py imports grader.conduct.acts"]


def test_every_room_has_its_floor():
    assert {room_of(path) for path in GRADER} <= FLOOR_OF.keys()


def test_a_test_without_what_it_needs_is_skipped_or_fails(monkeypatch):
    monkeypatch.delenv("GRADER_ALL", raising=False)
    needs("python3")
    with pytest.raises(Skipped, match="no-such-program"):
        needs("python3", "no-such-program")
    monkeypatch.setenv("GRADER_ALL", "1")
    with pytest.raises(Failed, match="no-such-program"):
        needs("no-such-program")


def circle(modules):
    """The modules that need each other, wherever they are imported; none if there is an order in which each needs only earlier ones."""
    files = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in modules}
    needed: dict[str, set[str]] = {}
    for name, path in files.items():
        found = needed.setdefault(name, set())
        for node in nodes(modules[path]):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names} & files.keys()
            elif isinstance(node, ast.ImportFrom):
                inside = {f"{node.module}.{alias.name}" for alias in node.names} & files.keys()
                found |= inside or {node.module} & files.keys()
    try:
        graphlib.TopologicalSorter(needed).prepare()
    except graphlib.CycleError as circle:
        return circle.args[1]
    return None


def test_no_modules_need_each_other():
    assert circle(GRADER) is None


@pytest.mark.parametrize("where", ["", "def f():\n    ", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "])
def test_modules_that_need_each_other_are_noticed(where):
    two = {
        "grader/judge/x.py": f"{where}from grader.judge import y",
        "grader/judge/y.py": "from grader.judge.x import name",
    }
    assert circle(two) is not None
