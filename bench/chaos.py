"""Every race of the grader, made likely: how many false verdicts does bad luck bring?

    python bench/chaos.py --seconds 600                      correct servers of specs/chat.yaml, all kinds of bad luck
    python bench/chaos.py --seconds 600 --faulty             faulty ones: none may pass a check that it is to lose
    python bench/chaos.py --seconds 300 --plays              the plays of tests/test_conductor.py
    python bench/chaos.py --only names --server poll-loop --kinds places --seed 5

A correct server may fail nothing, and a faulty one pass nothing, however late a thread of the grader comes to its turn
(`bad_luck.py` says how it is held up). Checks are performed and judged in this process, by the grader as it is. Counted is
each attempt, and not the verdict after three of them: a failure that rests on a deadline would be tried again, so it is
counted apart (`by deadline`), and is no false verdict. Failures of the grader itself (`problems`) are none either; there
ought to be none. Of each kind of false verdict the first is told with its transcript, its seed, and where threads were held.

The exit code is 1 if there was a false verdict or a problem.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from bad_luck import KINDS, BadLuck, dawdling, tick

from grader.conduct.performers import conductor_for
from grader.course.grading import Grading
from grader.course.proving import laid_out
from grader.course.wish import Wish
from grader.errors import GraderError
from grader.judge.verdict import judge
from grader.model import Evidence, Outcome
from grader.spec.load import load
from grader.spec.proof import known_servers
from grader.stage import sandbox, staging
from grader.stage.box import Box

TREE = Path(__file__).resolve().parent.parent
PORT = 21_000


class Counts:
    """What came of all attempts; the first of each kind of false verdict is told."""

    def __init__(self, luck):
        self.all = Counter()
        self.kinds = Counter()
        self._luck = luck

    def count(self, server, check, seed, attempt, *, correct):
        """One attempt: `attempt` has an outcome, evidence, findings and a transcript."""
        self.all["checks"] += 1
        failed = attempt.outcome is Outcome.FAILED
        if failed is not correct:
            return
        if correct and attempt.evidence is Evidence.DEADLINE:
            self.all["by deadline"] += 1
            name = "by deadline"
        else:
            self.all["false"] += 1
            name = "false failure" if correct else "false pass"
        codes = ",".join(f.code for f in attempt.findings)
        kind = (name, codes or check, str(attempt.evidence))
        self.kinds[kind] += 1
        if self.kinds[kind] == 1:
            print(f"\n{' '.join(kind)}: {server}, {check}, seed {seed}; held at {self._luck.where()}")
            for finding in attempt.findings:
                print("   ", finding.code, dict(finding.facts))
            if name != "by deadline":
                for at, e in enumerate(attempt.transcript.events[-60:]):
                    print(f"    {at:3} {e.t:8.4f} {e.who:8} {e.kind:14} {e.note[:60]:20} {e.data[:60]!r} {e.step}")
            sys.stdout.flush()

    def problem(self, server, check, seed, what):
        """The grader itself failed."""
        self.all["problems"] += 1
        self.kinds["problem", str(what)[:80], ""] += 1
        print(f"\nproblem: {server}, {check}, seed {seed}: {what}; held at {self._luck.where()}", flush=True)


class Graded:
    """The known servers of a spec, each graded as it is when a spec is proved, one check at a time."""

    def __init__(self, asked, counts, luck):
        self._spec = load(asked.spec)
        self._asked, self._counts, self._luck = asked, counts, luck
        self._place = tempfile.TemporaryDirectory(prefix="chaos-")
        known = [s for s in known_servers(self._spec) if s.good is not asked.faulty and not s.race]
        known = [s for s in known if self._spec.reference.run or not s.is_reference]
        named = [s for s in known if not asked.server or s.name in asked.server]
        self._servers = [s for s in named if s.path.is_dir() or s.path.suffix in asked.suffix]

    def rounds(self, draw):
        """One server after the other, in an order that is drawn, for as long as it is asked."""
        if not self._servers:
            raise SystemExit("there is no such server")
        while True:
            servers = [*self._servers]
            draw.shuffle(servers)
            for server in servers:
                yield lambda server=server: self._grade(server, draw.randrange(1 << 30))

    def _grade(self, server, seed):
        with tempfile.TemporaryDirectory(prefix="chaos-") as place:
            Path(place).chmod(0o755)
            folder = laid_out(server, self._spec, Path(place) / "it")
            if "servers" in self._asked.kinds and not server.path.is_dir():
                for path in folder.glob("*.py"):
                    path.write_text(dawdling(path.read_text(), seed))
            only = tuple(self._asked.only) or (server.loses if self._asked.faulty else ())
            spec = replace(self._spec, server=self._spec.reference) if server.is_reference else self._spec
            checks = [c.id for c in spec.checks if not only or c.id in only]
            dealt = [self._luck.deal(seed), seed]

            def heard(verdict):
                for attempt in verdict.attempts:
                    self._counts.count(server.name, verdict.check.id, dealt[1], attempt, correct=server.good)
                if verdict.outcome is Outcome.GRADER_PROBLEM:
                    self._counts.problem(server.name, verdict.check.id, dealt[1], [f.code for f in verdict.findings])
                dealt[1] += 1
                self._luck.deal(dealt[1])

            try:
                Grading(folder, spec, Wish(seed, only=tuple(checks), alone=True, explained=False), heard).run()
            except GraderError as problem:
                self._counts.problem(server.name, "", seed, f"{problem.code} {problem.facts}")


class Played:
    """The plays of a test, against the servers of the tests."""

    def __init__(self, asked, counts, luck):
        sys.path.insert(0, str(TREE / "tests"))
        import test_conductor

        self._counts, self._luck = counts, luck
        folder = tempfile.TemporaryDirectory(prefix="chaos-")
        for path in (*(TREE / "tests" / "servers").glob("*.py"), TREE / "reference" / "chat_server.py"):
            source = path.read_text()
            dawdles = "servers" in asked.kinds and path.name.startswith("chat")
            (Path(folder.name) / path.name).write_text(dawdling(source, 1) if dawdles else source)
        self._staged, _ = staging.stage(Path(folder.name))
        self._box = Box(sandbox.choose(self._staged).rung, self._staged)
        own = ["python3 chat_server.py <port>", "python3 chat.py <port>"]
        stuck = ("slow reader", "flood")
        cases = test_conductor.CASES
        right = [(name, run, True) for name in cases for run in own if name not in stuck]
        faulty = {f: c for f, (c, _, _) in test_conductor.FAULTS.items() if f}
        wrong = [(case, f"python3 chat.py <port> {fault}", False) for fault, case in faulty.items()]
        self._all = [
            (cases[name], name, run, correct)
            for name, run, correct in (wrong if asked.faulty else right)
            if not asked.only or name in asked.only
        ]

    def rounds(self, draw):
        while True:
            name = draw.randrange(len(self._all))
            yield lambda name=name: self._play(*self._all[name], draw.randrange(1 << 30))

    def _play(self, case, name, run, correct, seed):
        self._luck.deal(seed)
        try:
            for hasty in (bool(seed & 1), False):
                conductor = conductor_for(
                    case.check, case.spec, self._box, run.split(), PORT, seed=seed, subject="submission", hasty=hasty
                )
                judged = judge(case.check, case.spec, conductor.perform())
                if not (conductor.unproven and judged.findings):
                    break
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is ours
            self._counts.problem(run, name, seed, repr(problem))
        else:
            self._counts.count(run, name, seed, judged, correct=correct)


def main():
    parser = argparse.ArgumentParser(description="How many false verdicts does bad luck bring?")
    parser.add_argument("--seconds", type=float, default=60, metavar="S", help="for so long (default 60)")
    parser.add_argument("--checks", type=int, default=1 << 30, metavar="N", help="or for at least so many")
    parser.add_argument("--spec", type=Path, default=TREE / "specs" / "chat.yaml", help="another spec")
    parser.add_argument("--plays", action="store_true", help="the plays of the tests instead of a spec")
    parser.add_argument("--faulty", action="store_true", help="faulty servers instead of correct ones")
    parser.add_argument(
        "--server", action="append", default=[], metavar="NAME", help="this server only; may be repeated"
    )
    parser.add_argument("--only", action="append", default=[], metavar="CHECK", help="this check only; may be repeated")
    parser.add_argument("--suffix", action="append", default=[], help="files of these languages (default .py)")
    parser.add_argument("--kinds", action="append", choices=KINDS, help="of bad luck; may be repeated (default: all)")
    parser.add_argument("--seed", type=int, metavar="N", help="(default: the time)")
    asked = parser.parse_args()
    asked.kinds, asked.suffix = asked.kinds or KINDS, asked.suffix or [".py"]
    seed = tick() if asked.seed is None else asked.seed
    print(f"seed {seed}, bad luck with {', '.join(asked.kinds)}", flush=True)
    luck = BadLuck(asked.kinds, seed)
    counts = Counts(luck)

    plays = (Played if asked.plays else Graded)(asked, counts, luck)
    until = time.monotonic() + asked.seconds
    with luck:
        for play in plays.rounds(random.Random(seed)):
            play()
            if time.monotonic() > until or counts.all["checks"] >= asked.checks:
                break
    print("\n" + ", ".join(f"{counts.all[n]} {n}" for n in ("checks", "false", "by deadline", "problems")))
    for kind, count in counts.kinds.most_common():
        print(f"{count:6}  {' '.join(kind)}")
    return bool(counts.all["false"] or counts.all["problems"])


if __name__ == "__main__":
    sys.exit(main())
