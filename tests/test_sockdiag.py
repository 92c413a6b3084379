"""What the kernel says about sockets, held against sockets whose state the test has made itself."""

import os
import select
import socket
import struct

import pytest

from grader.stage import sockdiag
from grader.stage.sockdiag import Diag

LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


@pytest.fixture
def diag():
    made = Diag()
    yield made
    made.close()


@pytest.fixture(params=LOOPBACK, ids=["IPv4", "IPv6"])
def listener(request):
    with socket.create_server((LOOPBACK[request.param], 0), family=request.param) as made:
        yield made


@pytest.fixture
def client(listener):
    with socket.create_connection(listener.getsockname()[:2]) as made:
        yield made


def inode(sock):
    return os.fstat(sock.fileno()).st_ino


def ends(client):
    """Both ends of a connection, kept while it stands: a reset makes them unknown."""
    return client.getsockname()[:2], client.getpeername()[:2]


def arrived(sock):
    """Wait until the kernel has something for this socket."""
    assert select.select([sock], [], [], 20)[0]


def test_a_listener_is_listed_with_its_port_and_its_program(diag, listener):
    (row,) = [r for r in diag.rows() if r.inode == inode(listener)]
    assert row.here == listener.getsockname()[:2]
    assert (row.state, row.unread) == (sockdiag.LISTEN, 0)


def test_a_socket_that_is_only_bound_does_not_listen(diag):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert bound.getsockname()[:2] not in [r.here for r in diag.rows()]


def test_a_listener_counts_the_connections_that_wait(diag, listener):
    clients = [socket.create_connection(listener.getsockname()[:2]) for _ in range(3)]
    arrived(listener)
    (row,) = [r for r in diag.rows() if r.inode == inode(listener)]
    assert row.unread == 3
    for sock in clients:
        sock.close()


def test_a_connection_that_nobody_has_accepted_belongs_to_no_program(diag, listener, client):
    arrived(listener)
    assert diag.server_end(*ends(client)).inode == 0
    with listener.accept()[0] as accepted:
        assert diag.server_end(*ends(client)).inode == inode(accepted)


def test_what_was_not_read_is_counted_and_so_is_what_ever_arrived(diag, listener, client):
    with listener.accept()[0] as accepted:
        client.sendall(b"hello")
        arrived(accepted)
        row = diag.server_end(*ends(client))
        assert (row.unread, row.received) == (5, 5)
        assert accepted.recv(2) == b"he"
        row = diag.server_end(*ends(client))
        assert (row.unread, row.received) == (3, 5)
        assert accepted.recv(10) == b"llo"
        row = diag.server_end(*ends(client))
        assert (row.unread, row.received) == (0, 5)


def test_what_is_sent_before_the_accept_is_counted_too(diag, listener, client):
    client.sendall(b"early")
    with listener.accept()[0] as accepted:
        arrived(accepted)
        row = diag.server_end(*ends(client))
        assert (row.unread, row.received) == (5, 5)


def test_both_ends_are_told_apart(diag, listener, client):
    with listener.accept()[0] as accepted:
        accepted.sendall(b"welcome")
        arrived(client)
        ours, theirs = diag.client_end(*ends(client)), diag.server_end(*ends(client))
        assert (ours.inode, ours.unread) == (inode(client), 7)
        assert (theirs.inode, theirs.unread) == (inode(accepted), 0)
        assert (ours.here, ours.there) == (theirs.there, theirs.here)


def test_what_cannot_be_delivered_is_unsent(diag, listener, client):
    with listener.accept()[0] as accepted:
        accepted.setblocking(False)
        while select.select([], [accepted], [], 0)[1]:
            accepted.send(bytes(1 << 20))
        assert diag.server_end(*ends(client)).unsent > 0


def test_after_a_reset_there_is_no_server_end(diag, listener, client):
    with listener.accept()[0] as accepted:
        here, there = ends(client)
        assert diag.server_end(here, there) is not None
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        arrived(accepted)
        assert diag.server_end(here, there) is None
        assert diag.client_end(here, there) is None


def test_a_listener_does_not_answer_for_a_connection_that_never_was(diag, listener):
    host, port = listener.getsockname()[:2]
    assert diag.server_end((host, 1), (host, port)) is None


def test_an_orderly_end_shows_in_the_state(diag, listener, client):
    with listener.accept()[0] as accepted:
        client.shutdown(socket.SHUT_WR)
        arrived(accepted)
        assert diag.server_end(*ends(client)).state == sockdiag.CLOSE_WAIT
        assert diag.client_end(*ends(client)).state in (sockdiag.FIN_WAIT1, sockdiag.FIN_WAIT2)


def test_all_states_are_listed_when_asked_for(diag, listener, client):
    arrived(listener)
    ours = [r for r in diag.rows(1 << sockdiag.ESTABLISHED) if r.inode == inode(client)]
    assert [(r.here, r.there) for r in ours] == [ends(client)]


def test_hundreds_of_sockets_are_all_listed(diag):
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        address = server.getsockname()
        pairs = [(socket.create_connection(address), server.accept()[0]) for _ in range(200)]
        listed = {r.inode for r in diag.rows(1 << sockdiag.ESTABLISHED)}
        assert {inode(sock) for pair in pairs for sock in pair} <= listed
        for pair in pairs:
            for sock in pair:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.close()


def test_a_box_shows_its_own_sockets_and_none_of_this_machine(stand, listener):
    with stand.started("python3 relay_threads.py <port>") as started:
        rows = stand.box.diag.rows()
        assert [r.here[1] for r in rows if r.inode] == [x.port for x in started.server.listeners()]
        assert (inode(listener) in [r.inode for r in rows]) == (not stand.rung.own_network)
