"""The threads that read: one for each client, or one for a whole crowd.

Up to a few dozen clients, each has a thread of its own, as the clients of a real chat do. A crowd shares one loop: between
500 and 1000 clients threads cost more than they show. Both are the same loop, over one client or over many.
"""

from __future__ import annotations

import os
import select
import threading

from grader.clients.client import Client
from grader.clients.record import Record

CROWD = 64


class Reader(threading.Thread):
    """Reads its clients as bytes arrive, until it is stopped."""

    def __init__(self, name: str, record: Record) -> None:
        super().__init__(name=name, daemon=True)
        self._record = record
        self._clients: dict[int, Client] = {}
        self._epoll = select.epoll()
        self._wake = os.eventfd(0)
        self._epoll.register(self._wake, select.EPOLLIN)

    def add(self, client: Client) -> None:
        """Read this client from now on."""
        descriptor = client.socket.fileno()
        self._clients[descriptor] = client
        self._epoll.register(descriptor, select.EPOLLIN)

    def drop(self, client: Client) -> None:
        """Stop reading this client (it is frozen, or about to be closed)."""
        for descriptor, known in list(self._clients.items()):
            if known is client:
                del self._clients[descriptor]
                try:
                    self._epoll.unregister(descriptor)
                except OSError:
                    return  # its socket was closed, which unregisters it

    def stop(self) -> None:
        """End the thread and give its descriptors back."""
        os.eventfd_write(self._wake, 1)
        self.join()
        self._epoll.close()
        os.close(self._wake)

    def run(self) -> None:
        while True:
            for descriptor, _ in self._epoll.poll():
                if descriptor == self._wake:
                    return
                client = self._clients.get(descriptor)
                if client is None:
                    continue
                client.drain()
                if client.at_end or client.socket.fileno() < 0:
                    self.drop(client)
            self._record.wake()


class Readers:
    """All readers of one check. `crowd` says that its clients are many."""

    def __init__(self, record: Record, *, crowd: bool) -> None:
        self._record = record
        self._crowd = Reader("crowd", record) if crowd else None
        self._of: dict[str, Reader] = {}
        if self._crowd:
            self._crowd.start()

    def add(self, client: Client) -> None:
        """Begin to read a client that has connected, or that was thawed."""
        reader = self._crowd or self._of.get(client.name)
        if reader is None:
            reader = Reader(client.name, self._record)
            reader.start()
        self._of[client.name] = reader
        reader.add(client)

    def drop(self, client: Client) -> None:
        """Stop reading a client."""
        if client.name in self._of:
            self._of[client.name].drop(client)

    def stop(self) -> None:
        """End all reading."""
        for reader in {id(r): r for r in (*self._of.values(), *([self._crowd] if self._crowd else []))}.values():
            reader.stop()
