"""What to fix first, and where to look: verdicts gathered by their cause, tracebacks followed to a line of the student's."""

import pytest
from plays import chat

from grader.course.causes import causes
from grader.course.spots import excerpt, first_of_build, last_traceback, pointed
from grader.model import (
    Attempt,
    Check,
    Event,
    Evidence,
    Finding,
    Grade,
    Kind,
    Outcome,
    Run,
    Submission,
    Transcript,
    Verdict,
)

# -- causes -----------------------------------------------------------------------------------------------------------


def verdict(name, outcome, *codes, points=10, earned=0, blocked_by=()):
    findings = tuple(Finding(code, {"who": [name]}) for code in codes)
    return Verdict(Check(name, {"en": name}, points), outcome, earned, Evidence.SEEN, blocked_by, (), findings)


def explained(*verdicts):
    return [(c.code, c.explains) for c in causes(verdicts)]


def test_what_passed_has_no_cause():
    assert explained(verdict("a", Outcome.PASSED), verdict("b", Outcome.GRADER_PROBLEM, "reference-failed")) == []


def test_each_failed_check_is_its_own_cause():
    first, second = verdict("a", Outcome.FAILED, "echo"), verdict("b", Outcome.FAILED, "echo")
    assert explained(first, second) == [("echo", ("a",)), ("echo", ("b",))]


@pytest.mark.parametrize("code", ["exited", "never-listens", "not-accepted", "wrong-port", "refused"])
def test_what_is_the_same_fault_wherever_it_shows_is_one_cause(code):
    verdicts = [
        verdict("a", Outcome.FAILED, code),
        verdict("b", Outcome.FAILED, "lost"),
        verdict("c", Outcome.UNSTEADY, code),
    ]
    assert explained(*verdicts) == [(code, ("a", "c")), ("lost", ("b",))]


def test_the_first_finding_of_a_check_names_its_cause():
    assert explained(verdict("a", Outcome.FAILED, "exited", "never-came")) == [("exited", ("a",))]


def test_blocked_checks_are_explained_by_what_blocks_them():
    verdicts = [
        verdict("a", Outcome.FAILED, "echo"),
        verdict("b", Outcome.BLOCKED, blocked_by=("a",)),
        verdict("c", Outcome.BLOCKED, blocked_by=("x",)),
    ]
    assert explained(*verdicts) == [("echo", ("a", "b"))]


def test_what_a_blocked_check_blocks_is_explained_too():
    """`c` needs `b`, which needs `a`: mending `a` unlocks both."""
    verdicts = [
        verdict("a", Outcome.FAILED, "echo"),
        verdict("b", Outcome.BLOCKED, blocked_by=("a",)),
        verdict("c", Outcome.BLOCKED, blocked_by=("b",)),
    ]
    assert explained(*verdicts) == [("echo", ("a", "b", "c"))]


def test_the_first_to_fix_unlocks_most_points_its_blocked_checks_included():
    verdicts = (
        verdict("big", Outcome.FAILED, "lost", points=20),
        verdict("small", Outcome.FAILED, "echo", points=5),
        verdict("needs-small", Outcome.BLOCKED, points=18, blocked_by=("small",)),
        verdict("unsteady", Outcome.UNSTEADY, "doubled", points=30, earned=20),
    )
    run = Run("1", "", 0.0, 7, (), "full", "", {})
    grade = Grade(Submission("a", "a", ""), "s", {}, "", "en", verdicts, run, causes=causes(verdicts))
    assert (grade.first_to_fix.code, grade.first_to_fix.explains) == ("echo", ("small", "needs-small"))


# -- spots ------------------------------------------------------------------------------------------------------------


SERVER = "import socket\n\ndef main():\n    serve()\n\ndef serve():\n    raise ValueError('no')\n\nmain()\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "submission"
    made.mkdir()
    (made / "server.py").write_text(SERVER)
    (made / "lib").mkdir()
    (made / "lib" / "chat.py").write_text("one\ntwo\nthree\n")
    (tmp_path / "secret.py").write_text("secret\n")
    return made


def traceback(*frames, says="ValueError: no"):
    lines = "".join(f'  File "{file}", line {line}, in f\n    code\n' for file, line in frames)
    return f"Traceback (most recent call last):\n{lines}{says}\n"


def test_the_innermost_line_of_the_student_s_is_pointed_at(folder):
    frames = [("/work/server.py", 9), ("/work/server.py", 4), ("/usr/lib/python3.11/socket.py", 50)]
    spot = last_traceback(traceback(*frames), folder)
    assert (spot.file, spot.line, spot.says) == ("server.py", 4, "ValueError: no")


def test_of_several_tracebacks_the_last_counts(folder):
    said = (
        f"{traceback(('/work/server.py', 4))}hello\n{traceback(('/work/server.py', 7), says='OSError: [Errno 9] bad')}"
    )
    spot = last_traceback(said, folder)
    assert (spot.line, spot.says) == (7, "OSError: [Errno 9] bad")


def test_a_file_in_a_folder_is_found(folder):
    assert last_traceback(traceback(("/work/lib/chat.py", 2)), folder).file == "lib/chat.py"


@pytest.mark.parametrize(
    "said",
    [
        "",
        'File "/work/server.py", line 4, in main\nValueError: no',
        traceback(("/usr/lib/python3.11/socket.py", 50)),
        traceback(("/usr/lib/python3.11/http/server.py", 3)),
        traceback(("/work/../../secret.py", 1)),
        traceback(("/work/../secret.py", 1)),
        traceback(("/etc/passwd", 1)),
        "Traceback (most recent call last):\n",
    ],
    ids=[
        "silence",
        "no traceback",
        "only the library",
        "the library, by the same name",
        "out of the folder",
        "out of it",
        "another file",
        "cut short",
    ],
)
def test_where_nothing_is_said_nothing_is_guessed(folder, said):
    assert last_traceback(said, folder) is None


def test_a_link_out_of_the_folder_is_not_shown(folder):
    (folder / "link.py").symlink_to("../secret.py")
    assert last_traceback(traceback(("/work/link.py", 1)), folder) is None


@pytest.mark.parametrize("line", [0, 10_000, 9_999_999])
def test_a_line_that_is_not_there_shows_no_line(folder, line):
    spot = last_traceback(traceback(("/work/server.py", line)), folder)
    assert spot is None or all(1 <= number <= 9 for number, _ in spot.excerpt)


def test_the_lines_around_are_shown_with_their_numbers(folder):
    assert excerpt(folder / "server.py", 7) == tuple((n, SERVER.splitlines()[n - 1]) for n in range(4, 10))
    assert excerpt(folder / "server.py", 1) == tuple((n, SERVER.splitlines()[n - 1]) for n in range(1, 5))


def test_long_lines_and_what_is_no_text_are_shown_short(folder):
    (folder / "server.py").write_bytes(b"\xff" + b"x" * 10_000 + b"\n")
    ((number, text),) = excerpt(folder / "server.py", 1)
    assert (number, len(text) <= 160) == (1, True)


def test_a_finding_gets_its_spot_where_its_kind_has_one(folder):
    case = chat("ana > hola\nbeto < ana: hola", "ana", "beto")
    events = (Event(0.1, "server", Kind.ERRORS, traceback(("/work/server.py", 7)).encode()),)
    transcript = Transcript(case.check.id, "submission", 7, events)
    assert pointed(Finding("never-came"), transcript, folder).where.line == 7
    assert pointed(Finding("echo"), transcript, folder).where is None
    assert pointed(Finding("never-came"), Transcript("it", "submission", 7, ()), folder).where is None


def test_a_traceback_that_came_in_pieces_is_one(folder):
    said = traceback(("/work/server.py", 7)).encode()
    events = tuple(Event(0.1, "server", Kind.ERRORS, said[at : at + 5]) for at in range(0, len(said), 5))
    assert pointed(Finding("exited"), Transcript("it", "submission", 7, events), folder).where.line == 7


def test_a_flood_is_explained_in_a_moment():
    """Twenty thousand lines, of which the last never came: what looks at each against each would never end."""
    sent = [Event(i / 1e5, "ana", Kind.SENT, b"%d hola\n" % i) for i in range(20_000)]
    came = [
        Event(i / 1e5, who, Kind.RECEIVED, b"ana: %d hola\n" % i) for i in range(20_000) for who in ("beto", "caro")
    ]
    piece = [Event(1.0, "ana", Kind.SENT, b"the last"), Event(1.0, "ana", Kind.CLOSED)]
    transcript = Transcript("flood", "submission", 7, (*sent, *came, *piece))
    found = (Finding("never-came", {"who": ["beto"], "text": "ana: the last"}),)
    attempt = Attempt(Outcome.FAILED, Evidence.QUIET, 1.0, found, (), transcript)
    failed = Verdict(Check("flood", {}, 5), Outcome.FAILED, 0.0, Evidence.QUIET, (), (attempt,), found)
    passed = Verdict(Check("other", {}, 5), Outcome.PASSED, 5.0, Evidence.SEEN, (), (attempt,))
    assert [c.code for c in causes((failed, passed))] == ["never-came"]


@pytest.mark.parametrize(
    ("log", "first"),
    [
        ("cc -c a.c\na.c: In function ‘main’:\na.c:4:5: error: expected ‘;’\nmake: *** [all] Error 1", "a.c:4:5: error: expected ‘;’"),
        ("/usr/bin/ld: a.o: undefined reference to `go'\ncollect2: error: ld returned 1 exit status", "/usr/bin/ld: a.o: undefined reference to `go'"),
        ("Server.java:5: error: ';' expected\n  x\n1 error", "Server.java:5: error: ';' expected"),
        ("warning: unused\nerror[E0425]: cannot find value `x`\n", "error[E0425]: cannot find value `x`"),
        ("# chat\n./main.go:7:2: undefined: x\n", "./main.go:7:2: undefined: x"),
        ("make: *** No rule to make target 'x'.  Stop.", ""),
    ],
)  # fmt: skip
def test_the_first_error_of_a_build_is_told(log, first):
    assert first_of_build(log) == first
