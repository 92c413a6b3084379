# Python 2: print is a statement.
import socket

server = socket.socket()
server.bind(("127.0.0.1", 7003))
server.listen(5)
print "waiting for connections"
while True:
    conn, addr = server.accept()
    print "connected", addr
