"""What all tests share: the stand, where the servers of `servers/` and the reference are started and driven for real."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from boxes import Ran
from browsing import Heard, chromium
from needs import lacking, needs
from plays import PORT, SEED, Case

from grader.clients.client import Client
from grader.clients.readers import Readers
from grader.clients.record import Record
from grader.conduct.performers import conduct
from grader.conduct.server_acts import PLAIN
from grader.conduct.waiting import Waiter
from grader.errors import HarnessError
from grader.judge.found import Judged
from grader.judge.verdict import judge
from grader.model import Command, Protocol
from grader.stage import sandbox, staging
from grader.stage.box import Box
from grader.stage.build import build
from grader.stage.rungs import Rung
from grader.stage.server import Server
from grader.wire.framings import framing

HERE = Path(__file__).parent
REFERENCE = "python3 chat_server.py <port>"


@dataclass
class Started:
    """A server that runs, with a waiter that watches it and clients that are read."""

    port: int
    box: Box
    server: Server
    record: Record
    waiter: Waiter
    readers: Readers
    clients: dict[str, Client] = field(default_factory=dict)

    def connect(self, name: str) -> Client:
        """A client whose connection stands, read from now on."""
        client = Client(name, self.box.socket(), self.record, framing(Protocol()))
        self.clients[name] = client
        client.connect(("127.0.0.1", self.port))
        assert self.waiter.until(lambda: client.connected() == 0).seen
        client.begin(0)
        self.readers.add(client)
        return client


class Stand:
    """Every small server, staged once. What needs a compiler is built when a test first asks for it."""

    def __init__(self, folder: Path, rung: str | None = None) -> None:
        self.staging, _ = staging.stage(folder)
        self.rung = sandbox.choose(self.staging, rung).rung
        self.port = PORT if self.rung.own_network else 10_000 + os.getpid() % 20_000
        self._box: Box | None = None
        self._built: set[str] = set()

    def conduct_and_judge(self, case: Case, run: str = REFERENCE, command: Command = PLAIN) -> Judged:
        """Play a check once against a server, given by its command line, and judge it; `command` says what else it is given."""
        transcript = conduct(
            case.check, case.spec, self.box, run.split(), self.port, seed=SEED, subject="submission", command=command
        )
        return judge(case.check, case.spec, transcript)

    @contextmanager
    def started(self, run: str, *, crowd: bool = False) -> Iterator[Started]:
        """A server by itself, for tests that look at it without a play."""
        box, record, clients = self.box, Record(), {}
        readers = Readers(record, crowd=crowd)
        waiter = Waiter(record, clients, box.diag)
        server = Server(box, run.replace("<port>", str(self.port)).split(), lambda _stream, _data, _cut: None)
        waiter.watch(server)
        try:
            waiter.until(lambda: bool(server.listeners()), deadline=20.0, horizon=20.0)
            yield Started(self.port, box, server, record, waiter, readers, clients)
        finally:
            box.kill()
            readers.stop()
            for client in clients.values():
                client.reset()
            server.close()
            box.clear()

    @property
    def box(self) -> Box:
        """A box that is whole: a server that broke the last one does not spoil the next test."""
        if self._box is not None and self._box.broken:
            self._box.close()
            self._box = None
        if self._box is None:
            self._box = Box(self.rung, self.staging)
        return self._box

    def built(self, command: str) -> None:
        """Build a server that is not a script; the test is skipped where the compiler is missing."""
        needs(command.split(maxsplit=1)[0])
        if command in self._built:
            return
        made = build(command, self.rung, self.staging)
        assert made.status == 0, made.log
        self._built.add(command)
        self.close_box()

    def close_box(self) -> None:
        """End the box; the next test gets a new one."""
        if self._box is not None:
            self._box.close()
            self._box = None

    def close(self) -> None:
        """End everything and remove the staged copies."""
        self.close_box()
        staging.remove(self.staging)


def pytest_configure(config: pytest.Config) -> None:
    """A skipped test always says why."""
    if "s" not in config.option.reportchars:
        config.option.reportchars += "s"


def rung_called(name: str) -> Rung:
    """A rung of the ladder that works here; without it the test is skipped."""
    probe = staging.empty_staging()
    try:
        return sandbox.choose(probe, name).rung
    except HarnessError as problem:
        lacking(f"sandbox {problem.facts['why']}")
        raise
    finally:
        staging.remove(probe)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all small servers and the reference."""
    folder = tmp_path_factory.mktemp("servers")
    for path in (*(HERE / "servers").iterdir(), HERE.parent / "reference" / "chat_server.py"):
        if path.is_file():
            shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="session")
def stand(servers: Path) -> Iterator[Stand]:
    """One box for the whole run, on the best rung that works here."""
    made = Stand(servers)
    yield made
    made.close()


@pytest.fixture(scope="session", params=["namespaces", "landlock", "limits"])
def lower_stand(request: pytest.FixtureRequest, servers: Path) -> Iterator[Stand]:
    """The same on each rung below the best, where it works here."""
    rung_called(request.param)
    made = Stand(servers, request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Box]]:
    """Boxes by the name of their rung, one for each in a module, around a submission of one file."""
    folder = tmp_path_factory.mktemp("submission")
    (folder / "server.py").write_text("print('hello')\n")
    with ExitStack() as stack:
        made: dict[str, Box] = {}
        staged, _ = staging.stage(folder)
        stack.callback(staging.remove, staged)

        def box(name: str) -> Box:
            if name not in made or made[name].broken:
                made[name] = stack.enter_context(Box(rung_called(name), staged))
            made[name].clear()
            made[name].met()
            return made[name]

        yield box


@pytest.fixture
def run() -> Iterator[Callable[..., Ran]]:
    """Starts commands in boxes, and gives their descriptors back at the end."""
    with ExitStack() as stack:

        def start(box: Box, *argv: str, **keys: object) -> Ran:
            ran = Ran(box, *argv, **keys)
            stack.callback(ran.close)
            return ran

        yield start


@pytest.fixture
def stage_and_build() -> Iterator[Callable[[dict[str, str], str | None], Box]]:
    """A box on the best rung around files that are given by name, built by a command if there is one."""
    with ExitStack() as stack:

        def make(files: dict[str, str], command: str | None) -> Box:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            for name, text in files.items():
                (folder / name).write_text(text)
            staged, _ = staging.stage(folder)
            stack.callback(staging.remove, staged)
            rung = sandbox.choose(staged).rung
            if command:
                made = build(command, rung, staged)
                assert made.status == 0, made.log
            return stack.enter_context(Box(rung, staged))

        yield make


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """One browser for the whole run."""
    yield from chromium(tmp_path_factory.mktemp("profile"))


@pytest.fixture
def heard(chrome: Any) -> Iterator[Heard]:
    """Opens pages in a fresh context of the browser. The test fails if one logs, asks for anything or opens a dialog."""
    context = chrome.new_context()
    listening = Heard(context)
    yield listening
    context.close()
    assert listening.said == []
