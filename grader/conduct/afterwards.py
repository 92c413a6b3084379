"""What a server holds when its last client has gone: looked at where a check ends, when its transcript is complete.

Every client hangs up in good order, and the server is looked at until it rests. What is claimed is what the kernel shows,
and only where nothing can change it any more: every thread of the server waits, none of them with a limit. Then a connection
of somebody who has gone, which it still holds, will be held for ever, and a process that has outlived its server lives
on. Threads and descriptors are counted and no more: an idle pool looks like a leak, and only waves of clients tell the two
apart (the check `hygiene`). A server that still runs is measured, for as long as an allowance for all checks lasts.

A server that comes to rest costs two looks; one that waits with a limit is left at the first. Nobody is waited for.
"""

from __future__ import annotations

import select
import time
from collections.abc import Collection
from dataclasses import dataclass

from grader.clients.client import Client, Condition
from grader.stage import sockdiag
from grader.stage.audit import audit, ran
from grader.stage.quiet import Sight, Watch
from grader.stage.server import Server
from grader.stage.syscalls import FOREVER

SHORTLY, ONCE = 0.02, 1.5
"""Seconds for a server to come to rest; and of the allowance, what it costs at least to see that one does not."""
GOES_ON, IDLE = 0.2, 0.02
"""Seconds on a processor that show it; and the part of one below which a server only can't be proven to rest."""
PAUSE = 0.0005
RUNS = "R"
KEPT = 1 << sockdiag.CLOSE_WAIT | 1 << sockdiag.LAST_ACK


@dataclass
class Allowance:
    """Seconds that servers which do not come to rest may cost, in all checks of a submission together."""

    seconds: float = 6.0


def afterwards(
    server: Server, clients: Collection[Client], diag: sockdiag.Diag, allowance: Allowance
) -> dict[str, int] | None:
    """Have the clients hang up, and see what is left. None where that would tell nothing.

    Where the server closes first, and so perhaps at the same moment, its port is taken for a minute. In a network of the box's
    own such a rest is removed; on the machine's nobody hangs up, and it is looked only where all have gone in the play.
    """
    if server.datagrams or any(client.frozen for client in clients):
        return None  # without a connection nobody goes; and whoever reads nothing may hold the others up
    here = [client for client in clients if client.condition is Condition.CONNECTED and not client.at_end]
    if here and not server.box.rung.own_network:
        return None
    for client in here:
        client.end_stream()
    left = [client for client in clients if client.condition is not Condition.NEW and client.here[1]]
    sight, spent = _rest(server, left, diag, allowance)
    if sight is Sight.BUSY and not spent:
        return None
    held = audit(server.living(), ports=len(server.listeners()), busy=0.0)
    if sight is not Sight.QUIET:
        return held.facts() | {"spent": round(1000 * spent)}
    outlived = held.processes if server.ended and not held.ports else 0
    return held.facts() | {"open": _still_open(left, diag), "of": len(left), "outlived": outlived}


def _rest(server: Server, left: Collection[Client], diag: sockdiag.Diag, allowance: Allowance) -> tuple[Sight, float]:
    """How the server rests; and, if it goes on instead, for how many seconds it has then been on a processor."""
    watch = Watch(server.living, lambda: any(_leaving(client, diag) for client in left), lambda: False)
    began = watch.begin(FOREVER, trust_cycles=False)
    start, before = time.monotonic(), ran(server.living())
    while True:
        look = watch.look(began)
        if look.sight is not Sight.BUSY:
            return look.sight, 0.0
        wall = time.monotonic() - start
        if wall > SHORTLY:
            spent = ran(server.living()) - before
            idle = spent < IDLE * wall and not any(task.state == RUNS for task in look.tasks)
            if spent >= GOES_ON or idle or wall > allowance.seconds:
                allowance.seconds -= max(wall, ONCE if spent >= GOES_ON else 0.0)
                return Sight.BUSY, spent if spent >= GOES_ON else 0.0
        select.select([] if server.ended else [server.pidfd], [], [], PAUSE)


def _leaving(client: Client, diag: sockdiag.Diag) -> bool:
    """Whether the end of a client's stream has not yet come to the server's end of the connection."""
    row = diag.server_end(client.here, client.there)
    return row is not None and row.inode != 0 and not 1 << row.state & KEPT


def _still_open(left: Collection[Client], diag: sockdiag.Diag) -> int:
    rows = [diag.server_end(client.here, client.there) for client in left]
    return sum(row is not None and row.inode != 0 and row.state == sockdiag.CLOSE_WAIT for row in rows)
