"""The small trusted program that lives inside the sandbox, beside the server under test.

It is run by ``python -I -S`` from code that the grader has compiled already, so it stands alone: no import of ours, and
only modules that are built into the interpreter or cheap to load (``socket`` and ``ctypes`` would double its start). It
starts the student's command, hands out sockets made in this network namespace (the grader's clients connect them),
reports exit statuses, and clears everything away between two checks. It holds no capability and no secret. Where the box
has processes of its own it is the first of them, which the kernel protects from all others; elsewhere a student who kills
it has only ended the own server's supervisor, which the grader sees and says.

Commands arrive as one packet each on a Unix SEQPACKET socket: a letter, then fields. Answers begin with a letter, too:

    S  start: work folder, limits, environment and argv, its descriptors  ->  P pid (and a pidfd) | E why
    4 6 U D R  so many TCP, TCP over IPv6, UDP, socket-diagnosis or
       routes sockets                                                       ->  F (and the sockets)
    W  write a file into the work folder: its name, its content             ->  W
    N  nothing: is there somebody                                           ->  N
    K  kill all that was started                                            ->  K
    A  kill all that was started, empty the work and temporary folders,
       copy the submission afresh                                           ->  A, and 1 if a file had grown to its limit
    X  (unasked) a started process has ended: pid, status
    u  (unasked, first) it is up: a pidfd of itself, the folders that may be written, the list of shared memory
"""

# mypy: disable-error-code="import-not-found,type-arg,arg-type,misc,type-var,name-defined"
import posix
import resource
import select

import _ctypes
import _signal
import _socket

# SETTINGS is there before this code runs (see `box.py`); on the lower rungs `confine.py` runs before it, too.
CHANNEL = _socket.socket(fileno=SETTINGS["channel"])
OWN_PROCESSES = SETTINGS["own_processes"]
SUBMISSION, WORK, TEMPORARY = SETTINGS["submission"], SETTINGS["work"], SETTINGS["temporary"]
SHARED = "/proc/sysvipc/shm"
PR_SET_DUMPABLE, PR_SET_SECUREBITS, PR_CAPBSET_DROP = 4, 28, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
NOROOT_AND_LOCKED = 0x2F
LIMITS = {name: getattr(resource, "RLIMIT_" + name) for name in ("NPROC", "FSIZE", "NOFILE", "CPU", "CORE")}


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
most_in_a_file = -1


def number(value: int) -> bytes:
    return (value & 0xFFFFFFFF).to_bytes(4, "little")


def become_harmless() -> None:
    """Give up every capability for good: in the rung made by `unshare` this process began as the namespace's root."""
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(PR_SET_SECUREBITS, NOROOT_AND_LOCKED, 0, 0, 0)
    for capability in range(64):
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    capset((0x20080522).to_bytes(4, "little") + number(0), bytes(24))


def start(fields: list[bytes], descriptors: list[int]) -> int:
    """Fork and run a command; the child's signals, session, limits and descriptors are its own and clean."""
    global most_in_a_file
    folder, limits, count = fields[0], fields[1].decode(), int(fields[2])
    pairs = [f.split(b"=", 1) for f in fields[3 : 3 + count]]
    environment, argv = dict(pairs), fields[3 + count :]
    kept = dict(pair.split("=") for pair in limits.split())
    most_in_a_file = int(kept["FSIZE"].split(":")[0])
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
        for name, value in kept.items():
            soft, hard = value.split(":")
            resource.setrlimit(LIMITS[name], (int(soft), int(hard)))
        become_harmless()
        if SETTINGS["confined"]:
            confine(argv)
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


def clear() -> bool:
    kill_all()
    folders = TEMPORARY if SUBMISSION == WORK else (*TEMPORARY, WORK)
    full = any([empty(folder) for folder in folders])
    if SETTINGS["own_ipc"] or SETTINGS.get("dropped"):
        forget_shared()
    if SETTINGS["confined"]:
        tidy()
    if SUBMISSION != WORK:
        copy(SUBMISSION, WORK)
    return full


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
        CHANNEL.send(b"A" + bytes([clear()]))
    elif letter == b"W":
        write(*packet[1:].split(b"\0", 1))
        CHANNEL.send(b"W")
    else:
        kinds = {b"4": (2, 1, 0), b"6": (10, 1, 0), b"U": (2, 2, 0), b"D": (16, 3, 4), b"R": (16, 3, 0)}
        family, kind, protocol = kinds[letter]
        made = [_socket.socket(family, kind | 0o2000000, protocol) for _ in range(int(fields[0]))]
        CHANNEL.sendmsg([b"F"], [(1, 1, b"".join(number(one.fileno()) for one in made))])
        for one in made:
            one.close()


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


def up() -> None:
    """Say that everything is ready, and give the grader what it needs to watch this box from outside."""
    folders = [posix.open(folder, posix.O_RDONLY | posix.O_DIRECTORY) for folder in (WORK, *TEMPORARY)]
    seen = [posix.pidfd_open(posix.getpid()), *folders]
    try:
        seen.append(posix.open(SHARED, posix.O_RDONLY))
    except OSError:
        pass  # a kernel without it has no such memory either
    CHANNEL.sendmsg([b"up"], [(1, 1, b"".join(map(number, seen)))])
    for descriptor in seen:
        posix.close(descriptor)


def main() -> None:
    # Python has a handler for SIGINT, and a signal with a handler reaches even the first process of a namespace.
    _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
    if SETTINGS["confined"]:
        prepare()
    with open("/proc/self/oom_score_adj", "wb", buffering=0) as file:
        file.write(b"1000")  # where memory runs out, it is the submission that goes, not the grader
    become_harmless()
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    clear()
    up()
    try:
        serve()
    finally:
        kill_all()
