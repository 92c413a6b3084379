# Listens on the address of one computer at home.
import socket

server = socket.socket()
server.bind(("192.168.50.235", 5555))
server.listen()
while True:
    server.accept()
