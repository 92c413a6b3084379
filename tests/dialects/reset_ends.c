// One thread, select; a read that fails because a client has vanished ends the program.
#include <netinet/in.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
    int server = socket(AF_INET, SOCK_STREAM, 0), on = 1, fds[64], count = 0;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(2001), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bind(server, (struct sockaddr *)&here, sizeof here);
    listen(server, 10);
    for (;;) {
        fd_set ready;
        FD_ZERO(&ready);
        FD_SET(server, &ready);
        int most = server;
        for (int i = 0; i < count; i++) {
            if (fds[i] < 0) continue;
            FD_SET(fds[i], &ready);
            if (fds[i] > most) most = fds[i];
        }
        select(most + 1, &ready, 0, 0, 0);
        if (FD_ISSET(server, &ready)) fds[count++] = accept(server, 0, 0);
        for (int i = 0; i < count; i++) {
            char data[1024];
            if (fds[i] < 0 || !FD_ISSET(fds[i], &ready)) continue;
            ssize_t size = read(fds[i], data, sizeof data);
            if (size == 0) {
                close(fds[i]);
                fds[i] = -1;
            } else if (size < 0) {
                return 1;
            } else {
                for (int j = 0; j < count; j++)
                    if (j != i && fds[j] >= 0) write(fds[j], data, size);
            }
        }
    }
}
