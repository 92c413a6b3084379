"""What a sleeping thread waits for, and until when: as rows of /proc/…/syscall, and as the truth of real processes."""

import os
import platform
import select
import socket
import struct
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from needs import lacking

from grader.stage import processes, syscalls
from grader.stage.syscalls import FOREVER, Wait, read_wait

NOW = 1000.0
AT = 0x7F00
WALL = 0x100
NONE = (0,) * 6


def line(number, *arguments):
    """What /proc/…/syscall shows: number, six arguments, stack and instruction pointer."""
    six = (*arguments, *NONE)[:6]
    return f"{number} {' '.join(hex(a & 0xFFFFFFFFFFFFFFFF) for a in six)} 0x7ffd 0x7fff\n".encode()


def holding(*numbers):
    """A memory in which two 64-bit numbers stand at AT, and nothing anywhere else."""

    def memory(address, size):
        if address != AT:
            raise OSError("nothing stands there")
        return struct.pack("=qq", *numbers)[:size]

    return memory


ROWS = {
    "recv": (line(45, 5), (), Wait("recvfrom", 5)),
    "read": (line(0, 7), (), Wait("read", 7)),
    "accept": (line(43, 3), (), Wait("accept", 3)),
    "accept4": (line(288, 3), (), Wait("accept4", 3)),
    "send into a full queue": (line(44, 9), (), Wait("sendto", 9)),
    "wait for a child": (line(61, -1), (), Wait("wait4")),
    "poll without limit": (line(7, AT, 1, -1), (), Wait("poll")),
    "poll without limit, as 32 bits": (line(7, AT, 1, 0xFFFFFFFF), (), Wait("poll")),
    "poll for 250 ms": (line(7, AT, 1, 250), (), Wait("poll", None, NOW + 0.25)),
    "epoll without limit": (line(232, 4, AT, 64, -1), (), Wait("epoll_wait")),
    "epoll for 2 s": (line(281, 4, AT, 64, 2000), (), Wait("epoll_pwait", None, NOW + 2)),
    "select without limit": (line(23, 5, 1, 0, 0, 0), (), Wait("select")),
    "select for 1.5 s": (line(23, 5, 1, 0, 0, AT), (1, 500_000), Wait("select", None, NOW + 1.5)),
    "pselect without limit": (line(270, 5, 1, 0, 0, 0), (), Wait("pselect6")),
    "pselect for 1.5 s": (line(270, 5, 1, 0, 0, AT), (1, 500_000_000), Wait("pselect6", None, NOW + 1.5)),
    "ppoll for 3 s": (line(271, AT, 1, AT), (3, 0), Wait("ppoll", None, NOW + 3)),
    "a lock": (line(202, 1, 0x80, 0, 0), (), Wait("futex")),
    "a lock, for at most 2 s": (line(202, 1, 0x80, 0, AT), (2, 0), Wait("futex", None, NOW + 2)),
    "a lock, until a moment": (line(202, 1, 0x89, 0, AT), (1029, 0), Wait("futex", None, 1029.0)),
    "nanosleep": (line(35, AT), (0, 100_000_000), Wait("nanosleep", None, NOW + 0.1)),
    "sleep for 5 s": (line(230, 1, 0, AT), (5, 0), Wait("clock_nanosleep", None, NOW + 5)),
    "sleep until a moment": (line(230, 1, 1, AT), (1060, 0), Wait("clock_nanosleep", None, 1060.0)),
    "recvmmsg without limit": (line(299, 6, AT, 8, 0, 0), (), Wait("recvmmsg", 6)),
}
PROVES_NOTHING = {
    "running": b"running\n",
    "not in a call": b"-1 0x7ffd 0x7fff\n",
    "a call that is not known": line(500),
    "io_uring": line(426, 3),
    "poll that only looks": line(7, AT, 1, 0),
    "cut short": b"45 0x5\n",
    "nothing": b"",
}


@pytest.fixture(autouse=True)
def x86_64(monkeypatch, request):
    """The rows are of this architecture; the tests with real processes are of the machine's own."""
    if "real" not in request.node.name:
        monkeypatch.setattr(syscalls, "NUMBERS", syscalls.X86_64)


@pytest.mark.parametrize(("text", "memory", "wait"), ROWS.values(), ids=ROWS)
def test_a_wait_is_read(text, memory, wait):
    read = read_wait(text, holding(*memory or (0, 0)), NOW)
    assert (read.call, read.descriptor) == (wait.call, wait.descriptor)
    assert read.until == pytest.approx(wait.until)


@pytest.mark.parametrize("text", PROVES_NOTHING.values(), ids=PROVES_NOTHING)
def test_what_is_no_known_wait_proves_nothing(text):
    assert read_wait(text, holding(0, 0), NOW) is None


@pytest.mark.parametrize(("number", "flags", "first"), [(202, 0x189, 1), (230, 0, 0)], ids=["a lock", "sleep"])
def test_a_moment_of_the_wall_clock_is_turned_into_one_of_the_monotonic(number, flags, first):
    later = time.time() + 3600
    memory = holding(int(later), 0)
    text = line(202, first, flags, 0, AT) if number == 202 else line(230, first, 1, AT)
    assert read_wait(text, memory, NOW).until == pytest.approx(NOW + 3600, abs=60)


def test_a_limit_that_can_not_be_read_is_an_error_and_not_quiet():
    with pytest.raises(OSError, match="nothing stands there"):
        read_wait(line(35, AT + 8), holding(1, 0), NOW)


def test_both_tables_name_the_same_calls():
    only_on_x86 = {"pause", "poll", "select", "epoll_wait"}
    assert set(syscalls.X86_64.values()) - set(syscalls.AARCH64.values()) == only_on_x86
    assert set(syscalls.LIMITS) <= set(syscalls.X86_64.values())


# -- the truth --------------------------------------------------------------------------------------------------------


REAL = {
    "reads": ("sys.stdin.buffer.raw.read(1)", {"read"}, None),
    "receives": ("a, b = socket.socketpair(); a.recv(1)", {"recvfrom"}, None),
    "accepts": ("socket.create_server(('127.0.0.1', 0)).accept()", {"accept", "accept4"}, None),
    "selects": ("select.select([0], [], [])", {"select", "pselect6"}, None),
    "selects for an hour": ("select.select([0], [], [], 3600)", {"select", "pselect6"}, 3600),
    "polls for an hour": ("p = select.poll(); p.register(0, 1); p.poll(3_600_000)", {"poll", "ppoll"}, 3600),
    "waits at an epoll": ("select.epoll().poll()", {"epoll_wait", "epoll_pwait"}, None),
    "waits at an epoll for an hour": ("select.epoll().poll(3600)", {"epoll_wait", "epoll_pwait"}, 3600),
    "wants a lock": ("l = threading.Lock(); l.acquire(); l.acquire()", {"futex"}, None),
    "wants a lock for an hour": ("l = threading.Lock(); l.acquire(); l.acquire(timeout=3600)", {"futex"}, 3600),
    "sleeps for an hour": ("time.sleep(3600)", {"clock_nanosleep", "nanosleep", "pselect6", "select"}, 3600),
}


@pytest.mark.parametrize(("code", "calls", "limit"), REAL.values(), ids=REAL)
def test_a_real_process_waits_as_it_is_read(code, calls, limit):
    if not syscalls.NUMBERS:
        lacking(f"a table of system calls for {platform.machine()}")
    with waiting(code) as (task, looked):
        assert task.wait.call in calls
        if limit is None:
            assert task.wait.until == FOREVER
        else:
            assert 0 < task.wait.until - looked < 2 * limit


def test_a_real_process_that_runs_proves_nothing():
    with subprocess.Popen(
        [sys.executable, "-c", "print('up', flush=True)\nwhile True: pass"], stdout=subprocess.PIPE
    ) as spinning:
        spinning.stdout.readline()
        states = {t.state for _ in range(5) for t in processes.look([spinning.pid], waits=True).values()}
        waits = [t.wait for _ in range(5) for t in processes.look([spinning.pid], waits=True).values()]
        spinning.kill()
    assert states == {"R"}
    assert waits == [None] * 5


def test_a_real_socket_is_found_behind_its_descriptor():
    with socket.socket() as sock:
        assert processes.socket_inode(os.getpid(), sock.fileno()) == os.fstat(sock.fileno()).st_ino
        assert os.fstat(sock.fileno()).st_ino in processes.socket_inodes([os.getpid()])
    assert processes.socket_inode(os.getpid(), 0) is None


@contextmanager
def waiting(code):
    """A process that runs `code`, seen in the call that the code makes, and the moment before it was looked at."""
    said = "import select, socket, sys, threading, time\nsys.stdout.write('up\\n')\nsys.stdout.flush()\n"
    argv = [sys.executable, "-c", said + code]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"up\n"
        try:
            yield asleep(process.pid)
        finally:
            process.kill()


def asleep(pid):
    """It goes to sleep in a moment: the kernel says when, and that it sleeps on."""
    while True:
        looked = time.monotonic()
        before = processes.look([pid], waits=True)
        after = processes.look([pid], waits=False)
        assert before.keys() == after.keys() == {pid}
        if before[pid].wait is not None and before[pid].runs == after[pid].runs:
            return before[pid], looked
        os.sched_yield()


def test_a_real_process_with_children_has_them_as_descendants():
    code = "import os\nif os.fork() == 0:\n os.fork()\nos.write(1, b'up\\n')\nos.read(0, 1)"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        for _ in range(3):
            assert first.stdout.readline() == b"up\n"
        below = processes.descendants(first.pid)
        assert len(below) == 2
        assert {processes.parent(pid) for pid in below} <= {first.pid, *below}
        first.stdin.close()
        assert select.select([first.stdout], [], [], 20)[0]
