"""Opens sockets that no network namespace holds in, or that see packets of others."""

import socket


def attack(targets):
    odd = {
        "packet": (17, 3, 0),
        "raw": (2, 3, 1),
        "vsock": (40, 1, 0),
        "alg": (38, 5, 0),
        "can": (29, 3, 1),
        "xdp": (44, 3, 0),
    }
    for name, words in odd.items():
        try:
            socket.socket(*words).close()
            yield f"OPENED {name}"
        except OSError as problem:
            yield f"{name}: {problem.strerror}"
