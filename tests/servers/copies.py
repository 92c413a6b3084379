"""A store of keys with copies, as CodeCrafters' Redis: copies.py PORT [HOST MASTERPORT] [FAULT]

A copy connects to its master and says COPY; it gets every pair and every change from there.
faults: no-old (a copy lacks what was there before it), no-new (... what came after), writes (a copy takes changes itself), first (one copy is served),
        waits (answers only when it has a copy), blind (prints nothing),
        unasked (a copy waits to be given what it has not asked for)
"""

import pathlib
import socket
import sys
import threading

numbers = [word for word in sys.argv[1:] if word.isdigit()]
fault = next((w for w in sys.argv[2:] if w.isalpha() or "-" in w), "")
if len(numbers) == 1:
    pathlib.Path("fault.txt").write_text(fault)  # the copies of this play have it too
elif not fault and pathlib.Path("fault.txt").exists():
    fault = pathlib.Path("fault.txt").read_text()
port, master = int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 0
pairs, copies, lock = {}, [], threading.Lock()


def change(key, value):
    with lock:
        pairs[key] = value
        for copy in copies[:1] if fault == "first" else copies:
            if fault != "no-new":
                copy.sendall(f"SET {key} {value}\n".encode())


def serve(client):
    for line in client.makefile():
        word, *rest = line.split()
        if word == "COPY":
            with lock:
                if fault != "no-old":
                    client.sendall("".join(f"SET {k} {v}\n" for k, v in pairs.items()).encode())
                copies.append(client)
                if fault != "blind":
                    print("a copy has come", flush=True)  # one at a time: the lock is held
        elif word == "SET" and master and fault != "writes":
            client.sendall(b"ERROR read only\n")
        elif word == "SET":
            if fault != "waits" or copies:
                change(*rest)
                client.sendall(b"OK\n")
        elif word == "GET":
            client.sendall(f"{pairs.get(rest[0], 'nothing')}\n".encode())
    with lock:
        if client in copies:
            copies.remove(client)


def follow():
    upstream = socket.create_connection(("127.0.0.1", master))
    if fault != "unasked":
        upstream.sendall(b"COPY\n")
    for line in upstream.makefile():
        _, key, value = line.split()
        change(key, value)


listener = socket.create_server(("127.0.0.1", port))
if master:
    threading.Thread(target=follow, daemon=True).start()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
