"""The small trusted program that lives inside the sandbox, beside the server under test.

It is run as ``python -I -S -c SOURCE``, so it stands alone: no import of ours, and only modules that are compiled into
the interpreter or cheap to load (``socket`` and ``ctypes`` would double its start, 22 to 43 ms). It does four things:
it starts the student's command, hands out sockets made in this network namespace (the grader's clients connect them),
reports exit statuses, and clears everything away between two checks. It holds no capability and no secret; a student who
kills it has only ended the own server's supervisor, which the grader sees and says.

Commands arrive as one packet each on a Unix SEQPACKET socket: a letter, then fields. Answers begin with a letter, too:

    S  start: work folder, limits, environment and argv, its descriptors  ->  P pid (and a pidfd) | E why
    4 6 U D  a TCP, TCP over IPv6, UDP or socket-diagnosis socket           ->  F (and the socket)
    N  nothing: is there somebody                                           ->  N
    K  kill all that was started                                            ->  K
    A  kill all that was started, empty the work and temporary folders,
       copy the submission afresh                                           ->  A
    X  (unasked) a started process has ended: pid, status
"""

# mypy: disable-error-code="import-not-found,type-arg,arg-type,misc,type-var"
import posix
import resource
import select
import sys

import _ctypes
import _signal
import _socket

# argv: descriptor, namespace of the grader's processes, submission folder, work folder, temporary folders...
CHANNEL = _socket.socket(fileno=int(sys.argv[1]))
OWN_PROCESSES = posix.readlink("/proc/self/ns/pid") != sys.argv[2]
SUBMISSION, WORK, TEMPORARY = sys.argv[3], sys.argv[4], sys.argv[5:]
PR_SET_DUMPABLE, PR_SET_SECUREBITS, PR_CAPBSET_DROP = 4, 28, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
NOROOT_AND_LOCKED = 0x2F
LIMITS = {
    "NPROC": resource.RLIMIT_NPROC,
    "FSIZE": resource.RLIMIT_FSIZE,
    "NOFILE": resource.RLIMIT_NOFILE,
    "CPU": resource.RLIMIT_CPU,
    "CORE": resource.RLIMIT_CORE,
    "DATA": resource.RLIMIT_DATA,
}


class Function(_ctypes.CFuncPtr):
    """A C function that returns an int; what `ctypes` would give, without its import."""

    class Int(_ctypes._SimpleCData):
        _type_ = "i"

    _flags_ = 1
    _restype_ = Int


_libc = _ctypes.dlopen(None, 0)
prctl = Function(_ctypes.dlsym(_libc, "prctl"))
capset = Function(_ctypes.dlsym(_libc, "capset"))
children: dict[int, int] = {}  # pid -> pidfd


def number(value: int) -> bytes:
    return (value & 0xFFFFFFFF).to_bytes(4, "little")


def become_harmless() -> None:
    """Give up every capability for good: in the rung made by `unshare` this process began as the namespace's root."""
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(PR_SET_SECUREBITS, NOROOT_AND_LOCKED, 0, 0, 0)
    for capability in range(64):
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    capset((0x20080522).to_bytes(4, "little") + number(0), bytes(24))


def raise_loopback() -> None:
    """In a fresh network namespace `lo` is down; bubblewrap raises it itself, `unshare` does not."""
    import fcntl

    probe = _socket.socket(2, 2)
    flags = fcntl.ioctl(probe.fileno(), 0x8913, b"lo".ljust(40, b"\0"))
    if not flags[16] & 1:
        fcntl.ioctl(probe.fileno(), 0x8914, flags[:16] + bytes([flags[16] | 1]) + flags[17:])
    probe.close()


def start(fields: list[bytes], descriptors: list[int]) -> int:
    """Fork and run a command; the child's signals, session, limits and descriptors are its own and clean."""
    folder, limits, count = fields[0], fields[1].decode(), int(fields[2])
    pairs = [f.split(b"=", 1) for f in fields[3 : 3 + count]]
    environment, argv = dict(pairs), fields[3 + count :]
    pid = posix.fork()
    if pid:
        children[pid] = posix.pidfd_open(pid)
        return pid
    try:
        posix.setsid()
        for signal in range(1, 65):
            try:
                _signal.signal(signal, _signal.SIG_DFL)
            except (OSError, ValueError):
                pass  # SIGKILL, SIGSTOP and the C library's own can't be set
        _signal.pthread_sigmask(_signal.SIG_SETMASK, ())
        for target, descriptor in enumerate(descriptors):
            posix.dup2(descriptor, target)
        posix.closerange(len(descriptors), 1024)
        posix.chdir(folder)
        for pair in limits.split():
            name, value = pair.split("=")
            resource.setrlimit(LIMITS[name], (int(value), int(value)))
        become_harmless()
        program, missing = argv[0], None
        places = [b""] if b"/" in program else [p + b"/" for p in environment[b"PATH"].split(b":")]
        for place in places:
            try:
                posix.execve(place + program, argv, environment)
            except (FileNotFoundError, NotADirectoryError) as problem:
                missing = problem
        raise missing
    except BaseException as problem:
        posix.write(2, b"can't start %s: %s\n" % (argv[0], str(problem).encode()))
    finally:
        posix._exit(127)


def reap(flags: int) -> bool:
    """Report one process that has ended; False when there is none."""
    try:
        pid, status = posix.waitpid(-1, flags)
    except ChildProcessError:
        return False
    if pid in children:
        posix.close(children.pop(pid))
        CHANNEL.send(b"X" + number(pid) + number(posix.waitstatus_to_exitcode(status)))
    return pid != 0


def kill_all() -> None:
    """End every process that was started, daemons included: they are all ours (subreaper), or all there are."""
    try:
        if OWN_PROCESSES:
            posix.kill(-1, 9)
    except ProcessLookupError:
        pass
    while True:
        with open("/proc/self/task/%d/children" % posix.getpid(), "rb") as listing:
            orphans = listing.read().split()
        for orphan in orphans:
            try:
                posix.kill(int(orphan), 9)
            except ProcessLookupError:
                pass
        if not reap(0):
            return


def empty(folder: str) -> None:
    try:
        posix.chmod(folder, 0o700)
        entries = list(posix.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                empty(entry.path)
                posix.rmdir(entry.path)
            else:
                posix.unlink(entry.path)
        except OSError:
            pass


def copy(source: str, target: str) -> None:
    for entry in posix.scandir(source):
        place = target + "/" + entry.name
        if entry.is_symlink():
            posix.symlink(posix.readlink(entry.path), place)
        elif entry.is_dir():
            posix.mkdir(place, 0o755)
            copy(entry.path, place)
        elif entry.is_file():
            mode = posix.stat(entry.path).st_mode
            from_, to = (
                posix.open(entry.path, 0),
                posix.open(place, posix.O_WRONLY | posix.O_CREAT, mode & 0o777 | 0o600),
            )
            while posix.sendfile(to, from_, None, 1 << 24):
                pass
            posix.close(from_)
            posix.close(to)


def clear() -> None:
    kill_all()
    for folder in (*TEMPORARY, WORK) if SUBMISSION != WORK else TEMPORARY:
        empty(folder)
    if SUBMISSION != WORK:
        copy(SUBMISSION, WORK)


def answer(packet: bytes, descriptors: list[int]) -> None:
    letter, fields = packet[:1], packet[1:].split(b"\0")
    if letter == b"S":
        try:
            pid = start(fields, descriptors)
        except OSError as problem:
            CHANNEL.send(b"E" + str(problem).encode())
        else:
            CHANNEL.sendmsg([b"P" + number(pid)], [(1, 1, number(children[pid]))])
    elif letter == b"N":
        CHANNEL.send(b"N")
    elif letter == b"K":
        kill_all()
        CHANNEL.send(b"K")
    elif letter == b"A":
        clear()
        CHANNEL.send(b"A")
    else:
        family, kind, protocol = {b"4": (2, 1, 0), b"6": (10, 1, 0), b"U": (2, 2, 0), b"D": (16, 3, 4)}[letter]
        made = _socket.socket(family, kind | 0o2000000, protocol)
        CHANNEL.sendmsg([b"F"], [(1, 1, number(made.fileno()))])
        made.close()


def serve() -> None:
    while True:
        ready = select.select([CHANNEL, *children.values()], [], [])[0]
        while reap(1):
            pass
        if CHANNEL in ready:
            packet, passed, _, _ = CHANNEL.recvmsg(1 << 17, 64)
            if not packet:
                break
            descriptors = [
                int.from_bytes(data[i : i + 4], "little") for _, _, data in passed for i in range(0, len(data) - 3, 4)
            ]
            answer(packet, descriptors)
            for descriptor in descriptors:
                posix.close(descriptor)


raise_loopback()
prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
clear()
CHANNEL.sendmsg([b"up"], [(1, 1, number(posix.pidfd_open(posix.getpid())))])
try:
    serve()
finally:
    kill_all()
