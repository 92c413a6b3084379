"""Checks as tests of pytest: `pytest specs/chat.yaml --submission submissions/alice`.

Each check of the spec is an item. A failed check fails with its sentences, one that is not run and one that the grader
could not judge are skipped, with the reason. Where pytest-timeout is installed it is the backstop.

Plain tests get two fixtures: `server`, the submission's server under test, and `client`, which makes clients of it.

    def test_hello(client):                    pytest test_hello.py --submission submissions/alice --spec specs/chat.yaml
        ana = client("ana")
        ana.send("hola")
        ana.nothing()

Such a test is a check in Python: it has a fresh server, and is judged, its end too, as checks are.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.errors import GraderError, SpecError
from grader.model import Check, Outcome, Verdict

if TYPE_CHECKING:
    from grader.conduct.python_check import Client, Stage
    from grader.course.grading import Grading

LONGEST = 300
"""Seconds after which pytest-timeout ends a check: far beyond any deadline of its own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options; without `--submission` this plug-in does nothing."""
    group = parser.getgroup("socket-grader")
    group.addoption("--submission", metavar="FOLDER", help="the submission that the checks of a spec are about")
    group.addoption("--spec", metavar="FILE", help="the spec whose server and protocol plain tests have")
    group.addoption("--grader-seed", type=int, metavar="N", help="number from which random choices are made")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SpecFile | None:
    """A YAML file that is named on the command line, or lies in a folder `specs`, is a spec."""
    named = file_path.suffix in {".yaml", ".yml"} and parent.config.getoption("submission")
    asked = [Path(arg.split("::")[0]).resolve() for arg in parent.config.args]
    if named and (file_path.resolve() in asked or file_path.parent.name == "specs"):
        made: SpecFile = SpecFile.from_parent(parent, path=file_path)
        return made
    return None


def _seed(config: pytest.Config) -> int:
    asked = config.getoption("grader_seed")
    return asked if asked is not None else random.SystemRandom().randrange(2**31)


class CheckFailed(Exception):
    """A check that did not pass, in sentences."""


class SpecFile(pytest.File):
    """A spec. Its checks run in the order of the spec, one submission and one reference for all of them."""

    def collect(self) -> Iterable[CheckItem]:
        """An item for each check."""
        from grader.spec.load import load

        try:
            self.spec = load(self.path)
        except (SpecError, GraderError) as problem:
            raise self.CollectError(str(problem)) from problem
        self._grading: Grading | None = None
        self._steps: Iterator[Verdict] = iter(())
        for check in self.spec.checks:
            yield CheckItem.from_parent(self, name=check.id, check=check)

    def verdict(self, check: Check) -> Verdict:
        """Grade as far as this check."""
        self._started()
        while (found := self._of(check)) is None or found.outcome is None:
            if next(self._steps, None) is None:
                break
        return self._of(check) or Verdict(check, None, 0.0)

    def told(self, check: Check) -> str:
        """What a report says of a check."""
        from grader.report.told import Teller

        grade = self._started().grade()
        told = next(t for t in Teller(grade, self.spec.language).checks() if t.verdict.check.id == check.id)
        answers = [f"{answer.head}: {answer.text}" if answer.head else answer.text for answer in told.answers]
        return "\n".join([f"{told.title} ({told.points}): {told.one}", *answers, *([told.place] if told.place else [])])

    def teardown(self) -> None:
        """End what was started, also when not every check was wanted."""
        close: Callable[[], None] = getattr(self._steps, "close", lambda: None)
        close()
        super().teardown()

    def _started(self) -> Grading:
        if self._grading is None:
            from grader.course.grading import Grading
            from grader.course.wish import Wish

            wanted = {item.name for item in self.session.items if isinstance(item, CheckItem) and item.parent is self}
            only = () if len(wanted) == len(self.spec.checks) else tuple(wanted)
            wish = Wish(_seed(self.config), only, explained=False)
            self._grading = Grading(Path(self.config.getoption("submission")), self.spec, wish)
            self._steps = self._grading.steps()
        return self._grading

    def _of(self, check: Check) -> Verdict | None:
        return next((v for v in self._started().grade().verdicts if v.check.id == check.id), None)


class CheckItem(pytest.Item):
    """One check."""

    def __init__(self, *, check: Check, **more: Any) -> None:
        super().__init__(**more)
        self.check = check
        if self.config.pluginmanager.hasplugin("timeout"):
            self.add_marker(pytest.mark.timeout(LONGEST))

    @property
    def _file(self) -> SpecFile:
        assert isinstance(self.parent, SpecFile)
        return self.parent

    def runtest(self) -> None:
        """Grade it. Whatever is not the server's doing skips."""
        verdict = self._file.verdict(self.check)
        self.user_properties += [("points", verdict.earned), ("possible", self.check.points)]
        if verdict.outcome in (Outcome.FAILED, Outcome.UNSTEADY):
            raise CheckFailed(self._file.told(self.check))
        if verdict.outcome is not Outcome.PASSED:
            pytest.skip(self._file.told(self.check).replace("\n", " "))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The sentences alone: nobody is helped by our traceback."""
        if isinstance(excinfo.value, CheckFailed | GraderError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the check stands in its spec."""
        line = self.check.place.line - 1 if self.check.place else None
        return self.path, line, self.name


# -- plain tests ------------------------------------------------------------------------------------------------------


class Server:
    """The server under test, for a plain test."""

    def __init__(self) -> None:
        self.stage: Stage | None = None

    def _now(self) -> Stage:
        if self.stage is None:
            raise RuntimeError("server and client work in the test itself, not in other fixtures")
        return self.stage

    def act(self, act: str) -> None:
        """`stops`, `starts`, `restarts`, `is running`, `gets SIGTERM`: as in a play."""
        self._now().server(act)

    def quiet(self) -> bool:
        """Wait until nothing more can come; whether that was proven."""
        return self._now().quiet()

    def joined(self, name: str) -> Client:
        """A client that has joined."""
        return self._now().join(name)


class PlainTests:
    """The fixtures, which exist only where a submission is tested: their names are common ones."""

    @pytest.fixture
    def server(self) -> Server:
        """The submission's server, started for this test alone."""
        return Server()

    @pytest.fixture
    def client(self, server: Server) -> Callable[[str], Client]:
        """Makes clients that have joined, by name."""
        return server.joined

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """A test that has one of the two fixtures is played on a stage."""
        mine = pyfuncitem.funcargs.get("server")
        if not isinstance(mine, Server):
            return (yield)
        original = pyfuncitem.obj
        pyfuncitem.obj = _played(pyfuncitem, mine, original)
        try:
            return (yield)
        finally:
            pyfuncitem.obj = original


def pytest_configure(config: pytest.Config) -> None:
    """Bring in the fixtures."""
    if config.getoption("submission"):
        config.pluginmanager.register(PlainTests(), "socket-grader-plain-tests")


def _played(item: pytest.Function, mine: Server, original: Callable[..., object]) -> Callable[..., None]:
    from grader.course.plain_test import OneTest
    from grader.words.sentences import Sentences

    def played(**arguments: Any) -> None:
        def on_stage(stage: Stage) -> None:
            mine.stage = stage
            original(**arguments)

        config = item.config
        test = OneTest(Path(config.getoption("submission")), config.getoption("spec"), _seed(config))
        say = Sentences("en")
        if found := test.run(item.nodeid, on_stage):
            pytest.fail("\n".join(say.of_finding(f.code, "happened", f.facts) for f in found), pytrace=False)

    signature = inspect.signature(original)
    played.__signature__ = signature  # type: ignore[attr-defined]
    return played
