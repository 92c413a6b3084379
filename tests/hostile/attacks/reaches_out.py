"""Connects to whatever may listen: this machine's ports, sockets without a name, the network (asked, nothing is sent)."""

import socket


def attack(targets):
    for family, place in ((socket.AF_INET, ("127.0.0.1", targets["port"])), (socket.AF_UNIX, targets["abstract"])):
        try:
            sock = socket.socket(family)
            sock.settimeout(5)
            sock.connect(place)
            yield f"REACHED {sock.recv(100).decode()}"
        except OSError as problem:
            yield f"{place}: {problem.strerror or problem}"
    if targets["own_network"]:
        # Connecting a UDP socket only asks the kernel for a way; no datagram is sent.
        for place in ("192.0.2.1", "198.51.100.1", "2001:db8::1"):
            family = socket.AF_INET6 if ":" in place else socket.AF_INET
            try:
                sock = socket.socket(family, socket.SOCK_DGRAM)
                sock.connect((place, 9))
                yield f"A WAY OUT to {place}"
            except OSError as problem:
                yield f"{place}: {problem.strerror}"
        yield f"interfaces {[name for _, name in socket.if_nameindex()]}"
