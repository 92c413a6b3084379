# Datagrams: every sender becomes a member.
import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 6000))
members = set()
while True:
    data, address = server.recvfrom(1024)
    members.add(address)
    for member in members - {address}:
        server.sendto(data, member)
