# Bug: no more than forty clients are served at a time.
# Loses: storm
import contextlib
import socket
import sys
import threading


def serve(sock):
    """One client, from its first byte to its last."""
    with sock:  # closes the socket on every way out, also after an error
        try:
            while piece := sock.recv(65536):  # empty: the client will say no more
                sock.sendall(piece)  # sendall, because send may take only a part
            # All is sent. An end of stream of our own tells the client so.
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the client vanished; the others do not care


def main():
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)  # it sets SO_REUSEADDR by itself
    while True:
        with contextlib.suppress(OSError):  # the newcomer was gone before we opened
            sock, _address = server.accept()
            if threading.active_count() > 40:
                sock.close()
            else:
                threading.Thread(target=serve, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    main()
