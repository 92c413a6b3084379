"""A class is graded once: results are kept as they come, only what changed is graded again, and nobody suffers by a neighbour."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from class_rooms import ECHOES, EMPTY, ENDED, RIGHT, SPEC, WORTH, graded, kept, laid_out, outcomes

from grader import results
from grader.cli.main import run
from grader.course.class_grading import Graded, Planned, locked
from grader.course.executor import Begun, Noticed
from grader.course.machine import Machine, Where
from grader.course.workers import Workers
from grader.errors import UsageError
from grader.model import Changed, Cohort
from grader.stage.staging import MARK, MARKED

PASSED = ["passed", "passed", "passed"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cohort]:
    """A class that was graded once. Tests leave it as it is."""
    folder = tmp_path_factory.mktemp("class")
    laid_out(folder)
    return folder, graded(folder)


@pytest.fixture
def folder(tmp_path: Path, first: tuple[Path, Cohort]) -> Path:
    """The same class for a test to change, its results included."""
    shutil.copytree(first[0], tmp_path / "class")
    return tmp_path / "class"


def text(folder: Path, place: str) -> dict[str, object]:
    return json.loads((folder / "reports" / place / "results.json").read_text(encoding="utf-8"))


def forget(folder: Path, *places: str) -> None:
    """As if these had never been graded."""
    for place in places:
        (folder / "reports" / place / "results.json").unlink()


class Trouble(list):
    """Hears the news of a class; befalls the process that grades one submission, the first `times` that it is begun."""

    def __init__(self, place: str, times: int, do: Callable[[int, int], None]) -> None:
        super().__init__()
        self._place, self._left, self._do = place, times, do
        self.threads: list[threading.Thread] = []

    def append(self, news: object) -> None:
        super().append(news)
        if isinstance(news, Begun) and news.job.place == self._place and self._left:
            self._left -= 1
            self.threads.append(threading.Thread(target=self._befall, args=(int(news.worker),)))
            self.threads[-1].start()

    def _befall(self, worker: int) -> None:
        children = Path(f"/proc/{worker}/task/{worker}/children")
        with contextlib.suppress(OSError):  # on a busy machine its time may be over before it has begun
            while not (copies := children.read_text(encoding="ascii").split()):
                os.sched_yield()
            self._do(worker, int(copies[0]))

    def of(self, kind: type) -> list:
        """The news of one kind that are about the submission."""
        return [n for n in self if isinstance(n, kind) and (n.job if kind is Begun else n.member).place == self._place]


def test_each_is_worth_what_it_is_worth_alone(first):
    _, cohort = first
    assert {m.place: m.grade.earned for m in cohort.members} == WORTH
    assert outcomes(cohort) == {
        RIGHT: PASSED,
        ECHOES: ["passed", "passed", "failed"],
        ENDED: ["failed", "blocked", "blocked"],
        EMPTY: ["failed", "blocked", "blocked"],
    }
    assert kept(cohort) == set()
    assert cohort.problems == ()


def test_what_is_written_is_the_whole_grade_with_its_evidence(first):
    folder, _ = first
    grade = results.load((folder / "reports" / ECHOES / "results.json").read_text(encoding="utf-8"))
    failed = grade.verdicts[2]
    assert failed.findings[0].code == "echo"
    assert failed.attempts[0].transcript.events
    assert failed.reference is not None
    assert failed.reference.events


def test_the_second_time_nothing_is_graded(folder, first):
    before = text(folder, RIGHT)
    cohort = graded(folder, heard=(news := []))
    assert news == [Planned(0, 4)]
    assert kept(cohort) == set(WORTH)
    assert outcomes(cohort) == outcomes(first[1])
    assert text(folder, RIGHT) == before


def test_only_the_submission_that_changed_is_graded_and_the_difference_has_its_reason(folder):
    (folder / "submissions" / ECHOES / "server.py").write_text(
        (folder / "reference" / "chat_server.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    cohort = graded(folder)
    assert kept(cohort) == {RIGHT, ENDED, EMPTY}
    assert outcomes(cohort)[ECHOES] == PASSED
    (difference,) = cohort.regrades
    assert (difference.place, difference.check, difference.earned_now) == (ECHOES, "no-echo", 30.0)
    assert difference.reasons == (Changed.SUBMISSION,)
    again = graded(folder)
    assert again.regrades == cohort.regrades  # still told when nothing else has happened since


def test_a_check_that_changed_is_graded_for_all_and_the_others_stay(folder):
    before = text(folder, RIGHT)
    (folder / "spec.yaml").write_text(SPEC.replace("points: 30", "points: 25"), encoding="utf-8")
    cohort = graded(folder)
    assert kept(cohort) == set()
    now = text(folder, RIGHT)
    assert now["verdicts"][:2] == before["verdicts"][:2]  # to the microsecond: they were not run again
    assert now["verdicts"][2]["points"] == 25
    assert outcomes(cohort)[ECHOES] == ["passed", "passed", "failed"]
    assert {(r.place, r.reasons) for r in cohort.regrades} == {(RIGHT, (Changed.SPEC,))}


def test_only_one_check_for_all_is_merged_with_what_was_known(folder):
    before = text(folder, ECHOES)
    cohort = graded(folder, only=["broadcast"])
    now = text(folder, ECHOES)
    assert [a == b for a, b in zip(now["verdicts"], before["verdicts"], strict=True)] == [True, False, True]
    assert outcomes(cohort)[ECHOES] == ["passed", "passed", "failed"]
    assert now["complete"] is True


def test_again_means_all_of_it(folder):
    before = text(folder, RIGHT)
    cohort = graded(folder, again=True)
    assert kept(cohort) == set()
    assert text(folder, RIGHT)["run"] != before["run"]
    assert cohort.regrades == ()


def test_a_damaged_results_file_is_made_anew(folder):
    (folder / "reports" / RIGHT / "results.json").write_text('{"schema": 1, "verdicts": 3', encoding="utf-8")
    (folder / "reports" / ECHOES / "results.json").write_text('{"schema": 1, "verdicts": [3]}', encoding="utf-8")
    cohort = graded(folder)
    assert kept(cohort) == {ENDED, EMPTY}
    assert {m.place: m.grade.earned for m in cohort.members} == WORTH


def kill_the_worker(worker: int, _copy: int) -> None:
    os.kill(worker, signal.SIGKILL)


def kill_its_copy(_worker: int, copy: int) -> None:
    os.kill(copy, signal.SIGKILL)


def stop_its_copy(_worker: int, copy: int) -> None:
    os.kill(copy, signal.SIGSTOP)


@pytest.mark.parametrize("befall", [kill_the_worker, kill_its_copy])
def test_one_whose_grading_is_killed_is_tried_once_more(folder, befall):
    forget(folder, RIGHT, ENDED)
    news = Trouble(RIGHT, 1, befall)
    cohort = graded(folder, heard=news)
    assert {m.place: m.grade.earned for m in cohort.members} == WORTH
    assert [n.again for n in news.of(Begun)] == [False, True]


def test_one_whose_grading_is_killed_twice_is_a_grader_problem_and_costs_nobody_anything(folder):
    (folder / "submissions" / RIGHT / "more.txt").write_text("more", encoding="utf-8")
    forget(folder, ENDED)
    news = Trouble(RIGHT, 2, kill_the_worker)
    cohort = graded(folder, heard=news)
    (problem,) = cohort.problems
    assert problem.place == RIGHT
    assert (problem.grade.problem.code, problem.grade.problem.facts) == ("worker-ended", {"signal": 9})
    assert (problem.grade.earned, problem.grade.possible, problem.grade.complete) == (0.0, 0.0, False)
    assert {m.place: m.grade.earned for m in cohort.members if m.place != RIGHT} == {
        k: v for k, v in WORTH.items() if k != RIGHT
    }
    assert {r.check: r.now.value for r in cohort.regrades} == dict.fromkeys(
        ("starts", "broadcast", "no-echo"), "grader-problem"
    )


@pytest.mark.long
def test_one_whose_grading_hangs_is_ended_tried_again_and_then_a_grader_problem(folder):
    forget(folder, RIGHT)
    news = Trouble(RIGHT, 2, stop_its_copy)
    cohort = graded(folder, heard=news, seconds=4.0)
    assert [m.grade.problem.code for m in cohort.problems] == ["worker-hung"]
    assert {m.place: m.grade.earned for m in cohort.members} == {**WORTH, RIGHT: 0.0}
    repaired = graded(folder)
    assert kept(repaired) == {ECHOES, ENDED, EMPTY}
    assert repaired.problems == ()
    assert {r.reasons for r in repaired.regrades} == {(Changed.SETTLED,)}


def test_after_an_interruption_the_same_command_goes_on(folder):
    class Interrupting(list):
        def append(self, news: object) -> None:
            super().append(news)
            if isinstance(news, Graded):
                raise KeyboardInterrupt

    forget(folder, ENDED, EMPTY)
    with pytest.raises(KeyboardInterrupt):
        graded(folder, heard=Interrupting(), executor=Workers(1))
    assert kept(graded(folder)) == {RIGHT, ECHOES, ENDED}


def test_a_machine_that_is_short_of_memory_grades_fewer_at_a_time_and_says_so(folder):
    proc = folder / "proc"
    (proc / "pressure").mkdir(parents=True)
    (proc / "meminfo").write_text("MemTotal: 4000000 kB\nMemAvailable:  300000 kB\n", encoding="ascii")
    news: list = []
    workers = Workers(3, Machine(Where(proc, folder), need=512 << 20))
    forget(folder, ENDED, EMPTY)
    cohort = graded(folder, heard=news, executor=workers)
    assert {m.place: m.grade.earned for m in cohort.members} == WORTH
    told = next(n.notice for n in news if isinstance(n, Noticed))
    assert (told.code, dict(told.facts)) == ("short-of-memory", {"free": 292, "need": 512, "jobs": 1})
    assert cohort.run.notices == (told,)
    running, most = 0, 0
    for n in news:
        running += isinstance(n, Begun) - isinstance(n, Graded)
        most = max(most, running)
    assert most == 1


@contextlib.contextmanager
def busy_loops(count, seconds=240):
    """So many processes that only take processor time; each ends by itself, if nobody ends it before."""
    loop = f"import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass"
    loops = [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(count)]
    try:
        yield
    finally:
        for process in loops:
            process.kill()
            process.wait()


def test_a_machine_whose_processors_are_busy_grades_fewer_at_a_time_says_so_and_fails_nobody(folder):
    """With a real load, whose delays are really measured. How long is long is another test's: these gradings are short, and who
    mostly sleeps, as they do, is served soon beside any load; here a tenth of the time is enough. The kernel's account of
    the last ten seconds is not waited for: it is said to agree.
    """
    proc = folder / "agrees"
    (proc / "pressure").mkdir(parents=True)
    (proc / "pressure" / "cpu").write_text("some avg10=99.00 avg60=0\n", encoding="ascii")
    news: list = []
    machine = Machine(Where(proc, folder), starved=10.0, enough=0.01)
    with busy_loops(8 * (os.cpu_count() or 1)):
        cohort = graded(folder, again=True, heard=news, executor=Workers(2, machine))
    assert {m.place: m.grade.earned for m in cohort.members} == WORTH
    (told,) = cohort.run.notices
    assert (told.code, told.facts["jobs"]) == ("starved", 1)
    assert 10 <= int(str(told.facts["percent"])) <= 100


@pytest.mark.parametrize(
    ("says", "gradings", "starves"),
    [
        ("some avg10=99.00 avg60=0\n", [(0.5, 4.0)], True),
        ("some avg10=99.00 avg60=0\n", [(0.5, 4.0), (1, 0.5), (1, 0.5), (1, 0.5)], False),
        (
            "some avg10=99.00 avg60=0\n",
            [(9, 0), (0.5, 4.0), (0.5, 4.0), (0.5, 4.0), (0.5, 4.0)],
            True,
        ),  # the last count
        ("some avg10=99.00 avg60=0\n", [(0.05, 0.4)], False),  # too little to say
        ("some avg10=99.00 avg60=0\n", [], False),
        ("some avg10=50.00 avg60=0\n", [(0.5, 4.0)], False),  # it is we who take turns
        ("", [(0.5, 4.0)], True),
    ],
)
def test_a_machine_starves_where_gradings_wait_and_the_kernel_agrees(tmp_path, says, gradings, starves):
    (tmp_path / "pressure").mkdir()
    (tmp_path / "pressure" / "cpu").write_text(says, encoding="ascii")
    machine = Machine(Where(tmp_path, tmp_path))
    for ran, waited in gradings:
        machine.heard(ran, waited)
    shortage = machine.shortage()
    assert (shortage is not None and shortage.code == "starved") == starves


@pytest.mark.parametrize(
    ("file", "says", "code"),
    [
        ("proc/meminfo", "MemAvailable: 600000 kB\n", None),
        ("proc/meminfo", "MemAvailable: 100000 kB\n", "short-of-memory"),
        ("proc/pressure/memory", "some avg10=90.00 avg60=0\nfull avg10=4.00 avg60=0\n", None),
        ("proc/pressure/memory", "some avg10=90.00 avg60=0\nfull avg10=34.50 avg60=0\n", "stalled-by-memory"),
        ("proc/vmstat", "pswpin 1500\n", None),
        ("proc/vmstat", "pswpin 900000\n", "swapping"),
        ("group/memory.max", "max\n", None),
        ("group/memory.max", f"{800 << 20}\n", None),
        ("group/memory.max", f"{400 << 20}\n", "short-of-memory"),
    ],
)
def test_what_the_kernel_tells_of_memory(tmp_path, file, says, code):
    for folder in ("proc/pressure", "group"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "proc" / "vmstat").write_text("pswpin 5\n", encoding="ascii")
    (tmp_path / "group" / "memory.current").write_text(f"{200 << 20}\n", encoding="ascii")
    machine = Machine(Where(tmp_path / "proc", tmp_path / "group"), need=256 << 20)
    (tmp_path / file).write_text(says, encoding="ascii")
    shortage = machine.shortage()
    assert (shortage.code if shortage else None) == code


def test_two_gradings_do_not_write_to_one_folder(tmp_path):
    with locked(tmp_path), pytest.raises(UsageError, match="class-locked"), locked(tmp_path):
        pass


def test_a_folder_of_submissions_is_a_class_on_the_command_line(folder, capsys):
    (folder / "reports" / ECHOES / "results.json").unlink()
    where = ["--spec", str(folder / "spec.yaml"), "--out", str(folder / "reports"), "--lang", "en"]
    assert run([str(folder / "submissions"), *where, "--format", f"csv={folder}/all.csv"]) == 0
    said = capsys.readouterr().out
    assert "1 submission is to be graded, 3 are kept as they were." in said
    assert "4/4  beto  70 of 100 points  Your server also sends a message back to" in said
    assert (folder / "reports" / ECHOES / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "beto" in (folder / "reports" / "index.html").read_text(encoding="utf-8")
    assert len((folder / "all.csv").read_text(encoding="utf-8").splitlines()) == 1 + 4 * 3
    assert run([str(folder / "submissions" / n) for n in (RIGHT, ECHOES)] + [*where, "--fail-under", "80"]) == 3


def test_results_that_lie_among_submissions_or_in_one_are_nobodys_submission(folder, capsys, monkeypatch):
    """Known by their mark: whatever they are called, and a folder that was handed in as `reports` is graded."""
    handed_in = folder / "submissions"
    shutil.copytree(handed_in / ENDED, handed_in / "reports")
    where = ["--spec", str(folder / "spec.yaml"), "--lang", "en"]
    monkeypatch.chdir(handed_in)
    assert run([".", *where, "--out", "results-of-today"]) == 0
    monkeypatch.chdir(handed_in / ENDED)
    assert run([".", *where]) == 0
    monkeypatch.chdir(handed_in)
    assert (handed_in / ENDED / "reports" / ENDED / "report.html").is_file()
    capsys.readouterr()
    assert run([".", *where, "--out", "results-of-today"]) == 0
    said = capsys.readouterr().out
    assert "0 submissions are to be graded, 5 are kept as they were." in said
    assert "results-of-today holds results of gradings. It was not taken for a submission." in said
    assert {p.parent.name for p in (handed_in / "results-of-today").glob("*/results.json")} == {*WORTH, "reports"}


def test_a_server_with_our_mark_is_a_submission_all_the_same(folder):
    (folder / "submissions" / ENDED / MARK).write_text(MARKED, encoding="utf-8")
    assert {m.place for m in graded(folder).members} == set(WORTH)


def test_a_class_needs_a_sandbox_in_which_submissions_cannot_meet(folder, capsys):
    where = [
        "--spec",
        str(folder / "spec.yaml"),
        "--out",
        str(folder / "reports"),
        "--lang",
        "en",
        "--sandbox",
        "limits",
    ]
    assert run([str(folder / "submissions"), *where]) == 2
    assert "--weak-sandbox" in capsys.readouterr().err
    (folder / "reports" / RIGHT / "results.json").unlink()
    assert run([str(folder / "submissions"), *where, "-j", "2", "--weak-sandbox"]) == 0
    assert "share the machine’s ports" in capsys.readouterr().out


def test_a_submission_yaml_that_cannot_be_used_is_the_students(folder):
    (folder / "submissions" / EMPTY / "submission.yaml").write_text("run: [", encoding="utf-8")
    cohort = graded(folder)
    grade = next(m.grade for m in cohort.members if m.place == EMPTY)
    assert (grade.problem.code, grade.earned, grade.possible) == ("bad-submission-yaml", 0.0, 100.0)
