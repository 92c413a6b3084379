// Good: C with two pthreads a client, a mutex for the room, and a growing buffer with a condition between the two.
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST = 4096, NAME = 20, MOST = 1 << 20 };

struct client {
    int fd;
    char name[NAME + 1]; /* empty: not welcomed yet, or gone */
    struct client *next; /* in the room */
    pthread_t writer;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t change;
    char *out;
    size_t waiting, space;
    int over; /* nothing more is put into `out` */
};

static pthread_mutex_t room = PTHREAD_MUTEX_INITIALIZER;
static struct client *members; /* guarded by `room` */

/* ---- what goes out ---- */

static void tell(struct client *c, const char *data, size_t length)
{
    pthread_mutex_lock(&c->lock);
    if (!c->over && c->waiting + length > MOST) {
        c->over = 1;
        c->waiting = 0;
        shutdown(c->fd, SHUT_RDWR); /* wakes its reader and its writer, wherever they wait */
    }
    if (!c->over) {
        if (c->waiting + length > c->space) {
            c->space = 2 * (c->waiting + length);
            c->out = realloc(c->out, c->space);
        }
        memcpy(c->out + c->waiting, data, length);
        c->waiting += length;
    }
    pthread_cond_signal(&c->change);
    pthread_mutex_unlock(&c->lock);
}

static void say(struct client *c, const char *text)
{
    tell(c, text, strlen(text));
}

/* call it with `room` held */
static void tell_others(struct client *author, const char *data, size_t length)
{
    for (struct client *c = members; c; c = c->next)
        if (c != author)
            tell(c, data, length);
}

static void notice(struct client *c, const char *what)
{
    char line[64];
    tell_others(c, line, snprintf(line, sizeof line, "* %s %s\n", c->name, what));
}

static void *write_all(void *arg)
{
    struct client *c = arg;
    char piece[16384];
    for (;;) {
        pthread_mutex_lock(&c->lock);
        while (!c->waiting && !c->over)
            pthread_cond_wait(&c->change, &c->lock);
        size_t n = c->waiting < sizeof piece ? c->waiting : sizeof piece;
        if (n) {
            memcpy(piece, c->out, n);
            memmove(c->out, c->out + n, c->waiting - n);
            c->waiting -= n;
        }
        pthread_mutex_unlock(&c->lock);
        if (!n)
            break;
        for (size_t sent = 0; sent < n;) {
            ssize_t k = send(c->fd, piece + sent, n - sent, MSG_NOSIGNAL);
            if (k <= 0)
                return NULL;
            sent += k;
        }
    }
    shutdown(c->fd, SHUT_RDWR);
    return NULL;
}

/* ---- what comes in; all of it with `room` held ---- */

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void who(struct client *asker)
{
    size_t count = 0, i = 0;
    for (struct client *c = members; c; c = c->next)
        count++;
    const char **names = malloc(count * sizeof *names);
    char *line = malloc(16 + count * (NAME + 2)), *end = stpcpy(line, "* here: ");
    for (struct client *c = members; c; c = c->next)
        names[i++] = c->name;
    qsort(names, count, sizeof *names, compare);
    for (i = 0; i < count; i++)
        end = stpcpy(stpcpy(end, i ? ", " : ""), names[i]);
    stpcpy(end, "\n");
    say(asker, line);
    free(names);
    free(line);
}

static int join(struct client *c, const char *name, size_t length)
{
    int good = length >= 1 && length <= NAME;
    for (size_t i = 0; good && i < length; i++)
        good = name[i] && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", name[i]) != NULL;
    for (struct client *m = members; good && m; m = m->next)
        good = strlen(m->name) != length || memcmp(m->name, name, length) != 0;
    if (!good) {
        say(c, "refused: bad, or in use\n");
        return 0;
    }
    memcpy(c->name, name, length);
    char line[64];
    snprintf(line, sizeof line, "welcome %s\n", c->name);
    say(c, line);
    notice(c, "joined");
    c->next = members;
    members = c;
    return 1;
}

static void leave(struct client *c)
{
    for (struct client **m = &members; *m; m = &(*m)->next)
        if (*m == c) {
            *m = c->next;
            notice(c, "left");
            return;
        }
}

/* one line without its end; 0 when the client is to go */
static int obey(struct client *c, const char *line, size_t length)
{
    if (length && line[length - 1] == '\r')
        length--;
    if (!c->name[0])
        return join(c, line, length);
    char text[LONGEST + 64];
    if (length && line[0] != '/') {
        int n = sprintf(text, "%s: ", c->name);
        memcpy(text + n, line, length);
        text[n + length] = '\n';
        tell_others(c, text, n + length + 1);
        return 1;
    }
    snprintf(text, sizeof text, "%.*s", (int)length, line);
    if (!strcmp(text, "/quit"))
        return 0;
    if (!strcmp(text, "/who"))
        who(c);
    else if (!strcmp(text, "/away"))
        notice(c, "is away");
    else if (!strcmp(text, "/back"))
        notice(c, "is back");
    else if (length) {
        say(c, "unknown: ");
        say(c, text);
        say(c, "\n");
    }
    return 1;
}

static void *read_all(void *arg)
{
    struct client *c = arg;
    char buffer[LONGEST];
    size_t filled = 0;
    int going = 1;
    pthread_create(&c->writer, NULL, write_all, c);
    say(c, "name?\n");
    while (going) {
        ssize_t n = recv(c->fd, buffer + filled, sizeof buffer - filled, 0);
        if (n <= 0)
            break;
        filled += n;
        char *start = buffer, *end;
        while (going && (end = memchr(start, '\n', buffer + filled - start))) {
            pthread_mutex_lock(&room);
            going = obey(c, start, end - start);
            pthread_mutex_unlock(&room);
            start = end + 1;
        }
        filled -= start - buffer;
        memmove(buffer, start, filled);
        if (filled == sizeof buffer)
            going = 0; /* too long */
    }
    pthread_mutex_lock(&room);
    leave(c);
    pthread_mutex_unlock(&room);
    pthread_mutex_lock(&c->lock);
    c->over = 1;
    pthread_cond_signal(&c->change);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->writer, NULL);
    close(c->fd);
    free(c->out);
    free(c);
    return NULL;
}

int main(int argc, char **argv)
{
    int door = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    here.sin_port = htons(argc > 1 ? atoi(argv[1]) : 0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(door, (struct sockaddr *)&here, sizeof here) || listen(door, 64)) {
        perror("bind");
        return 1;
    }
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&small, 256 << 10);
    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd < 0)
            continue;
        struct client *c = calloc(1, sizeof *c);
        pthread_t reader;
        c->fd = fd;
        pthread_mutex_init(&c->lock, NULL);
        pthread_cond_init(&c->change, NULL);
        if (pthread_create(&reader, &small, read_all, c)) {
            close(fd);
            free(c);
        }
    }
}
