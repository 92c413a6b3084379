"""What the agent does to files: the work folder emptied, the submission copied into it, a file of the spec's written.

It runs in the agent's own process and namespace (`boot.py` hands both over together), so it imports as little as that.
"""

# mypy: disable-error-code="import-not-found,type-arg,arg-type,misc,type-var,name-defined"
import posix

WORK = SETTINGS["work"]


def empty(folder: str) -> bool:
    """Remove all that a folder holds; True if a file in it had grown to its limit. What can't be removed stays.

    A tree may be deeper than any path may be long, so folders of folders are moved up before they are removed.
    """
    full, moved, going_on = False, 0, True
    while going_on:
        going_on = False
        try:
            posix.chmod(folder, 0o700)
            entries = list(posix.scandir(folder))
        except OSError:
            break
        for entry in entries:
            try:
                if not entry.is_dir(follow_symlinks=False):
                    full |= entry.stat(follow_symlinks=False).st_size == most_in_a_file
                    posix.unlink(entry.path)
                    going_on = True
                    continue
                posix.chmod(entry.path, 0o700)
                for inner in list(posix.scandir(entry.path)):
                    if inner.is_dir(follow_symlinks=False):
                        moved += 1
                        posix.chmod(inner.path, 0o700)
                        posix.rename(inner.path, folder + "/.moved %d" % moved)
                    else:
                        full |= inner.stat(follow_symlinks=False).st_size == most_in_a_file
                        posix.unlink(inner.path)
                    going_on = True
                posix.rmdir(entry.path)
                going_on = True
            except OSError:
                pass  # in the way of something that goes first; or it stays
    return full


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
            from_ = posix.open(entry.path, 0)
            to = posix.open(place, posix.O_WRONLY | posix.O_CREAT, mode & 0o777 | 0o600)
            while posix.sendfile(to, from_, None, 1 << 24):
                pass
            posix.close(from_)
            posix.close(to)


def forget_shared() -> None:
    """Remove the kernel's shared memory, semaphores and queues (System V): they outlive whoever made them."""
    for name, rest in (("shm", (0, None)), ("sem", (0, 0, None)), ("msg", (0, None))):
        if posix.access(f"/proc/sysvipc/{name}", 4):
            with open(f"/proc/sysvipc/{name}", "rb") as listing:
                head, *rows = map(bytes.split, listing)
            for row in rows:
                if SETTINGS["own_ipc"] or int(row[head.index(b"cuid")]) == posix.geteuid():
                    Function(_ctypes.dlsym(_libc, name + "ctl"))(int(row[1]), *rest)  # IPC_RMID


def write(name: bytes, content: bytes) -> None:
    """Write a file; one that is in the way goes. Where that fails, the program that wants it will say what is missing."""
    path = WORK.encode() + b"/" + name
    try:
        if b"/" in name and not posix.access(path.rpartition(b"/")[0], posix.F_OK):
            posix.mkdir(path.rpartition(b"/")[0])
        if posix.access(path, posix.F_OK):
            posix.unlink(path)
        made = posix.open(path, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL | posix.O_NOFOLLOW, 0o644)
        posix.write(made, content)
        posix.close(made)
    except OSError:
        pass
