"""A client for trying chat servers by hand.

    python3 chat_client.py 127.0.0.1 5000 ana

What you type goes to the server, what the server says appears on the screen; /quit or the end of the input (Ctrl-D)
leaves. Without a name, the server's `name?` is yours to answer.

Two things can happen at any moment, in any order: you type, or the server speaks. Whoever waits for one cannot wait
for the other, so there are two threads, and they share nothing but the socket: one only writes to it, the other only
reads from it.
"""

import os
import socket
import sys
import threading


def type_to_server(sock, name):
    """The keyboard's thread: every line that is typed is sent."""
    try:
        if name:
            sock.sendall(name.encode() + b"\n")
        for line in sys.stdin:
            sock.sendall(line.encode())
        # Ctrl-D: we have nothing more to say, but the server may still answer. So only our direction is closed.
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the server is gone; the other thread says so


def print_from_server(sock):
    """The server's lines appear on the screen, until it hangs up."""
    # makefile() puts the pieces that TCP delivers together again, and hands out whole lines.
    for line in sock.makefile(encoding="utf-8", errors="replace", newline="\n"):
        print(line, end="", flush=True)


def main():
    if not 3 <= len(sys.argv) <= 4:
        sys.exit("usage: python3 chat_client.py <host> <port> [name]")
    host, port, name = sys.argv[1], int(sys.argv[2]), "".join(sys.argv[3:])
    try:
        sock = socket.create_connection((host, port))
    except OSError as problem:
        sys.exit(f"nobody answers at {host}, port {port}: {problem}")
    threading.Thread(target=type_to_server, args=(sock, name), daemon=True).start()
    try:
        print_from_server(sock)
        print("-- the server has hung up", flush=True)
    except OSError as problem:
        print(f"-- the connection broke: {problem}", flush=True)
    except KeyboardInterrupt:
        pass
    # The other thread may still wait for a key that nobody will press; a plain return could stumble over it.
    os._exit(0)


if __name__ == "__main__":
    main()
