"""The game of guessing a number from 1 to 100, over TCP.

    python3 server.py 5000 [seed]

Each client plays a game of its own in a thread of its own, so the state of a game is a plain local variable: no two threads
share it, and nothing has to be locked.
"""

import contextlib
import random
import socket
import sys
import threading

MOST = 100
TRIES = 7  # enough for whoever halves what is left each time


def play(sock, lines):
    """One game; True if the player wants another."""
    secret = random.randint(1, MOST)
    tries = 0
    sock.sendall(b"guess a number from 1 to %d\n" % MOST)
    for line in lines:
        word = line.strip()
        if word == b"quit":
            sock.sendall(b"bye\n")
            return False
        if not word.isdigit() or not 1 <= int(word[:9]) <= MOST:
            sock.sendall(b"not a number from 1 to %d\n" % MOST)  # costs no try
            continue
        tries += 1
        guess = int(word)
        if guess == secret:
            sock.sendall(b"correct in %d\n" % tries)
            return True
        if tries == TRIES:
            sock.sendall(b"lost, it was %d\n" % secret)
            return True
        sock.sendall(b"higher\n" if guess < secret else b"lower\n")
    return False


def serve(sock):
    """One client, game after game."""
    with sock, contextlib.suppress(OSError):  # who vanishes has left
        lines = iter(sock.makefile("rb"))
        while play(sock, lines):
            pass
        sock.shutdown(socket.SHUT_WR)


def main():
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
    while True:
        with contextlib.suppress(OSError):
            sock, _address = server.accept()
            threading.Thread(target=serve, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    main()
