"""Makes namespaces of its own, in which it would hold every capability, and mounts."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
NAMES = {"user": 0x10000000, "mount": 0x20000, "network": 0x40000000, "processes": 0x20000000, "ipc": 0x08000000}


def attack(targets):
    for name, flag in NAMES.items():
        for both in (flag, flag | NAMES["user"]):
            pid = os.fork()
            if pid == 0:
                os._exit(0 if libc.unshare(both) == 0 else 1)
            if os.waitpid(pid, 0)[1] == 0:
                yield f"MADE {name}"
    for name, done in {
        "mount": libc.mount(b"none", b"/proc", b"tmpfs", 0, None),
        "unmount": libc.umount2(b"/proc", 2),
        "root": libc.chroot(b"/"),
        "name": libc.sethostname(b"conquered", 9),
    }.items():
        yield f"DONE {name}" if done == 0 else f"{name} refused"
