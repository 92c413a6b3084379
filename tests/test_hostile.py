"""The hostile set: small servers that attack, graded for real on every rung that promises to hold them.

What each tries stands in `hostile/attacks`. Whether it got anything is proven by canaries: secrets that must not turn up
in anything the grader writes, files that must not change, a listener that nobody may reach, a process that must live on.
An attack proves something only if it works where nothing holds it: the same programs are run plainly, against the canaries.
"""

import base64
import functools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pytest
from conftest import rung_called

from grader.stage.limits import SERVER
from grader.stage.proof import landlock_version

HERE = Path(__file__).parent
ROOT = HERE.parent
HOSTILE = HERE / "hostile"
OWN, FILES, ALL = (
    ("full", "namespaces"),
    ("full", "namespaces", "landlock"),
    ("full", "namespaces", "landlock", "limits"),
)
GOT = "TOKEN-|CHANGED|LISTED|MEMORY|TRACED|DESCRIPTORS|HIDDEN|REACHED|A WAY OUT|OPENED|MADE|DONE|STOLEN|INHERITED|FOUND|TYPED"
"""What an attack prints when it has got something."""
LARGEST = 2_000_000
PASSES, FAILS, ANY = {"passed"}, {"failed", "blocked"}, {"passed", "failed", "blocked", "unsteady"}


@dataclass(frozen=True)
class Attack:
    """What is expected of an attack: the rungs that hold it, how its checks end, what it prints, what is found."""

    rungs: tuple[str, ...] = ALL
    outcomes: frozenset[str] = frozenset(PASSES)
    says: str = "attack over"
    finding: str | None = None
    terminal: bool = False
    elsewhere: dict[str, "Attack"] = field(default_factory=dict)
    """Other expectations on some rungs."""


def attack(rungs=ALL, outcomes=PASSES, **more):
    return Attack(rungs, frozenset(outcomes), **more)


KILLED = {"limits": attack(outcomes=FAILS, says="", finding="agent-killed")}
ATTACKS = {
    "reads_files": attack(FILES),
    "tampers": attack(FILES),
    "reads_environments": attack(FILES),
    "reads_memory": attack(FILES),
    "signals": attack(FILES),
    "kills_its_supervisor": attack(elsewhere=KILLED),
    "stops_its_supervisor": attack(elsewhere=KILLED),
    "survives": attack(says="left behind"),
    "forks": attack(outcomes=ANY, says="", finding="limit-processes"),
    "runs_away": attack(OWN),
    "takes_memory": attack(("full", "landlock"), outcomes=ANY, finding="limit-memory"),
    "hides_memory": attack(),
    "fills_the_disk": attack(OWN, says="No space left", finding="limit-disk"),
    "prints_a_flood": attack(finding="limit-output"),
    "reaches_out": attack(FILES, says="refused|denied|not permitted|unreachable"),
    "opens_odd_sockets": attack(),
    "makes_namespaces": attack(says="mount refused"),
    "pokes_the_kernel": attack(),
    "steals_descriptors": attack(says="looked"),
    "opens_too_much": attack(says="refused", finding="limit-files"),
    "digs_deep": attack(says="dug"),
    "leaves_word": attack(says="left"),
    "writes_markup": attack(("full",), outcomes=ANY),
    "writes_escapes": attack(("full",), outcomes=ANY),
    "sends_long_lines": attack(("full",), outcomes=ANY),
    "spins": attack(("full",), outcomes=ANY, says="spinning"),
    "never_ends": attack(("full", "limits"), outcomes=FAILS, says="deaf", finding="never-listens"),
    "types_into_the_terminal": attack(terminal=True),
}
WORKS_OUTSIDE = {
    "reads_files": "TOKEN-file.*TOKEN-neighbour.*LISTED",
    "tampers": "CHANGED append.*CHANGED truncate.*CHANGED remove",
    "reads_environments": "TOKEN-environment",
    "reads_memory": "MEMORY TOKEN-memory.*TRACED",
    "signals": "sent SIGKILL to the canary",
    "reaches_out": "REACHED TOKEN-port.*REACHED TOKEN-abstract",
    "hides_memory": "HIDDEN 1 MB",
}
LONG = {"spins", "fills_the_disk"}
RUNS = [
    pytest.param(name, rung, marks=[pytest.mark.long] if at or name in LONG else [], id=f"{name}-{rung}")
    for name, expected in ATTACKS.items()
    for at, rung in enumerate(expected.rungs)
]


class Canaries:
    """What the attacks aim at. Everything here may be read and changed by every user of this machine: a box must hold."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hostile-"))
        self.folder.chmod(0o777)
        self.mark = f"mark-{self.folder.name}"
        self.files = {
            "secret.txt": "TOKEN-file",
            "neighbour/server.py": "# TOKEN-neighbour",
            "results/results.json": "TOKEN-results",
        }
        for name, text in self.files.items():
            place = self.folder / "canary" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
            place.chmod(0o666)
            place.parent.chmod(0o777)
        self.state = self.seen()
        self.reached = []
        self._listeners = [
            self._listen(socket.AF_INET, ("127.0.0.1", 0)),
            self._listen(socket.AF_UNIX, f"\0{self.mark}"),
        ]
        self.port = self._listeners[0].getsockname()[1]
        code = "import sys; kept = sys.stdin.readline(); print('up', flush=True); sys.stdin.readline()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.process.stdin.write("TOKEN-memory of the canary, in a line long enough to be kept apart\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def _listen(self, family, place):
        listener = socket.socket(family)
        listener.bind(place)
        listener.listen()

        def serve():
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock:
                    self.reached.append(place)
                    sock.sendall(b"TOKEN-port" if family == socket.AF_INET else b"TOKEN-abstract")

        threading.Thread(target=serve, daemon=True).start()
        return listener

    def seen(self):
        """What there is in the canaries' folder, and what it holds."""
        there = sorted((self.folder / "canary").rglob("*"))
        return [(str(p), p.read_text() if p.is_file() else "", p.stat().st_mode, p.stat().st_mtime_ns) for p in there]

    def targets(self, rung, **more):
        secrets = [str(self.folder / "canary" / name) for name in self.files]
        own = rung in OWN
        writable = [".", "/tmp", "/dev/shm"] if own else [".", *(["/dev/shm"] if os.geteuid() == 0 else [])]
        return {
            "secrets": secrets, "folders": sorted({os.path.dirname(s) for s in secrets}), "process": self.process.pid,
            "port": self.port, "abstract": f"\0{self.mark}", "mark": self.mark, "own_network": own, "all": own,
            "parent": own or (rung == "landlock" and landlock_version() >= 6), "writable": writable,
            "megabytes": SERVER.memory * 5 // 4 >> 20,
        } | more  # fmt: skip

    def state_of_process(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(") ")[2][0]

    def left_behind(self):
        """Processes that bear the mark of an attack."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if self.mark.encode() in command:
                found.append(int(pid))
        return found

    def close(self):
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for pid in self.left_behind():
            os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.communicate()
        shutil.rmtree(self.folder)


@pytest.fixture
def canaries():
    made = Canaries()
    yield made
    made.close()


@dataclass
class Graded:
    """What a grading left: exit code, what it printed, and its results."""

    code: int
    printed: str
    results: dict
    files: dict[str, str]

    @property
    def outcomes(self):
        return {v["outcome"] for v in self.results["verdicts"]}

    @functools.cached_property
    def output(self):
        """All that the server printed, in every check."""
        attempts = [a for v in self.results["verdicts"] for a in v["attempts"]]
        events = [e for a in attempts for e in a["transcript"]["events"] if e["kind"] in ("output", "errors")]
        # What was read in one piece with a byte that is no text is kept as bytes.
        told = [e.get("text") or base64.b64decode(e.get("b64", "")).decode(errors="replace") for e in events]
        return "\n".join(told)

    @property
    def found(self):
        rows = [f for v in self.results["verdicts"] for f in (*v["findings"], *v["remarks"])]
        rows += [f for v in self.results["verdicts"] for a in v["attempts"] for f in (*a["findings"], *a["remarks"])]
        return {f["code"] for f in rows}


def folder_with(canaries, name, rung):
    folder = canaries.folder / "submission" / "hostile"
    folder.mkdir(parents=True)
    shutil.copy(HOSTILE / "server.py", folder)
    shutil.copy(HOSTILE / "attacks" / f"{name}.py", folder / "attack.py")
    (folder / "targets.json").write_text(json.dumps(canaries.targets(rung)))
    return folder


def graded(canaries, folder, rung, *, terminal=False):
    """Grade a folder with the real grader; its temporary files are in a folder where nothing else is."""
    spec = canaries.folder / "spec"
    (spec / "reference").mkdir(parents=True)
    shutil.copy(HOSTILE / "relay.yaml", spec)
    shutil.copy(HERE / "servers" / "relay_threads.py", spec / "reference")
    own = canaries.folder / "temporary"
    own.mkdir(mode=0o777)
    own.chmod(0o777)
    out = canaries.folder / "out"
    argv = [
        "-m",
        "grader",
        str(folder),
        "--spec",
        str(spec / "relay.yaml"),
        "--out",
        str(out),
        "--sandbox",
        rung,
        "--lang",
        "en",
    ]
    env = os.environ | {"TMPDIR": str(own), "SECRET_OF_THE_GRADER": "TOKEN-environment"}
    if terminal:
        child = pexpect.spawn(
            sys.executable, argv, cwd=str(ROOT), env=env, timeout=60, encoding="utf-8", codec_errors="replace"
        )
        child.expect(pexpect.EOF)
        child.close()
        code, printed = child.exitstatus, child.before
    else:
        done = subprocess.run(
            [sys.executable, *argv],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
        )
        code, printed = done.returncode, done.stdout + done.stderr
    assert list(own.iterdir()) == [], f"a temporary file was left; {code} {printed}"
    place = out / folder.name
    assert place.is_dir(), printed
    files = {p.name: p.read_text(encoding="utf-8") for p in place.iterdir()}
    return Graded(code, printed, json.loads(files["results.json"]), files)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("name", "rung"), RUNS)
def test_an_attack_gets_nothing_and_costs_nobody_else_anything(canaries, name, rung):
    rung_called(rung)
    expected = ATTACKS[name].elsewhere.get(rung, ATTACKS[name])
    done = graded(canaries, folder_with(canaries, name, rung), rung, terminal=expected.terminal)
    assert done.code == 0, done.printed  # graded: never a grader problem
    assert done.outcomes <= expected.outcomes, done.printed
    assert re.search(expected.says, done.output), done.output
    if name != "writes_markup":
        got = re.findall(f"(?:{GOT}).*", "\n".join([done.output, done.printed, *done.files.values()]))
        assert got == []
    if expected.finding:
        assert expected.finding in done.found
    assert canaries.seen() == canaries.state
    assert canaries.reached == []
    assert canaries.state_of_process() in "SR"
    assert canaries.left_behind() == []
    assert all(len(text) < LARGEST for text in done.files.values())
    assert not re.search("[\x00-\x08\x0e-\x1a\x80-\x9f\u202a-\u202e\u2066-\u2069]", "".join(done.files.values()))
    assert "\x1b]" not in done.printed
    assert "\u202e" not in done.printed


@pytest.mark.parametrize("name", WORKS_OUTSIDE)
def test_the_attack_works_where_nothing_holds_it(canaries, name):
    """Run plainly, with the canaries in reach: it reads, changes, reaches and kills what it aims at."""
    folder = folder_with(canaries, name, "limits")
    targets = canaries.targets("limits", parent=False, all=False, own_network=False)
    (folder / "targets.json").write_text(json.dumps(targets))
    env = os.environ | {"SECRET_OF_THE_GRADER": "TOKEN-environment"}
    argv = [sys.executable, "server.py", "attack"]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, errors="replace", check=False)
    assert re.search(WORKS_OUTSIDE[name], done.stdout, re.DOTALL), done.stdout + done.stderr


def test_no_attack_is_forgotten():
    assert {p.stem for p in (HOSTILE / "attacks").glob("*.py")} == ATTACKS.keys()
    assert len(ATTACKS) >= 16


def test_the_table_of_threats_names_attacks_and_tests_that_there_are():
    """docs/SECURITY.md promises nothing that no test shows, and forgets no attack."""
    text = (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in text.splitlines() if row.startswith("| ") and row.count(" | ") >= 4]
    shown = {name for row in rows[1:] for name in re.findall(r"`([a-z_]+(?:\.py)?)`", row[3])}
    tests = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    for name in shown - ATTACKS.keys():
        assert (HERE / name).is_file() if name.endswith(".py") else f"def {name}(" in tests, name
    assert shown >= ATTACKS.keys()


def test_markup_is_shown_and_does_nothing(canaries):
    rung_called("full")
    done = graded(canaries, folder_with(canaries, "writes_markup", "full"), "full")
    page = done.files["report.html"]
    assert "&lt;script&gt;TOKEN-ran" in page
    for tag in ("<script>TOKEN", "<img src=x", "<svg/onload", "</title><style>*"):
        assert tag not in page


def test_links_that_lead_out_are_left_out_and_named_on_the_page(canaries):
    rung_called("full")
    folder = folder_with(canaries, "steals_descriptors", "full")
    secret = canaries.folder / "canary" / "secret.txt"
    (folder / "way-out.txt").symlink_to(secret)
    (folder / "up.txt").symlink_to("../../canary/secret.txt")
    (folder / "folder").symlink_to(canaries.folder / "canary")
    (folder / "inside.py").symlink_to("server.py")
    done = graded(canaries, folder, "full")
    assert done.code == 0
    assert [n["code"] for n in done.results["notices"]] == ["left-out-link"]
    assert sorted(done.results["notices"][0]["facts"]["files"]) == ["folder", "up.txt", "way-out.txt"]
    for shown in (done.printed, done.files["report.html"]):
        assert "way-out.txt" in shown
        assert "TOKEN-" not in shown
    assert canaries.seen() == canaries.state


def test_a_server_that_is_a_link_out_is_no_server(canaries):
    rung_called("full")
    folder = canaries.folder / "submission" / "linked"
    folder.mkdir(parents=True)
    (folder / "server.py").symlink_to(canaries.folder / "canary" / "neighbour" / "server.py")
    done = graded(canaries, folder, "full")
    assert done.code == 0
    assert done.results["earned"] == 0
    assert "TOKEN-" not in done.printed + "".join(done.files.values())


@pytest.mark.parametrize(
    "name", ["a\nb", "<b>bold", "x=1", "-rf", "$(touch pwned)", "\u202egrade", "a" * 200, "é" * 60, "'; rm -rf ~; '"]
)
def test_a_folder_and_files_with_hostile_names_are_graded_like_any_other(canaries, name):
    rung_called("full")
    folder = folder_with(canaries, "steals_descriptors", "full")
    (folder / name).write_text("TOKEN-named")
    folder = folder.rename(folder.parent / name)
    done = graded(canaries, folder, "full")
    assert done.code == 0, done.printed
    assert done.outcomes == {"passed"}
    assert "<b>bold" not in done.files["report.html"]
    assert "\u202e" not in done.printed + done.files["report.html"]
    assert not list(ROOT.glob("pwned"))
