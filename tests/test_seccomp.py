"""The filter of system calls: what a server needs is allowed, what it never needs is refused. Asked of the kernel, inside."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from boxes import says
from needs import lacking

from grader.stage import seccomp

HEADERS = {0: Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), 1: Path("/usr/include/asm-generic/unistd.h")}
CALLS = {**seccomp.NO_SUCH_CALL, **seccomp.NOT_PERMITTED}
COLUMN = seccomp.ARCHITECTURES.get(os.uname().machine, (0, None))[1]
ASK = """
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def ask(*numbers):
    ctypes.set_errno(0)
    done = libc.syscall(*[ctypes.c_long(n) for n in numbers])
    return errno.errorcode[ctypes.get_errno()] if done < 0 else "done"
"""


@pytest.fixture(params=["full", "namespaces", "landlock", "limits"], scope="module")
def box(request, boxes):
    """A box on each rung: the filter is the same on all of them."""
    if COLUMN is None:
        lacking("a processor that the filter knows")
    return boxes(request.param)


def asked(box, run, code):
    return says(run, box, ASK + code)


def test_every_call_that_is_refused_answers_so(box, run):
    numbers = {name: pair[COLUMN] for name, pair in CALLS.items() if pair[COLUMN] is not None}
    said = asked(box, run, f"for name, n in {numbers}.items(): print(name, ask(n, 0, 0, 0, 0, 0, 0))")
    answers = dict(line.split() for line in said.splitlines())
    assert answers == {n: "ENOSYS" if n in seccomp.NO_SUCH_CALL else "EPERM" for n in numbers}


def test_outside_a_box_the_same_calls_are_there():
    """Else the test above would say nothing: the calls that an ordinary user may make are made."""
    trace, memory = CALLS["ptrace"][COLUMN], CALLS["memfd_create"][COLUMN]
    code = ASK + f"name = b'x'\nprint(ask({trace}, 0, 0, 0, 0), libc.syscall({memory}, name, 0) >= 0)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["done", "True"]


@pytest.mark.parametrize("flag", [0x10000000, 0x20000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000])
def test_no_new_namespace_of_any_kind(box, run, flag):
    clone, unshare = seccomp.CLONE[COLUMN], seccomp.UNSHARE[COLUMN]
    assert asked(box, run, f"print(ask({clone}, {flag} | 17, 0, 0, 0, 0), ask({unshare}, {flag}))") == "EPERM EPERM"


def test_an_unshare_that_makes_no_namespace_is_allowed(box, run):
    assert asked(box, run, f"print(ask({seccomp.UNSHARE[COLUMN]}, 0x200))") == "done"


@pytest.mark.parametrize("family", [17, 31, 38, 40, 42, 44])
def test_sockets_that_no_network_namespace_holds_in_are_refused(box, run, family):
    """Raw packets, Bluetooth, the kernel's ciphers, the host of a virtual machine, and others."""
    assert asked(box, run, f"print(ask({seccomp.SOCKET[COLUMN]}, {family}, 2, 0))") == "EAFNOSUPPORT"


def test_only_two_kinds_of_netlink_are_left(box, run):
    said = asked(box, run, f"print([p for p in range(23) if ask({seccomp.SOCKET[COLUMN]}, 16, 3, p) == 'done'])")
    assert said == "[0, 4]"


def test_a_terminal_can_not_be_typed_into(box, run):
    code = f"import pty, termios; m, s = pty.openpty(); print(ask({seccomp.IOCTL[COLUMN]}, s, 0x5412, 0), termios.tcgetattr(s)[6] != [])"
    if box.rung.name == "full":  # elsewhere a new terminal may be out of reach
        assert asked(box, run, code) == "EPERM True"


ORDINARY = """
import asyncio, os, select, selectors, signal, socket, subprocess, tempfile, threading, time
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
pid = os.fork()
if not pid: os._exit(7)
print("fork", os.waitpid(pid, 0)[1] >> 8)
print("run", subprocess.run(["/bin/sh", "-c", "exit 3"]).returncode)
a, b = socket.socketpair(); a.send(b"x"); print("pair", b.recv(1))
server = socket.create_server(("127.0.0.1", 0)); print("tcp", server.getsockname()[0])
udp = socket.socket(type=socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0)); print("udp")
print("epoll", select.epoll().poll(0), selectors.DefaultSelector().select(0))
async def main(): return await asyncio.to_thread(lambda: "async")
print(asyncio.run(main()))
with tempfile.NamedTemporaryFile(dir=".") as file: file.write(b"x"); print("file")
signal.signal(signal.SIGUSR1, lambda *_: print("signal")); os.kill(os.getpid(), signal.SIGUSR1)
print("names", len(socket.if_nameindex()) > 0)
"""


def test_what_an_ordinary_server_does_is_allowed(box, run):
    words = ["thread", "fork", "run", "pair", "tcp", "udp", "epoll", "async", "file", "signal", "names"]
    assert [line.split()[0] for line in says(run, box, ORDINARY).splitlines()] == words


def test_memory_that_the_grader_made_and_handed_in_can_be_written(box):
    ours = os.memfd_create("ours")
    silent = os.open(os.devnull, os.O_RDONLY)
    inner, pidfd = box.start(["/bin/echo", "written"], {"PATH": "/usr/bin:/bin"}, (silent, ours, ours))
    assert box.exit_status(inner) == 0
    assert os.pread(ours, 100, 0) == b"written\n"
    for descriptor in (ours, silent, pidfd):
        os.close(descriptor)


@pytest.mark.parametrize("column", HEADERS)
def test_the_numbers_are_those_of_the_kernel_s_headers(column):
    if not HEADERS[column].is_file():
        lacking(f"{HEADERS[column]}")
    text = HEADERS[column].read_text()
    known = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    four = {"clone": seccomp.CLONE, "unshare": seccomp.UNSHARE, "socket": seccomp.SOCKET, "ioctl": seccomp.IOCTL}
    wrong = {
        n: p[column] for n, p in {**CALLS, **four, **seccomp.PRETENDED}.items() if n in known and known[n] != p[column]
    }
    assert wrong == {}
    assert sum(name in known for name in CALLS) > 30


def test_an_unknown_processor_has_no_filter():
    assert seccomp.program("riscv64") == b""
    assert len(seccomp.program("x86_64")) % 8 == len(seccomp.program("aarch64")) % 8 == 0


def test_no_jump_leads_out_of_the_filter():
    for machine in seccomp.ARCHITECTURES:
        for apart in (True, False):
            code = seccomp.program(machine, unix_sockets=apart, file_modes=apart)
            steps = [code[i : i + 8] for i in range(0, len(code), 8)]
            assert all(at + 1 + max(s[2], s[3]) < len(steps) for at, s in enumerate(steps) if s[0] & 7 == 5)


def test_without_unix_sockets_there_are_still_pairs(boxes, run):
    """As an ordinary user on the rung of Landlock, where sockets of other programs lie among the files."""
    box = boxes("landlock")
    code = "import socket\ntry: socket.socket(socket.AF_UNIX); print('made')\nexcept OSError as e: print(e.errno)\nsocket.socketpair(); print('pair')"
    first, second = says(run, box, code).splitlines()
    assert (first == "made") == (os.geteuid() == 0)
    assert second == "pair"
    assert socket.AF_UNIX == seccomp.UNIX


def test_modes_and_times_of_the_user_s_own_files_stay_where_nobody_else_is_there_to_run_as(boxes, run, tmp_path):
    """Landlock does not hold them. As an ordinary user on its rung nothing is changed, and an honest program goes on."""
    box, file = boxes("landlock"), tmp_path / "of the user"
    file.touch()
    file.chmod(0o600)
    os.utime(file, (1, 1))
    code = (
        "import os\nopen('own', 'w').close()\nfor p in ('own', os.environ['F']):\n"
        "    try: os.chmod(p, 0o640); os.utime(p, (2, 2)); print('done', oct(os.stat(p).st_mode)[-3:])\n"
        "    except OSError as e: print(e.errno)"
    )
    own, other = says(run, box, code.replace("os.environ['F']", repr(str(file)))).splitlines()
    root = os.geteuid() == 0
    assert own == ("done 640" if root else "done 644")
    assert root == other.isdigit()
    assert (file.stat().st_mode & 0o777, file.stat().st_mtime) == (0o600, 1)
