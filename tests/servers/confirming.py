"""Over UDP: `post a 3` is answered by `msg a1`, `msg a2`, `msg a3` and `done a`; each comes when the one before was confirmed (`confirm a1`).

What nobody confirms is sent again every 0.2 s, four times in all; then the rest is given up.

confirming.py PORT [once|deaf|hasty]     once: nothing is sent again; deaf: confirmations are not heard; hasty: nothing waits for one
"""

import select
import socket
import sys

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", port))
waiting = {}  # who: [name, number, most, times]


def send(who):
    name, number, most, _ = waiting[who]
    if number > most:
        del waiting[who]
        sock.sendto(f"done {name}".encode(), who)
        return
    waiting[who][3] += 1
    sock.sendto(f"msg {name}{number}".encode(), who)


while True:
    if not select.select([sock], [], [], 0.2 if waiting and fault != "once" else None)[0]:
        for who in list(waiting):
            if waiting[who][3] < 4:
                send(who)
            else:
                del waiting[who]
        continue
    datagram, who = sock.recvfrom(2000)
    word, *rest = datagram.decode().split()
    if word == "post":
        waiting[who] = [rest[0], 1, int(rest[1]), 0]
        send(who)
    elif word == "confirm" and who in waiting and fault != "deaf":
        name, number, most, _ = waiting[who]
        if rest[0] == f"{name}{number}":
            waiting[who] = [name, number + 1, most, 0]
            send(who)
    while fault == "hasty" and who in waiting:
        waiting[who][1] += 1
        send(who)
