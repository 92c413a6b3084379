# One to one: whoever sits at the keyboard answers.
import socket

server = socket.socket()
server.bind(("127.0.0.1", 5001))
server.listen(1)
conn, address = server.accept()
while True:
    data = conn.recv(1024).decode()
    if not data:
        break
    print("client:", data)
    conn.send(input("you: ").encode())
