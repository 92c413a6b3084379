"""Addresses of a local network, made at home in a box: a server that has one written into its code can bind it there.

A box has a loopback and nothing else. Here the private ranges are declared local, by three routes in the table that the
kernel asks which addresses are its own (what `ip route add local 10.0.0.0/8 dev lo` does). Nothing leaves the box by it.
The socket was made inside by the agent, which holds no capability; it is this side that has the right to ask, and for
that the request must carry an address (see `sockdiag.Diag.destroy`).
"""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Sequence

from grader.errors import HarnessError
from grader.stage.box import Box

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
RTM_NEWROUTE, REQUEST_ACK, CREATE = 24, 0x5, 0x400
TABLE_LOCAL, BY_BOOT, SCOPE_HOST, LOCAL = 255, 3, 254, 2
RTA_DST, RTA_OIF = 1, 4
LOOPBACK_DEVICE = 1
EXISTS = -17


def private(host: str) -> bool:
    """Whether an address belongs to one of the private ranges of IPv4."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in PRIVATE)


def make_local(box: Box, networks: Sequence[str] = PRIVATE) -> None:
    """Make networks local in a box that has a network of its own. Raises HarnessError where the kernel refuses."""
    if not box.rung.own_network:
        return
    with box.socket("R") as channel:
        channel.bind((0, 0))
        for network in networks:
            channel.sendto(_route(ipaddress.IPv4Network(network)), (0, 0))
            error = struct.unpack_from("i", channel.recv(4096), 16)[0]
            if error not in (0, EXISTS):
                raise HarnessError("grader-error", what=f"the kernel would not make {network} local: {-error}")


def _route(network: ipaddress.IPv4Network) -> bytes:
    body = struct.pack("BBBBBBBBI", socket.AF_INET, network.prefixlen, 0, 0, TABLE_LOCAL, BY_BOOT, SCOPE_HOST, LOCAL, 0)
    body += struct.pack("HH", 8, RTA_DST) + network.network_address.packed
    body += struct.pack("HHI", 8, RTA_OIF, LOOPBACK_DEVICE)
    return struct.pack("IHHII", 16 + len(body), RTM_NEWROUTE, REQUEST_ACK | CREATE, 1, 0) + body
