"""The box on each rung of the ladder: what starts in it, what gets out of it, what is left in it. Real sandboxes only."""

import errno
import os
import socket
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from boxes import says
from conftest import rung_called

from grader.stage import processes, sockdiag, staging
from grader.stage.box import AgentGone, Box
from grader.stage.proof import landlock_version

PORT = 21_500
RUNGS = ("full", "namespaces", "landlock", "limits")
DAEMON = "import os, sys; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); print('up', flush=True); sys.stdin.read()"
CLOSES_FIRST = """
import socket, sys
server = socket.socket()
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
print(server.getsockname()[1], flush=True)
sock, _ = server.accept()
sock.close()
"""


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """A staged submission: `server.py`, which only says hello, and a folder with a note."""
    folder = tmp_path_factory.mktemp("submission")
    (folder / "server.py").write_text("print('hello')\n")
    (folder / "notes").mkdir()
    (folder / "notes" / "one.txt").write_text("one\n")
    made, _ = staging.stage(folder)
    yield made
    staging.remove(made)


@pytest.fixture(params=RUNGS, scope="module")
def rung(request):
    """Each rung that works here."""
    return rung_called(request.param)


@pytest.fixture(scope="module")
def shared(rung, staged):
    with Box(rung, staged) as made:
        yield made


@pytest.fixture
def box(shared):
    """A box on each rung, with the staged submission and nothing else."""
    yield shared
    shared.clear()


def connected(box, port):
    sock = box.socket()
    problem = sock.connect_ex(("127.0.0.1", port))
    return sock, problem


def is_served(run, box, port):
    """Start a server that closes first, and be its client: the server's end stays behind in TIME_WAIT."""
    ran = run(box, "python3", "-c", CLOSES_FIRST, str(port))
    sock, problem = connected(box, int(ran.line()))
    with sock:
        assert problem == 0
        assert sock.recv(1) == b""
    return ran.status()


# -- starting and ending ----------------------------------------------------------------------------------------------


def test_a_command_starts_in_the_work_folder_with_the_submission(box, run):
    assert (
        says(run, box, "import os; print(sorted(os.listdir()), open('notes/one.txt').read())")
        == "['notes', 'server.py'] one"
    )


@pytest.mark.parametrize(
    ("code", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", -15), ("kill -KILL $$", -9)]
)
def test_an_exit_status_is_a_code_or_minus_a_signal(box, run, code, status):
    assert run(box, "/bin/sh", "-c", code).status() == status


def test_a_program_that_is_not_there_says_so_and_ends_with_127(box, run):
    ran = run(box, "no-such-program")
    assert "can't start no-such-program" in ran.ends()
    assert ran.status() == 127


def test_exit_statuses_of_several_are_told_apart(box, run):
    several = [run(box, "/bin/sh", "-c", f"exit {n}") for n in range(5)]
    assert [ran.status() for ran in reversed(several)] == [4, 3, 2, 1, 0]


def test_the_environment_is_only_what_is_named(box, run, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "token")
    said = run(box, "/usr/bin/env", env={"PATH": "/usr/bin", "ANSWER": "42"}).ends()
    assert sorted(said.split()) == ["ANSWER=42", "PATH=/usr/bin"]


def test_no_process_inside_shows_the_environment_of_the_grader(run, staged, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "token")
    for name in ("full", "namespaces"):
        with Box(rung_called(name), staged) as box:
            said = run(box, "/bin/sh", "-c", "cat /proc/[0-9]*/environ 2>/dev/null; ls -d /proc/[0-9]*").ends()
            assert "/proc/1" in said
            assert "SECRET" not in said


def test_what_runs_inside_holds_no_capability_and_no_root(box, run):
    said = run(box, "/bin/cat", "/proc/self/status").ends()
    held = dict(line.split(":\t") for line in said.splitlines() if line.startswith(("Cap", "NoNewPrivs")))
    assert {held[k] for k in ("CapEff", "CapPrm", "CapInh", "CapAmb")} == {"0" * 16}
    assert held["NoNewPrivs"].strip() == "1"


# -- sockets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "family", "type_"), [("4", socket.AF_INET, 1), ("6", socket.AF_INET6, 1), ("U", socket.AF_INET, 2)]
)
def test_a_box_hands_out_sockets(box, kind, family, type_):
    with box.socket(kind) as sock:
        assert (sock.family, sock.type) == (family, type_)


def test_of_many_sockets_each_is_handed_out_once(box):
    made = [box.socket() for _ in range(20)]
    assert len({os.fstat(sock.fileno()).st_ino for sock in made}) == 20
    for sock in made:
        sock.close()


def test_no_socket_stays_open_when_the_box_is_closed(staged):
    before = set(os.listdir("/proc/self/fd"))
    with Box(rung_called("limits"), staged) as box:
        box.socket().close()
    assert set(os.listdir("/proc/self/fd")) <= before


def test_a_handed_out_socket_reaches_a_server_inside(box, run):
    assert is_served(run, box, 0) == 0


def test_a_server_of_this_machine_is_out_of_reach_where_the_network_is_the_box_s_own(box):
    with socket.create_server(("127.0.0.1", 0)) as ours:
        sock, problem = connected(box, ours.getsockname()[1])
        sock.close()
    assert problem == (errno.ECONNREFUSED if box.rung.own_network else 0)


def test_the_network_is_unreachable_where_it_is_the_box_s_own(run, staged):
    """Asked of the kernel by connecting a UDP socket, which looks for a way and sends nothing."""
    ask = "import socket; s = socket.socket(type=socket.SOCK_DGRAM); print(s.connect_ex(('%s', 9)))"
    for name in ("full", "namespaces"):
        with Box(rung_called(name), staged) as box:
            assert says(run, box, ask % "192.0.2.1") == str(errno.ENETUNREACH)
            assert says(run, box, ask % "127.0.0.1") == "0"


# -- clearing ---------------------------------------------------------------------------------------------------------


LITTER = r"""
import os, sys
for folder in sys.argv[1:]:
    os.makedirs(folder + "/deep/er")
    open(folder + "/a\nb", "w").close()
    open(folder + "/.hidden", "w").close()
    os.symlink("/", folder + "/way out")
    os.chmod(folder + "/deep", 0)
open("notes/one.txt", "a").write("changed")
os.remove("server.py")
print("done")
"""


def test_clear_empties_the_work_and_temporary_folders(box, run):
    folders = (box.view.work, *box.view.temporary)
    assert run(box, "python3", "-c", LITTER, *folders).ends() == "done\n"
    box.clear()
    looking = "import os, sys; print([sorted(os.listdir(f)) for f in sys.argv[1:]], open('notes/one.txt').read())"
    said = run(box, "python3", "-c", looking, *folders).ends()
    assert said.strip() == f"{[['notes', 'server.py'], *([] for _ in box.view.temporary)]} one"


@pytest.mark.parametrize("name", ["landlock", "limits"])
def test_clear_follows_no_link_out_of_the_box(run, staged, name):
    canary = Path(tempfile.mkdtemp(prefix="canary-"))
    (canary / "bird").write_text("alive")
    canary.chmod(0o777)
    (canary / "bird").chmod(0o666)
    try:
        with Box(rung_called(name), staged) as box:
            assert says(run, box, f"import os; os.symlink('{canary}', 'link'); print(os.readlink('link'))") == str(
                canary
            )
            box.clear()
        assert (canary / "bird").read_text() == "alive"
    finally:
        (canary / "bird").unlink()
        canary.rmdir()


def test_clear_kills_daemons(box, run):
    ran = run(box, "python3", "-c", DAEMON)
    assert ran.line() == "up"
    assert ran.status() == 0
    assert processes.descendants(box.agent)
    box.clear()
    assert ran.ends() == ""
    assert processes.descendants(box.agent) == []


def test_kill_ends_everything_and_leaves_the_files(box, run):
    ran = run(box, "/bin/sh", "-c", "touch kept; trap '' TERM HUP; echo up; read x")
    assert ran.line() == "up"
    box.kill()
    assert ran.status() == -9
    assert "kept" in says(run, box, "import os; print(os.listdir())")


def test_a_port_is_free_again_each_time_though_the_server_closed_first(run, staged):
    for name in ("full", "namespaces"):
        with Box(rung_called(name), staged) as box:
            for _ in range(10):
                assert is_served(run, box, PORT) == 0
                box.clear()


def test_without_clearing_the_port_is_taken(run, staged):
    with Box(rung_called("namespaces"), staged) as box:
        assert is_served(run, box, PORT) == 0
        assert box.diag.rows(1 << sockdiag.TIME_WAIT)
        again = run(box, "python3", "-c", CLOSES_FIRST, str(PORT))
        assert "Address already in use" in again.ends()
        assert again.status() == 1


# -- closing ----------------------------------------------------------------------------------------------------------


def test_closing_ends_every_daemon(rung, staged, run):
    with Box(rung, staged) as box:
        ran = run(box, "python3", "-c", DAEMON)
        assert ran.line() == "up"
    assert ran.ends() == ""


STRIKE = """
import os, signal, sys
try:
    os.kill(os.getppid(), signal.Signals[sys.argv[1]])
except PermissionError:
    pass
print("struck", flush=True)
sys.stdin.read()
"""
STRIKE_AND_LIVE_ON = """
import os, sys
agent = os.getppid()
os.fork() and sys.stdin.read()
os.setsid()
os.fork() and os._exit(0)
os.kill(agent, 9)
print("up", flush=True)
sys.stdin.read()
"""


def can_be_struck(rung):
    """Whether a submission's signals reach its supervisor: not where that is the first process, or Landlock forbids it."""
    return not rung.own_processes and not (rung.landlock and landlock_version() >= 6)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP", "SIGINT", "SIGTERM", "SIGSEGV"])
def test_no_signal_reaches_the_supervisor_where_the_rung_promises_it(shared, run, name):
    if can_be_struck(shared.rung):
        return
    assert run(shared, "python3", "-c", STRIKE, name).line() == "struck"
    shared.clear()
    assert not shared.broken
    assert says(run, shared, "print('served')") == "served"
    shared.clear()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
def test_a_submission_that_strikes_its_supervisor_breaks_the_box_and_is_ended(staged, run, name):
    with Box(rung_called("limits"), staged) as box:
        ran = run(box, "python3", "-c", STRIKE, name)
        assert ran.line() in ("struck", "")  # its end may be quicker than its word
        with pytest.raises(AgentGone):
            box.clear()
        assert box.broken
        assert box.exit_status(ran.pid) is None
    assert ran.ends() == ""


def test_a_daemon_that_outlives_its_supervisor_is_ended_too(staged, run):
    """Where nothing but two processes of ours hold the box together, and the daemon has killed one of them."""
    with Box(rung_called("limits"), staged) as box:
        ran = run(box, "python3", "-c", STRIKE_AND_LIVE_ON)
        assert ran.line() in ("up", "")
    assert ran.ends() == ""


def test_a_broken_box_stays_broken(run, staged):
    with Box(rung_called("limits"), staged) as box:
        box.socket().close()
        ran = run(box, "python3", "-c", STRIKE, "SIGKILL")
        ran.line()
        for act in (box.clear, box.socket, box.kill):  # no socket, though some were made while it lived
            with pytest.raises(AgentGone):
                act()
    assert ran.ends() == ""


# -- what is out of reach ---------------------------------------------------------------------------------------------


@pytest.fixture
def canary():
    """A file of this machine that everybody may read."""
    folder = Path(tempfile.mkdtemp(prefix="canary-"))
    folder.chmod(0o755)
    (folder / "bird").write_text("alive")
    (folder / "bird").chmod(0o644)
    yield folder / "bird"
    (folder / "bird").unlink()
    folder.rmdir()


def test_files_of_this_machine_can_be_read_on_the_last_rung_only(box, run, canary):
    said = run(box, "/bin/cat", str(canary)).ends()
    assert ("alive" in said) == (box.rung.name == "limits")


@pytest.mark.parametrize("place", ["/", "/usr", "/etc", "/dev", "/submission"])
def test_nothing_can_be_written_outside_the_work_and_temporary_folders(run, staged, place):
    with Box(rung_called("full"), staged) as box:
        said = run(box, "/bin/sh", "-c", f"echo x > {place}/mine && echo written").ends()
        assert "written" not in said
        assert "Read-only file system" in said or "Permission denied" in said


def test_processes_of_this_machine_are_out_of_sight(run, staged):
    for name in ("full", "namespaces"):
        with Box(rung_called(name), staged) as box:
            seen = says(run, box, "import os; print(max(int(p) for p in os.listdir('/proc') if p.isdigit()))")
            assert int(seen) < 100


def test_a_writable_box_leaves_what_it_makes_in_the_submission(rung, tmp_path, run):
    own, _ = staging.stage(tmp_path)
    with Box(rung, replace(own, writable=True)) as box:
        assert run(box, "/bin/sh", "-c", "echo made > made").status() == 0
    assert Path(own.submission, "made").read_text() == "made\n"
    staging.remove(own)


def test_a_box_that_can_not_be_made_says_why(staged):
    from grader.errors import HarnessError
    from grader.stage.rungs import Rung

    broken = Rung(
        "broken",
        own_network=False,
        wrap=lambda _s, _a: ["/bin/sh", "-c", "echo no room >&2; exit 1"],
        view=rung_called("limits").view,
    )
    with pytest.raises(HarnessError) as caught:
        Box(broken, staged)
    assert (caught.value.code, caught.value.facts) == ("no-sandbox", {"why": "no room"})


def test_staging_leaves_nothing_behind(tmp_path):
    made, _ = staging.stage(tmp_path)
    with Box(rung_called("limits"), made):
        pass
    staging.remove(made)
    assert not Path(made.root).exists()
