# Tarea 4: servidor de chat
# Diego
import signal
import socket
import sys

PERMITIDOS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

conectados = {}     # nombre -> socket


def enviar(cliente, texto):
    try:
        cliente.sendall((texto + "\n").encode("utf-8"))
    except OSError:
        pass


def enviar_a_otros(yo, texto):
    for nombre, cliente in conectados.items():
        if nombre != yo:
            enviar(cliente, texto)


def leer_lineas(cliente):
    # recv devuelve pedazos, aca los junto hasta tener una linea entera
    pendiente = b""
    while True:
        datos = cliente.recv(4096)
        if not datos:
            return
        pendiente = pendiente + datos
        while b"\n" in pendiente:
            linea, pendiente = pendiente.split(b"\n", 1)
            if linea[-1:] == b"\r":
                linea = linea[:-1]
            yield linea.decode("utf-8", "replace")
        if len(pendiente) > 4096:
            return


def nombre_correcto(nombre):
    return 1 <= len(nombre) <= 20 and all(letra in PERMITIDOS for letra in nombre)


def atender_cliente(cliente):
    enviar(cliente, "name?")
    lineas = leer_lineas(cliente)

    nombre = next(lineas, None)
    if nombre is None:
        return
    if not nombre_correcto(nombre):
        enviar(cliente, "refused: nombre incorrecto")
        return
    if nombre in conectados:
        enviar(cliente, "refused: nombre repetido")
        return

    conectados[nombre] = cliente
    enviar(cliente, "welcome " + nombre)
    enviar_a_otros(nombre, "* " + nombre + " joined")
    try:
        for linea in lineas:
            if linea == "/quit":
                break
            elif linea == "/who":
                enviar(cliente, "* here: " + ", ".join(sorted(conectados)))
            elif linea == "/away":
                enviar_a_otros(nombre, "* " + nombre + " is away")
            elif linea == "/back":
                enviar_a_otros(nombre, "* " + nombre + " is back")
            elif linea.startswith("/"):
                enviar(cliente, "unknown: " + linea)
            elif linea != "":
                enviar_a_otros(nombre, nombre + ": " + linea)
    finally:
        del conectados[nombre]
        enviar_a_otros(nombre, "* " + nombre + " left")


signal.signal(signal.SIGINT, signal.SIG_DFL)    # que Ctrl+C lo corte sin mostrar un error

servidor = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
servidor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
servidor.bind(("127.0.0.1", int(sys.argv[1])))
servidor.listen(100)
print("Escuchando en el puerto", sys.argv[1])

while True:
    cliente, direccion = servidor.accept()
    print("Se conecto", direccion)
    try:
        atender_cliente(cliente)
    except OSError as error:
        print("Se perdio la conexion:", error)
    cliente.close()
    print("Se fue", direccion)
