"""Who reads the clients: a thread for each, or, for a crowd, whoever waits for it.

Up to a few dozen clients, each has a thread of its own, as the clients of a real chat do: what arrives is recorded at
once. A crowd has no threads: between 500 and 1000 clients they cost more than they show, and two hundred threads that
wake up for every notice hold up the very server that they watch. There, whoever waits for a client reads that client,
and every look at the server reads them all; what has arrived meanwhile lies in the kernel's queues.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterable

from grader.clients.client import Client
from grader.clients.record import Record

CROWD = 64


class Reader(threading.Thread):
    """Reads one client as bytes arrive, until it is stopped."""

    def __init__(self, client: Client, record: Record) -> None:
        super().__init__(name=f"reader of {client.name}", daemon=True)
        self._client: Client | None = client
        self._record = record
        self._descriptor = client.descriptor
        self._epoll = select.epoll()
        self._wake = os.eventfd(0)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._epoll.register(self._descriptor, select.EPOLLIN)

    def drop(self) -> None:
        """Stop reading (the client is frozen, or about to be closed)."""
        if self._client is not None:
            self._client = None
            try:
                self._epoll.unregister(self._descriptor)
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
                client = self._client
                if client is not None:
                    client.drain()
                    if client.at_end or client.socket.fileno() < 0:
                        self.drop()
            self._record.wake()


class Readers:
    """The reading of one check's clients. `crowd` says that they are many."""

    def __init__(self, record: Record, *, crowd: bool) -> None:
        self.crowd = crowd
        self._record = record
        self._threads: list[Reader] = []
        self._of: dict[str, Reader] = {}

    def add(self, client: Client) -> None:
        """Begin to read a client that has connected, or that was thawed."""
        if self.crowd:
            return
        reader = Reader(client, self._record)
        self._of[client.name] = reader
        self._threads.append(reader)
        reader.start()

    def drop(self, client: Client) -> None:
        """Stop reading a client."""
        if client.name in self._of:
            self._of.pop(client.name).drop()

    def stop(self) -> None:
        """End all reading. Safe to call more than once."""
        while self._threads:
            self._threads.pop().stop()

    def attending(self, clients: Iterable[Client]) -> Callable[[float], None]:
        """For a crowd: a way to wait at most so many seconds, that reads these clients as soon as they can be read."""
        waited = [c for c in clients if not (c.at_end or c.frozen) and c.socket.fileno() >= 0]
        poll = select.poll()
        for client in waited:
            poll.register(client.descriptor, select.POLLIN)
        by_descriptor = {c.descriptor: c for c in waited}

        def pause(seconds: float) -> None:
            for descriptor, _ in poll.poll(seconds * 1000):
                client = by_descriptor[descriptor]
                client.drain()
                if client.at_end:
                    poll.unregister(descriptor)

        return pause
