"""Bubblewrap: its arguments, the filter that it is given, and how to end it.

It is two processes. The outer one makes the namespaces with the inner one in them, says which process that is, and gives
it the word to go on; the inner one mounts what is to be seen and becomes the agent, the first process inside. Where the
outer one dies before it has given the word, the inner one waits for it for ever. So nothing of ours may end the outer one
first: it is not told to die with the grader (the agent does, when it sees the end of its channel, and with it all that is
inside; then the outer one ends by itself), and it holds a reader for what it has to say.
"""

from __future__ import annotations

import contextlib
import glob
import os
import signal
import subprocess
from collections.abc import Iterator

from grader.stage import processes, seccomp
from grader.stage.limits import SHARED_MEMORY, TEMPORARY, WORK
from grader.stage.place import Staging, prefix

SYSTEM = ("bin", "sbin", "lib", "lib64")


def wrap(staging: Staging, argv: list[str]) -> list[str]:
    """The argv that runs another one inside."""
    work = ["--bind", staging.submission, "/work"] if staging.writable else ["--size", str(WORK), "--tmpfs", "/work"]
    merged = [p for d in SYSTEM if os.path.islink(f"/{d}") for p in ("--symlink", f"usr/{d}", f"/{d}")]
    plain = [p for d in SYSTEM if not os.path.islink(f"/{d}") for p in ("--ro-bind-try", f"/{d}", f"/{d}")]
    recorder = ["--ro-bind", staging.recorder, "/recorder"] if staging.recorder else []
    java = [p for d in glob.glob("/etc/java-*") for p in ("--ro-bind", d, d)]
    python = ["--ro-bind", prefix(), prefix()] if prefix() else []
    return [
        "bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--unshare-net",
        "--disable-userns", "--uid", "1000", "--gid", "1000", "--new-session", "--as-pid-1",
        "--ro-bind", "/usr", "/usr", *merged, *plain, *python,
        "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", *java,
        "--ro-bind", f"{staging.etc}/hosts", "/etc/hosts", "--ro-bind", f"{staging.etc}/passwd", "/etc/passwd",
        "--hostname", "grader", "--proc", "/proc", "--dev", "/dev",
        "--size", str(SHARED_MEMORY), "--tmpfs", "/dev/shm", "--size", str(TEMPORARY), "--tmpfs", "/tmp", *work, *recorder,
        "--ro-bind", staging.submission, "/submission", "--chdir", "/work", "--remount-ro", "/dev", "--remount-ro", "/",
        "--clearenv", "--", *argv,
    ]  # fmt: skip


@contextlib.contextmanager
def filtered(argv: list[str], *, traced: bool = False) -> Iterator[tuple[list[str], tuple[int, ...]]]:
    """A bubblewrap's argv with the seccomp filter, and the descriptors that it needs. There is a filter where we know one.

    `traced`: a tracer of ours runs inside.
    """
    program = seccomp.program(traced=traced)
    if not program:
        yield argv, ()
        return
    readable, writable = os.pipe()
    try:
        os.write(writable, program)
        os.close(writable)
        yield [argv[0], "--seccomp", str(readable), *argv[1:]], (readable,)
    finally:
        os.close(readable)


@contextlib.contextmanager
def ended(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> Iterator[None]:
    """If what is done meanwhile fails or is interrupted, a sandbox that is starting ends, the inner process first."""
    try:
        yield
    except BaseException:
        end(process)
        raise


def end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """End a sandbox at whatever point of its start it is. It holds still first, so that no child is made meanwhile."""
    if process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        for inner in processes.children(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(inner, signal.SIGKILL)
        process.kill()
    process.wait()
