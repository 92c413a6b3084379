// Whatever one client sends goes to the others, poll(), one thread.
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    int server = socket(AF_INET, SOCK_STREAM, 0), on = 1, count = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(8081), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bind(server, (struct sockaddr *)&here, sizeof here);
    listen(server, 16);
    struct pollfd fds[64] = {{.fd = server, .events = POLLIN}};
    for (;;) {
        poll(fds, count, -1);
        for (int i = count - 1; i > 0; i--) {
            if (!fds[i].revents) continue;
            char data[2048];
            ssize_t size = read(fds[i].fd, data, sizeof data);
            if (size <= 0) {
                close(fds[i].fd);
                fds[i] = fds[--count];
                continue;
            }
            for (int j = 1; j < count; j++)
                if (j != i) write(fds[j].fd, data, size);
        }
        if (fds[0].revents && count < 64) fds[count++] = (struct pollfd){.fd = accept(server, 0, 0), .events = POLLIN};
    }
}
