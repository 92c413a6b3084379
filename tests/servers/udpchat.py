"""A chat over datagrams that get lost, server and clients in one program, as Columbia's UdpChat: all that is not acknowledged is sent again.

udpchat.py server PORT [FAULT]     udpchat.py client HOST PORT NAME
faults: once (a client sends nothing again), unsure (the server sends nothing again), again (what comes twice is passed on twice),
        twice (a client shows what comes twice)
"""

import pathlib
import select
import socket
import sys
import time

AGAIN, MOST = 0.15, 4
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
waiting = {}  # what is not acknowledged: [datagram, to whom, when it is sent again, how often it was sent]


def send(key, text, to):
    waiting[key] = [text.encode(), to, time.monotonic() + AGAIN, 1]
    sock.sendto(text.encode(), to)


def next_time():
    return max(0, min(w[2] for w in waiting.values()) - time.monotonic()) if waiting else None


def send_again(*, given_up):
    for key, (data, to, when, times) in list(waiting.items()):
        if when > time.monotonic():
            continue
        if times == MOST:
            del waiting[key]
            given_up()
            continue
        waiting[key][2:] = time.monotonic() + AGAIN, times + 1
        sock.sendto(data, to)


if sys.argv[1] == "server":
    fault = sys.argv[3] if len(sys.argv) > 3 else ""
    pathlib.Path("fault.txt").write_text(fault)
    sock.bind(("127.0.0.1", int(sys.argv[2])))
    where, seen = {}, set()
    while True:
        if select.select([sock], [], [], next_time())[0]:
            data, source = sock.recvfrom(2000)
            word, name, number, *rest = data.decode().split(" ", 4)
            if word == "got":
                waiting.pop((name, number), None)
                continue
            sock.sendto(f"ack server {number}".encode(), source)
            if word == "come":
                where[name] = source
            elif fault == "again" or (name, number) not in seen:
                seen.add((name, number))
                to, text = rest
                key = f"{name}-{number}" if fault != "again" else f"{name}-{number}-{time.monotonic()}"
                if to in where:
                    send((to, key), f"msg {name} {key} {text}", where[to])
                    if fault == "unsure":
                        waiting.clear()
        send_again(given_up=lambda: None)

fault = pathlib.Path("fault.txt").read_text()
server, name, number, shown = (sys.argv[2], int(sys.argv[3])), sys.argv[4], 0, set()
send("0", f"come {name} 0", server)
while True:
    ready = select.select([sock, sys.stdin], [], [], next_time())[0]
    if fault == "once":
        waiting = {key: [*w[:3], MOST] for key, w in waiting.items()}
    if sock in ready:
        word, other, key, *rest = sock.recv(2000).decode().split(" ", 3)
        if word == "ack" and waiting.pop(key, None):
            print("> welcome" if key == "0" else "> it is on its way", flush=True)
        elif word == "msg":
            sock.sendto(f"got {name} {key}".encode(), server)
            if fault == "twice" or key not in shown:
                print(f"> {other}: {rest[0]}", flush=True)
            shown.add(key)
    if sys.stdin in ready:
        line = sys.stdin.readline()
        if not line:
            sys.exit(0)
        _, to, text = line.strip().split(" ", 2)
        number += 1
        send(str(number), f"say {name} {number} {to} {text}", server)
    send_again(given_up=lambda: print("> the server does not answer", flush=True))
