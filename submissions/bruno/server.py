"""
Servidor de chat - Bruno - Laboratorio de sockets

    python3 server.py PUERTO

No uso hilos: hay un solo ciclo, y el sistema me dice (selectors) qué sockets
tienen algo que leer y cuáles tienen lugar para escribir. Como ningún socket es
bloqueante, un cliente lento no frena a nadie: lo suyo queda en su buzón
(cliente.salida) y se le manda cuando tenga lugar.

Trabajo siempre con bytes. Así no importa si un recv corta una ñ por la mitad.
"""
import errno
import selectors
import signal
import socket
import sys

LETRAS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
MAX_LINEA = 4096
MAX_SALIDA = 8 * 1024 * 1024  # si alguien deja juntar más que esto, no está leyendo: chau
LEER, ESCRIBIR = selectors.EVENT_READ, selectors.EVENT_WRITE


class Cliente:
    def __init__(self, sock):
        self.sock = sock
        self.nombre = None          # None = todavía no dijo quién es
        self.entrada = b""          # línea que llegó a medias
        self.saltando = False       # True = descartando el resto de una línea demasiado larga
        self.salida = bytearray()   # lo que falta mandarle
        self.me_voy = False         # yo ya no le digo nada más (cuando salga lo que falta, cierro mi lado)
        self.cerre = False          # ya cerré mi lado
        self.termino = False        # él ya no dice nada más (fin de stream)


class Servidor:
    def __init__(self, puerto):
        self.sel = selectors.DefaultSelector()
        self.presentes = {}         # nombre -> Cliente
        self.lentos = []            # a estos hay que echarlos, en cuanto termine lo que estoy haciendo
        self.con_correo = set()     # a estos les puse algo en el buzón
        self.puerta = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.puerta.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.puerta.bind(("127.0.0.1", puerto))
        self.puerta.listen(512)
        self.puerta.setblocking(False)
        self.puerta_abierta = False
        self.abrir_puerta()

    # ---------------------------------------------------------------- el ciclo

    def correr(self):
        while True:
            for llave, eventos in self.sel.select():
                if llave.data is None:
                    self.aceptar()
                    continue
                cliente = llave.data
                if eventos & ESCRIBIR:
                    self.con_correo.add(cliente)
                if eventos & LEER:
                    self.leer(cliente)
                # Reparto después de cada evento y no al final de la vuelta,
                # para que los buzones no crezcan sin necesidad.
                self.repartir()

    def abrir_puerta(self):
        if not self.puerta_abierta:
            self.sel.register(self.puerta, LEER, None)
            self.puerta_abierta = True

    def aceptar(self):
        try:
            sock, _ = self.puerta.accept()
        except OSError as e:
            if e.errno in (errno.EMFILE, errno.ENFILE):
                # No me quedan descriptores. Si dejo la puerta en el selector me despierta
                # todo el tiempo para nada; la vuelvo a poner cuando alguien se vaya.
                self.sel.unregister(self.puerta)
                self.puerta_abierta = False
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        cliente = Cliente(sock)
        self.sel.register(sock, LEER, cliente)
        self.enviar(cliente, b"name?")
        self.repartir()

    # ------------------------------------------------------------ lo que llega

    def leer(self, cliente):
        try:
            datos = cliente.sock.recv(16384)
        except BlockingIOError:
            return
        except OSError:                 # reset
            self.cortar(cliente)
            return
        if not datos:                   # fin de stream: se fue, pero puede estar leyendo todavía
            cliente.termino = True
            self.despedir(cliente)
            return
        if cliente.me_voy:
            return                      # lo que diga después de /quit no me interesa
        *lineas, cliente.entrada = (cliente.entrada + datos).split(b"\n")
        for linea in lineas:
            if cliente.saltando:        # este es el final de la línea larguísima
                cliente.saltando = False
                continue
            if len(linea) >= MAX_LINEA:
                continue
            if linea.endswith(b"\r"):
                linea = linea[:-1]
            self.atender(cliente, linea)
            if cliente.me_voy:
                cliente.entrada = b""
                return
        if len(cliente.entrada) >= MAX_LINEA:
            cliente.saltando = True
        if cliente.saltando:
            cliente.entrada = b""

    def atender(self, cliente, linea):
        if cliente.nombre is None:
            self.presentar(cliente, linea)
        elif linea == b"":
            pass
        elif not linea.startswith(b"/"):
            self.a_los_demas(cliente, cliente.nombre + b": " + linea)
        elif linea == b"/who":
            self.enviar(cliente, b"* here: " + b", ".join(sorted(self.presentes)))
        elif linea == b"/away":
            self.a_los_demas(cliente, b"* " + cliente.nombre + b" is away")
        elif linea == b"/back":
            self.a_los_demas(cliente, b"* " + cliente.nombre + b" is back")
        elif linea == b"/quit":
            self.despedir(cliente)
        else:
            self.enviar(cliente, b"unknown: " + linea)

    def presentar(self, cliente, nombre):
        if not nombre or len(nombre) > 20 or not LETRAS.issuperset(nombre):
            self.enviar(cliente, b"refused: un nombre lleva de 1 a 20 letras, numeros o _")
            self.despedir(cliente)
        elif nombre in self.presentes:
            self.enviar(cliente, b"refused: ese nombre ya esta en uso")
            self.despedir(cliente)
        else:
            cliente.nombre = nombre
            self.presentes[nombre] = cliente
            self.enviar(cliente, b"welcome " + nombre)
            self.a_los_demas(cliente, b"* " + nombre + b" joined")

    # -------------------------------------------------------------- lo que sale

    def a_los_demas(self, autor, linea):
        for cliente in self.presentes.values():
            if cliente is not autor:
                self.enviar(cliente, linea)

    def enviar(self, cliente, linea):
        cliente.salida += linea + b"\n"
        self.con_correo.add(cliente)
        if len(cliente.salida) > MAX_SALIDA and cliente not in self.lentos:
            self.lentos.append(cliente)     # no lo echo acá: puedo estar recorriendo self.presentes

    def repartir(self):
        while self.con_correo or self.lentos:
            while self.con_correo:
                self.vaciar(self.con_correo.pop())
            while self.lentos:
                cliente = self.lentos.pop()
                if len(cliente.salida) > MAX_SALIDA:
                    self.cortar(cliente)    # esto avisa a los demás, o sea: puede haber correo nuevo

    def vaciar(self, cliente):
        """Mandar todo lo que entre ahora, y pedirle al selector lo que todavía haga falta."""
        if cliente.sock.fileno() < 0:
            return                          # ya lo cerré
        try:
            while cliente.salida:
                n = cliente.sock.send(cliente.salida[:65536])
                del cliente.salida[:n]
            if cliente.me_voy and not cliente.cerre:
                cliente.sock.shutdown(socket.SHUT_WR)
                cliente.cerre = True
        except BlockingIOError:
            pass                            # no entra más por ahora
        except OSError:
            self.cortar(cliente)
            return
        eventos = 0
        if not cliente.termino:
            eventos |= LEER
        if cliente.salida:
            eventos |= ESCRIBIR
        if eventos == 0:
            self.cortar(cliente)            # él terminó, yo terminé
        elif eventos != self.sel.get_key(cliente.sock).events:
            self.sel.modify(cliente.sock, eventos, cliente)

    # --------------------------------------------------------------- despedidas

    def despedir(self, cliente):
        """Irse por las buenas: primero sale todo lo que hay en su buzón.

        Después cierro solo mi lado y sigo leyendo (y tirando) hasta que él cierre el suyo.
        Si hiciera close() con datos sin leer, el sistema manda un RST y se puede perder lo último."""
        cliente.me_voy = True
        self.avisar_que_se_fue(cliente)
        self.con_correo.add(cliente)

    def cortar(self, cliente):
        """Ya no hay nada que hacer con este socket."""
        if cliente.sock.fileno() < 0:
            return
        self.avisar_que_se_fue(cliente)
        self.sel.unregister(cliente.sock)
        cliente.sock.close()
        cliente.salida.clear()
        self.abrir_puerta()

    def avisar_que_se_fue(self, cliente):
        # El nombre sale del diccionario una sola vez, así que el aviso también sale una sola vez.
        if self.presentes.get(cliente.nombre) is cliente:
            del self.presentes[cliente.nombre]
            self.a_los_demas(cliente, b"* " + cliente.nombre + b" left")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("uso: python3 server.py PUERTO")
    # Ctrl-C termina el proceso sin más, igual que SIGTERM. No hay nada que guardar, y así no
    # depende de que Python llegue a mirar la señal mientras está metido en select().
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    servidor = Servidor(int(sys.argv[1]))
    print("escuchando en el puerto", sys.argv[1], flush=True)
    servidor.correr()
