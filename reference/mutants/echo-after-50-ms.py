# Bug: a message comes back to its author after 50 ms.
# Loses: no-echo
# A chat server. All that happens goes through one queue to the dispatcher, the
# only thread that knows who is here: so it needs no lock.
import queue
import socket
import string
import sys
import threading
import time

LETTERS = string.ascii_letters + string.digits + "_"
events = queue.Queue()      # (what, client, text)
late = queue.Queue()        # (when, client, text)
members = {}                # name -> Client


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.name = ""
        self.gone = False
        self.mail = queue.Queue()


def reader(client):
    try:
        for raw in client.sock.makefile("rb"):
            if not raw.endswith(b"\n"):
                break       # the last line was never finished
            line = raw[:-1].removesuffix(b"\r")
            events.put(("line", client, line.decode("utf-8", "replace")))
    except OSError:
        pass
    events.put(("end", client, ""))


def writer(client):
    try:
        while (text := client.mail.get()) is not None:
            client.sock.sendall(text.encode() + b"\n")
        client.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    client.sock.close()


def others(author, text):
    for client in members.values():
        if client is not author:
            client.mail.put(text)


def good(name):
    return 1 <= len(name) <= 20 and all(letter in LETTERS for letter in name)


def first_line(client, name):
    if not good(name) or name in members:
        client.mail.put("refused: " + ("name in use" if good(name) else "bad name"))
        goodbye(client)
        return
    client.name = name
    members[name] = client
    client.mail.put("welcome " + name)
    others(client, "* " + name + " joined")


def goodbye(client):
    if client.gone:
        return
    client.gone = True
    if client.name:
        del members[client.name]
        others(client, "* " + client.name + " left")
    client.mail.put(None)


def command(client, line):
    if line == "/quit":
        goodbye(client)
    elif line == "/who":
        client.mail.put("* here: " + ", ".join(sorted(members)))
    elif line == "/away" or line == "/back":
        others(client, "* " + client.name + " is " + line[1:])
    else:
        client.mail.put("unknown: " + line)


def dispatcher():
    while True:
        what, client, line = events.get()
        if what == "end":
            goodbye(client)
        elif client.gone:
            pass            # it said something after /quit
        elif not client.name:
            first_line(client, line)
        elif line.startswith("/"):
            command(client, line)
        elif line:
            text = client.name + ": " + line
            others(client, text)
            late.put((time.monotonic() + 0.05, client, text))


def latecomer():
    while True:
        due, client, text = late.get()
        time.sleep(max(0, due - time.monotonic()))
        client.mail.put(text)


def main():
    door = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=50)
    threading.Thread(target=dispatcher, daemon=True).start()
    threading.Thread(target=latecomer, daemon=True).start()
    while True:
        sock, _ = door.accept()
        client = Client(sock)
        client.mail.put("name?")
        threading.Thread(target=writer, args=(client,), daemon=True).start()
        threading.Thread(target=reader, args=(client,), daemon=True).start()


main()
