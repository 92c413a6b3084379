"""What a machine without namespaces is like: a filter that refuses them, as containers have one, put before ourselves."""

import ctypes
import struct

from grader.stage import seccomp
from grader.stage.seccomp import ANY_BIT, EQUAL, LOAD, RETURN

PERM, NO_CALL = seccomp.ERROR | 1, seccomp.ERROR | 38
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2


class Program(ctypes.Structure):
    _fields_ = (("count", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def give_up_namespaces():
    """From here on this process, and all that it starts, can make no namespace and mount nothing."""
    column = seccomp.ARCHITECTURES[seccomp.platform.machine()][1]
    clone, unshare = seccomp.CLONE[column], seccomp.UNSHARE[column]
    mount, clone3 = seccomp.NOT_PERMITTED["mount"][column], seccomp.NO_SUCH_CALL["clone3"][column]
    # Offsets count from the step after the test: clone goes to its load, unshare and mount to the refusal.
    steps = [
        (LOAD, 0, 0, 0), (EQUAL, 5, 0, clone), (EQUAL, 6, 0, unshare), (EQUAL, 5, 0, mount), (EQUAL, 1, 0, clone3),
        (RETURN, 0, 0, seccomp.ALLOW), (RETURN, 0, 0, NO_CALL),
        (LOAD, 0, 0, 16), (ANY_BIT, 0, 1, seccomp.NEW_NAMESPACES), (RETURN, 0, 0, PERM), (RETURN, 0, 0, seccomp.ALLOW),
    ]  # fmt: skip
    code = b"".join(struct.pack("=HBBI", what, yes, no, value) for what, yes, no, value in steps)
    kept = ctypes.create_string_buffer(code, len(code))
    program = Program(len(steps), ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    assert libc.prctl(SECCOMP, FILTER, ctypes.byref(program)) == 0
