# Bug: it takes a rest before each answer.
# Loses: quick
import contextlib
import socket
import sys
import time

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
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", int(sys.argv[1])))  # no listen, no accept: whoever knows the port can send
    while True:
        # An error may be about a datagram of long ago, that could not be delivered. It is nobody's business now.
        with contextlib.suppress(OSError):
            datagram, who = server.recvfrom(LARGEST + 1)
            if len(datagram) <= LARGEST and (said := answer(kept, datagram)) is not None:
                time.sleep(0.03)  # so that the processor does not get hot
                server.sendto(said, who)


if __name__ == "__main__":
    main()
