"""What the agent does besides, on the rungs below bubblewrap. It runs in the agent's own namespace, before it starts.

`prepare` happens once, in the agent: on the rung of namespaces, where it begins as the namespace's root, it mounts empty
folders over everything that a server does not need, and folders of limited size to work in. On rungs without processes of
their own it leaves a keeper behind, which ends whatever is left should a submission kill the agent.

`tidy` happens whenever the box is cleared, for what a submission can make outside its folders on the last two rungs.

`confine` happens in each started process, just before it becomes the server: Landlock, which opens only the files named
in SETTINGS, and the seccomp filter. Since the agent itself stays outside, the server can't signal or trace it where the
kernel's Landlock knows how to forbid that.
"""

# mypy: disable-error-code="import-not-found,type-arg,arg-type,misc,type-var,name-defined,no-untyped-call"
import posix

import _ctypes
import _socket

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every processor family
BENEATH, PORT = 1, 2
EXECUTE, WRITE, READ, LIST, TRUNCATE, IOCTL = 1, 2, 4, 8, 1 << 14, 1 << 15
OF_A_FILE = EXECUTE | WRITE | READ | TRUNCATE | IOCTL
CONNECT, OUT_OF_SCOPE = 2, 3
SET_SECCOMP, SECCOMP_FILTER = 22, 2
NO_SETUID_NO_DEVICES, BIND = 2 | 4, 4096
ROOM = "/mnt"
NEEDED = {"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "dev", "proc", "sys", "tmp", "mnt"}


class _Function(_ctypes.CFuncPtr):
    class Long(_ctypes._SimpleCData):
        _type_ = "l"

    _flags_ = 1 | 8  # the C convention, and keep errno
    _restype_ = Long


_c = _ctypes.dlopen(None, 0)
_syscall = _Function(_ctypes.dlsym(_c, "syscall"))
_mount = _Function(_ctypes.dlsym(_c, "mount"))
_prctl = _Function(_ctypes.dlsym(_c, "prctl"))


def _done(result: int, what: str) -> int:
    if result < 0:
        number = _ctypes.get_errno()
        raise OSError(number, f"{what}: {posix.strerror(number)}")
    return result


def _little(value: int, size: int = 8) -> bytes:
    return value.to_bytes(size, "little")


def _path(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


# -- once, in the agent ------------------------------------------------------------------------------------------------


def prepare() -> None:
    if SETTINGS["own_network"]:
        raise_loopback()
    if SETTINGS["own_mounts"]:
        mount_all()
    if not SETTINGS["own_processes"]:
        keep()


def raise_loopback() -> None:
    """In a fresh network namespace `lo` is down; bubblewrap raises it itself, `unshare` does not."""
    import fcntl

    probe = _socket.socket(2, 2)
    flags = fcntl.ioctl(probe.fileno(), 0x8913, b"lo".ljust(40, b"\0"))
    if not flags[16] & 1:
        fcntl.ioctl(probe.fileno(), 0x8914, flags[:16] + bytes([flags[16] | 1]) + flags[17:])
    probe.close()


def mount_all() -> None:
    """Cover what is not needed, and lay out the folders that the server works in (see `sandbox.View`)."""
    staged, python = SETTINGS["staged"], SETTINGS["prefix"]
    mount_folder(ROOM, 1 << 20)
    for name in ("submission", "work", "python", "recorder"):
        posix.mkdir(f"{ROOM}/{name}", 0o755)
    bind(f"{staged}/submission", f"{ROOM}/{'work' if SETTINGS['writable'] else 'submission'}")
    if not SETTINGS["writable"]:
        mount_folder(f"{ROOM}/work", SETTINGS["sizes"]["work"])
    if python:
        bind(python, f"{ROOM}/python")
    if SETTINGS["recorder"]:
        bind(SETTINGS["recorder"], f"{ROOM}/recorder")
    for name in ("hosts", "passwd"):
        try:
            bind(f"{staged}/etc/{name}", f"/etc/{name}")
        except OSError:
            pass  # a machine without this file
    _socket.sethostname("grader")
    for entry in list(posix.scandir("/")):
        if entry.name not in NEEDED and entry.is_dir(follow_symlinks=False):
            mount_folder(entry.path, 1 << 20)
    mount_folder("/dev/shm", SETTINGS["sizes"]["shm"])
    mount_folder("/tmp", SETTINGS["sizes"]["tmp"])
    if python:
        way = ""
        for part in python.strip("/").split("/"):
            way += "/" + part
            try:
                posix.mkdir(way, 0o755)
            except OSError:
                pass  # it is there, or its place could not be covered
        bind(f"{ROOM}/python", python)


def mount_folder(place: str, size: int) -> None:
    options = f"mode=755,size={size},nr_inodes={SETTINGS['sizes']['entries']}"
    _done(_mount(b"tmpfs", _path(place), b"tmpfs", NO_SETUID_NO_DEVICES, options.encode()), f"mount {place}")


def bind(source: str, place: str) -> None:
    _done(_mount(_path(source), _path(place), None, BIND, None), f"bind {place}")


def keep() -> None:
    """Split in two: the agent goes on, and the other outlives it only to end everything that it leaves behind."""
    _prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: who loses its parent becomes ours
    agent = posix.fork()
    if not agent:
        return
    CHANNEL.close()
    _prctl(4, 0, 0, 0, 0)
    try:
        while posix.waitpid(-1, 0)[0] != agent:
            pass
        kill_all()
    finally:
        posix._exit(0)


def tidy() -> None:
    """Remove what lies outside the box's own folders, where the user is the box's own and so is whatever it has made there."""
    if not SETTINGS["dropped"] or SETTINGS["own_mounts"]:
        return
    own = posix.geteuid()
    for entry in list(posix.scandir("/dev/shm")):
        try:
            if entry.stat(follow_symlinks=False).st_uid == own:
                empty(entry.path) if entry.is_dir(follow_symlinks=False) else posix.unlink(entry.path)
                posix.rmdir(entry.path) if entry.is_dir(follow_symlinks=False) else None
        except OSError:
            pass


# -- in each process that is started -----------------------------------------------------------------------------------


def confine(argv: list[bytes]) -> None:
    if SETTINGS["landlock"]:
        landlock([int(word) for word in argv if word.isdigit() and 0 < int(word) < 1 << 16])
    if SETTINGS["filter"]:
        seccomp(SETTINGS["filter"])


def landlock(ports: list[int]) -> None:
    """Only the named files; no TCP connection, except to a port of its own command; nobody outside to signal."""
    version = _done(_syscall(CREATE_RULESET, None, 0, 1), "landlock")
    files = (1 << 13) - 1
    for least, right in ((2, 1 << 13), (3, TRUNCATE), (5, IOCTL)):
        files |= right if version >= least else 0
    connecting = CONNECT if version >= 4 and not SETTINGS["own_network"] else 0
    fields = (files, *([connecting] if version >= 4 else []), *([OUT_OF_SCOPE] if version >= 6 else []))
    attributes = b"".join(map(_little, fields))
    ruleset = _done(_syscall(CREATE_RULESET, attributes, len(attributes), 0), "landlock")
    rights = {"read": EXECUTE | READ | LIST, "write": files, "device": READ | WRITE | IOCTL}
    for kind, allowed in rights.items():
        for path in SETTINGS[kind]:
            try:
                place = posix.open(path, 0o10000000)  # O_PATH
            except OSError:
                continue  # not on this machine
            granted = allowed & files
            if posix.stat(place).st_mode & 0o170000 != 0o040000:
                granted &= OF_A_FILE
            _done(_syscall(ADD_RULE, ruleset, BENEATH, _little(granted) + _little(place, 4), 0), path)
            posix.close(place)
    for port in ports if connecting else ():
        _done(_syscall(ADD_RULE, ruleset, PORT, _little(CONNECT) + _little(port), 0), "landlock port")
    _done(_syscall(RESTRICT_SELF, ruleset, 0), "landlock")
    posix.close(ruleset)


def seccomp(program: bytes) -> None:
    class Byte(_ctypes._SimpleCData):
        _type_ = "c"

    class Program(_ctypes.Array):
        _type_ = Byte
        _length_ = len(program)

    class Address(_ctypes._SimpleCData):
        _type_ = "L"

    code = Program.from_buffer_copy(program)
    head = _little(len(program) // 8, 2) + bytes(6) + _little(_ctypes.addressof(code))
    _done(_prctl(SET_SECCOMP, SECCOMP_FILTER, head, 0, 0), "seccomp")
