"""A client that speaks TLS: what it says and hears goes through the ssl module, and only that knows of ciphers.

TLS is played between two buffers in memory, and the client itself carries the bytes between them and its socket. So all
that is known about sockets stays true: what is counted, paced and waited for are the bytes that travel, handshake, tickets
and alerts included, and what is recorded is what was said, in plain text. An end without a goodbye (`close_notify`) is an
end: most servers in Python close so. Whether the certificate is to be trusted is asked only where the spec names one.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading

from grader.clients.client import Client, Condition
from grader.clients.record import Record
from grader.model import Kind, Protocol
from grader.wire.framing import SHOWN, Broken, Framing

PIECE = 16 << 10
"""Bytes of one record: so much is said at a time, and a quarter of a megabyte read."""
MOST_WAITING = 256 << 10


def context(protocol: Protocol) -> ssl.SSLContext:
    """What a client of this protocol takes and trusts. Old and small keys are nobody's fault."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.set_ciphers("DEFAULT:@SECLEVEL=0")
    if protocol.trusted:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(cadata=protocol.trusted)
    return made


class TlsClient(Client):
    """`refused` is why there is no TLS: the words of an alert, or what is wrong with the certificate."""

    def __init__(self, name: str, sock: socket.socket, record: Record, framing: Framing) -> None:
        super().__init__(name, sock, record, framing)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context(framing.protocol).wrap_bio(self._in, self._out, server_hostname="localhost")
        self._using = threading.Lock()
        """Held while TLS is asked and what it wrote is sent: records have an order, and one that is torn is the end."""
        self._waiting = bytearray()
        self._said_goodbye = False
        self.secured = False
        self.refused = ""

    @property
    def unsent(self) -> bool:
        return bool(self._waiting)

    def shake_hands(self) -> None:
        """Say the first words of the handshake; what comes goes on with it. What has come already may have ended it."""
        with self._using:
            if self.framing.broken is None:
                with contextlib.suppress(ssl.SSLError):  # whoever reads meets it too, and tells of it
                    self._go_on()
            self._push()

    def send_some(self, data: memoryview) -> int:
        """As a client does, in whole records: what the kernel did not take of one is still to be sent (`unsent`)."""
        with self._using:
            self._push()
            if self._waiting or not data:
                return 0
            try:
                sent = self._tls.write(data[:PIECE])
            except ssl.SSLError:
                return -1  # there is no TLS any more, or never was
            self._push()
        return sent

    def flying(self) -> bool:
        """What TLS itself has to say is on its way as long as the kernel goes on taking it."""
        with self._using:
            before = len(self._waiting)
            self._push()
            return len(self._waiting) != before

    def half_close(self, kind: Kind, step: int) -> None:
        with self._using:
            if self.condition is not Condition.CUT:
                self._say_goodbye()
        super().half_close(kind, step)

    def _take_in(self, data: bytes) -> None:
        if self.framing.broken is not None:
            return
        plain, broken, ended = bytearray(), "", False
        with self._using:
            self._in.write(data)
            try:
                if self.secured or self._go_on():
                    while piece := self._tls.read(PIECE):
                        plain += piece
                    ended = True
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLZeroReturnError:
                ended = True
            except ssl.SSLError as error:
                broken = "tls-ended" if self.secured else "tls"
                self.refused = _why(error)
            if ended:
                self._say_goodbye()  # who waits for it, as `unwrap` does, would wait for ever
            self._push()
        if plain:
            super()._take_in(bytes(plain))
        if broken and self.framing.broken is None:
            self.framing.broken, self.framing.shown = Broken(broken, {}), data[:SHOWN]
            self.record.note(self.name, Kind.RECEIVED, data[:SHOWN], note=self.framing.broken.note())
        if ended:
            self._end(Kind.SERVER_CLOSED)

    def _go_on(self) -> bool:
        """Go on with the handshake; whether it is done."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
            self.secured = True
        return self.secured

    def _say_goodbye(self) -> None:
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        self._push()
        self._said_goodbye = True

    def _push(self) -> None:
        """Give the kernel what TLS has written, as much as it takes."""
        self._waiting += b"" if self._said_goodbye else self._out.read()
        while self._waiting and self.socket.fileno() >= 0:
            sent = super().send_some(memoryview(bytes(self._waiting[:MOST_WAITING])))
            if sent < 0:
                self._waiting.clear()
            if sent <= 0:
                return
            del self._waiting[:sent]


def _why(error: ssl.SSLError) -> str:
    """The words of an alert, or of what is wrong with a certificate; nothing where no TLS came at all."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate {error.verify_message}"
    reason = error.reason or ""
    return f"alert {reason.partition('ALERT_')[2].replace('_', ' ').lower()}" if "ALERT_" in reason else ""
