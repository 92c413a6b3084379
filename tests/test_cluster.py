"""A class on several machines: a real scheduler and workers on the loopback, one of them killed in the middle."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from needs import lacking

from grader.course.executor import Begun, Done, Job, Noticed, Task
from grader.course.packing import packed, unpack
from grader.errors import HarnessError, UsageError
from grader.report.pages import pages
from grader.spec.load import load
from grader.stage import staging
from grader.words import LANGUAGES, Sentences

TREE = Path(__file__).parent.parent
ECHO = TREE / "reference" / "echo"
CHECKS = ("starts", "echoes")
DEAF = "import socket, sys\ns = socket.create_server(('', int(sys.argv[1])))\nwhile True:\n    c, _ = s.accept()\n    c.recv(9)\n"


# ------------------------------------------------------------------------------------------------------------ packing


def test_a_folder_that_travelled_is_staged_as_it_would_have_been_at_home(tmp_path):
    there, here = tmp_path / "there", tmp_path / "here"
    (here / "a" / "b").mkdir(parents=True)
    (here / "server.py").write_text("print('hola')\n", encoding="utf-8")
    (here / "a" / "b" / "ñandú\n.txt").write_bytes(b"\x00\xff")
    (here / "run.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (here / "run.sh").chmod(0o755)
    (here / "inside").symlink_to("a/b")
    (here / "passwords").symlink_to("/etc/passwd")
    (here / "up").symlink_to("../../..")
    os.mkfifo(here / "pipe")
    there.mkdir()
    unpack(packed(here), there)
    staged = [staging.stage(folder) for folder in (here, there)]
    try:
        (_, at_home), (_, far_away) = staged
        assert at_home.digest == far_away.digest
        assert at_home.notices() == far_away.notices()
        assert {why for _, why in far_away.left_out} == {"link", "odd"}
        assert os.access(there / "run.sh", os.X_OK)
    finally:
        for place, _ in staged:
            staging.remove(place)


def test_equal_folders_are_packed_alike(tmp_path):
    shutil.copytree(ECHO, tmp_path / "one")
    shutil.copytree(ECHO, tmp_path / "two")
    assert packed(tmp_path / "one") == packed(tmp_path / "two")


def test_what_is_too_large_to_stage_does_not_travel(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.course.packing.MOST", 1000)
    folder, there = tmp_path / "here", tmp_path / "there"
    for path in (folder, there):
        path.mkdir()
    (folder / "core").write_bytes(bytes(2000))
    (folder / "server.py").write_text("pass\n", encoding="utf-8")
    unpack(packed(folder), there)
    assert [p.name for p in there.iterdir()] == ["server.py"]


def test_what_was_packed_by_somebody_else_is_written_nowhere_but_inside(tmp_path):
    import io
    import tarfile

    hostile = io.BytesIO()
    with tarfile.open(fileobj=hostile, mode="w:gz") as tar:
        link = tarfile.TarInfo("out")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        tar.addfile(link)
        for name in ("out/through-a-link", "../beside", "/absolute"):
            info = tarfile.TarInfo(name)
            info.size = 4
            tar.addfile(info, io.BytesIO(b"evil"))
    inside = tmp_path / "inside"
    inside.mkdir()
    unpack(hostile.getvalue(), inside)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["inside"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", ["no-dask", "no-cluster", "cluster-empty", "cluster-unfit"])
def test_every_refusal_is_one_sentence(lang, code):
    said = Sentences(lang).say(f"cli.{code}", address="tcp://scheduler:8786", why="refused", count=3)
    assert "?" not in said
    assert "‹" not in said


# ------------------------------------------------------------------------------------------------ scheduler and workers


@contextmanager
def started(*words: str, said: str, weak: bool = False) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A dask process, once it has said what is waited for; and what that was. A weak one can make no namespaces."""
    first = f"import sys; sys.path[:0] = [{str(TREE / 'tests')!r}]; import without_namespaces as w; w.give_up_namespaces(); "
    code = f"{first if weak else ''}from dask.__main__ import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        heard: list[str] = []
        for line in process.stderr:
            heard.append(line)
            if found := re.search(said, "".join(heard), re.DOTALL):
                break
        else:
            raise AssertionError("".join(heard))
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


SCHEDULER = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
SCHEDULER_SAYS = r"Scheduler at:\s+(tcp://\S+)"


@contextmanager
def scheduler() -> Iterator[str]:
    """A scheduler on the loopback; its address."""
    try:
        import distributed
    except ImportError:
        lacking("the Python package distributed")
    del distributed
    with started(*SCHEDULER, said=SCHEDULER_SAYS) as (_, address):
        yield address


@contextmanager
def worker(address: str, name: str, folder: Path, *, weak: bool = False) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A worker of the scheduler, that has joined, and its address."""
    words = ("worker", address, "--host", "127.0.0.1", "--name", name, "--nthreads", "1", "--no-nanny", "--no-dashboard",
             "--local-directory", str(folder))  # fmt: skip
    with started(*words, said=r"Start worker at:\s+(tcp://\S+).*Registered to:", weak=weak) as joined:
        yield joined


def a_class(folder: Path, count: int) -> list[Job]:
    """So many submissions: every third hears and does not answer, the others are right."""
    jobs = []
    for n in range(count):
        at = folder / f"s{n:02}"
        at.mkdir(parents=True)
        right = (ECHO / "server.py").read_text(encoding="utf-8")
        (at / "server.py").write_text(right if n % 3 else DEAF, encoding="utf-8")
        jobs.append(Job(at.name, f"Student {n}", str(at), only=CHECKS))
    return jobs


def a_task() -> Task:
    return Task(load(TREE / "specs" / "echo.yaml"), 7, "en", ("grade", "submissions"), draw=pages)


def outcomes(done: Done) -> dict[str, str]:
    plain = json.loads(done.files["results.json"])
    return {v["check"]: v["outcome"] for v in plain["verdicts"] if v["check"] in CHECKS}


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_worker_that_is_killed_in_the_middle_costs_nothing_and_nobody_is_graded_twice(tmp_path):
    from grader.course.cluster import Cluster

    jobs = a_class(tmp_path / "submissions", 18)
    heard: list = []
    lost: list[str] = []
    with (
        scheduler() as address,
        worker(address, "w0", tmp_path) as (victim, its_address),
        worker(address, "w1", tmp_path),
        worker(address, "w2", tmp_path),
    ):

        def tell(what) -> None:
            heard.append(what)
            middle = sum(isinstance(x, Done) for x in heard) >= 3
            if middle and isinstance(what, Begun) and what.worker == its_address and victim.poll() is None:
                os.kill(victim.pid, signal.SIGKILL)
                victim.wait()
                lost.append(what.job.place)

        cluster = Cluster(address)
        cluster.run(a_task(), jobs, tell)
    done = [x for x in heard if isinstance(x, Done)]
    assert Counter(d.job.place for d in done) == {j.place: 1 for j in jobs}
    assert [d.problem for d in done if d.problem] == []
    for d in done:
        right = int(d.job.place[1:]) % 3 != 0
        assert outcomes(d) == {"starts": "passed", "echoes": "passed" if right else "failed"}, d.job.place
        assert d.files["report.html"].startswith(b"<!doctype html>")
        assert json.loads(d.files["results.json"])["submission"]["name"] == d.job.name
    began = [x for x in heard if isinstance(x, Begun)]
    assert len({b.worker for b in began}) == 3
    assert {b.job.place for b in began} == {j.place for j in jobs}
    assert victim.returncode == -signal.SIGKILL
    again = [b for b in began if b.again and b.job.place in lost]
    assert again  # what it was doing was begun once more, by another
    assert its_address not in {b.worker for b in again}


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_worker_without_the_sandbox_that_is_wanted_gets_nothing(tmp_path):
    from grader.course.cluster import Cluster

    jobs = a_class(tmp_path / "submissions", 4)
    heard: list = []
    with (
        scheduler() as address,
        worker(address, "weak", tmp_path, weak=True),
    ):
        with pytest.raises(UsageError, match="cluster-unfit"):
            Cluster(address, "full").run(a_task(), jobs, heard.append)
        refused = len(heard)
        with worker(address, "strong", tmp_path):
            Cluster(address, "full").run(a_task(), jobs, heard.append)
    notices = [x.notice for x in heard if isinstance(x, Noticed)]
    assert {n.code for n in notices} == {"refused-sandbox-too-weak"}
    assert Sentences("en").say(f"notice.{notices[0].code}", **notices[0].facts).startswith("tcp://127.0.0.1:")
    assert refused == 1
    assert {b.worker for b in heard if isinstance(b, Begun)}.isdisjoint(n.facts["worker"] for n in notices)
    assert sorted(d.job.place for d in heard if isinstance(d, Done) and d.files) == [j.place for j in jobs]


@pytest.mark.long
@pytest.mark.timeout(120)
def test_where_there_is_no_scheduler_it_is_said_in_one_sentence():
    from grader.course.cluster import Cluster

    with pytest.raises(UsageError, match="no-cluster"):
        Cluster("tcp://127.0.0.1:9", patience=1.0).run(a_task(), [Job("a", "a", ".")], lambda _: None)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_when_the_scheduler_goes_away_what_has_come_home_stays_and_the_rest_is_a_problem_of_ours(tmp_path):
    from grader.course.cluster import Cluster

    jobs = a_class(tmp_path / "submissions", 12)
    heard: list = []
    with started(*SCHEDULER, said=SCHEDULER_SAYS) as (process, address), worker(address, "w0", tmp_path):

        def tell(what) -> None:
            heard.append(what)
            if isinstance(what, Done) and process.poll() is None:
                process.kill()

        with pytest.raises(HarnessError, match="cluster-gone"):
            Cluster(address).run(a_task(), jobs, tell)
    done = [x for x in heard if isinstance(x, Done)]
    assert 1 <= len(done) < len(jobs)
    assert [d for d in done if not d.files] == []


@pytest.mark.long
@pytest.mark.timeout(300)
def test_an_interruption_ends_what_was_started_on_the_workers_too(tmp_path):
    import psutil

    from grader.course.cluster import Cluster

    jobs = a_class(tmp_path / "submissions", 9)
    heard: list = []
    with scheduler() as address, worker(address, "w0", tmp_path) as (process, _):

        def tell(what) -> None:
            heard.append(what)
            if isinstance(what, Done) and len([x for x in heard if isinstance(x, Done)]) == 2:
                there = psutil.Process(process.pid).children(recursive=True)
                heard.append([p for p in there if "grader.course.worker" in " ".join(p.cmdline())])
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            Cluster(address).run(a_task(), jobs, tell)
        (children,) = [x for x in heard if isinstance(x, list)]
        assert children
        assert psutil.wait_procs(children, timeout=60)[1] == []
        assert process.poll() is None  # the worker itself goes on: it is not ours
