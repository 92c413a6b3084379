"""Alters what others own: results, a neighbour's server, by writing, replacing, truncating, linking, removing."""

import os


def changed(act, path):
    """Do it, and see whether it was done: a call may say so and do nothing."""
    before = os.stat(path)
    act(path)
    if os.stat(path)[:9] == before[:9]:
        raise OSError(0, "nothing changed")


def attack(targets):
    for path in targets["secrets"]:
        for name, act in {
            "append": lambda p: open(p, "ab").write(b"CHANGED"),
            "truncate": lambda p: os.truncate(p, 0),
            "mode": lambda p: changed(lambda q: os.chmod(q, 0o777), p),
            "time": lambda p: changed(lambda q: os.utime(q, (0, 0)), p),
            "link": lambda p: os.link(p, p + ".linked"),
            "rename": lambda p: os.rename(p, p + ".moved"),
            "remove": lambda p: os.unlink(p + ".moved"),
        }.items():
            try:
                act(path)
                yield f"CHANGED {name} {path}"
            except OSError as problem:
                yield f"{name}: {problem.strerror}"
    for folder in targets["folders"]:
        try:
            open(folder + "/planted", "w").close()
            yield f"CHANGED {folder}"
        except OSError as problem:
            yield f"{folder}: {problem.strerror}"
