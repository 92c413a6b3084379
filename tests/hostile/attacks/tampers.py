"""Alters what others own: results, a neighbour's server, by writing, replacing, truncating, linking, removing."""

import os


def attack(targets):
    for path in targets["secrets"]:
        for name, act in {
            "append": lambda p: open(p, "ab").write(b"CHANGED"),
            "truncate": lambda p: os.truncate(p, 0),
            "mode": lambda p: os.chmod(p, 0o777),
            "time": lambda p: os.utime(p, (0, 0)),
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
