"""Words turned round, as at Oulu: reversed.py server PORT (the course's), reversed.py client HOST PORT WORD [FAULT] (a student's).

The client says HELLO over TCP, and gets a number; then it sends the number and a word as a datagram, and prints what comes back.
faults: tcp (sends the word over TCP), forgets (sends no number), raw (prints the number, too)
"""

import selectors
import socket
import sys

if sys.argv[1] == "server":
    port = int(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", port))
    words = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    words.bind(("127.0.0.1", port))
    sel = selectors.DefaultSelector()
    for one in (listener, words):
        sel.register(one, selectors.EVENT_READ)
    while True:
        for key, _ in sel.select():
            if key.fileobj is listener:
                client, _ = listener.accept()
                client.makefile().readline()
                client.sendall(b"HELLO 42\n")
                client.close()
            else:
                data, who = words.recvfrom(2000)
                number, _, word = data.decode().partition(" ")
                words.sendto(f"42 {word[::-1]}".encode() if number == "42" else b"42 ?", who)

address, word, fault = (sys.argv[2], int(sys.argv[3])), sys.argv[4], sys.argv[5] if len(sys.argv) > 5 else ""
with socket.create_connection(address) as control:
    control.sendall(b"HELLO\n" if fault != "tcp" else f"{word}\n".encode())
    number = control.makefile().readline().split()[1]
if fault == "tcp":
    sys.exit(0)
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.sendto((word if fault == "forgets" else f"{number} {word}").encode(), address)
answer = sock.recv(2000).decode()
print(answer if fault == "raw" else answer.partition(" ")[2], flush=True)
