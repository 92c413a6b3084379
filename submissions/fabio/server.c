/*
 * Servidor de chat con poll()
 * Fabio - Sistemas Operativos y Redes
 *
 * compilar: make        correr: ./server 5000
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CLIENTES 512
#define MAX_NOMBRE 20
#define TAM_BUF 8192
#define MAX_SALIDA (8 * 1024 * 1024) /* el que deja juntar mas de esto no esta leyendo */

struct cliente {
    int fd;
    char nombre[MAX_NOMBRE + 1]; /* vacio = todavia no entro al chat */
    char *salida;                /* lo que falta mandarle */
    size_t pendiente, capacidad;
    int me_voy;  /* 1 = ya no le mando nada nuevo, cuando salga lo pendiente cierro mi lado */
    int cerre;   /* 1 = ya cerre mi lado */
    int termino; /* 1 = el ya cerro el suyo */
    int muerto;  /* 1 = hay que sacarlo de la tabla */
};

static struct cliente clientes[MAX_CLIENTES];
static int cuantos = 0;

/* ---------- mandar ---------- */

/* manda lo que entre en el socket, sin esperar */
static void vaciar(struct cliente *c)
{
    size_t enviado = 0;
    while (enviado < c->pendiente) {
        ssize_t n = send(c->fd, c->salida + enviado, c->pendiente - enviado, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK)
                c->muerto = 1;
            break;
        }
        enviado += n;
    }
    memmove(c->salida, c->salida + enviado, c->pendiente - enviado);
    c->pendiente -= enviado;
    if (c->pendiente == 0 && c->me_voy && !c->cerre) {
        shutdown(c->fd, SHUT_WR);
        c->cerre = 1;
    }
}

static void mandar(struct cliente *c, const char *texto, size_t largo)
{
    if (c->muerto || c->me_voy)
        return;
    if (c->pendiente + largo > MAX_SALIDA) {
        c->muerto = 1;
        return;
    }
    if (c->pendiente + largo > c->capacidad) {
        size_t nueva = 2 * (c->pendiente + largo);
        char *p = realloc(c->salida, nueva);
        if (p == NULL) {
            c->muerto = 1;
            return;
        }
        c->salida = p;
        c->capacidad = nueva;
    }
    memcpy(c->salida + c->pendiente, texto, largo);
    c->pendiente += largo;
    vaciar(c);
}

/* a todos los que estan en el chat, menos al autor */
static void difundir(struct cliente *autor, const char *texto, size_t largo)
{
    for (int i = 0; i < cuantos; i++)
        if (&clientes[i] != autor && clientes[i].nombre[0] != '\0')
            mandar(&clientes[i], texto, largo);
}

static void avisar(struct cliente *autor, const char *que)
{
    char aviso[64];
    int n = snprintf(aviso, sizeof aviso, "* %s %s\n", autor->nombre, que);
    difundir(autor, aviso, n);
}

/* ---------- entrar y salir ---------- */

static void salir_del_chat(struct cliente *c)
{
    if (c->nombre[0] == '\0')
        return;
    avisar(c, "left");
    c->nombre[0] = '\0';
}

/* irse bien: primero lo pendiente, despues se cierra nuestro lado */
static void despedir(struct cliente *c)
{
    salir_del_chat(c);
    c->me_voy = 1;
    vaciar(c);
}

static int nombre_valido(const char *s)
{
    size_t n = strlen(s);
    if (n < 1 || n > MAX_NOMBRE)
        return 0;
    for (size_t i = 0; i < n; i++) {
        char l = s[i];
        if (!((l >= 'a' && l <= 'z') || (l >= 'A' && l <= 'Z') || (l >= '0' && l <= '9') || l == '_'))
            return 0;
    }
    return 1;
}

static int nombre_usado(const char *s)
{
    for (int i = 0; i < cuantos; i++)
        if (strcmp(clientes[i].nombre, s) == 0)
            return 1;
    return 0;
}

static void responder(struct cliente *c, const char *texto)
{
    mandar(c, texto, strlen(texto));
}

static void presentarse(struct cliente *c, const char *linea)
{
    if (!nombre_valido(linea)) {
        responder(c, "refused: nombre invalido\n");
        despedir(c);
    } else if (nombre_usado(linea)) {
        responder(c, "refused: nombre en uso\n");
        despedir(c);
    } else {
        char hola[64];
        strcpy(c->nombre, linea);
        snprintf(hola, sizeof hola, "welcome %s\n", c->nombre);
        responder(c, hola);
        avisar(c, "joined");
    }
}

/* ---------- comandos ---------- */

static int comparar(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void quienes(struct cliente *c)
{
    const char *nombres[MAX_CLIENTES];
    char respuesta[MAX_CLIENTES * (MAX_NOMBRE + 2) + 16];
    int n = 0;
    for (int i = 0; i < cuantos; i++)
        if (clientes[i].nombre[0] != '\0')
            nombres[n++] = clientes[i].nombre;
    qsort(nombres, n, sizeof nombres[0], comparar);
    char *p = stpcpy(respuesta, "* here: ");
    for (int i = 0; i < n; i++) {
        if (i > 0)
            p = stpcpy(p, ", ");
        p = stpcpy(p, nombres[i]);
    }
    stpcpy(p, "\n");
    responder(c, respuesta);
}

static void atender(struct cliente *c, const char *linea, size_t largo)
{
    char mensaje[TAM_BUF + 64];
    int n;

    if (c->nombre[0] == '\0') {
        presentarse(c, linea);
    } else if (largo == 0) {
        return;
    } else if (linea[0] != '/') {
        n = snprintf(mensaje, sizeof mensaje, "%s: %s\n", c->nombre, linea);
        difundir(c, mensaje, n);
    } else if (strcmp(linea, "/who") == 0) {
        quienes(c);
    } else if (strcmp(linea, "/away") == 0) {
        avisar(c, "is away");
    } else if (strcmp(linea, "/back") == 0) {
        avisar(c, "is back");
    } else if (strcmp(linea, "/quit") == 0) {
        despedir(c);
    } else {
        snprintf(mensaje, sizeof mensaje, "unknown: %s\n", linea);
        responder(c, mensaje);
    }
}

/* ---------- recibir ---------- */

static void recibir(struct cliente *c)
{
    char linea[TAM_BUF + 1];
    ssize_t n = recv(c->fd, linea, TAM_BUF, MSG_DONTWAIT);

    if (n < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            c->muerto = 1;
        return;
    }
    if (n == 0) {
        c->termino = 1;
        despedir(c);
        return;
    }
    if (c->me_voy)
        return; /* despues de /quit no interesa mas */

    if (n == TAM_BUF && memchr(linea, '\n', n) == NULL) {
        despedir(c); /* nadie escribe tanto */
        return;
    }
    /* sacar el fin de linea */
    if (n > 0 && linea[n - 1] == '\n')
        n--;
    if (n > 0 && linea[n - 1] == '\r')
        n--;
    linea[n] = '\0';
    atender(c, linea, n);
}

static void aceptar(int servidor)
{
    int fd = accept(servidor, NULL, NULL);
    int si = 1;
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &si, sizeof si);
    struct cliente *c = &clientes[cuantos++];
    memset(c, 0, sizeof *c);
    c->fd = fd;
    responder(c, "name?\n");
}

/* saca los muertos de la tabla (sacar uno avisa a los demas, y ahi puede aparecer otro) */
static void limpiar(void)
{
    int i = 0;
    while (i < cuantos) {
        struct cliente *c = &clientes[i];
        if (c->termino && c->pendiente == 0)
            c->muerto = 1;
        if (!c->muerto) {
            i++;
            continue;
        }
        salir_del_chat(c);
        close(c->fd);
        free(c->salida);
        *c = clientes[--cuantos];
        i = 0;
    }
}

int main(int argc, char *argv[])
{
    static struct pollfd fds[MAX_CLIENTES + 1];

    if (argc != 2) {
        fprintf(stderr, "uso: %s puerto\n", argv[0]);
        return 1;
    }

    int servidor = socket(AF_INET, SOCK_STREAM, 0);
    int si = 1;
    setsockopt(servidor, SOL_SOCKET, SO_REUSEADDR, &si, sizeof si);

    struct sockaddr_in dir;
    memset(&dir, 0, sizeof dir);
    dir.sin_family = AF_INET;
    dir.sin_port = htons(atoi(argv[1]));
    dir.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(servidor, (struct sockaddr *)&dir, sizeof dir) < 0) {
        perror("bind");
        return 1;
    }
    listen(servidor, 128);
    printf("servidor escuchando en el puerto %s\n", argv[1]);
    fflush(stdout);

    for (;;) {
        int n = cuantos;
        for (int i = 0; i < n; i++) {
            fds[i].fd = clientes[i].fd;
            fds[i].events = clientes[i].termino ? 0 : POLLIN;
            if (clientes[i].pendiente > 0)
                fds[i].events |= POLLOUT;
        }
        /* con la tabla llena no se acepta a nadie hasta que alguno se vaya */
        fds[n].fd = cuantos < MAX_CLIENTES ? servidor : -1;
        fds[n].events = POLLIN;

        if (poll(fds, n + 1, -1) < 0)
            continue;

        for (int i = 0; i < n; i++) {
            if (fds[i].revents & POLLOUT)
                vaciar(&clientes[i]);
            if (fds[i].revents & (POLLIN | POLLHUP | POLLERR))
                recibir(&clientes[i]);
        }
        if (fds[n].revents & POLLIN)
            aceptar(servidor);
        limpiar();
    }
}
