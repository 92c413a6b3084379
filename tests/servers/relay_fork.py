"""A relay made of processes: one for each client, which reads it and hands its lines to the first process by a pipe."""

import os
import select
import socket
import sys

server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
pipes = {}  # the pipe from a client's process -> the client's socket


def hand_over(sock, pipe):
    with sock.makefile("rb") as lines:
        for line in lines:
            os.write(pipe, line)
    os._exit(0)


while True:
    ready, _, _ = select.select([server, *pipes], [], [])
    for source in ready:
        if source is server:
            newcomer, _ = server.accept()
            pipe, into = os.pipe()
            if os.fork() == 0:
                hand_over(newcomer, into)
            os.close(into)
            pipes[pipe] = newcomer
            continue
        line = os.read(source, 4096)
        if not line:
            pipes.pop(source).close()
            os.close(source)
            os.wait()
            continue
        for pipe, other in pipes.items():
            if pipe != source:
                other.sendall(line)
