# Prints what clients say and passes nothing on.
import socket
import threading


def serve(conn):
    while data := conn.recv(1024):
        print(data.decode(errors="replace"))
        conn.sendall(b"ok")
    conn.close()


server = socket.create_server(("127.0.0.1", 7002))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
