# Listens on an address of the internet that some other computer has.
import socket

server = socket.socket()
server.bind(("93.184.215.14", 5555))
server.listen()
while True:
    server.accept()
