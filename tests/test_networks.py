"""The network between two programs that speak in datagrams: what it carries, what it loses, and what makes no sense about it."""

import select
import socket
from functools import partial

import pytest
from conftest import HERE
from plays import relay

from grader.cli.main import run
from grader.clients.carrier import MOST_SIDES, Carrier
from grader.clients.record import Record
from grader.conduct.waiting import either
from grader.errors import SpecError
from grader.judge.strays import LOST
from grader.model import Verb


def bound():
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.settimeout(10)
    return made


@pytest.fixture
def between():
    """Two who send, one who is called, and the network in between."""
    front, server = bound(), bound()
    front.setblocking(False)
    address = server.getsockname()
    network = Carrier(
        "net", front, Record(), lambda: address, partial(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    )
    ana, beto = bound(), bound()
    for one in (ana, beto):
        one.connect(front.getsockname())
    yield network, ana, beto, server
    network.reset()
    network.reset()  # safe
    for one in (ana, beto, server):
        one.close()


def carried(network, *sent):
    """What is sent, carried on as soon as it has come."""
    for who, data in sent:
        who.send(data)
        either([network.descriptor], 10)
        network.drain()


def test_each_has_a_port_of_its_own_on_the_other_side_and_gets_its_answers(between):
    network, ana, beto, server = between
    carried(network, (ana, b"a1"), (beto, b"b1"), (ana, b"a2"))
    (first, of_ana), (_, of_beto), (third, again) = (server.recvfrom(100) for _ in range(3))
    assert (first, third, of_ana == again, of_ana != of_beto) == (b"a1", b"a2", True, True)
    server.sendto(b"for beto", of_beto)
    server.sendto(b"for ana", of_ana)
    while len(select.select([ana, beto], [], [], 0)[0]) < 2:
        either([network.descriptor], 10)
        network.drain()
    assert (ana.recv(100), beto.recv(100)) == (b"for ana", b"for beto")


def test_a_play_loses_doubles_and_swaps_what_it_carries(between):
    network, ana, _, server = between
    network.meddle(Verb.LOSES, 2)
    carried(network, (ana, b"1"), (ana, b"2"))
    network.meddle(Verb.DOUBLES, 1)
    carried(network, (ana, b"3"))
    network.meddle(Verb.SWAPS, 1)
    carried(network, (ana, b"4"), (ana, b"5"), (ana, b"6"))
    assert [server.recv(100) for _ in range(5)] == [b"3", b"3", b"5", b"4", b"6"]
    assert [e.data for e in network.record.events if e.note == LOST] == [b"1", b"2"]
    assert not select.select([server], [], [], 0)[0]


def test_what_finds_nobody_is_lost_and_no_more(between):
    network, ana, _, server = between
    carried(network, (ana, b"1"))
    _, side = server.recvfrom(100)
    server.close()
    carried(network, (ana, b"2"), (ana, b"3"))
    other = bound()
    other.sendto(b"from another", side)
    either([network.descriptor], 10)
    network.drain()
    assert ana.recv(100) == b"from another"
    other.close()
    assert MOST_SIDES > 100


UDP = {"transport": "udp"}
NET = {"net": {"carries": True}}
MISTAKES = {
    "net only carries datagrams. Write net .loses., or .doubles., or .swaps": (
        "net > x",
        {"protocol": UDP, "clients": NET},
    ),
    "net carries datagrams, for all who send to its port": ("ana > x", {"clients": NET}),
    "net only carries datagrams. It joins nobody": ("ana > x", {"protocol": UDP, "clients": NET}),
}


@pytest.mark.parametrize("said", MISTAKES)
def test_what_makes_no_sense_is_complained_of(said):
    play, keys = MISTAKES[said]
    with pytest.raises(SpecError, match=said):
        relay(play, "ana", *(["net"] if "joins" in said else []), **keys)


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Near is the network between programs"), ("es", "Near es la red entre los programas")]
)
def test_it_is_explained(capsys, lang, said):
    assert run(["spec", "explain", str(HERE / "specs" / "udpchat.yaml"), "--lang", lang]) == 0
    assert said in capsys.readouterr().out
