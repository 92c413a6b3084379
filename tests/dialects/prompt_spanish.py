# A prompt in Spanish; "chau" is passed on to the others, and then ends the connection.
import socket
import threading

gente = {}


def todos(texto, menos=None):
    for otro in list(gente):
        if otro is not menos:
            try:
                otro.sendall(texto.encode())
            except OSError:
                pass


def atender(conn):
    nombre = None
    try:
        conn.sendall("¿Cómo te llamas? ".encode())
        nombre = conn.recv(1024).decode(errors="replace").strip()
        if not nombre:
            conn.close()
            return
        gente[conn] = nombre
        todos(f"*** {nombre} se ha unido ***\n", conn)
        while datos := conn.recv(1024):
            texto = datos.decode(errors="replace").strip()
            todos(f"<{nombre}> {texto}\n", conn)
            if texto == "chau":
                break
    except ConnectionError:
        pass
    if gente.pop(conn, None):
        todos(f"*** {nombre} se ha ido ***\n")
    conn.close()


servidor = socket.create_server(("127.0.0.1", 6666))
while True:
    threading.Thread(target=atender, args=(servidor.accept()[0],), daemon=True).start()
