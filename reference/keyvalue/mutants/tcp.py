# Bug: it waits for connections of TCP.
# Loses: starts
import contextlib
import socket
import sys

LARGEST = 999  # bytes of a datagram, asked or answered
VERSION = b"version=tide table 1.0"


def answer(kept, datagram):
    """What is answered to a datagram; None: nothing."""
    key, equals, value = datagram.partition(b"=")  # at the first one: a value may hold more of them
    if key == b"version":
        return None if equals else VERSION
    if equals:
        kept[key] = value
        return None
    return key + b"=" + kept.get(key, b"")


def main():
    kept = {}
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind(("127.0.0.1", int(sys.argv[1])))
    server.listen()
    while True:
        # An error may be about a datagram of long ago, that could not be delivered. It is nobody's business now.
        with contextlib.suppress(OSError):
            client, _ = server.accept()
            datagram = client.recv(LARGEST + 1)
            if len(datagram) <= LARGEST and (said := answer(kept, datagram)) is not None:
                client.sendall(said)


if __name__ == "__main__":
    main()
