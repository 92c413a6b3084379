"""`websocket`: an HTTP request that turns the connection into frames, and then messages in frames (RFC 6455).

    websocket: /chat, sends: text           the address in the request, and what kind of messages clients send

`wsproto` speaks the protocol: it opens, it unmasks, it joins what came in several frames, it finds what is not allowed.
Pings are answered and a close is answered, as every browser does. What is kept of a message is one frame without a
mask, so that a report shows whether it was text, and nothing of how it was cut.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from typing import ClassVar

from wsproto import ConnectionType, WSConnection
from wsproto.connection import Connection, ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, LARGEST, SHOWN, Framing, Setting, choice
from grader.wire.parts import to_bytes, to_text

TEXT, BINARY = 0x81, 0x82
GOING_AWAY = 1001
_SURROGATE = re.compile("[\udc80-\udcff]")
"""Stands in a text for a byte that is no UTF-8, which no text message may have."""


@FRAMINGS.add("websocket")
class WebSocketFraming(Framing):
    """The client's side of a WebSocket; of what clients have sent (`sent`) the other side."""

    reads_itself = False
    settings: ClassVar[Mapping[str, Setting]] = {
        "websocket": Setting(lambda text: text if text.startswith("/") else None, "an address such as /chat", "/"),
        "sends": choice("text", "binary", otherwise="text"),
    }

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        self._binary = self._set("sends") == "binary"
        self._answers = b""
        self._connection: WSConnection | Connection = Connection(ConnectionType.SERVER)
        if not sent:
            self._connection = WSConnection(ConnectionType.CLIENT)
            target = str(self._set("websocket"))
            self.opening = self._connection.send(Request(host="localhost", target=target))
            self.ready = False

    def encode(self, message: bytes) -> bytes:
        text = to_text(message)
        said: TextMessage | BytesMessage = BytesMessage(message)
        if not self._binary and not _SURROGATE.search(text):
            said = TextMessage(text)
        return Connection(ConnectionType.CLIENT).send(said)

    def closing(self) -> bytes:
        return Connection(ConnectionType.CLIENT).send(CloseConnection(code=GOING_AWAY))

    def feed(self, data: bytes) -> list[bytes]:
        if self.broken is not None or self._connection.state is ConnectionState.CLOSED:
            return []  # what comes behind the closing handshake is nobody's message
        found: list[bytes] = []
        try:
            self._connection.receive_data(data)
            for event in self._connection.events():
                if isinstance(event, CloseConnection) and self._connection.state is ConnectionState.OPEN:
                    # Not the server closes here: it is what wsproto would tell a server that broke the rules.
                    self._break_with("frame", data)
                    break
                found += self._take(event)
        except ProtocolError:
            self._break_with("frame" if self.ready else "handshake", data)
        return found

    def answers(self) -> bytes:
        answers, self._answers = self._answers, b""
        return answers

    def strip(self, message: bytes) -> bytes:
        return message[_head_of(message) :]

    def _take(self, event: Event) -> Iterator[bytes]:
        if isinstance(event, TextMessage | BytesMessage):
            self._kept += to_bytes(event.data) if isinstance(event, TextMessage) else event.data
            if len(self._kept) > LARGEST:
                self._break("endless", limit=LARGEST)
            elif event.message_finished:
                kind = TEXT if isinstance(event, TextMessage) else BINARY
                yield _frame(kind, bytes(self._kept))
                self._kept = bytearray()
        elif isinstance(event, AcceptConnection):
            self.ready = True
        elif isinstance(event, RejectConnection):
            self._break_with("handshake", str(event.status_code).encode())
        elif isinstance(event, Ping | CloseConnection) and not self.sent:
            self._answers += self._connection.send(event.response())

    def _break_with(self, why: str, data: bytes) -> None:
        self._kept[:] = data[:SHOWN]
        self._break(why)


def _frame(kind: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", kind, size) + payload
    head = struct.pack("!BBH", kind, 126, size) if size < 65_536 else struct.pack("!BBQ", kind, 127, size)
    return head + payload


def _head_of(message: bytes) -> int:
    if len(message) < 2:
        return 0
    return {126: 4, 127: 10}.get(message[1], 2)
