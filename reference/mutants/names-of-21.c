// Bug: names of 21 letters are welcome, too.
// Loses: names
/* A chat server in C: one thread, poll(), and for each client a buffer for what
   it said and one for what it has not read yet. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CLIENTS 1000
#define MAX_LINE 4096
#define MAX_OUT (16 << 20)

struct client {
    int fd, leaving, skipping, in_len, out_len, out_size;
    char name[22], in[MAX_LINE], *out;
};
static struct client *clients[MAX_CLIENTS];
static int count;

static void send_line(struct client *c, const char *a, const char *b, const char *d) {
    int need = strlen(a) + strlen(b) + strlen(d) + 1;
    if (c->out_len + need > MAX_OUT)
        c->leaving = 1, c->out_len = 0;     /* it never reads: throw it out */
    if (c->leaving)
        return;
    if (c->out_len + need >= c->out_size)
        c->out = realloc(c->out, c->out_size = 2 * (c->out_len + need));
    c->out_len += sprintf(c->out + c->out_len, "%s%s%s\n", a, b, d);
}

static void send_others(struct client *from, const char *a, const char *b, const char *d) {
    for (int i = 0; i < count; i++)
        if (clients[i] != from && clients[i]->name[0])
            send_line(clients[i], a, b, d);
}

static void leave(struct client *c) {
    if (c->name[0])
        send_others(c, "* ", c->name, " left");
    c->name[0] = 0;
    c->leaving = 1;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static void who(struct client *c) {
    char *names[MAX_CLIENTS], list[MAX_CLIENTS * 23] = "";
    int n = 0;
    for (int i = 0; i < count; i++)
        if (clients[i]->name[0])
            names[n++] = clients[i]->name;
    qsort(names, n, sizeof *names, by_name);
    for (int i = 0; i < n; i++)
        strcat(strcat(list, i ? ", " : ""), names[i]);
    send_line(c, "* here: ", list, "");
}

static void join(struct client *c, const char *name) {
    int bad = strlen(name) < 1 || strlen(name) > 21;
    for (const char *p = name; *p; p++)
        bad |= !(isascii(*p) && isalnum(*p)) && *p != '_';
    for (int i = 0; i < count; i++)
        bad |= clients[i]->name[0] && !strcmp(clients[i]->name, name);
    if (bad) {
        send_line(c, "refused: ", "not with that name", "");
        c->leaving = 1;
        return;
    }
    strcpy(c->name, name);
    send_line(c, "welcome ", name, "");
    send_others(c, "* ", name, " joined");
}

static void handle(struct client *c, char *line) {
    if (!c->name[0])
        join(c, line);
    else if (!strcmp(line, "/quit"))
        leave(c);
    else if (!strcmp(line, "/who"))
        who(c);
    else if (!strcmp(line, "/away"))
        send_others(c, "* ", c->name, " is away");
    else if (!strcmp(line, "/back"))
        send_others(c, "* ", c->name, " is back");
    else if (line[0] == '/')
        send_line(c, "unknown: ", line, "");
    else if (line[0])
        send_others(c, c->name, ": ", line);
}

static void receive(struct client *c) {
    char data[4096];
    int n = recv(c->fd, data, sizeof data, 0);
    if (n <= 0) {
        if (n < 0)
            c->out_len = 0;                 /* a reset */
        leave(c);
    }
    for (int i = 0; i < n && !c->leaving; i++) {
        if (data[i] != '\n') {
            if (c->in_len == MAX_LINE - 1)
                c->skipping = 1;            /* too long: forget all of it */
            else
                c->in[c->in_len++] = data[i];
            continue;
        }
        if (c->in_len && c->in[c->in_len - 1] == '\r')
            c->in_len--;
        c->in[c->in_len] = 0;
        c->in_len = 0;
        if (!c->skipping)
            handle(c, c->in);
        c->skipping = 0;
    }
}

static void flush(struct client *c) {
    int n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN)
        n = c->out_len, leave(c);
    if (n > 0)
        memmove(c->out, c->out + n, c->out_len -= n);
}

int main(int argc, char **argv) {
    int door = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(door, (struct sockaddr *)&here, sizeof here) < 0 || listen(door, 128) < 0)
        return perror("bind"), 1;
    for (;;) {
        struct pollfd fds[MAX_CLIENTS + 1];
        int n = count;
        for (int i = 0; i < n; i++)
            fds[i] = (struct pollfd){clients[i]->fd, POLLIN | (clients[i]->out_len ? POLLOUT : 0), 0};
        fds[n] = (struct pollfd){count < MAX_CLIENTS ? door : -1, POLLIN, 0};
        poll(fds, n + 1, -1);
        for (int i = 0; i < n; i++) {
            if (fds[i].revents & POLLOUT)
                flush(clients[i]);
            if (fds[i].revents & ~POLLOUT && !clients[i]->leaving)
                receive(clients[i]);
        }
        if (fds[n].revents & POLLIN) {
            struct client *c = calloc(1, sizeof *c);
            c->fd = accept(door, NULL, NULL);
            clients[count++] = c;
            send_line(c, "name?", "", "");
        }
        for (int i = 0; i < count; i++)
            if (clients[i]->leaving && !clients[i]->out_len) {
                close(clients[i]->fd);
                free(clients[i]->out);
                free(clients[i]);
                clients[i--] = clients[--count];
            }
    }
}
