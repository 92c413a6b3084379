"""What is hidden from a student is in no report of theirs: canaries are planted everywhere, and nobody may hear them sing."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum

import pytest
from report_samples import SAMPLES, alice, build_failed, hidden
from test_exports import drawn

from grader import results
from grader.model import SERVER, Cause, Event, Finding, Kind, SourceSpot, Submission, Verdict
from grader.report.registry import REPORTS
from grader.report.student import student_view, without_folders

CANARY = "canary"
NAMES = sorted(REPORTS)
TELLING = ["csv", "github", "gradescope", "html", "json", "junit", "markdown", "text"]
"""The reports in which staff see what a hidden check found. In a gradebook's feedback only students read."""


def planted(value):
    """The value, in which every text and every byte is a canary. A field that is added tomorrow gets one too."""
    if isinstance(value, Enum) or value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return CANARY
    if isinstance(value, bytes):
        return CANARY.encode()
    if isinstance(value, Event):
        return Event(*map(planted, value))
    if isinstance(value, tuple | list | frozenset):
        return type(value)(map(planted, value))
    if isinstance(value, dict):
        return {key: planted(inner) for key, inner in value.items()}
    assert is_dataclass(value), value
    return replace(value, **{f.name: planted(getattr(value, f.name)) for f in fields(value)})


def kept_secret(grade, *ids):
    """The grade with hidden checks that are full of canaries, but for what a student may know of them."""

    def hide(verdict):
        check = verdict.check
        check = replace(
            planted(check), id=check.id, title=check.title, concept="client", hidden=True, group=check.group
        )
        return replace(planted(verdict), check=check, blocked_by=verdict.blocked_by)

    return replace(grade, verdicts=tuple(hide(v) if v.check.id in ids else v for v in grade.verdicts))


def secret():
    told = {"text": CANARY, "who": [CANARY], "last": CANARY, "waiting": [CANARY]}
    causes = (
        Cause("never-came", ("lost-client", "rejoin"), told),
        Cause("one-at-a-time", ("slow-reader", "no-echo"), told),
        Cause(CANARY, ("lost-client", "slow-reader"), told),
        Cause("echo", ("no-echo",), {"who": ["ana"], "count": 1}),
    )
    return replace(kept_secret(alice(), "lost-client", "slow-reader", "order"), causes=causes)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", NAMES)
def test_no_report_for_students_gives_a_hidden_check_away(name, lang):
    text = drawn(name, secret(), lang)
    assert CANARY not in text.lower()


@pytest.mark.parametrize("name", TELLING)
def test_the_canaries_can_sing(name):
    """The same grade for staff: without this, the test above would pass on an empty page."""
    assert CANARY in drawn(name, secret(), staff=True).lower()


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(TELLING)))
def test_feedback_in_a_gradebook_is_the_student_s_even_if_staff_make_it(name):
    assert CANARY not in drawn(name, secret(), staff=True).lower()


@pytest.mark.parametrize("name", ["html", "text", "csv", "github", "gradescope", "json", "junit"])
def test_how_a_hidden_check_ended_is_said(name):
    assert "Leaving is announced" in drawn(name, hidden()) or "lost-client" in drawn(name, hidden())


def test_a_hidden_verdict_is_made_anew():
    """Allowed are the fields that are named here; whoever adds one to a verdict decides whether a student may see it."""
    (verdict,) = (v for v in student_view(secret()).verdicts if v.check.id == "order")
    told = {
        f.name
        for f in fields(Verdict)
        if getattr(verdict, f.name) != getattr(Verdict(verdict.check, None, 0.0), f.name)
    }
    assert told == {"outcome", "earned"}
    checked = {f.name for f in fields(verdict.check) if getattr(verdict.check, f.name)}
    assert checked == {"id", "title", "points", "concept", "hidden", "attempts"}
    assert verdict.check.attempts == 3, "the default, not the check's"


def test_causes_keep_what_is_seen_and_lose_what_only_hidden_checks_tell():
    causes = {c.code: c for c in student_view(secret()).causes}
    assert set(causes) == {"echo"}
    first, second = (c for c in student_view(secret()).causes)
    assert {first.explains, second.explains} == {("no-echo",)}


def test_the_points_are_the_same_for_both():
    for make in (secret, hidden):
        assert student_view(make()).earned == make().earned
        assert student_view(make()).possible == make().possible


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_viewing_what_was_viewed_changes_nothing(sample):
    once = student_view(SAMPLES[sample]())
    assert student_view(once) == once
    assert student_view(results.load(results.dump(once))).verdicts == results.load(results.dump(once)).verdicts


# ------------------------------------------------------------------------------------------------------- the machine

HOST = "canary-host.uni.example"
PRINTED = (
    b'  File "/home/canary/my course/server.py", line 18, in handle\n'
    b'  File "/usr/lib/python3.11/threading.py", line 1045, in run\n'
    b"FileNotFoundError: '/tmp/grade-canary/work/log.txt' on canary-host\n"
    b"open(/Users/Canary/x/y.db): canary-host.uni.example /home/canary/half"
)


def told_of(rung="limits"):
    """A grade in which the server said all that it could learn of the machine, in every place where it can."""
    whole = alice()
    verdicts = []
    for verdict in whole.verdicts:
        attempts = []
        for attempt in verdict.attempts:
            finding = Finding(
                "exited",
                {"status": 1, "last": "no /home/canary/x/log on canary-host", "got": ["/var/canary/spool/mail"]},
                (),
                SourceSpot("server.py", 18, ((18, "x = 1"),), "OSError: /root/canary/secret/file on canary-host"),
            )
            events = (
                *attempt.transcript.events,
                Event(0.5, SERVER, Kind.ERRORS, PRINTED),
                Event(0.6, SERVER, Kind.ERRORS, b"way/canary/rest/file.py\n"),
                Event(0.6, "ana", Kind.RECEIVED, b"welcome to canary-host, see /srv/canary/motd, /who and /quit\n"),
                Event(0.7, SERVER, Kind.OUTPUT, b"\xff CANARY-HOST.uni.example up\n"),
            )
            server = replace(attempt.transcript.server, argv=("/home/canary/.venv/bin/python", "server.py", "5000"))
            transcript = replace(attempt.transcript, events=events, server=server)
            findings = (finding,) if attempt.findings else ()
            attempts.append(replace(attempt, transcript=transcript, findings=findings, remarks=(finding,)))
        shown = tuple(f for a in attempts for f in a.findings)[:1]
        reference = replace(verdict.reference, events=attempts[0].transcript.events) if verdict.reference else None
        verdicts.append(replace(verdict, attempts=tuple(attempts), findings=shown, remarks=shown, reference=reference))
    run = replace(
        whole.run,
        rung=rung,
        rung_why="full: /home/canary/bin/bwrap is missing on canary-host",
        versions={**whole.run.versions, "host": HOST},
        argv=("grade", "/home/canary/course/alice"),
    )
    build = replace(build_failed().build, command="make -C /home/canary/x", log="cc: /tmp/canary/a.c on canary-host\n")
    problem = Finding("grader-error", {"what": "/home/canary/agent.py died on canary-host.uni.example"})
    folder = Submission("alice", "/home/canary/course/alice", "sha256:9f")
    return replace(whole, verdicts=tuple(verdicts), run=run, build=build, problem=problem, submission=folder)


@pytest.mark.parametrize("problem", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_no_report_for_students_tells_of_the_machine(name, problem):
    grade = told_of() if problem else replace(told_of(), problem=None)
    text = drawn(name, grade).lower()
    assert "canary" not in text


@pytest.mark.parametrize("name", ["html", "json", "junit"])
def test_staff_see_where_it_ran(name):
    assert "canary" in drawn(name, replace(told_of(), problem=None), staff=True).lower()


def test_what_helps_a_student_stays():
    grade = student_view(told_of())
    text = drawn("json", grade, staff=True)
    for kept in (
        "/usr/lib/python3.11/threading.py",
        "…/server.py",
        "…/log.txt",
        "/who and /quit",
        "…/motd",
        "…/file.py",
    ):
        assert kept in text, kept
    assert grade.run.versions.keys() == alice().run.versions.keys()


def test_in_the_closed_box_the_machine_has_another_name_so_no_word_is_touched():
    data = [e.data for v in student_view(told_of("full")).verdicts for a in v.attempts for e in a.transcript.events]
    assert any(b"welcome to canary-host, see " in d for d in data)


def test_a_machine_with_the_name_of_a_finding_changes_no_verdict():
    whole = alice()
    named = replace(whole, run=replace(whole.run, rung="limits", versions={**whole.run.versions, "host": "echo"}))
    assert [f.code for v in student_view(named).verdicts for f in v.findings] == [
        f.code for v in whole.verdicts for f in v.findings
    ]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A field of tomorrow: some value that holds texts, bytes and events."""

    said: str
    rows: tuple
    raw: bytes
    one: Event
    line: int = 3


def test_fields_that_do_not_exist_yet_are_reached_too():
    path = "/home/canary/x.py on canary-host"
    event = Event(0.1, "ana", Kind.RECEIVED, path.encode())
    tomorrow = Recorded(path, ({"at": [path]}, event), path.encode(), event)
    grade = replace(told_of(), problem=tomorrow)
    assert CANARY not in repr(student_view(grade).problem)
    assert CANARY in repr(grade.problem)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/home/ana/x/server.py", "…/server.py"),
        ('File "/home/ana maria/x/server.py", line 3', 'File "…/server.py", line 3'),
        ("/tmp/log", "…/log"),
        ("a /root/.ssh/id b", "a …/id b"),
        ("x=/Users/ana/y.", "x=…/y."),
        ("/home/", "…/"),
        ("…/server.py", "…/server.py"),
        ("/usr/lib/python3.11/socket.py", "/usr/lib/python3.11/socket.py"),
        ("/who", "/who"),
        ("/data", "/data"),
        ("src/tmp/x", "src/tmp/x"),
        ("http://a.example/home/x/y", "http://a.example/home/x/y"),
        ("/homework/x/y", "/homework/x/y"),
        ("no path", "no path"),
    ],
)
def test_paths_lose_their_folders(text, left):
    assert without_folders(text) == left
    assert without_folders(left) == left
