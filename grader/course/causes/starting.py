"""Why a server does not start, does not stay, or does not open the port that it was told: mostly in its own last words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.course.causes.cases import Case, Cases, gathered, named, place
from grader.course.spots import last_error
from grader.judge.ports import LISTENS_AT
from grader.model import Cause, Kind, SourceSpot, Thread

ENDED = ("exited", "exited-early")
CRASHES = {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS"}
"""Signals that a program brings upon itself."""
PYTHON_2 = re.compile(
    r"SyntaxError: Missing parentheses in call to '(?:print|exec)'"
    r"|SyntaxError: multiple exception types must be parenthesized"
    r"|SyntaxError: leading zeros in decimal integer literals"
    r"|ModuleNotFoundError: No module named '(?:SocketServer|Queue|thread|urllib2|ConfigParser|cPickle|StringIO|httplib"
    r"|Tkinter|BaseHTTPServer|SimpleHTTPServer|commands|HTMLParser|cookielib|__builtin__)'"
    r"|NameError: name '(?:raw_input|unicode|xrange|unichr|basestring|execfile)' is not defined"
    r"|AttributeError: 'dict' object has no attribute '(?:has_key|iteritems|itervalues|iterkeys)'"
)
MODULES = (
    re.compile(r"^(?:ModuleNotFoundError|ImportError): No module named '?(?P<module>[\w.]+)'?"),
    re.compile(r"^Error: Cannot find module '(?P<module>[^'\n]+)'"),
    re.compile(r"(?:NoClassDefFoundError|ClassNotFoundException): (?P<module>[\w./$]+)$"),
    re.compile(r"error while loading shared libraries: (?P<module>[\w.+-]+):"),
)
SOURCE_ERROR = re.compile(r"^(?P<error>(?:Syntax|Indentation|Tab)Error: .*)$")
NOT_HERE = re.compile(r"Cannot assign requested address|EADDRNOTAVAIL")
HELD = re.compile(r"Address already in use|EADDRINUSE|BindException")
MAIN = ("MainThread", "main")


def python_2(cases: Cases) -> Iterator[Cause]:
    """Python 3 stumbles over what only Python 2 has."""
    found = [c for c in cases.left if PYTHON_2.match(_last_line(c)) and (c.code in ENDED or c.raised)]
    if found:
        yield named("python-2", found, {"error": _last_line(found[0])})


def missing_module(cases: Cases) -> Iterator[Cause]:
    """A module, a class or a library that the program loads is not there."""
    for case in cases.of(*ENDED):
        module = _missing(case)
        if module:
            same = [c for c in cases.of(*ENDED) if _missing(c) == module]
            yield named("missing-module", same, {"module": module})
            return


def syntax_error(cases: Cases) -> Iterator[Cause]:
    """The source can't be read: the program has not begun."""
    found = [c for c in cases.of(*ENDED) if SOURCE_ERROR.match(_last_line(c))]
    if found:
        yield named("syntax-error", found, {"error": _last_line(found[0])})


def port_still_held(cases: Cases) -> Iterator[Cause]:
    """Started again, it could not have its port, which a connection that has ended still held."""
    found = [c for c in cases.of(*ENDED) if HELD.search(c.errors) and any(_leftover(e.note) for e in c.events)]
    if found:
        yield named("port-still-held", found, {"port": _port(found[0])})


def crashed(cases: Cases) -> Iterator[Cause]:
    """A signal that the program brought upon itself."""
    by_signal: dict[str, list[Case]] = {}
    for case in cases.of(*ENDED):
        signal = str(case.finding.facts.get("signal"))
        if signal in CRASHES:
            by_signal.setdefault(signal, []).append(case)
    for signal, found in by_signal.items():
        yield named("crashed", found, {"signal": signal, "last": found[0].finding.facts.get("last") or None})


def ended_by_sigpipe(cases: Cases) -> Iterator[Cause]:
    """It wrote to a connection that had gone, and the signal of that ended it."""
    found = [c for c in cases.of(*ENDED) if c.finding.facts.get("signal") == "SIGPIPE"]
    if found:
        gone = sorted(found[0].count(Kind.CLOSED, Kind.CRASHED, Kind.HALF_CLOSED))
        yield named("ended-by-sigpipe", found, {"who": gone or None})


def ended_by_an_error(cases: Cases) -> Iterator[Cause]:
    """An error that nothing caught ended the program: one cause for each line where one came up, or for each error."""
    by_line: dict[object, list[Case]] = {}
    for case in cases.of(*ENDED):
        if error := last_error(case.errors):
            by_line.setdefault(place(case.finding.where) or error, []).append(case)
    for found in by_line.values():
        where = found[0].finding.where
        facts = {"error": last_error(found[0].errors), "line": where.line if where else None}
        yield named("ended-by-error", found, facts, where)


def waits_for_input(cases: Cases) -> Iterator[Cause]:
    """It reads what somebody is to type, before it opens its port."""
    found = [(c, t) for c in cases.of("never-listens") if (t := c.doing({"stdin"}))]
    if found:
        case, thread = found[0]
        yield named("waits-for-input", [c for c, _ in found], {"prompt": _prompt(case)}, thread.spot)


def error_swallowed(cases: Cases) -> Iterator[Cause]:
    """An error kept it from opening its port, and it caught the error without a word."""
    for case in cases.of("never-listens", "exited-early"):
        caught = case.transcript.server.caught if case.transcript else ()
        if len(caught) > 1:
            arose, handler = caught[:2]
            same = [c for c in cases.of("never-listens", "exited-early") if c.code == case.code]
            facts = {"error": arose.says, "line": arose.line, "handler": handler.line}
            yield named("error-swallowed", gathered(same, case), facts, arose)
            return


def port_hard_coded(cases: Cases) -> Iterator[Cause]:
    """It opens another port than it was told, and that number stands in the source."""
    found = [c for c in cases.of("wrong-port") if c.finding.where]
    if found and (where := found[0].finding.where):
        facts = {**found[0].finding.facts, "file": where.file, "line": where.line}
        yield named("port-hard-coded", found, facts, where)


def other_address(cases: Cases) -> Iterator[Cause]:
    """It listens, but at an address where its clients do not call."""
    found = [(c, e.note) for c in cases.of("refused") for e in c.events if e.note.startswith(f"{LISTENS_AT} ")]
    if found:
        address, called = found[0][1].split()[1:]
        yield named("other-address", [c for c, _ in found], {"address": address, "called": called})


def address_not_here(cases: Cases) -> Iterator[Cause]:
    """It binds an address of another machine."""
    found = [c for c in cases.of(*ENDED) if NOT_HERE.search(c.errors)]
    if found:
        line = next(line for line in found[0].errors.splitlines() if NOT_HERE.search(line))
        yield named("address-not-here", found, {"error": line.strip()}, found[0].finding.where)


def stands_still(cases: Cases) -> Iterator[Cause]:
    """Nothing tells why it never opened its port, but where it stands can be shown."""
    found = cases.of("never-listens")
    where = next((spot for c in found if (spot := _main(c.threads))), None)
    if found and where:
        yield named("never-listens", found, found[0].finding.facts, where)


def _main(threads: tuple[Thread, ...]) -> SourceSpot | None:
    placed = [t for t in threads if t.spot]
    return next((t.spot for t in placed if t.name in MAIN), placed[0].spot if placed else None)


def _prompt(case: Case) -> str | None:
    """What was printed last, if no end of a line stands behind it: Python prints a prompt to the error output."""
    for kind in (Kind.ERRORS, Kind.OUTPUT):
        printed = b"".join(e.data for e in case.events if e.kind is kind).decode(errors="replace")
        if printed and not printed.endswith("\n"):
            return printed.splitlines()[-1].strip()
    return None


def _last_line(case: Case) -> str:
    lines = case.errors.strip().splitlines()
    return lines[-1].strip() if lines else ""


def _missing(case: Case) -> str:
    """The module that is missing: Python names it last, others go on to say more."""
    python, *others = MODULES
    last = python.match(_last_line(case))
    found = last or next((m for line in case.errors.splitlines() for p in others if (m := p.search(line))), None)
    return found["module"].replace("/", ".") if found else ""


def _leftover(note: str) -> bool:
    return note.startswith("time-wait ") and note != "time-wait 0"


def _port(case: Case) -> int:
    return case.transcript.server.port if case.transcript else 0
