"""A chat over datagrams whose server and clients are one program with a console, as Columbia's UdpChat; their format is their own.

talk.py server PORT [FAULT]     talk.py client HOST PORT NAME
faults: forgets (who has come), mixes (says that everybody said it), drops (what is said to who is away), quiet (the sender is told nothing),
        unsaid (who is away is still called), loses (every second message)
"""

import pathlib
import select
import socket
import sys

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if sys.argv[1] == "server":
    port, fault = int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
    pathlib.Path("fault.txt").write_text(fault)
    sock.bind(("127.0.0.1", port))
    where, kept, away, count = {}, {}, set(), 0
    while True:
        data, source = sock.recvfrom(2000)
        word, name, *rest = data.decode().split(" ", 3)
        if word == "come":
            if fault != "forgets" or not where:
                where[name] = source
            away.discard(name)
            sock.sendto(b"> welcome", source)
            for line in kept.pop(name, []):
                sock.sendto(f"> while you were away {line}".encode(), source)
        elif word == "away":
            if fault != "unsaid":
                away.add(name)
            sock.sendto(b"> you are away", source)
        elif word == "say":
            to, text = rest
            count += 1
            said = f"{'everybody' if fault == 'mixes' else name}: {text}"
            if to not in where:
                sock.sendto(f"> nobody is called {to}".encode(), source)
            elif to in away:
                if fault != "drops":
                    kept.setdefault(to, []).append(said)
                sock.sendto(f"> {to} is away, the server keeps it".encode(), source)
            else:
                if fault != "loses" or count % 2:
                    sock.sendto(f"> {said}".encode(), where[to])
                if fault != "quiet":
                    sock.sendto(f"> {to} has it".encode(), source)

server, name = (sys.argv[2], int(sys.argv[3])), sys.argv[4]
sock.sendto(f"come {name}".encode(), server)
while True:
    for ready in select.select([sock, sys.stdin], [], [])[0]:
        if ready is sock:
            print(sock.recv(2000).decode(), flush=True)
            continue
        line = sys.stdin.readline()
        word, _, rest = line.strip().partition(" ")
        if not line or word == "quit":
            sys.exit(0)
        if word == "send":
            to, text = rest.split(" ", 1)
            sock.sendto(f"say {name} {to} {text}".encode(), server)
        elif word in ("dereg", "reg"):
            sock.sendto(f"{'away' if word == 'dereg' else 'come'} {name}".encode(), server)
