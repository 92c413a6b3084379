"""Where submissions share the machine's ports, those that insist on one port never meet, and all others run side by side."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest
from class_rooms import REFERENCE, SPEC, laid_out

from grader.course.class_grading import ClassGrading, ClassWish, Graded
from grader.course.executor import Begun, Job, Task
from grader.course.members import members
from grader.course.turns import Look, Looked, Turns
from grader.course.workers import Workers, apart
from grader.model import Outcome
from grader.spec.load import load
from grader.stage.claims import Claims
from grader.stage.rungs import RUNGS

FREE, UNKNOWN = Looked(()), Looked()


def job(place):
    return Job(place, place, f"/handed-in/{place}")


def turns(ahead=8, **found):
    """Jobs of which these looks have come already."""
    made = Turns(deque(map(job, found)), shared=True, ahead=ahead)
    for place, looked in found.items():
        if looked is not None:
            made.looked(Look(job(place)), looked)
    return made


def begun(made, *running):
    """What begins one after the other, until nothing more may."""
    started = list(running)
    while (one := made.next(started)) is not None:
        started.append(one)
    return [one.place for one in started[len(running) :] if isinstance(one, Job)]


def test_those_of_one_port_wait_for_each_other_and_nobody_waits_for_them():
    made = turns(ana=Looked((5555,)), beto=FREE, caro=Looked((5555, 80)), dani=Looked((6000,)), ema=FREE)
    assert begun(made) == ["ana", "beto", "dani", "ema"]
    assert [one.place for one in made.waiting] == ["caro"]
    assert begun(made) == ["caro"]


def test_one_that_nobody_knows_is_alone():
    made = turns(ana=UNKNOWN, beto=FREE, caro=FREE)
    assert begun(made) == ["beto", "caro"]
    assert begun(made) == ["ana"]
    made = turns(ana=UNKNOWN, beto=FREE)
    alone = job("zoe")  # as it was given by a grader where nobody has been looked at
    assert begun(made, alone) == []


def test_one_is_looked_at_while_nothing_else_runs_and_only_so_many_ahead():
    made = turns(ahead=2, ana=None, beto=None, caro=None)
    look = made.next([])
    assert isinstance(look, Look)
    assert made.next([look]) is None
    made.looked(look, FREE)
    made.looked(made.next([]), FREE)
    assert begun(made) == ["ana", "beto"]
    assert isinstance(made.next([]), Look)


def test_one_that_is_tried_again_meets_nobody():
    made = turns(ana=FREE, beto=FREE)
    first = made.next([])
    assert first.beside
    made.again(first)
    assert begun(made) == ["beto"]
    again = made.next([])
    assert (again.place, again.beside, again.ports) == ("ana", False, ())


def test_where_each_has_a_network_of_its_own_the_first_comes_first():
    made = Turns(deque(map(job, ["ana", "beto"])))
    assert begun(made) == ["ana", "beto"]


def test_a_port_is_claimed_by_one_at_a_time():
    with Claims() as one, Claims() as other:
        assert one.take([12345, 12346])
        assert not other.take([12344, 12345])
        assert other.take([12344])  # what was asked for in vain is not kept
        one.give_up()
        assert other.take([12345])


# -- in a class -------------------------------------------------------------------------------------------------------


class Beside:
    """What runs at the same time, by what is told."""

    def __init__(self) -> None:
        self.running: set[str] = set()
        self.met: set[frozenset[str]] = set()
        self.most = 0

    def __call__(self, news) -> None:
        if isinstance(news, Begun):
            self.met |= {frozenset((news.job.place, other)) for other in self.running}
            self.running.add(news.job.place)
            self.most = max(self.most, len(self.running))
        elif isinstance(news, Graded):
            self.running.discard(news.member.place)


RIGHT = (REFERENCE / "chat_server.py").read_text(encoding="utf-8")
FIXED = RIGHT.replace("sys.argv[1]", '"12777"')
NEVER = "import threading\nthreading.Event().wait()\n"


@pytest.mark.long
def test_on_a_weak_rung_servers_of_one_port_never_meet_and_the_others_do(tmp_path):
    assert "12777" in FIXED
    laid_out(tmp_path, SPEC.replace("    needs: starts\n", ""))
    handed_in = tmp_path / "class"
    sources = {"fixed-1": FIXED, "fixed-2": FIXED, "never": NEVER, **{f"told-{n}": RIGHT for n in range(5)}}
    for name, source in sources.items():
        (handed_in / name).mkdir(parents=True)
        (handed_in / name / "server.py").write_text(source, encoding="utf-8")
    spec = load(Path(tmp_path / "spec.yaml"))
    beside = Beside()
    executor = Workers(3)
    task = Task(spec, 7, "en", rung="limits")
    cohort = ClassGrading(task, members([handed_in], spec), ClassWish(tmp_path / "out"), executor, beside).run()
    assert not RUNGS.get("limits").own_network
    if not apart(spec):  # one user for all
        assert beside.most == 1
        return
    assert frozenset(("fixed-1", "fixed-2")) not in beside.met
    assert not any("never" in pair for pair in beside.met)
    assert beside.most == 3
    earned = {m.place: m.grade.earned for m in cohort.members}
    assert earned == {"never": 0.0, "fixed-1": 80.0, "fixed-2": 80.0, **{f"told-{n}": 100.0 for n in range(5)}}
    codes = {f.code for m in cohort.members if "fixed" in m.place for v in m.grade.verdicts for f in v.findings}
    assert codes == {"wrong-port"}
    assert all(v.outcome is not Outcome.GRADER_PROBLEM for m in cohort.members for v in m.grade.verdicts)
    assert cohort.run.notices[0].code == "same-port-one-at-a-time"


def test_where_all_have_one_user_or_one_port_they_are_done_one_at_a_time(tmp_path):
    laid_out(tmp_path)
    spec = load(tmp_path / "spec.yaml")
    assert apart(spec) == (os.geteuid() == 0)
    assert not apart(replace(spec, server=replace(spec.server, port=5555)))
