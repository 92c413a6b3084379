// Good: C with one thread and epoll, a linked list of clients, and an output buffer for each.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE 4096
#define PATIENCE (4 << 20)

typedef struct client {
    struct client *next, *previous;
    int fd, saying_goodbye, broken;
    char name[21];
    char in[LINE];
    size_t got;
    int skipping; /* the rest of a line that is too long */
    char *out;
    size_t from, to, room;
} client;

static client head = {.next = &head, .previous = &head};
static int epoll;

static void watch(client *c)
{
    struct epoll_event e = {.data.ptr = c};
    if (!c->saying_goodbye)
        e.events |= EPOLLIN;
    if (c->to > c->from)
        e.events |= EPOLLOUT;
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &e);
}

static void push(client *c)
{
    while (c->to > c->from) {
        ssize_t n = send(c->fd, c->out + c->from, c->to - c->from, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            if (errno != EAGAIN)
                c->broken = 1;
            break;
        }
        c->from += n;
    }
    if (c->from == c->to)
        c->from = c->to = 0;
    watch(c);
}

static void put(client *c, const char *data, size_t n)
{
    if (c->saying_goodbye || c->broken)
        return;
    if (c->to + n > c->room) {
        memmove(c->out, c->out + c->from, c->to - c->from);
        c->to -= c->from;
        c->from = 0;
        while (c->to + n > c->room)
            c->out = realloc(c->out, c->room = c->room ? 2 * c->room : 8192);
    }
    memcpy(c->out + c->to, data, n);
    c->to += n;
    push(c);
    if (c->to - c->from > PATIENCE)
        c->broken = 1;
}

static void tell(client *c, const char *format, ...)
{
    char text[2 * LINE];
    va_list rest;
    va_start(rest, format);
    int n = vsnprintf(text, sizeof text, format, rest);
    va_end(rest);
    put(c, text, n);
}

static void others(client *author, const char *what, const char *data, size_t n)
{
    char text[2 * LINE];
    size_t length = sprintf(text, "%s%s%s", *what ? "* " : "", author->name, *what ? what : ": ");
    memcpy(text + length, data, n);
    length += n;
    text[length++] = '\n';
    for (client *c = head.next; c != &head; c = c->next)
        if (c != author && c->name[0])
            put(c, text, length);
}

static void goodbye(client *c)
{
    if (c->name[0])
        others(c, " left", "", 0);
    c->name[0] = 0;
    c->saying_goodbye = 1;
    watch(c);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char **)a, *(char **)b);
}

static void who(client *asker)
{
    char *names[1024];
    int n = 0;
    for (client *c = head.next; c != &head && n < 1024; c = c->next)
        if (c->name[0])
            names[n++] = c->name;
    qsort(names, n, sizeof *names, by_name);
    put(asker, "* here: ", 8);
    for (int i = 0; i < n; i++)
        tell(asker, "%s%s", i ? ", " : "", names[i]);
    put(asker, "\n", 1);
}

static void hello(client *c, const char *name, size_t n)
{
    int good = n > 0 && n <= 20;
    for (size_t i = 0; i < n; i++)
        good = good && isascii(name[i]) && (isalnum((unsigned char)name[i]) || name[i] == '_');
    for (client *o = head.next; o != &head; o = o->next)
        good = good && (strlen(o->name) != n || memcmp(o->name, name, n));
    if (!good) {
        tell(c, "refused: %s\n", n ? "not this one" : "nothing is no name");
        goodbye(c);
        return;
    }
    memcpy(c->name, name, n);
    c->name[n] = 0;
    others(c, " joined", "", 0);
    tell(c, "welcome %s\n", c->name);
}

static int is(const char *command, const char *line, size_t n)
{
    return n == strlen(command) && !memcmp(command, line, n);
}

static void obey(client *c, const char *line, size_t n)
{
    if (n && line[n - 1] == '\r')
        n--;
    if (!c->name[0])
        hello(c, line, n);
    else if (!n)
        return;
    else if (is("/quit", line, n))
        goodbye(c);
    else if (is("/who", line, n))
        who(c);
    else if (is("/away", line, n))
        others(c, " is away", "", 0);
    else if (is("/back", line, n))
        others(c, " is back", "", 0);
    else if (line[0] == '/')
        tell(c, "unknown: %.*s\n", (int)n, line);
    else
        others(c, "", line, n);
}

static void receive(client *c)
{
    ssize_t n = recv(c->fd, c->in + c->got, sizeof c->in - c->got, MSG_DONTWAIT);
    if (n < 0) {
        c->broken = errno != EAGAIN;
        return;
    }
    if (n == 0) {
        goodbye(c);
        return;
    }
    c->got += n;
    char *start = c->in, *stop = c->in + c->got, *end;
    while (!c->saying_goodbye && (end = memchr(start, '\n', stop - start))) {
        if (!c->skipping)
            obey(c, start, end - start);
        c->skipping = 0;
        start = end + 1;
    }
    c->got = stop - start;
    memmove(c->in, start, c->got);
    if (c->got == sizeof c->in) {
        c->skipping = 1;
        c->got = 0;
    }
}

static void welcome_in(int door)
{
    int fd = accept(door, NULL, NULL);
    if (fd < 0)
        return;
    client *c = calloc(1, sizeof *c);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    c->fd = fd;
    c->next = &head;
    c->previous = head.previous;
    c->previous->next = head.previous = c;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    tell(c, "name?\n");
}

/* everybody who is done; seeing one off may break another */
static void see_off(void)
{
    for (client *c = head.next; c != &head;) {
        int done = c->broken || (c->saying_goodbye && c->from == c->to);
        if (!done) {
            c = c->next;
            continue;
        }
        goodbye(c);
        c->previous->next = c->next;
        c->next->previous = c->previous;
        close(c->fd);
        free(c->out);
        free(c);
        c = head.next;
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0)};
    struct epoll_event happened[64], e = {.events = EPOLLIN};
    int door = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(door, (struct sockaddr *)&here, sizeof here) < 0 || listen(door, 5) < 0) {
        perror(argv[0]);
        return 1;
    }
    epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, door, &e);
    for (;;) {
        int n = epoll_wait(epoll, happened, 64, -1);
        for (int i = 0; i < n; i++) {
            client *c = happened[i].data.ptr;
            if (!c) {
                welcome_in(door);
                continue;
            }
            if (happened[i].events & (EPOLLHUP | EPOLLERR))
                c->broken |= c->saying_goodbye;
            if (happened[i].events & EPOLLOUT)
                push(c);
            if (happened[i].events & ~EPOLLOUT && !c->saying_goodbye)
                receive(c);
        }
        see_off(); /* not before: a client that is gone may still stand in `happened` */
    }
}
