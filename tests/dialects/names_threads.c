// A name first, then messages; what is passed on ends with the zero byte of a C string. A thread for each client.
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fds[64], count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void tell(const char *text, int but) {
    pthread_mutex_lock(&lock);
    for (int i = 0; i < count; i++)
        if (fds[i] != but) send(fds[i], text, strlen(text) + 1, MSG_NOSIGNAL);
    pthread_mutex_unlock(&lock);
}

static void *serve(void *arg) {
    int fd = (int)(long)arg;
    char name[64] = "", data[1024], line[1200];
    ssize_t size = recv(fd, name, sizeof name - 1, 0);
    if (size <= 0) {
        close(fd);
        return 0;
    }
    name[strcspn(name, "\r\n")] = 0;
    pthread_mutex_lock(&lock);
    fds[count++] = fd;
    pthread_mutex_unlock(&lock);
    snprintf(line, sizeof line, "%s joined the chat", name);
    tell(line, fd);
    while ((size = recv(fd, data, sizeof data - 1, 0)) > 0) {
        data[size] = 0;
        data[strcspn(data, "\r\n")] = 0;
        snprintf(line, sizeof line, "%s: %s", name, data);
        tell(line, fd);
    }
    pthread_mutex_lock(&lock);
    for (int i = 0; i < count; i++)
        if (fds[i] == fd) fds[i] = fds[--count];
    pthread_mutex_unlock(&lock);
    close(fd);
    snprintf(line, sizeof line, "%s left the chat", name);
    tell(line, -1);
    return 0;
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(2000), .sin_addr.s_addr = htonl(INADDR_ANY)};
    bind(server, (struct sockaddr *)&here, sizeof here);
    listen(server, 10);
    for (;;) {
        pthread_t thread;
        long fd = accept(server, 0, 0);
        pthread_create(&thread, 0, serve, (void *)fd);
        pthread_detach(thread);
    }
}
