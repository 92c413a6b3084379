"""The system calls that a submission may not make, as a program that the kernel runs before each call (seccomp BPF).

A chat server needs sockets, files, threads and processes. What it never needs is refused: new namespaces (inside one, a
process holds every capability, and much more of the kernel is within reach), looking into other processes, memory that
belongs to no process and so to no limit (memfd), the kernel's own machinery, sockets that no network namespace holds in.

The answer is an error, not death, so that a program which only tries goes on. `clone3` and `io_uring` answer "no such
call", as in containers: a filter can't look into the memory where `clone3` keeps its flags, and every C library then
uses `clone`, whose flags it can see. Programs for another processor family (32 bits) are ended: their calls have other
numbers. Everything else is allowed; the namespaces do the rest.
"""

from __future__ import annotations

import errno
import functools
import platform
import struct
from dataclasses import dataclass

Numbers = tuple[int | None, int | None]
# Each call's number on x86-64 and on ARM64; None where that processor has no such call.
NO_SUCH_CALL: dict[str, Numbers] = {
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "clone3": (435, 435),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
}  # fmt: skip
NOT_PERMITTED: dict[str, Numbers] = {
    # namespaces and mounts
    "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # keys, and what runs inside the kernel
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "lookup_dcookie": (212, 18), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    # the machine as a whole
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "syslog": (103, 116), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "vhangup": (153, 58), "iopl": (172, None), "ioperm": (173, None),
    "uselib": (134, None),
}  # fmt: skip
PRETENDED: dict[str, Numbers] = {
    "chmod": (90, None), "fchmodat": (268, 53), "fchmodat2": (452, 452), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "setxattrat": (463, 463), "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip
"""Calls that change what is known about a file, by its path: Landlock lets them through. Where a submission runs as the
grader's own user, they do nothing and say that it is done: an honest server hardly cares, a refusal could end it."""
TRACING = frozenset({"ptrace", "process_vm_readv", "process_vm_writev", "kcmp"})
CLONE, UNSHARE, SOCKET, IOCTL = (56, 220), (272, 97), (41, 198), (16, 29)
NEW_NAMESPACES = 0x7E02_0000
NEW_TIME = 0x80
"""In `clone` this bit is part of a signal's number, so only `unshare` can ask for a new time namespace."""
UNIX, INET, INET6, NETLINK = 1, 2, 10, 16
ROUTE, SOCK_DIAG = 0, 4
TYPE_FOR_ANOTHER = (0x5412, 0x541C)
"""The ioctls that put characters into a terminal as if somebody had typed them."""

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
X32 = 0x4000_0000
LOAD, RETURN, EQUAL, AT_LEAST, ANY_BIT = 0x20, 0x06, 0x15, 0x35, 0x45
ALLOW, KILL, ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: a load, a return, or a test that goes to a label if it holds, and else to `otherwise` or on."""

    code: int
    value: int
    label: str = ""
    then: str = ""
    otherwise: str = ""


def _argument(index: int, label: str = "") -> Step:
    """Load the lower half of an argument: all that flags, families and requests are made of."""
    return Step(LOAD, ARGUMENTS + 8 * index, label)


def _steps(
    architecture: int, column: int, families: tuple[int, ...], spared: frozenset[str], pretended: dict[str, Numbers]
) -> list[Step]:
    steps = [
        Step(LOAD, ARCHITECTURE),
        Step(EQUAL, architecture, otherwise="kill"),
        Step(LOAD, NUMBER),
        Step(AT_LEAST, X32, then="no such call"),
        Step(EQUAL, CLONE[column], then="clone"),
        Step(EQUAL, UNSHARE[column], then="unshare"),
        Step(EQUAL, SOCKET[column], then="socket"),
        Step(EQUAL, IOCTL[column], then="ioctl"),
    ]
    answers = ((NO_SUCH_CALL, "no such call"), (NOT_PERMITTED, "not permitted"), (pretended, "done"))
    for calls, answer in answers:
        numbers = (pair[column] for name, pair in calls.items() if name not in spared)
        steps += [Step(EQUAL, n, then=answer) for n in numbers if n is not None]
    return [
        *steps,
        Step(RETURN, ALLOW, label="allow"),
        _argument(0, "clone"),
        Step(ANY_BIT, NEW_NAMESPACES, then="not permitted", otherwise="allow, near"),
        _argument(0, "unshare"),
        Step(ANY_BIT, NEW_NAMESPACES | NEW_TIME, then="not permitted", otherwise="allow, near"),
        _argument(1, "ioctl"),
        *(Step(EQUAL, request, then="not permitted") for request in TYPE_FOR_ANOTHER),
        Step(RETURN, ALLOW),
        _argument(0, "socket"),
        *(Step(EQUAL, family, then="allow, near") for family in families),
        Step(EQUAL, NETLINK, otherwise="no such family"),
        _argument(2),
        *(Step(EQUAL, protocol, then="allow, near") for protocol in (ROUTE, SOCK_DIAG)),
        Step(RETURN, ERROR | errno.EAFNOSUPPORT, label="no such family"),
        Step(RETURN, ALLOW, label="allow, near"),
        Step(RETURN, ERROR | errno.EPERM, label="not permitted"),
        Step(RETURN, ERROR | errno.ENOSYS, label="no such call"),
        Step(RETURN, ERROR, label="done"),
        Step(RETURN, KILL, label="kill"),
    ]


@functools.cache
def program(
    machine: str = platform.machine(), *, unix_sockets: bool = True, file_modes: bool = True, traced: bool = False
) -> bytes:
    """The filter for a processor family, in the form that the kernel and bubblewrap take; empty for one not known here.

    Pairs of Unix sockets are always allowed, since nobody else is at their other end. Without `file_modes`, nothing known
    about a file can be changed by its path (`PRETENDED`). `traced` is for a run outside the
    grade, in which a tracer of ours writes down what the server calls: there, processes inside may trace one another.
    """
    if machine not in ARCHITECTURES:
        return b""
    families = (UNIX, INET, INET6) if unix_sockets else (INET, INET6)
    pretended = {} if file_modes else PRETENDED
    steps = _steps(*ARCHITECTURES[machine], families, TRACING if traced else frozenset(), pretended)
    place = {step.label: at for at, step in enumerate(steps) if step.label}

    def distance(label: str, at: int) -> int:
        return place[label] - at - 1 if label else 0

    return b"".join(
        struct.pack("=HBBI", s.code, distance(s.then, at), distance(s.otherwise, at), s.value)
        for at, s in enumerate(steps)
    )
