"""An echo server that gets its port in every way that there is.

launched.py WAY [WORDS]     ways: argument, flag, environment, file, asks, asks-late, fixed, prints, lies, mumbles, two, at
"""

import configparser
import os
import socket
import sys
import threading

WAY, WORDS = sys.argv[1], sys.argv[2:]
HOST = "127.0.0.1"


def serve(sock):
    with sock:
        while data := sock.recv(4096):
            sock.sendall(data)


def accept(server, name=""):
    while True:
        sock = server.accept()[0]
        if name:
            sock.sendall(name.encode() + b"\n")
        threading.Thread(target=serve, args=(sock,), daemon=True).start()


def port():
    if WAY == "argument":
        return int(WORDS[-1])
    if WAY == "flag":
        return int(WORDS[WORDS.index("--port") + 1])
    if WAY == "environment":
        return int(os.environ["CHAT_ADDRESS"].partition(":")[2])
    if WAY == "file":
        settings = configparser.ConfigParser()
        settings.read("settings/server.ini")
        return int(settings["server"]["port"])
    if WAY.startswith("asks"):
        host = input("Address? ")
        assert host == HOST, host
        return int(input("Port? " if WAY == "asks" else "And where? "))
    return 5555 if WAY == "fixed" else 0


if WAY == "two":
    first, second = (socket.create_server((HOST, int(word))) for word in WORDS[:2])
    threading.Thread(target=accept, args=(second, "second"), daemon=True).start()
    accept(first, "first")
elif WAY == "at":
    place = socket.gethostbyname(socket.gethostname()) if WORDS[0] == "hostname" else WORDS[0]
    server = socket.socket(socket.AF_INET6 if ":" in place else socket.AF_INET)
    server.bind((place, int(WORDS[1])))
    server.listen()
else:
    server = socket.create_server((HOST, port()))
here = server.getsockname()[1]
if WAY in ("prints", "lies"):
    print(f"Ready. Listening on port {here + (WAY == 'lies')}.")
if WAY == "mumbles":
    print("Ready.")
accept(server)
