# Bug: it reads from the server only after a line was typed.
# Loses: shows, hung-up, once, stream, letters
import os
import socket
import sys

sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))

lines = sock.makefile(encoding="utf-8", newline="\n")
print(lines.readline(), end="", flush=True)
for typed in sys.stdin:
    sock.sendall(typed.encode())
    line = lines.readline()
    if not line:
        break
    print(line, end="", flush=True)
