r"""How a program is started, as a spec words it: the keys of `server:` and `reference:`, and what may stand in them.

server:
  run: python3 server.py <port>             the port as an argument, at any place; also <host>, <port2>, <workdir>
  env: {PORT: "<port>"}                     as a variable
  files: {server.ini: "port = <port>\n"}    in a file that is written before the start
  stdin: {"Port: ": "<port>"}               typed when the program asks; `stdin: <port>` is typed at once
  port: 5555                                the assignment says it; or `any`, or `printed Listening on <port>`
  host: any                                 clients call where it listens; or an address of a local network
  own_start: false                          a submission can't say itself how it is started
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from grader.model import ANYWHERE, LOOPBACK, Command
from grader.model.commands import PORTS, port_name
from grader.model.roles import port_of
from grader.model.spanish import PORT_OF
from grader.spec.complaints import shown
from grader.spec.keys import Reading, Values
from grader.spec.values import text
from grader.spec.yaml_marks import Entries, Node, Scalar

LARGEST_FILE = 32 << 10
MOST_ENTRIES = 40
_PLACEHOLDER = re.compile(r"<([^<>\s]*)>")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILE = re.compile(r"(?:[\w-][\w.-]*/)?[\w.-]*[\w-][\w.-]*")
_ADDRESS = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}")


def read_command(reading: Reading, section: Values, *, program: bool = False, told: bool = False) -> Command:
    """The command of a section. What can't be read is as if it were not there. `told`: its port has another name."""
    before = len(reading.complaints)
    port, any_port, printed = _port(reading, section)
    command = Command(
        section.get("run", ""),
        section.get("build"),
        env=section.get("env", {}),
        files=section.get("files", {}),
        stdin=section.get("stdin", ()),
        port=port,
        printed=printed,
        any_port=any_port,
        host=section.get("host", LOOPBACK),
        verbatim=_of_the_course(reading, section),
        own_start=section.get("own_start", True),
    )
    _check_places(
        reading, section, command, (*PORTS, "host", "workdir", *(("name",) if program else ()), *ports_of(reading))
    )
    for key in ("run", "build"):
        try:
            shlex.split(section.get(key, ""))
        except ValueError:
            reading.complain(section.place_of(key), "A quotation mark in this command is never closed.")
    said = any("<port" in told for told in command.told)
    if command.run and not (said or told) and command.port_is_ours and len(reading.complaints) == before:
        hint = "Write python3 server.py <port>; or `port: any` if the port stands in the program."
        reading.complain(section.place_of("run"), "The command does not say where the port goes.", hint)
    return command


def ports_of(reading: Reading) -> list[str]:
    """The placeholders of the ports of those who listen, in both languages."""
    names = [role.name for role in reading.roles if role.listens]
    return [*map(port_of, names), *(f"{PORT_OF}{name}" for name in names)]


def _of_the_course(reading: Reading, section: Values) -> dict[str, str]:
    """The course's own files, by the names that they get in the work folder: `course/` and their own."""
    found: dict[str, str] = {}
    for name, place in section.get("course", ()):
        path = Path(place.path).parent / name
        try:
            data = path.read_bytes()
        except OSError:
            reading.complain(place, f"There is no file {shown(name)}.", "It is looked for from the folder of the spec.")
            continue
        if len(data) > LARGEST_FILE:
            reading.complain(place, f"{shown(name)} is larger than {LARGEST_FILE >> 10} KB.")
        else:
            found[f"course/{path.name}"] = data.decode("utf-8", "surrogateescape")
    return found


def _check_places(reading: Reading, section: Values, command: Command, known: Sequence[str]) -> None:
    """Every placeholder is one that there is, and no port is left out between two others."""
    places = {"run": [command.run], "env": [*command.env.values()], "stdin": [a for _, a in command.stdin]}
    names: set[str] = set()
    for key, texts in places.items():
        for name in (n for told in texts for n in _PLACEHOLDER.findall(told)):
            names.add(name)
            if name not in known:
                place = section.place_of(key)
                reading.complain(place, f"<{name}> is unknown in a command.", "Write <port> where the port goes.")
    names |= {n for told in command.files.values() for n in _PLACEHOLDER.findall(told)}
    for number, name in enumerate(PORTS[1:], 2):
        if name in names and port_name(number - 1) not in names and command.port is None:
            reading.complain(section.place_of("run"), f"<{name}> needs <{port_name(number - 1)}>.")


def _port(reading: Reading, section: Values) -> tuple[int | None, bool, str]:
    """A fixed port, whether any will do, the line that tells it."""
    said = section.get("port")
    if said is None:
        return None, False, ""
    how, _, rest = said.partition(" ")
    if how == "any" and not rest:
        return None, True, ""
    if how == "printed" and "<port>" in rest:
        return None, False, rest.strip()
    number = rest.strip() if how == "fixed" else said
    if number.isdecimal() and 1024 <= int(number[:9]) <= 65535:
        return int(number), False, ""
    hint = "Write 5555, `any`, or `printed Listening on port <port>`."
    reading.complain(section.place_of("port"), f"{shown(said)} says no port from 1024 to 65535.", hint)
    return None, True, ""


def environment(reading: Reading, node: Node, key: str) -> dict[str, str] | None:
    """Variables: a map of name to value."""
    return _texts(reading, node, key, _VARIABLE, "a variable's name", 'Write env: {PORT: "<port>"}.')


def files(reading: Reading, node: Node, key: str) -> dict[str, str] | None:
    """Files: a map of name to content."""
    hint = 'Write files: {server.ini: "port = <port>\\n"}.'
    return _texts(reading, node, key, _FILE, "a name for a file in the work folder", hint)


def typed(reading: Reading, node: Node, key: str) -> tuple[tuple[str, str], ...] | None:
    """What is typed: one line, or a map of prompt to answer."""
    if isinstance(node, Scalar):
        said = text(reading, node, key)
        return None if said is None else (("", said),)
    hint = 'Write stdin: {"Port: ": "<port>"}.'
    got = _texts(reading, node, key, re.compile(r".+"), "a prompt", hint)
    return None if got is None else tuple(got.items())


def host(reading: Reading, node: Node, key: str) -> str | None:
    """Where clients call: `any`, or an address."""
    said = text(reading, node, key)
    if said is None or said == ANYWHERE or _ADDRESS.fullmatch(said):
        return said
    reading.complain(node, f"{shown(said)} is no address.", "Write 192.168.1.10, or `any`: where the server listens.")
    return None


def _texts(
    reading: Reading, node: Node, key: str, names: re.Pattern[str], what: str, hint: str
) -> dict[str, str] | None:
    if not isinstance(node, Entries) or len(node.entries) > MOST_ENTRIES:
        reading.complain(node, f"`{key}` is a map of at most {MOST_ENTRIES} entries.", hint)
        return None
    got: dict[str, str] = {}
    for name, value in node.entries:
        if not names.fullmatch(name.value):
            reading.complain(name, f"{shown(name.value)} is not {what}.", hint)
        elif not isinstance(value, Scalar) or value.cut is not None:
            reading.complain(value, f"`{name.value}` is a text.", "Put it in quotes.")
        elif len(value.value) > LARGEST_FILE or "\0" in value.value:
            reading.complain(value, f"`{name.value}` is at most {LARGEST_FILE} characters, and none of them is zero.")
        else:
            got[name.value] = value.value
    return got
