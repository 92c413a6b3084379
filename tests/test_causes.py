"""Each cause is told of a server that has the fault, with its line, and not of one that only looks alike. Real servers.

The rows below are the proof of `grader.course.causes.RULES`: a code that has no faulty server, or no neighbour that must
not get it, fails the last test.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
from diagnosed import chat_spec, diagnosed, verdicts
from faulty import EDITS, source

from grader.model import Cause
from grader.words import LANGUAGES, Sentences

# the cause, the fault, the checks that show it, how the line begins at which it points (None: none is known)
FAULTY = (
    ("one-at-a-time", "one at a time", ("broadcast", "idle-client"), "data = sock.recv"),
    ("handshake-in-accept-loop", "the name in the accept loop", ("idle-client", "who"), "data = sock.recv"),
    ("held-up-by-one", "select and readline", ("idle-client",), "line = files[ready].readline()"),
    ("recv-is-a-line", "each recv a line", ("split-line", "glued-lines", "five-clients"), "data = sock.recv"),
    ("one-line-per-recv", "one line for each recv", ("glued-lines", "split-line"), "data = sock.recv"),
    ("reset-kills-clean-up", "a reset is not caught", ("leave-crash",), "data = sock.recv"),
    ("leave-only-on-command", "only /quit is announced", ("leave-quit", "leave-close", "leave-crash"), None),
    ("leave-never-announced", "nobody is told", ("leave-quit", "leave-close"), None),
    ("never-closes", "nothing is closed", ("leave-quit", "names"), None),
    ("deadlock", "two locks in two orders", ("no-echo",), ("with second:", "first.acquire()")),
    ("lock-taken-twice", "a lock taken twice", ("no-echo",), "with lock:"),
    ("lock-kept", "a lock kept while reading", ("idle-client",), "data = sock.recv"),
    ("slow-reader-blocks", "nothing", ("slow-reader",), "sock.sendall("),
    ("busy-loop", "circles", ("leave-close",), ("data = sock.recv", "while True:", "if not data:", "continue")),
    ("descriptor-leak", "descriptors kept", ("broadcast",), None),
    ("thread-leak", "threads kept", ("broadcast",), None),
    ("error-swallowed", "an error swallowed", ("starts",), "server.bind"),
    ("error-swallowed", "an error swallowed in a thread", ("starts",), "server.listen"),
    ("waits-for-input", "the port is asked for", ("starts",), "port = int(input"),
    ("port-hard-coded", "another port, by number", ("starts",), "server.bind"),
    ("python-2", "for Python 2", ("starts",), 'print "started"'),
    ("syntax-error", "a typing error", ("starts",), "def main(:"),
    ("missing-module", "a module that is not there", ("starts",), "import no_such_chat_library"),
    ("port-still-held", "no SO_REUSEADDR", ("restart",), "server.bind"),
    ("crashed", "a crash", ("away",), None),
    ("ended-by-sigpipe", "a goodbye to who has gone", ("leave-crash",), None),
    ("never-listens", "another error swallowed, and no listen", ("starts",), "threading.Event().wait()"),
    ("ended-by-error", "an error in the main thread", ("broadcast", "no-echo"), "raise RuntimeError"),
    ("error-came-up", "an error in a thread", ("away",), "members[line]"),
)  # fmt: skip

# what must not be told, of which server, in which checks
NEIGHBOURS = (
    ("one-at-a-time", "two at most", ("broadcast", "names", "five-clients")),
    ("one-at-a-time", "the name in the accept loop", ("idle-client", "who")),
    ("handshake-in-accept-loop", "one at a time", ("broadcast", "idle-client")),
    ("held-up-by-one", "the name in the accept loop", ("idle-client", "who")),
    ("recv-is-a-line", "pieces decoded", ("split-line",)),
    ("recv-is-a-line", "one line for each recv", ("glued-lines", "split-line")),
    ("one-line-per-recv", "each recv a line", ("split-line", "glued-lines", "five-clients")),
    ("reset-kills-clean-up", "a reset is not announced", ("leave-quit", "leave-close", "leave-crash")),
    ("leave-only-on-command", "a reset is not announced", ("leave-quit", "leave-close", "leave-crash")),
    ("leave-never-announced", "only /quit is announced", ("leave-quit", "leave-close", "leave-crash")),
    ("never-closes", "only the refused are closed", ("leave-quit", "leave-close", "names")),
    ("deadlock", "a lock that is never released", ("no-echo",)),
    ("lock-taken-twice", "a lock of the kind that may be taken twice", ("no-echo",)),
    ("lock-taken-twice", "two locks in two orders", ("no-echo",)),
    ("lock-kept", "the name in the accept loop", ("idle-client", "who")),
    ("slow-reader-blocks", "queues that overflow", ("slow-reader",)),
    ("busy-loop", "circles with a pause", ("leave-close",)),
    ("descriptor-leak", "a few descriptors kept", ("broadcast",)),
    ("thread-leak", "descriptors kept", ("broadcast",)),
    ("error-swallowed", "an error told", ("starts",)),
    ("error-swallowed", "another error swallowed, and no listen", ("starts",)),
    ("waits-for-input", "another error swallowed, and no listen", ("starts",)),
    ("port-hard-coded", "another port, by counting", ("starts",)),
    ("python-2", "a typing error", ("starts",)),
    ("syntax-error", "for Python 2", ("starts",)),
    ("missing-module", "a module that is not there and not needed", ("starts",)),
    ("port-still-held", "a lock file", ("restart",)),
    ("crashed", "an exit", ("away",)),
    ("ended-by-sigpipe", "a crash", ("away",)),
    ("never-listens", "an error swallowed", ("starts",)),
    ("error-swallowed", "an error swallowed the first time only", ("starts",)),
    ("ended-by-error", "an error in a thread", ("away",)),
    ("error-came-up", "a reset is not caught", ("leave-crash",)),
)  # fmt: skip

FELL_OVER_ITSELF = {"a lock of the kind that may be taken twice", "a few descriptors kept"}
"""Neighbours that are correct: there is nothing to tell of them at all."""


@cache
def causes_of(fault: str, checks: tuple[str, ...]) -> tuple[Cause, ...]:
    return diagnosed("server.py", source(fault), *checks)


def codes(causes: tuple[Cause, ...]) -> list[str]:
    return [cause.code for cause in causes]


SLOW = {"circles"}
"""What never comes to rest takes its time: it is tried in the long run."""


@pytest.mark.parametrize(
    ("code", "fault", "checks", "line"),
    [pytest.param(*f, id=f"{f[0]}: {f[1]}", marks=[pytest.mark.long] if f[1] in SLOW else []) for f in FAULTY],
)
def test_a_fault_is_named_with_its_line(code, fault, checks, line):
    causes = causes_of(fault, checks)
    assert code in codes(causes), causes
    cause = next(c for c in causes if c.code == code)
    assert set(cause.explains) <= set(checks)
    if line is not None:
        shown = dict(cause.where.excerpt)[cause.where.line].strip()
        assert shown.startswith(line), shown
    for lang in LANGUAGES:
        said = Sentences(lang)
        for part in ("one", "happened", "where"):
            sentence = said.of_finding(code, part, dict(cause.facts))
            assert sentence, (part, lang)
            assert not sentence.startswith("‹"), sentence
            assert "?" not in re.sub("“[^”]*”|«[^»]*»", "", sentence), sentence


@pytest.mark.parametrize(("code", "fault", "checks"), NEIGHBOURS, ids=[f"not {c}: {f}" for c, f, _ in NEIGHBOURS])
def test_a_server_that_only_looks_alike_is_not_named_so(code, fault, checks):
    causes = causes_of(fault, checks)
    assert code not in codes(causes), causes
    assert bool(causes) is (fault not in FELL_OVER_ITSELF), causes


@pytest.mark.parametrize(
    ("fault", "checks", "several"),
    [
        ("one at a time", ("broadcast", "idle-client"), 2),
        ("each recv a line", ("split-line", "glued-lines", "five-clients"), 3),
        ("only /quit is announced", ("leave-quit", "leave-close", "leave-crash"), 2),
        ("nobody is told", ("leave-quit", "leave-close"), 2),
        ("an error in the main thread", ("broadcast", "no-echo"), 2),
    ],
)
def test_several_failures_with_one_reason_are_one_cause(fault, checks, several):
    (cause,) = causes_of(fault, checks)
    assert len(cause.explains) == several


def test_every_cause_has_a_faulty_server_and_a_neighbour():
    named = {code for code, *_ in FAULTY}
    assert named == {code for code, *_ in NEIGHBOURS}
    assert {fault for _, fault, *_ in (*FAULTY, *NEIGHBOURS)} == set(EDITS)


def test_what_is_told_of_an_end_is_of_the_server_that_ended_last():
    """The one before was ended by the play itself."""
    restart = next(c for c in chat_spec().checks if c.id == "restart")
    (told,) = verdicts("server.py", source("a lock file"), [restart], chat_spec())
    facts = told.findings[0].facts
    assert (facts["status"], facts["signal"], facts["last"].split(":")[0]) == (1, None, "FileExistsError")
