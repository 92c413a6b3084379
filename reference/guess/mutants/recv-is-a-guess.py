# Bug: whatever comes in one piece is taken for a guess.
# Loses: pieces
import contextlib
import random
import socket
import sys
import threading

TRIES = 7  # enough for whoever halves what is left each time


def play(sock, lines, secret):
    """One game; what the player wants then, or None when nothing."""
    tries = 0
    sock.sendall(b"guess a number from 1 to 100\n")
    for line in lines:
        word = line.strip()
        if word in (b"quit", b"again", b"new"):
            return word
        if not word.isdigit() or not 1 <= int(word[:9]) <= 100:
            sock.sendall(b"that is no number from 1 to 100\n")  # costs no try
            continue
        guess = int(word)
        tries += 1
        if guess == secret:
            sock.sendall(b"correct in %d\n" % tries)
            return b"new"
        if tries == TRIES:
            sock.sendall(b"lost: it was %d\n" % secret)
            return b"new"
        sock.sendall(b"higher\n" if guess < secret else b"lower\n")
    return None


def serve(sock):
    """One client, game after game."""
    with sock, contextlib.suppress(OSError):  # who vanishes has left
        lines = (line for piece in iter(lambda: sock.recv(4096), b"") for line in piece.splitlines())
        last = None
        secret = random.randint(2, 99)
        while (wish := play(sock, lines, secret)) in (b"new", b"again"):
            if wish == b"new":
                last, secret = secret, random.randint(2, 99)
            elif last is not None:
                secret = last  # the number of the game before, once more
        if wish == b"quit":
            sock.sendall(b"bye\n")
        sock.shutdown(socket.SHUT_WR)


def main():
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
    while True:
        with contextlib.suppress(OSError):
            sock, _address = server.accept()
            threading.Thread(target=serve, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    main()
