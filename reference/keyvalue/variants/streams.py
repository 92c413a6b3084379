# Good: asyncio, which calls back for each datagram.
import asyncio
import sys

kept = {}


class Store(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        key, equals, value = data.partition(b"=")
        if len(data) >= 1000:
            return
        if key == b"version" and not equals:
            self.transport.sendto(b"version=another one", addr)
        elif equals and key != b"version":
            kept[key] = value
        elif not equals:
            self.transport.sendto(key + b"=" + kept.get(key, b""), addr)


async def main():
    await asyncio.get_running_loop().create_datagram_endpoint(Store, ("127.0.0.1", int(sys.argv[1])))
    await asyncio.Event().wait()


asyncio.run(main())
