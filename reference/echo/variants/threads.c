// Good: C, a thread for each client.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void *serve(void *given) {
    int sock = (int)(intptr_t)given;
    char piece[16384];
    ssize_t got;
    while ((got = read(sock, piece, sizeof piece)) > 0) {
        ssize_t sent = 0;
        while (sent < got) {
            ssize_t now = write(sock, piece + sent, got - sent);
            if (now <= 0) {
                close(sock);
                return NULL;
            }
            sent += now;
        }
    }
    close(sock);
    return NULL;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 5000)};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(server, (struct sockaddr *)&here, sizeof here) || listen(server, 100))
        return 1;
    for (;;) {
        int sock = accept(server, NULL, NULL);
        pthread_t thread;
        if (sock >= 0 && pthread_create(&thread, NULL, serve, (void *)(intptr_t)sock) == 0)
            pthread_detach(thread);
    }
}
