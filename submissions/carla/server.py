# SERVIDOR DE CHAT
# Carla - grupo 2
#
# se ejecuta: python3 server.py puerto

import sys
import threading
from socket import *

usuarios = {}               # nombre : socket
candado = threading.Lock()


def mandar(sock, texto):
    try:
        sock.sendall((texto + "\n").encode())
    except Exception:
        pass


def mandar_a_todos(texto, menos):
    for nombre in usuarios:
        if nombre != menos:
            mandar(usuarios[nombre], texto)


def nombre_valido(nombre):
    if len(nombre) < 1 or len(nombre) > 20:
        return False
    for letra in nombre:
        if letra not in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_":
            return False
    return True


def atender(sock):
    nombre = None
    mandar(sock, "name?")
    archivo = sock.makefile("r", encoding="utf-8", errors="replace", newline="\n")
    try:
        for linea in archivo:
            linea = linea.rstrip("\r\n")
            with candado:
                if nombre is None:
                    if not nombre_valido(linea) or linea in usuarios:
                        mandar(sock, "refused: elige otro nombre")
                        break
                    nombre = linea
                    usuarios[nombre] = sock
                    mandar(sock, "welcome " + nombre)
                    mandar_a_todos("* " + nombre + " joined", nombre)
                elif linea == "":
                    pass
                elif linea == "/quit":
                    break
                elif linea == "/who":
                    mandar(sock, "* here: " + ", ".join(sorted(usuarios)))
                elif linea == "/away":
                    mandar_a_todos("* " + nombre + " is away", nombre)
                elif linea == "/back":
                    mandar_a_todos("* " + nombre + " is back", nombre)
                elif linea[0] == "/":
                    mandar(sock, "unknown: " + linea)
                else:
                    mandar_a_todos(nombre + ": " + linea, nombre)
    except Exception:
        pass
    # se fue
    if nombre is not None:
        with candado:
            del usuarios[nombre]
            mandar_a_todos("* " + nombre + " left", nombre)
    archivo.close()
    sock.close()


def esperar_clientes(puerto):
    try:
        servidor = socket(AF_INET, SOCK_STREAM)
        servidor.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        servidor.bind(("127.0.0.1", puerto))
        servidor.listen(50)
        while True:
            sock, direccion = servidor.accept()
            hilo = threading.Thread(target=atender, args=(sock,), daemon=True)
            hilo.start()
    except Exception:
        # a veces un cliente se va mal y tira un error, no quiero que se caiga todo
        pass


print("Iniciando el servidor...")
puerto = sys.argv[1]
principal = threading.Thread(target=esperar_clientes, args=(puerto,), daemon=True)
principal.start()
print("Servidor esperando clientes en el puerto", puerto, flush=True)

# el programa no tiene que terminar nunca
threading.Event().wait()
