/* A relay with one thread that waits in epoll_wait. Lines are short, so that each arrives in one piece. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    static char here[1024];
    int server = socket(AF_INET, SOCK_STREAM, 0), waiting = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (argc != 2 || bind(server, (void *)&address, sizeof address) || listen(server, 16)) return 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = server};
    epoll_ctl(waiting, EPOLL_CTL_ADD, server, &event);
    while (epoll_wait(waiting, &event, 1, -1) == 1) {
        int sock = event.data.fd;
        if (sock == server) {
            event.data.fd = accept(server, 0, 0);
            here[event.data.fd] = 1;
            epoll_ctl(waiting, EPOLL_CTL_ADD, event.data.fd, &event);
            continue;
        }
        char line[4096];
        ssize_t size = recv(sock, line, sizeof line, 0);
        if (size <= 0) {
            here[sock] = 0;
            close(sock);
            continue;
        }
        for (int other = 0; other < 1024; other++)
            if (here[other] && other != sock) send(other, line, size, MSG_NOSIGNAL);
    }
}
