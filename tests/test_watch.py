"""What a submission may use: whoever uses more is ended or refused, and told so; an honest server never meets a limit.

The hogs here are small: their limits are lowered, not their appetite raised, and each stops by itself soon after.
"""

import os
import resource
import select
import subprocess
import sys
from dataclasses import replace

import pytest
from boxes import PATIENCE, says
from needs import forbidden, needs

from grader.stage import cgroup, processes
from grader.stage.limits import BUILD, SERVER, Limits, Met, machine_memory, tasks_of

MIB = 1 << 20
SMALL = replace(SERVER, memory_at_most=96 * MIB)
ALL = ("full", "namespaces", "landlock", "limits")
OWN_FOLDERS = ("full", "namespaces")
HOG = """
import sys
kept = []
for _ in range(40):
    kept.append(bytearray(b"x") * (8 << 20))
print("done", flush=True)
sys.stdin.read()
"""
MANY_HOGS = """
import os, sys
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            kept = bytearray(b"x") * (40 << 20)
            print("up", flush=True)
            sys.stdin.read()
        os._exit(0)
sys.stdin.read()
"""
SHARED_MEMORY = """
import ctypes, sys
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
for _ in range(12):
    place = libc.shmat(libc.shmget(0, 16 << 20, 0o600 | 0o1000), None, 0)
    ctypes.memset(place, 1, 16 << 20)
    libc.shmdt(ctypes.c_void_p(place))
print("done", flush=True)
sys.stdin.read()
"""


def needs_groups():
    """The test needs control groups of its own."""
    if not cgroup.possible():
        forbidden("make control groups")


LEAVES = """
import ctypes
libc = ctypes.CDLL(None)
made = libc.shmget(77, 4096, 0o1600), libc.semget(77, 1, 0o1600), libc.msgget(77, 0o1600)
print(min(made) >= 0, flush=True)
"""
FINDS = "import ctypes; c = ctypes.CDLL(None); print(c.shmget(77, 0, 0), c.semget(77, 0, 0), c.msgget(77, 0))"
FORKS = """
import os, sys
kept = bytearray(b"x") * (48 << 20)
for _ in range(8):
    if os.fork() == 0:
        os.write(1, b"up\\n")
        sys.stdin.read()
os.write(1, b"up\\n")
sys.stdin.read()
"""
BOMB = """
import os, signal, sys
made = 0
for _ in range(600):
    try:
        if os.fork() == 0:
            signal.pause()
    except BlockingIOError:
        break
    made += 1
print(made, flush=True)
sys.stdin.read()
"""


def met(box):
    return {m.limit: m for m in box.met()}


def met_soon(box, limit):
    """The limit, once the watch has seen it: it looks every few moments."""
    for _ in range(PATIENCE * 20):
        if found := met(box).get(limit):
            return found
        select.select([], [], [], 0.05)
    raise AssertionError(f"the limit on {limit} was not noticed")


def all_end(box):
    for _ in range(PATIENCE * 20):
        if not processes.descendants(box.agent):
            return True
        select.select([], [], [], 0.05)
    return False


# -- memory -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_whoever_takes_too_much_memory_is_ended(boxes, run, name):
    box = boxes(name)
    ran = run(box, "python3", "-c", HOG, limits=SMALL)
    assert ran.status() == -9
    found = met(box)["memory"]
    assert found.used > found.most == 96 * MIB
    assert says(run, box, "print('the box is whole')") == "the box is whole"


@pytest.mark.parametrize("name", ALL)
def test_memory_spread_over_daemons_is_added_up(boxes, run, name):
    box = boxes(name)
    run(box, "python3", "-c", MANY_HOGS, limits=SMALL)
    assert met_soon(box, "memory").used > 96 * MIB
    assert all_end(box)


@pytest.mark.parametrize("name", OWN_FOLDERS)
def test_memory_that_no_process_has_attached_counts(boxes, run, name):
    box = boxes(name)
    ran = run(box, "python3", "-c", SHARED_MEMORY, limits=SMALL)
    assert ran.status() == -9
    assert met(box)["memory"].used > 96 * MIB


@pytest.mark.parametrize("name", OWN_FOLDERS)
def test_shared_memory_semaphores_and_queues_are_gone_at_the_next_start(boxes, run, name):
    box = boxes(name)
    assert says(run, box, LEAVES) == "True"
    assert "-1" not in says(run, box, FINDS)  # they outlive who made them
    box.clear()
    assert says(run, box, FINDS) == "-1 -1 -1"


@pytest.mark.parametrize("name", ALL)
def test_memory_that_a_server_shares_with_its_children_counts_once(boxes, run, name):
    box = boxes(name)
    ran = run(box, "python3", "-c", FORKS, limits=SMALL)
    assert [ran.line() for _ in range(9)] == ["up"] * 9
    watch = box._watch
    for _ in range(3):
        watch._look()
    assert met(box) == {}
    assert sum(processes_memory(pid) for pid in processes.descendants(box.agent)) > 96 * MIB


def processes_memory(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as line:
        return int(line.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_the_limits_fit_the_machine():
    assert 512 * MIB <= SERVER.memory <= 2048 * MIB
    assert SERVER.memory <= BUILD.memory
    assert SERVER.memory <= machine_memory()


# -- processes, files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN_FOLDERS)
def test_a_fork_bomb_is_stopped_by_the_kernel(boxes, run, name):
    box = boxes(name)
    ran = run(box, "python3", "-c", BOMB)
    assert 480 < int(ran.line()) < 512
    assert met_soon(box, "processes").most == 512
    box.clear()
    assert processes.descendants(box.agent) == []


@pytest.mark.parametrize("name", ["landlock", "limits"])
def test_a_fork_bomb_is_stopped_by_the_watch_where_the_kernel_counts_others_too(boxes, run, name):
    box = boxes(name)
    run(box, "python3", "-c", BOMB)
    assert met_soon(box, "processes").used >= 504
    assert all_end(box)


@pytest.mark.parametrize("name", ALL)
def test_whoever_has_too_much_open_is_refused_more(boxes, run, name):
    box = boxes(name)
    code = """
import socket, sys
kept = []
try:
    for _ in range(2000): kept.append(socket.socket())
except OSError as problem:
    print(problem.errno, flush=True)
sys.stdin.read()
"""
    ran = run(box, "python3", "-c", code)
    assert ran.line() == "24"
    if os.uname().release.split(".") >= ["6", "2"] or int(os.uname().release.split(".")[0]) > 6:
        assert met_soon(box, "files") == Met("files", 1024, 1024)


@pytest.mark.parametrize("name", ALL)
def test_a_file_that_grows_too_large_is_noticed(boxes, run, name):
    box, small = boxes(name), replace(SERVER, file_size=MIB)
    writes = "file = open('log', 'wb')\ntry:\n    for _ in range(3): file.write(bytes(1 << 20)); file.flush()\nexcept OSError as e: print(e.errno)"
    assert run(box, "python3", "-c", writes, limits=small).ends() == "27\n"
    box.clear()
    assert met(box) == {"file-size": Met("file-size", MIB, MIB)}
    box.clear()
    assert met(box) == {}


def test_a_program_that_knows_nothing_of_limits_ends_by_their_signal(boxes, run):
    box = boxes("full")
    assert (
        run(
            box, "/bin/dd", "if=/dev/zero", "of=big", "bs=64k", "count=64", limits=replace(SERVER, file_size=MIB)
        ).status()
        == -25
    )
    assert run(box, "/bin/sh", "-c", "while :; do :; done", limits=replace(SERVER, seconds=1)).status() == -24


@pytest.mark.parametrize("name", OWN_FOLDERS)
def test_a_full_folder_is_noticed(boxes, run, name):
    box = boxes(name)
    code = (
        "try:\n    for n in range(12): open(f'f{n}', 'wb').write(bytes(24 << 20))\nexcept OSError as e: print(e.errno)"
    )
    assert run(box, "python3", "-c", code).ends() == "28\n"
    box.clear()
    assert met(box)["disk"].most == 256 * MIB


@pytest.mark.parametrize("name", ["landlock", "limits"])
def test_a_disk_of_the_machine_is_not_filled(boxes, run, name):
    box = boxes(name)
    code = "import sys\nfor n in range(8): open(f'f{n}', 'wb').write(bytes(1 << 20))\nprint('done', flush=True)\nsys.stdin.read()"
    ran = run(box, "python3", "-c", code, limits=replace(SERVER, disk=4 * MIB))
    assert met_soon(box, "disk").used > 4 * MIB
    assert ran.status() == -9


@pytest.mark.parametrize("name", ALL)
def test_files_without_end_are_ended(boxes, run, name):
    box = boxes(name)
    code = "import sys\nfor n in range(2000): open(f'f{n}', 'w').close()\nprint('done', flush=True)\nsys.stdin.read()"
    ran = run(box, "python3", "-c", code, limits=replace(SERVER, entries=500))
    assert met_soon(box, "entries").most == 500
    assert ran.status() == -9


def test_folders_deeper_than_a_path_may_be_long_are_cleared(boxes, run):
    for name in ALL:
        box = boxes(name)
        code = "import os\nfor _ in range(1200): os.mkdir('deep'); os.chdir('deep')\nopen('end', 'w').close(); print('done')"
        assert says(run, box, code) == "done"
        box.clear()
        assert says(run, box, "import os; print(os.listdir())") == "['server.py']"


# -- the kernel's own groups -------------------------------------------------------------------------------------------


def test_where_groups_can_be_made_the_kernel_keeps_memory_that_cannot_be_seen(boxes, run):
    """Full sockets hold memory of the kernel, which no process has: only a group counts it. Seen in what the group used."""
    needs_groups()
    box = boxes("full")
    code = """
import socket, sys
pairs = []
for _ in range(400):
    a, b = socket.socketpair(); a.setblocking(False); pairs.append((a, b))
    try:
        while True: a.send(bytes(16384))
    except BlockingIOError: pass
print("done", flush=True)
sys.stdin.read()
"""
    group = box._group
    before = used(group)
    assert run(box, "python3", "-c", code).line() == "done"
    assert used(group) - before > 40 * MIB


def used(group):
    for folder in group.folders:
        for name in ("memory.current", "memory.usage_in_bytes"):
            if (folder / name).is_file():
                return int((folder / name).read_text())
    raise AssertionError("no memory group")


def test_a_group_is_removed_and_so_are_those_of_graders_that_were_killed():
    needs_groups()
    code = """
import os, signal, sys
from grader.stage import cgroup
child = os.fork()
if not child:
    os.closerange(0, 3)
    signal.pause()
group = cgroup.join(child, 1 << 30, 100)
print(*group.folders, child, flush=True)
os.kill(os.getpid(), 9)
"""
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    *folders, child = killed.stdout.split()
    assert folders
    assert all(map(os.path.isdir, folders))
    pidfd = os.pidfd_open(int(child))
    os.kill(int(child), 9)
    select.select([pidfd], [], [])
    os.close(pidfd)
    assert cgroup.possible()
    assert not any(map(os.path.isdir, folders))


def test_nobody_waits_for_what_has_long_been_left_in_another_graders_group():
    """Its grader was killed, and something of it lives on. Each box would have waited for that, for two seconds."""
    needs_groups()
    with subprocess.Popen(["true"]) as dead, subprocess.Popen(["cat"], stdin=subprocess.PIPE) as left:
        dead.wait()
        own = cgroup.join(left.pid, 1 << 30, 100)
        stuck = [folder.with_name(f"{cgroup.NAME}{dead.pid}-0") for folder in own.folders]
        for folder in stuck:
            folder.mkdir()
            (folder / "cgroup.procs").write_text(str(left.pid))
            os.utime(folder, (1, 1))
        own.close()
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as other:
            waits = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
            others = cgroup.join(other.pid, 1 << 30, 100)
            waited = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw - waits
            other.kill()
        there = [folder.is_dir() for folder in stuck]
        left.kill()
    cgroup.Group((*others.folders, *stuck)).close()
    assert all(there)
    assert waited < cgroup.ROUNDS / 2


# -- honest servers ---------------------------------------------------------------------------------------------------


THREADS = {
    "Python": """
import sys, threading
gate = threading.Event()
for _ in range(300): threading.Thread(target=gate.wait, daemon=True).start()
print("up", flush=True)
sys.stdin.read()
""",
    "processes": """
import os, sys
for _ in range(300):
    if os.fork() == 0: sys.stdin.read()
print("up", flush=True)
sys.stdin.read()
""",
    "C": """
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *wait_for_ever(void *x) { pause(); return x; }
int main(void) {
    for (int i = 0; i < 300; i++) { pthread_t t; if (pthread_create(&t, 0, wait_for_ever, 0)) return 1; }
    puts("up"); fflush(stdout); pause();
}
""",
    "Java": """
public class Many {
    public static void main(String[] words) throws Exception {
        for (int i = 0; i < 300; i++) new Thread(() -> { try { Thread.sleep(1_000_000); } catch (Exception e) { } }).start();
        System.out.println("up");
    }
}
""",
    "Node": """
const net = require("net");
const server = net.createServer(s => s.on("data", d => s.write(d)));
let open = 0;
server.listen(0, "127.0.0.1", () => { for (let i = 0; i < 300; i++)
    net.connect(server.address().port, "127.0.0.1", () => { if (++open == 300) console.log("up"); }); });
""",
}
PROGRAMS = {"C": ("gcc",), "Java": ("java", "javac"), "Node": ("node",)}
BUILDS = {
    "C": "gcc -pthread -o many many.c",
    "C, sanitized": "gcc -g -fsanitize=address -pthread -o many many.c",
    "Java": "javac Many.java",
}
RUNS = {
    "Python": ("python3", "many.py"), "processes": ("python3", "many.py"), "C": ("./many",), "C, sanitized": ("./many",),
    "Java": ("java", "Many"), "Node": ("node", "many.js"),
}  # fmt: skip
FILES = {"Python": "many.py", "processes": "many.py", "C": "many.c", "Java": "Many.java", "Node": "many.js"}


@pytest.mark.parametrize("kind", RUNS)
def test_an_honest_server_with_300_threads_meets_no_limit(stage_and_build, run, kind):
    """Threads, processes or connections, as each language serves its clients; on the best rung that works here."""
    language = kind.split(",")[0]
    needs(*PROGRAMS.get(language, ()))
    box = stage_and_build({FILES[language]: THREADS[language]}, BUILDS.get(kind))
    ran = run(box, *RUNS[kind])
    assert ran.line() == "up"
    box._watch._look()
    box._watch._look()
    assert len(processes.look(processes.descendants(box.agent), waits=False)) >= (300 if language != "Node" else 1)
    box.clear()
    assert box.met() == []


def test_what_else_a_user_runs_is_counted():
    assert tasks_of(os.geteuid()) >= 1
    assert Limits().words(100).startswith("NPROC=612:612 ")
