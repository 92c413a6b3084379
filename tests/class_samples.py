"""Classes made of the sample grades, of any size: the same number gives the same class.

Run as a program, it writes the pages of three classes into a folder, to be looked at.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from report_samples import CHECKS, SAMPLES, TITLE

from grader.course.causes import causes
from grader.model import Changed, ClassRun, Cohort, Grade, Member, Outcome, Regrade, bare

FIRST = "Alice Ana_Lucía Ben Carmen Daniela Elena Farah Gabriel Hiro Inés Jin-ho Luis María Noor Olga Rosa Tomás Úrsula Zoé Álvaro"
LAST = "Moreno Haddad Ortega Núñez Vidal Okafor Yılmaz Müller Kovač Peña Quispe Mamani Fernández_de_la_Torre Castaño"
KINDS = ("alice", "one-at-a-time", "all-passed", "ended", "sent-from-here", "wrong-port", "nothing-starts", "hidden")


@cache
def graded(kind: str) -> Grade:
    """A sample with the causes that stand behind its failures, and no transcripts."""
    grade = SAMPLES[kind]()
    return bare(replace(grade, causes=grade.causes or causes(grade.verdicts)))


def member(name: str, kind: str, place: str = "") -> Member:
    """One submission of a class."""
    place = place or name.lower().replace(" ", "-")
    grade = graded(kind)
    return Member(place, replace(grade, submission=replace(grade.submission, name=name, folder=f"submissions/{place}")))


def cohort(*members: Member, **more: object) -> Cohort:
    """A class of these submissions."""
    run = ClassRun("2026-11-22T18:04:12+01:00", 400.0, 2, ("grade", "submissions"))
    given = {"checks": tuple(CHECKS.values()), "members": members, "run": run, **more}
    return Cohort("chat", TITLE, "sha256:3b81", "en", **given)


def small() -> Cohort:
    """One of each kind that a teacher has to look at, and a few ordinary ones."""
    return cohort(
        member("Alice Moreno", "alice"), member("Álvaro Peña", "alice"), member("Beto Núñez", "one-at-a-time"),
        member("Carla Vidal", "all-passed"), member("Diego Kovač", "nothing-starts"), member("Olga Novak", "grader-problem"),
        member("Inés Ruiz", "no-tool"), member("Jorge Paz", "interrupted"), member("Hana Ito", "hidden"),
        member("<script>alert(1)</script> \u202eevil", "hostile", "javascript:alert(1)/%2e#?"),
    )  # fmt: skip


def large(count: int, seed: int = 1) -> Cohort:
    """So many submissions, each of some kind."""
    chance = random.Random(seed)
    given = [(f.replace("_", " "), x.replace("_", " ")) for f in FIRST.split() for x in LAST.split()]
    names = [f"{first} {last}" for first, last in given] + [f"{first} {last} {first}" for first, last in given]
    if count > len(names):
        names += [f"{first} {last} {last}" for first, last in given]
    chosen = sorted(chance.sample(names, count))
    members = [member(name, chance.choice(KINDS)) for name in chosen]
    moved = tuple(
        Regrade(m.place, "order", Outcome.FAILED, Outcome.PASSED, 0.0, 6.0, (Changed.SUBMISSION,), "2026-11-22")
        for m in members[::9]
    )
    return cohort(*members, regrades=moved if count > 3 else ())


if __name__ == "__main__":
    from grader.report.cohort.page import class_page

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in {"small": small(), "3": large(3), "36": large(36), "600": large(600)}.items():
        for lang in ("en", "es"):
            (folder / f"class.{name}.{lang}.html").write_text(class_page(made, lang, files=("grades.csv",)))
