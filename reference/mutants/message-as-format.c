// Bug: a message is taken for a format of printf, so a % in it goes wrong.
// Loses: broadcast
/* A chat server in C. Each client has a reader thread and a writer thread; what
   waits for the writer is a list of lines. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <unistd.h>

struct line { struct line *next; int length; char text[]; };
struct client {
    int fd, closing;
    char name[21];
    struct line *first, **last;
    pthread_cond_t more;
    struct client *next;
};
static struct client *clients;      /* those who are welcome, in the order of their names */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;    /* for all of the above */

static void put(struct client *c, const char *a, const char *b, const char *d) {
    struct line *l = malloc(sizeof *l + strlen(a) + strlen(b) + strlen(d) + 2);
    l->length = sprintf(l->text, "%s%s", a, b);
    l->length += sprintf(l->text + l->length, d, "");
    l->text[l->length++] = '\n';
    l->next = NULL;
    *c->last = l;
    c->last = &l->next;
    pthread_cond_signal(&c->more);
}

static void others(struct client *me, const char *a, const char *b, const char *d) {
    for (struct client *c = clients; c; c = c->next)
        if (c != me)
            put(c, a, b, d);
}

static void *writer(void *argument) {
    struct client *c = argument;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!c->first && !c->closing)
            pthread_cond_wait(&c->more, &lock);
        struct line *l = c->first;
        if (l && !(c->first = l->next))
            c->last = &c->first;
        pthread_mutex_unlock(&lock);
        if (!l)
            return NULL;
        for (int sent = 0, n; sent < l->length; sent += n)
            if ((n = send(c->fd, l->text + sent, l->length - sent, MSG_NOSIGNAL)) < 0)
                break;
        free(l);
    }
}

static int join(struct client *c, const char *name) {
    size_t good = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    struct client **at = &clients;
    while (*at && strcmp((*at)->name, name) < 0)
        at = &(*at)->next;
    if (name[good] || good < 1 || good > 20 || (*at && !strcmp((*at)->name, name))) {
        put(c, "refused: ", "bad name, or taken", "");
        return 0;
    }
    strcpy(c->name, name);
    c->next = *at;
    *at = c;
    put(c, "welcome ", name, "");
    others(c, "* ", name, " joined");
    return 1;
}

static void obey(struct client *c, const char *line) {
    if (!strcmp(line, "/who")) {
        char list[25000] = "";
        for (struct client *x = clients; x; x = x->next)
            strcat(strcat(list, x == clients ? "" : ", "), x->name);
        put(c, "* here: ", list, "");
    } else if (!strcmp(line, "/away"))
        others(c, "* ", c->name, " is away");
    else if (!strcmp(line, "/back"))
        others(c, "* ", c->name, " is back");
    else if (line[0] == '/')
        put(c, "unknown: ", line, "");
    else if (line[0])
        others(c, c->name, ": ", line);
}

static void *reader(void *argument) {
    struct client *c = argument;
    pthread_t sender;
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    int going = 1;
    FILE *in = fdopen(dup(c->fd), "r");
    pthread_create(&sender, NULL, writer, c);
    while (going && (n = getline(&line, &size, in)) > 0 && line[n - 1] == '\n') {
        line[--n] = 0;
        if (n && line[n - 1] == '\r')
            line[n - 1] = 0;
        pthread_mutex_lock(&lock);
        if (!c->name[0])
            going = join(c, line);
        else if (!strcmp(line, "/quit"))
            going = 0;
        else
            obey(c, line);
        pthread_mutex_unlock(&lock);
    }
    pthread_mutex_lock(&lock);
    if (c->name[0]) {
        struct client **at = &clients;
        while (*at != c)
            at = &(*at)->next;
        *at = c->next;
        others(c, "* ", c->name, " left");
    }
    c->closing = 1;
    pthread_cond_signal(&c->more);
    pthread_mutex_unlock(&lock);
    pthread_join(sender, NULL);
    fclose(in);
    close(c->fd);
    free(line);
    free(c);
    return NULL;
}

int main(int argc, char **argv) {
    int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in a = {AF_INET, htons(atoi(argv[1])), {htonl(INADDR_ANY)}};
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (argc < 2 || bind(server, (struct sockaddr *)&a, sizeof a) || listen(server, 100))
        return 1;
    for (;;) {
        pthread_t thread;
        struct client *c = calloc(1, sizeof *c);
        c->fd = accept(server, NULL, NULL);
        c->last = &c->first;
        pthread_cond_init(&c->more, NULL);
        put(c, "name?", "", "");
        pthread_create(&thread, NULL, reader, c);
        pthread_detach(thread);
    }
}
