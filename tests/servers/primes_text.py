"""Says whether a number is prime: PRIME 7 is answered by yes. Numbers named behind the port are taken for primes."""

import socket
import sys
import threading


def serve(connection):
    with connection, connection.makefile("rw", encoding="utf-8", newline="\n") as stream:
        for line in stream:
            number = int(line.split()[1])
            prime = all(number % other for other in range(2, number)) or str(number) in sys.argv[2:]
            stream.write("yes\n" if prime else "no\n")
            stream.flush()


listening = socket.create_server(("", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
