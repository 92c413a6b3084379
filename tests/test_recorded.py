"""The flight recorder, end to end: faulty servers in a real sandbox, judged, run once more, and placed at their line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import rung_called
from needs import needs
from recorded_servers import ASYNCIO, CHAT, FAULTS, SELECTORS, SOCKETSERVER, SUBCLASS

from grader.course import entry as entries
from grader.course.attempts import verdict
from grader.course.causes import causes
from grader.course.pointing import point
from grader.course.recorded import Scene, explain, grouped
from grader.course.subject import Subject
from grader.judge.verdict import judge
from grader.model import Command, Evidence, Grade, Outcome, RecorderState, Run, Submission
from grader.report.summary import Summary
from grader.spec.load import load
from grader.stage import sandbox, staging
from grader.stage.recorder.python import PythonRecorder
from grader.stage.recorder.strace import StraceRecorder
from grader.words import Sentences

ROOT = Path(__file__).parent.parent
SPEC = load(ROOT / "specs" / "chat.yaml")
PLENTY = 600.0
SEEN_WITHOUT = {"pieces", "several", "stuck"}
"""What a look at the server's threads may have shown before anything is recorded."""


class Course:
    """Grades single checks without the reference, and has them explained."""

    def __init__(self, folder: Path, rung: str | None = None) -> None:
        self.staged, _ = staging.stage(folder)
        self.rung = sandbox.choose(self.staged, rung).rung
        self.entry = entries.find(folder, SPEC.server)
        self.folder = folder
        self.subject = Subject(self.staged, SPEC, self.rung, self.entry, "submission", 7)
        built = self.subject.build()
        assert built is None or built.status == 0, built

    def graded(self, *checks: str):
        """The verdicts on these checks."""
        wanted = [next(c for c in SPEC.checks if c.id == i) for i in checks]
        graded = {c.id: verdict(c, [self.subject.attempt(c)], None) for c in wanted}
        self.subject.close()
        return graded

    def explained(self, graded, spent: float = PLENTY):
        """The same with what the recorder could say."""
        return graded | explain(graded, Scene(SPEC, self.folder, self.staged, self.rung, self.entry, 7), spent)

    def recorded(self, check: str):
        """The transcript and the recording of a check in a recorded run."""
        recorder = PythonRecorder(self.rung, self.staged)
        subject = Subject(recorder.staging, SPEC, self.rung, self.entry, "submission", 7, recorder.extra)
        try:
            recorder.begin()
            attempt = subject.attempt(next(c for c in SPEC.checks if c.id == check))
            return attempt.transcript, recorder.recording()
        finally:
            subject.close()
            recorder.close()

    def found(self, transcript):
        """What the judge finds first in a transcript."""
        return judge(next(c for c in SPEC.checks if c.id == transcript.check), SPEC, transcript).findings[0]

    def close(self) -> None:
        self.subject.close()
        staging.remove(self.staged)


@pytest.fixture
def course(tmp_path):
    made = []

    def of(source: str | Path, rung: str | None = None) -> Course:
        folder = source
        if isinstance(source, str):
            folder = tmp_path / "submission"
            folder.mkdir()
            (folder / "server.py").write_text(source)
        made.append(Course(folder, rung))
        return made[-1]

    yield of
    for one in made:
        one.close()


def changed(changes):
    source = CHAT
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


def marked(source, mark="# here"):
    (line,) = [n for n, text in enumerate(source.splitlines(), 1) if text.endswith(mark)]
    return line


def placed(told):
    """Code, recorder's word and line of a verdict's first finding."""
    where = told.findings[0].where
    return (told.findings[0].code, where and where.recorded, where and where.line)


def test_the_server_that_the_faults_are_made_in_is_right(course):
    checks = {check for check, *_ in FAULTS.values()}
    graded = course(CHAT).graded(*checks)
    assert [v.check.id for v in graded.values() if v.outcome is not Outcome.PASSED] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_placed_at_its_line(fault, course):
    check, code, word, changes = FAULTS[fault]
    source = changed(changes)
    here = course(source)
    before = here.graded(check)
    after = here.explained(before)[check]
    one = before[check]
    (cause,) = causes((one,))
    if word in SEEN_WITHOUT and cause.where is not None:
        assert (cause.where.line, after) == (marked(source), one)  # known already: nothing is run for it
        return
    assert placed(after) == (code, word, marked(source))
    assert after.recorder.state is RecorderState.POINTED
    assert dict(after.findings[0].where.excerpt)[marked(source)].endswith("# here")
    assert (after.outcome, after.earned, after.evidence) == (one.outcome, one.earned, one.evidence)
    assert after.attempts[0].transcript == one.attempts[0].transcript


@pytest.mark.parametrize(
    "source",
    [SELECTORS, pytest.param(SOCKETSERVER, marks=pytest.mark.long), SUBCLASS],
    ids=["selectors", "socketserver", "subclass"],
)
def test_every_style_of_server_is_recorded(source, course):
    here = course(source)
    told = here.explained(here.graded("no-echo"))["no-echo"]
    assert placed(told)[1:] == ("sent", marked(source))


@pytest.mark.parametrize(
    ("check", "code", "word", "mark"),
    [
        ("no-echo", "echo", "sent", "# echo"),
        ("who", "never-came", "taken", "# read"),
        ("leave-close", "never-came", "ended", "# read"),
    ],
)
def test_coroutines_are_placed_where_they_stood(check, code, word, mark, course):
    """The bytes were read by the loop, in a call that says nothing about the student's program."""
    here = course(ASYNCIO)
    assert placed(here.explained(here.graded(check))[check]) == (code, word, marked(ASYNCIO, mark))


@pytest.mark.parametrize("rung", ["namespaces", "limits"])
def test_the_lower_rungs_record_too(rung, course):
    rung_called(rung)
    check, code, word, changes = FAULTS["echo"]
    source = changed(changes)
    here = course(source, rung)
    assert placed(here.explained(here.graded(check))[check]) == (code, word, marked(source))


def test_one_cause_is_recorded_once(course):
    """Diego: everything fails for one reason, and one run is enough for all of it."""
    here = course(ROOT / "submissions" / "diego")
    told = here.explained(here.graded("broadcast", "who", "split-line"))
    assert len({v.recorder for v in told.values()}) == 1
    assert {placed(v) for v in told.values()} == {("not-accepted", "busy", 94)}


def test_a_server_that_runs_in_circles_is_not_run_again(course):
    """It accepts nobody, and its loop is named already. One that waits in `recv` meanwhile is Diego's, above."""
    listens = "import socket, sys\nlistener = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
    here = course(listens + "while True:\n    pass\n")
    graded = here.graded("connects")
    assert placed(graded["connects"]) == ("not-accepted", None, None)
    (cause,) = causes(tuple(graded.values()))
    assert (cause.code, cause.where.line in (3, 4)) == ("busy-loop", True)
    assert here.explained(graded) == graded


def test_where_a_line_is_known_already_nothing_is_run(course):
    """Alice's own traceback has named it."""
    here = course(ROOT / "submissions" / "alice")
    graded = here.graded("leave-crash", "no-echo")
    told = here.explained(graded)
    assert told["leave-crash"] == graded["leave-crash"]
    assert told["no-echo"].findings[0].where.via == (("server.py", 43),)


def test_a_call_that_never_returned_is_placed(course):
    """Alice again: her thread stands in sendall, to a client that does not read. (A look at her threads says so too.)"""
    here = course(ROOT / "submissions" / "alice")
    transcript, recording = here.recorded("slow-reader")
    finding = here.found(transcript)
    spot = point(finding, transcript, recording, Path(here.staged.submission), SPEC.dialect)
    assert (finding.code, spot.recorded, spot.line) == ("never-came", "stuck", 43)
    assert spot.via == (("server.py", 52), ("server.py", 113))


@pytest.mark.parametrize("fault", ["what is read is taken for a line", "all but the first line thrown away"])
def test_a_read_that_took_too_little_or_too_much_is_placed(fault, course):
    """What the judge may know without it, the recorder shows with the bytes."""
    check, code, word, changes = FAULTS[fault]
    source = changed(changes)
    here = course(source)
    transcript, recording = here.recorded(check)
    finding = here.found(transcript)
    spot = point(finding, transcript, recording, Path(here.staged.submission), SPEC.dialect)
    assert (finding.code, spot.recorded, spot.line) == (code, word, marked(source))
    assert spot.says in ("ca", "caro\\nhola a todos\\n")


def test_a_grading_shows_the_line_on_its_page(tmp_path):
    """From the command line to the page: Alice's echo."""
    folder = ROOT / "submissions" / "alice"
    argv = [sys.executable, "-m", "grader", str(folder), "--only", "no-echo", "--out", str(tmp_path), "--lang", "en"]
    subprocess.run(argv, check=True, capture_output=True, cwd=ROOT)
    results = json.loads((tmp_path / "alice" / "results.json").read_text(encoding="utf-8"))
    (told,) = [v for v in results["verdicts"] if v["check"] == "no-echo"]
    where = told["findings"][0]["where"]
    assert (where["line"], where["recorded"], told["recorder"]["state"]) == (113, "sent", "pointed")
    assert told["attempts"][0]["findings"][0]["where"] == where
    assert (told["outcome"], told["earned"]) == ("failed", 0)
    page = (tmp_path / "alice" / "report.html").read_text(encoding="utf-8")
    assert "server.py, line 113: it was sent from here." in page
    assert "run once more" in page


def test_what_to_fix_first_names_the_line_with_its_bytes(course):
    """A reason behind several checks takes the recorder's line over, whole."""
    traced()
    here = course(ROOT / "submissions" / "fabio")
    told = here.explained(here.graded("split-line", "glued-lines"))
    (cause,) = causes(tuple(told.values()))
    submission, run = Submission("fabio", "fabio", ""), Run("1", "", 0.0, 7, (), "full", "", {})
    grade = Grade(submission, "chat", SPEC.title, "", "en", tuple(told.values()), run, causes=(cause,))
    spot = Summary(grade, Sentences("en")).first().spot
    assert spot == f"server.c, line {cause.where.line}: one call read “ca” here, and that is only a piece."


# -- compiled servers -------------------------------------------------------------------------------------------------


def traced():
    needs("strace", "addr2line", "make", "gcc")
    allowed = subprocess.run(["strace", "-o", "/dev/null", "true"], check=False, capture_output=True)
    if allowed.returncode:
        needs("leave to trace programs")


def test_a_compiled_server_is_placed_by_its_system_calls(course):
    traced()
    source = (ROOT / "submissions" / "fabio" / "server.c").read_text().splitlines()
    here = course(ROOT / "submissions" / "fabio")
    for check, word in (("split-line", "pieces"), ("glued-lines", "several")):
        told = here.explained(here.graded(check))[check]
        assert placed(told)[1] == word
        assert "recv(c->fd" in source[told.findings[0].where.line - 1]


def test_a_check_is_never_shown_the_bytes_of_another(course):
    """Both fail because a recv is taken for a line: one is run again, and the other says that it was not."""
    traced()
    here = course(ROOT / "submissions" / "fabio")
    told = here.explained(here.graded("split-line", "glued-lines"))
    wheres = [v.findings[0].where for v in told.values()]
    assert len({w.line for w in wheres}) == 1
    runs = {v.recorder for v in told.values()}
    assert sorted(w.recorded for w in wheres) == (["alike", "pieces"] if len(runs) == 1 else ["pieces", "several"])
    assert all(w.says for w in wheres if w.recorded != "alike")


def test_a_traced_server_is_still_proven_quiet(course):
    """The tracer is ours: what it might do proves nothing about the server."""
    traced()
    here = course(ROOT / "submissions" / "fabio")
    recorder = StraceRecorder(here.rung, here.folder, here.entry.command.build)
    entry = entries.Entry(Command(" ".join(recorder.command(here.entry.argv))))
    subject = Subject(recorder.staging, SPEC, here.rung, entry, "submission", 7, recorder.extra)
    try:
        recorder.begin()
        attempt = subject.attempt(next(c for c in SPEC.checks if c.id == "no-echo"))
        assert (attempt.outcome, attempt.evidence) == (Outcome.PASSED, Evidence.QUIET)
        assert len(recorder.recording().calls) > 10
    finally:
        subject.close()
        recorder.close()


def test_what_is_too_long_for_it_is_not_traced(course):
    traced()
    here = course(ROOT / "submissions" / "fabio")
    told = here.explained(here.graded("five-clients"))["five-clients"]
    assert (told.recorder.state, told.findings[0].where) == (RecorderState.TOO_LONG, None)


def test_without_the_tool_it_says_so(course, monkeypatch):
    needs("make", "gcc")
    monkeypatch.setattr("grader.stage.recorder.strace.TOOL", "strace-that-is-not-here")
    here = course(ROOT / "submissions" / "fabio")
    told = here.explained(here.graded("split-line"))["split-line"]
    assert (told.recorder.state, told.findings[0].where) == (RecorderState.NO_TOOL, None)


def test_a_program_of_another_kind_has_no_recorder_and_says_so(course, tmp_path):
    needs("javac", "java")
    here = course(ROOT / "submissions" / "gina")
    told = here.explained(here.graded("leave-close"))["leave-close"]
    assert (told.recorder.state, told.findings[0].where) == (RecorderState.NO_WAY, None)


# -- servers that lie -------------------------------------------------------------------------------------------------

ECHO = changed(FAULTS["echo"][3])
FIND = """
import os
records = [d for d in range(3, 1024) if os.path.exists(f"/proc/self/fd/{d}") and "memfd" in os.readlink(f"/proc/self/fd/{d}")]
"""
LIES = {
    "floods it": """
try:
    while records:
        os.write(records[0], b"x" * 65536 + b"\\n")
except OSError:
    pass
""",
    "writes many short lines": """
try:
    while records:
        os.write(records[0], b"C\\n" * 4096)
except OSError:
    pass
""",
    "closes it": """
for d in records:
    os.close(d)
""",
    "shortens it and moves away": """
for d in records:
    try:
        os.ftruncate(d, 0)
    except OSError:
        os.lseek(d, 1 << 40, 0)
""",
    "names lines of other files": """
files = b",".join(f.encode().hex().encode() + b":1:66:1" for f in ("/etc/passwd", "../../etc/passwd", "/work/none.py"))
for d in records:
    os.write(d, b"F 3.1 " + files + b"\\nS 3.2 4 127.0.0.1|9\\nC 1 3 3 3.2 send 10 3.1 616e613a20686f6c610a\\n")
""",
}
LIES = {name: FIND + lie for name, lie in LIES.items()}


@pytest.mark.parametrize("lie", LIES)
def test_a_hostile_record_costs_nothing_and_shows_nothing_of_ours(lie, course):
    """Whatever it writes there: the verdict stands, and a line, if there is one, is one of the submission's."""
    here = course(LIES[lie] + ECHO)
    graded = here.graded("no-echo")
    told = here.explained(graded)["no-echo"]
    assert (told.outcome, told.earned) == (Outcome.FAILED, 0)
    assert told.recorder.state is not RecorderState.BROKEN
    where = told.findings[0].where
    assert where is None or (where.file, where.line) == ("server.py", marked(LIES[lie] + ECHO))


def test_a_server_that_behaves_when_it_is_recorded_is_not_placed(course):
    """It sees that its sockets are ours, and then sends no echo: the recorded run says nothing about the graded one."""
    source = ECHO.replace('tell("", f"{name}: {line}")', 'tell(name if socket.socket.__subclasses__ and len(socket.socket.__mro__) > 3 else "", f"{name}: {line}")')  # fmt: skip
    here = course(source)
    told = here.explained(here.graded("no-echo"))["no-echo"]
    assert (told.outcome, told.findings[0].where) == (Outcome.FAILED, None)
    assert told.recorder.state is RecorderState.DIFFERENT


def test_a_program_meets_no_trace_of_the_recorder_in_its_surroundings(course):
    spy = "import os, sys\nassert 'PYTHONPATH' not in os.environ and not [k for k in os.environ if 'GRADE' in k]\n"
    spy += "assert not [p for p in sys.path if 'recorder' in p]\n"
    here = course(spy + ECHO)
    told = here.explained(here.graded("no-echo"))["no-echo"]
    assert placed(told) == ("echo", "sent", marked(spy + ECHO))


# -- what it may cost -------------------------------------------------------------------------------------------------


def test_what_would_take_too_long_is_not_recorded(course):
    here = course(ECHO)
    (graded,) = here.graded("no-echo").values()
    slow = {graded.check.id: graded.__class__(graded.check, graded.outcome, 0.0, graded.evidence, (),
            (graded.attempts[0].__class__(*(60.0 if f == "seconds" else getattr(graded.attempts[0], f)
             for f in graded.attempts[0].__slots__)),), graded.findings)}  # fmt: skip
    told = here.explained(slow, spent=1.0)["no-echo"]
    assert (told.recorder.state, told.findings[0].where) == (RecorderState.NO_TIME, None)


def test_what_passed_is_not_recorded(course):
    here = course(CHAT)
    graded = here.graded("no-echo", "broadcast")
    assert list(grouped(graded)) == []
    assert here.explained(graded) == graded
