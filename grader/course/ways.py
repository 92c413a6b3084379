"""The usual ways in which a folder of source code is built and started, as a table of what they are known by.

A way looks at a folder and gives the programs that it could start: none, one, or several. Several are thinned out by what
is certain only: a file that another one imports is a part of it, and a file that opens no port, and imports none of the
others, is no server. What is left over is the instructor's to decide (`entry.py`).
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

NEVER_PROGRAMS = ("all", "clean", "run", "test", ".PHONY", "install")
SCRIPTS = ("server.py", "servidor.py", "chat_server.py", "main.py")
NAMES = re.compile(r"(?i)(?:chat[_-]?)?(?:server|servidor|main|app|index|program)(?:[_-]?chat)?")
LISTENS = re.compile(
    r"\.listen\s*\(|\blisten\s*\(|create_server|start_server|ServerSocket|TCPServer|ThreadingMixIn|socketserver|createServer"
    r"|TcpListener|net\.Listen|SOCK_DGRAM|DatagramSocket|UdpSocket|createSocket|ListenPacket|create_datagram_endpoint"
)
JAVA_MAIN = re.compile(
    r"static\s+(?:final\s+)?void\s+main\s*\(\s*(?:final\s+)?String\b|\bvoid\s+main\s*\(\s*String\s*\["
)
JAVA_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
C_MAIN = re.compile(r"\bint\s+main\s*\(")
PROGRAM = re.compile(r"-o\s+(\$[({]\w+[)}]|\$@|[\w./-]+)")
VARIABLE = re.compile(r"^(\w+)\s*[:?]?=\s*([\w./-]+)\s*$", re.MULTILINE)
TARGET = re.compile(r"^([\w./-]+)\s*:(?!=)", re.MULTILINE)
LARGEST, MOST_FILES, DEEPEST = 1 << 20, 400, 4
SKIPPED = {"node_modules", "target", "build", "dist", "test", "tests", "venv", ".venv", "__pycache__", ".git"}


@dataclass(frozen=True, slots=True)
class Program:
    """A program that could be the server: the file that stands for it, the command without its arguments, the build."""

    file: str
    run: str
    build: str | None = None


Way = Callable[[Path], list[Program]]


def sources(folder: Path, *suffixes: str) -> list[Path]:
    """The source files of a folder, in a stable order; tests and what was built or downloaded left out."""
    found: list[Path] = []
    waiting = [folder]
    while waiting and len(found) < MOST_FILES:
        here = waiting.pop(0)
        for path in sorted(here.iterdir()):
            if path.is_symlink() or path.name in SKIPPED:
                continue
            if path.is_dir() and len(path.relative_to(folder).parts) < DEEPEST:
                waiting.append(path)
            elif path.suffix in suffixes and path.is_file() and path.stat().st_size <= LARGEST:
                found.append(path)
    return found


def text(path: Path) -> str:
    """A file's text, whatever bytes are in it; empty where it can't be read."""
    try:
        return path.read_bytes()[:LARGEST].decode("utf-8", "replace")
    except OSError:
        return ""


def thinned(found: Sequence[Path]) -> list[Path]:
    """The files that can be the server: not a part of another one, and not without any part in opening a port."""
    texts = {path: text(path) for path in found}
    parts = {path: {other for other in found if other != path and _names(texts[path], other)} for path in found}
    able = [path for path in found if LISTENS.search(texts[path]) or parts[path]]
    return [path for path in able if not any(path in parts[other] and other not in parts[path] for other in able)]


def _names(source: str, other: Path) -> bool:
    """Whether a source uses what another file defines: imports it, or names its class."""
    stem = re.escape(other.stem)
    if other.suffix == ".java":
        return bool(re.search(rf"\bnew\s+{stem}\b|\b{stem}\s*\.\s*\w+\s*\(|\b{stem}::", source))
    imports = rf"^\s*(?:from\s+[\w.]*\b{stem}\s+import|import\s+[^\n]*\b{stem}\b|from\s+\.\s+import\s+[^\n]*\b{stem}\b)"
    return bool(
        re.search(rf"{imports}|require\([^)\n]*\b{stem}\b|from\s+[\"'][^\"'\n]*\b{stem}\b", source, re.MULTILINE)
    )


def _scripts(suffix: str, runner: str) -> Way:
    def look(folder: Path) -> list[Program]:
        found = sources(folder, suffix)
        usual = [p for p in found if p.parent == folder and NAMES.fullmatch(p.stem)]
        left = usual if len(usual) == 1 else thinned(usual) or thinned(found)
        return [Program(name := str(p.relative_to(folder)), f"{runner} {shlex.quote(name)}") for p in left]

    return look


def _java(folder: Path) -> list[Program]:
    found = sources(folder, ".java")
    mains = [p for p in found if JAVA_MAIN.search(text(p))]
    left = _alone(mains) or _java_servers(mains, found)
    build = f"javac -encoding UTF-8 -d classes {' '.join(shlex.quote(str(p.relative_to(folder))) for p in found)}"
    return [Program(str(p.relative_to(folder)), f"java -cp classes {_class(p)}", build) for p in left]


def _alone(mains: Sequence[Path]) -> list[Path]:
    """The one program that there is, if its name says what it is."""
    return list(mains) if len(mains) == 1 and NAMES.fullmatch(mains[0].stem) else []


def _java_servers(mains: Sequence[Path], found: Sequence[Path]) -> list[Path]:
    """Of several classes with a main, those that open a port, themselves or by a class that they use."""
    return [
        p
        for p in mains
        if LISTENS.search(text(p))
        or any(_names(text(p), o) and LISTENS.search(text(o)) for o in found if o not in mains)
    ]


def _class(path: Path) -> str:
    package = JAVA_PACKAGE.search(text(path))
    return f"{package[1]}.{path.stem}" if package else path.stem


def _makefile(folder: Path) -> list[Program]:
    path = next((folder / name for name in ("Makefile", "makefile", "GNUmakefile") if (folder / name).is_file()), None)
    if path is None:
        return []
    made = text(path)
    variables = dict(VARIABLE.findall(made))
    names = [variables.get(name.strip("$(){}"), name) for name in PROGRAM.findall(made)]
    targets = [name for name in TARGET.findall(made) if name not in NEVER_PROGRAMS]
    names = [n for name in names for n in (targets if name == "$@" else [name])] or targets
    if not PROGRAM.search(made) and not sources(folder, ".c", ".cpp", ".cc", ".cxx"):
        return []
    programs = list(dict.fromkeys(n.removeprefix("./") for n in names if not n.endswith((".o", ".class", ".a", ".so"))))
    servers = [n for n in programs if re.search("(?i)serv", n)]
    return [Program(n, f"./{shlex.quote(n)}", "make") for n in (servers or programs)]


def _compiled(suffixes: tuple[str, ...], compiler: str) -> Way:
    def look(folder: Path) -> list[Program]:
        found = sources(folder, *suffixes)
        mains = [p for p in found if C_MAIN.search(text(p))]
        left = _alone(mains) or [
            p for p in mains if any(LISTENS.search(text(o)) for o in found if o == p or o not in mains)
        ]
        programs = []
        for main in left:
            parts = [p for p in found if p == main or (p not in mains and p.parent == main.parent)]
            files = " ".join(shlex.quote(str(p.relative_to(folder))) for p in parts)
            programs.append(
                Program(str(main.relative_to(folder)), "./server", f"{compiler} -O1 -g -pthread -o server {files}")
            )
        return programs

    return look


def _node(folder: Path) -> list[Program]:
    path = folder / "package.json"
    if not path.is_file():
        return []
    try:
        read = json.loads(text(path))
    except ValueError:
        return []
    if not isinstance(read, dict):
        return []
    scripts = read.get("scripts")
    start = scripts.get("start") if isinstance(scripts, dict) else None
    build = "npm install --offline --no-audit --no-fund" if read.get("dependencies") else None
    if isinstance(start, str) and start.startswith("node ") and "&" not in start:
        return [Program("package.json", start, build)]
    main = read.get("main")
    if isinstance(main, str) and (folder / main).is_file():
        return [Program(main, f"node {shlex.quote(main)}", build)]
    return [Program(p.file, p.run, build) for p in _scripts(".js", "node")(folder)]


def _cargo(folder: Path) -> list[Program]:
    path = folder / "Cargo.toml"
    if not path.is_file():
        return []
    try:
        read = tomllib.loads(text(path))
    except tomllib.TOMLDecodeError:
        return []
    package = read.get("package", {})
    default = str(package.get("name", "")) if isinstance(package, dict) else ""
    binaries = read.get("bin", [])
    named = [str(b.get("name")) for b in binaries if isinstance(b, dict)] if isinstance(binaries, list) else []
    more = [p.stem for p in sources(folder, ".rs") if p.parent.name == "bin"]
    names = named or [*([default] if (folder / "src" / "main.rs").is_file() else []), *more]
    servers = [n for n in names if "serv" in n.lower()] or names
    return [
        Program(f"Cargo.toml ({n})", f"./target/release/{n}", "cargo build --release --offline") for n in servers if n
    ]


def _go(folder: Path) -> list[Program]:
    if not (folder / "go.mod").is_file() and not list(folder.glob("*.go")):
        return []
    mains = [p for p in sources(folder, ".go") if re.search(r"^package main\b", text(p), re.MULTILINE)]
    places = list(dict.fromkeys(p.parent for p in mains if "func main()" in text(p)))
    able = (
        places
        if len(places) == 1
        else [d for d in places if any(LISTENS.search(text(p)) for p in mains if p.parent == d)]
    )
    build = "CGO_ENABLED=0 GOPROXY=off GOFLAGS=-mod=mod go build -o server ./{}"
    return [
        Program(str(d.relative_to(folder)), "./server", build.format(shlex.quote(str(d.relative_to(folder)))))
        for d in able
    ]


WAYS: tuple[tuple[str, Way], ...] = (
    ("server.py, servidor.py, main.py, …", _scripts(".py", "python3")),
    ("Makefile", _makefile),
    ("Cargo.toml", _cargo),
    ("go.mod", _go),
    ("package.json", _node),
    ("Server.java, Main.java, …", _java),
    ("*.c", _compiled((".c",), "gcc")),
    ("*.cpp", _compiled((".cpp", ".cc", ".cxx"), "g++")),
    ("server.js, index.js, …", _scripts(".js", "node")),
)
"""What a folder is looked through for, in this order."""
