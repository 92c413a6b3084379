"""What points at the source, and changes no verdict: numbers, errors in every language, errors swallowed."""

from __future__ import annotations

import json

import pytest
from diagnosed import chat_spec, verdicts
from faulty import source

from grader.conduct.witness import Caught
from grader.course.causes import causes
from grader.course.second_look import literal
from grader.course.silent import swallowed
from grader.course.spots import last_error, last_traceback
from grader.stage.stacks import tools

# -- it changes nothing -----------------------------------------------------------------------------------------------


def facts_of(made):
    """Everything about verdicts that counts; a number in it is a port or a count of bytes."""
    return [(v.check.id, v.outcome, v.earned, v.evidence, [(f.code, str(f.facts)) for f in v.findings]) for v in made]


def test_without_py_spy_the_verdicts_are_the_same_and_the_cause_has_no_line(monkeypatch):
    spec = chat_spec()
    checks = [c for c in spec.checks if c.id in ("broadcast", "idle-client")]
    text = source("one at a time")
    with_lines = verdicts("server.py", text, checks, spec)
    monkeypatch.setattr(tools, "found", lambda program: None)
    without = verdicts("server.py", text, checks, spec)
    assert facts_of(with_lines) == facts_of(without)
    (one,), (other,) = causes(with_lines), causes(without)
    assert (one.code, one.explains, one.facts) == (other.code, other.explains, other.facts)
    assert one.where is not None
    assert other.where is None


def test_stacks_are_taken_once_for_one_cause():
    spec = chat_spec()
    checks = [c for c in spec.checks if c.id in ("names", "broadcast", "no-echo", "crlf", "away", "long-line")]
    made = verdicts("server.py", source("one at a time"), checks, spec)
    assert len(made) == 6
    looked_at = [a for v in made for a in v.attempts if any(t.spot for t in a.transcript.threads)]
    assert len(looked_at) == 1
    (cause,) = causes(made)
    assert len(cause.explains) == 6


# -- a number in the source -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("server.py", "# 5555\nx = '''\n5555\n'''\nPORT = 5555\n", 5),
        ("server.py", "PORT = 15555\nOTHER = 5555.0\n", None),
        ("server.py", "PORT = int('5555')\n", 1),
        ("server.py", "print('5555 is not it') if (\n", 1),
        ("server.c", "// 5555\n/* 5555\n 5555 */\n#define PORT 5555\n", 4),
        ("Server.java", "class Server {\n  int port = 5555;\n}\n", 2),
        ("notes.txt", "5555\n", None),
    ],
)
def test_where_a_number_stands(tmp_path, name, text, line):
    (tmp_path / name).write_text(text)
    found = literal("5555", tmp_path)
    assert (found.line if found else None) == line


def test_a_link_out_of_the_folder_is_not_searched(tmp_path):
    top = tmp_path / "submission"
    top.mkdir()
    (tmp_path / "secret.py").write_text("PORT = 5555\n")
    (top / "server.py").symlink_to("../secret.py")
    assert literal("5555", top) is None


# -- errors in several languages --------------------------------------------------------------------------------------

JAVA = """\
Exception in thread "Thread-0" java.net.SocketException: Connection reset
\tat java.base/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:328)
\tat Server.serve(Server.java:3)
\tat Server.run(Server.java:1)
"""
NODE = """\
/work/server.js:2
    x.y();
      ^

TypeError: Cannot read properties of undefined (reading 'y')
    at serve (/work/server.js:2:7)
    at Server.<anonymous> (/work/server.js:1:3)
    at node:events:517:28

Node.js v20.20.2
"""
SYNTAX = """\
  File "/work/server.py", line 2
    def main(:
             ^
SyntaxError: invalid syntax
"""


@pytest.mark.parametrize(
    ("said", "file", "line", "says"),
    [
        (JAVA, "Server.java", 3, "java.net.SocketException: Connection reset"),
        (NODE, "server.js", 2, "TypeError: Cannot read properties of undefined (reading 'y')"),
        (SYNTAX, "server.py", 2, "SyntaxError: invalid syntax"),
        (f"{JAVA}{SYNTAX}", "server.py", 2, "SyntaxError: invalid syntax"),
        (f"{SYNTAX}{NODE}", "server.js", 2, "TypeError: Cannot read properties of undefined (reading 'y')"),
    ],
    ids=["java", "node", "syntax", "the last of two", "the other last"],
)
def test_an_error_points_at_the_innermost_line_of_the_student_s(tmp_path, said, file, line, says):
    for name in ("Server.java", "server.js", "server.py"):
        (tmp_path / name).write_text("one\ntwo\nthree\n")
    found = last_traceback(said, tmp_path)
    assert (found.file, found.line, found.says) == (file, line, says)
    assert last_error(said) == says


@pytest.mark.parametrize(
    "said", ["", "SyntaxError: no", "Error: no\n", "java.lang.Error: no\n", "at Server.serve(Server.java:3)\n"]
)
def test_words_alone_are_no_error(tmp_path, said):
    (tmp_path / "Server.java").write_text("one\ntwo\nthree\n")
    assert last_traceback(said, tmp_path) is None
    assert last_error(said) == ""


# -- errors swallowed -------------------------------------------------------------------------------------------------

SWALLOWS = """\
try:
    server.bind(port)
except {what}:
    {then}
finally:
    done()
other()
"""


@pytest.mark.parametrize(
    ("what", "then", "silent"),
    [
        ("Exception", "pass", True),
        ("OSError as error", "found = error", True),
        ("Exception", "sys.exit(1)", True),
        ("Exception as error", "print(error)", False),
        ("Exception as error", "logging.error(error)", False),
        ("Exception", "raise", False),
    ],
)
def test_a_handler_that_says_something_swallows_nothing(tmp_path, what, then, silent):
    (tmp_path / "server.py").write_text(SWALLOWS.format(what=what, then=then))
    found = swallowed(Caught("server.py", 2, "server.py", 2, "TypeError", "no"), tmp_path)
    assert [(s.line, s.says) for s in found] == ([(2, "TypeError: no"), (3, "")] if silent else [])


@pytest.mark.parametrize(
    "caught",
    [
        None,
        Caught("server.py", 7, "server.py", 7, "TypeError", "no"),
        Caught("/usr/lib/python3/socket.py", 2, "server.py", 2, "TypeError", "no"),
        Caught("../secret.py", 2, "server.py", 2, "TypeError", "no"),
        Caught("server.py", 999, "server.py", 999, "TypeError", "no"),
    ],
)
def test_an_error_elsewhere_explains_no_port(tmp_path, caught):
    (tmp_path / "server.py").write_text(SWALLOWS.format(what="Exception", then="pass"))
    assert swallowed(caught, tmp_path) == ()


def test_what_was_caught_is_kept_in_results():
    from grader.model import ServerFacts, SourceSpot
    from grader.model.plain import a_server, read_server

    spots = (SourceSpot("server.py", 2, ((2, "bind"),), "TypeError: no"), SourceSpot("server.py", 3))
    server = ServerFacts(("python3", "server.py"), 5000, None, None, None, spots)
    assert read_server(json.loads(json.dumps(a_server(server)))) == server
