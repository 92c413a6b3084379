"""From a file to a `Spec`: the one door through which an instructor's YAML comes in.

Everything is read before anything is refused, so that one run names every mistake with its file, line and column, and
no server starts before the spec is right. Whatever the file holds, the outcome is a Spec, a SpecError or a UsageError.

The order of reading is not the order of the file: the title says which languages there are, the dialect which words,
and both are needed by the checks wherever they stand.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.model import Dialect, Line, Spec
from grader.model.spanish import VALUES, fold
from grader.model.spanish import key as canonical
from grader.spec import tables, values
from grader.spec.checks import read_checks
from grader.spec.commands import read_command
from grader.spec.complaints import Complaints, joined, shown
from grader.spec.defaults import with_defaults
from grader.spec.discovered import COMES_IN
from grader.spec.given import is_given, read_given
from grader.spec.grammar import parse_play
from grader.spec.keys import Reading, Values, read_map
from grader.spec.plays import play_text
from grader.spec.proof import read_proof
from grader.spec.protocol import read_protocol
from grader.spec.roles import read_roles, with_limits
from grader.spec.scoring import read_groups, read_manual, read_milestones
from grader.spec.sense import ME, check_join
from grader.spec.sources import Sources
from grader.spec.yaml_marks import Entries, Node, Scalar


def load(path: Path) -> Spec:
    """The spec in a file. Raises SpecError with every complaint, UsageError if the file can't be read."""
    complaints = Complaints(str(path), "")
    sources = Sources(complaints)
    node = sources.read(path)
    if sources.broken:
        complaints.raise_if_any()
    spec = None if node is None else _read_spec(node, path, sources)
    complaints.raise_if_any()
    if spec is None:
        raise UsageError("spec-unreadable", path=str(path), why="nothing could be read")
    return spec


def _read_spec(node: Node, path: Path, sources: Sources) -> Spec | None:
    reading = Reading(sources.complaints)
    if isinstance(node, Entries):
        _read_languages(reading, node)
    said = _dialect_of(node)
    given = is_given(said)
    discover = given or _is_discover(said)
    top = read_map(reading, node, tables.of_spec(discover=discover))
    if not isinstance(node, Entries):
        return None
    reading.discover = discover
    title = values.words(reading, top.get("title"), "title") if "title" in top.got else None
    reading.folders = tuple(sources.folders)
    reading.protocol = read_protocol(reading, top)
    if "words" in top.got:
        reading.words = values.regexes(reading, top.get("words"), "words") or {}
    talks = read_given(reading, top.get("dialect")) if given else None
    dialect = Dialect() if discover else _read_dialect(reading, top.get("dialect"))
    if "defaults" in top.got:  # its `ignore` may hold the words of the dialect
        read_map(reading, top.get("defaults"), tables.DEFAULTS)
    server, reference = _section(top, "server"), _section(top, "reference")
    program = _section(top, "program")
    reading.roles = read_roles(reading, top)
    command, opposite = read_command(reading, server), None
    if program.got:
        opposite, command = command, read_command(reading, program, program=True)
        reading.programs = tuple(name for name, _ in program.get("played_by", ()))
    reading.programs += tuple(who for role in reading.roles if role.program is not None for who in role.played_by)
    reference_command = read_command(reading, reference, program=bool(program.got))
    limits = {key: value for key, value in _section(top, "limits").got.items() if key != "run"}
    common: dict[str, Any] = {"limits": limits, "lasts": server.get("life") == "submission"}
    command, reference_command = replace(command, **common), replace(reference_command, **common)
    opposite = None if opposite is None else replace(opposite, **common)
    reading.roles = with_limits(reading.roles, limits)
    if common["lasts"] and reading.roles:
        hint = "Remove `life`: each check has a fresh server then."
        reading.complain(server.place_of("life"), "One server for all checks has clients of one kind only.", hint)
    folder = _read_folder(reading, reference)
    join = (COMES_IN,) if discover else _read_join(reading, top.get("clients", {}).get("any"))
    groups = read_groups(reading, top.get("groups"))
    defaults = top.get("defaults")
    checks_node = with_defaults(top.get("checks"), defaults if isinstance(defaults, Entries) else None)
    checks, ids = read_checks(reading, checks_node, dialect, join, groups)
    for check in (c for c in checks if c.limits and common["lasts"]):
        hint = "Remove `life`, or write them under `limits` of the spec."
        reading.complain(check.place or top.place, "`limits` of a check are for a server of its own.", hint)
    python = dict(sorted(reading.python.items()))
    return Spec(
        id=path.stem,
        title=title or {},
        language=reading.language,
        languages=(reading.language,) if top.get("language") else reading.languages,
        server=command,
        programs=reading.programs,
        opposite=opposite,
        roles=tuple(replace(role, protocol=replace(role.protocol, python=python)) for role in reading.roles),
        reference_folder=folder,
        reference=reference_command,
        checks=checks,
        protocol=replace(reading.protocol, python=python),
        files=reading.files,
        dialect=dialect,
        carried=frozenset(law for check in checks for law in check.laws),
        join=join,
        demands=tuple(dict.fromkeys(word for word, _ in top.get("demands", ()))),
        run_limit=_section(top, "limits").get("run"),
        horizon=_section(top, "quiet").get("horizon", 1.0),
        discover=discover,
        talks=talks,
        unsteady=top.get("unsteady", "share"),
        path=str(path),
        digest=sources.digest,
        proof=read_proof(reading, _section(top, "proof"), ids),
        groups=groups,
        manual=read_manual(reading, top.get("manual")),
        milestones=read_milestones(reading, top.get("milestones"), ids),
    )


def _section(top: Values, key: str) -> Values:
    found = top.get(key)
    return found if isinstance(found, Values) else Values(top.place)


def _read_languages(reading: Reading, node: Entries) -> None:
    """The title says which languages a spec has; `language` which of them a report is in."""
    found = {canonical(key.value): value for key, value in node.entries}
    title, language = found.get("title"), found.get("language")
    if isinstance(title, Entries):
        reading.languages = tuple(name.value for name, _ in title.entries)
        reading.language = next(iter(reading.languages), "en")
    if language is None:
        return
    said = values.text(Reading(Complaints("", "")), language, "language") or ""
    if reading.languages and said and said not in reading.languages:
        message = f"The title is not in {shown(said)}, the language of the spec."
        otherwise = f"It is in {joined(reading.languages)}."
        reading.complaints.unknown(language.place, message, said, reading.languages, otherwise)
    elif said and not values.LANGUAGE.fullmatch(said):
        reading.complain(language, f"{shown(said)} is no language.", "Write two letters: en, es.")
    else:
        reading.language = said or reading.language


def _dialect_of(node: Node) -> Node | None:
    return (
        next((v for k, v in node.entries if canonical(k.value) == "dialect"), None)
        if isinstance(node, Entries)
        else None
    )


def _is_discover(dialect: Node | None) -> bool:
    """Whether each server has a protocol of its own, that is found out."""
    return isinstance(dialect, Scalar) and VALUES.get(fold(dialect.value), dialect.value) == "discover"


def _read_dialect(reading: Reading, node: Node | None) -> Dialect:
    if node is None:
        return Dialect(dict(reading.words))
    found = read_map(reading, node, tables.DIALECT)
    if "words" in found.got:
        own = values.regexes(reading, found.get("words"), "words") or {}
        for name in own.keys() & reading.words.keys():
            reading.complain(
                found.place_of("words"), f"<{name}> stands under `words` at the top, too.", "Once will do."
            )
        reading.words = {**reading.words, **own}
    forms: dict[str, tuple[str, ...]] = {}
    for key, names in tables.FORMS.items():
        if key in found.got:
            read_one = values.template(names)
            read = values.some_of(read_one) if key in {"also", "commands"} else read_one
            got = read(reading, found.get(key), key)
            forms[key] = tuple(value for value, _ in got) if isinstance(got, tuple) else (got,) if got else ()
    one = {key: next(iter(forms.get(key, ())), None) for key in ("welcome", "joined", "heard", "left")}
    if one["heard"] and "<text>" not in one["heard"]:
        reading.complain(found.place_of("heard"), "`heard` needs <text>: what was said.", "Write '<name>: <text>'.")
    return Dialect(dict(reading.words), **one, also=forms.get("also", ()), commands=forms.get("commands", ()))


def _read_folder(reading: Reading, section: Values) -> str:
    if "folder" not in section.got:
        return ""
    folder = (Path(section.place_of("folder").path).parent / section.get("folder")).resolve()
    if not folder.is_dir():
        message = f"There is no folder {shown(section.get('folder'))}."
        reading.complain(section.place_of("folder"), message, "It is looked for from the folder of the spec.")
    return str(folder)


def _read_join(reading: Reading, anyone: Values | None) -> tuple[Line, ...]:
    """What every client says to join, for `me`."""
    node = anyone.get("join") if anyone is not None else None
    if node is None:
        return ()
    text = play_text(reading, node, "join")
    if text is None:
        return ()
    written = parse_play(text.text, text.where, reading, allowed=(ME,))
    check_join(written, reading.words, reading.complaints)
    return tuple(x.line for x in written)
