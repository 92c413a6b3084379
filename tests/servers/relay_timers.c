/* A relay whose clock no system call's arguments show: timerfd, setitimer, timer_create, or the socket's own limit.

     ./relay_timers <port> <which> <milliseconds> [again]

   With "again" it is faulty: so long after a line, the line is sent once more. Without, the clock runs and does nothing. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MOST 16
static struct pollfd watched[MOST + 2];
static int count = 2, author, again, milliseconds;
static char line[4096];
static ssize_t length;
static const char *which;
static timer_t timer;

static void tell(int from) {
    for (int i = 2; i < count; i++)
        if (watched[i].fd != from) send(watched[i].fd, line, length, MSG_NOSIGNAL);
}

static void on_alarm(int signal) { (void)signal; }

static void wind_up(void) {
    struct timespec when = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    struct itimerspec once = {{0, 0}, when};
    struct itimerval alarm = {{0, 0}, {when.tv_sec, when.tv_nsec / 1000}};
    if (!strcmp(which, "timerfd")) timerfd_settime(watched[1].fd, 0, &once, NULL);
    if (!strcmp(which, "itimer")) setitimer(ITIMER_REAL, &alarm, NULL);
    if (!strcmp(which, "posix")) timer_settime(timer, 0, &once, NULL);
}

static void *one_client(void *argument) { /* for the socket's own limit: a thread that sits in recv */
    int own = (int)(intptr_t)argument, heard = 0;
    for (;;) {
        ssize_t got = recv(own, line, sizeof line, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN)) return NULL;
        if (got > 0) length = got, heard = 1, tell(own);
        else if (heard && again) heard = 0, tell(own);
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    which = argv[2], milliseconds = atoi(argv[3]), again = argc > 4;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&here, sizeof here)) return 1;
    watched[0] = (struct pollfd){listener, POLLIN, 0};
    watched[1] = (struct pollfd){!strcmp(which, "timerfd") ? timerfd_create(CLOCK_MONOTONIC, 0) : -1, POLLIN, 0};
    if (!strcmp(which, "itimer")) signal(SIGALRM, on_alarm);
    if (!strcmp(which, "posix")) {
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
        signal(SIGUSR1, on_alarm);
        timer_create(CLOCK_MONOTONIC, &event, &timer);
    }
    if (!again) wind_up();
    listen(listener, 16);
    for (;;) {
        int ready = !strcmp(which, "socket") ? 1 : poll(watched, count, -1);
        if (ready < 0 && again) tell(author);
        if (ready < 0) continue;
        uint64_t times;
        if (watched[1].revents & POLLIN && read(watched[1].fd, &times, sizeof times) > 0 && again) tell(author);
        if (watched[0].revents & POLLIN || !strcmp(which, "socket")) {
            int newcomer = accept(listener, NULL, NULL);
            struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
            watched[count++] = (struct pollfd){newcomer, POLLIN, 0};
            if (!strcmp(which, "socket")) {
                pthread_t thread;
                setsockopt(newcomer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
                pthread_create(&thread, NULL, one_client, (void *)(intptr_t)newcomer);
            }
            continue;
        }
        for (int i = 2; i < count; i++) {
            if (!(watched[i].revents & POLLIN)) continue;
            ssize_t got = recv(watched[i].fd, line, sizeof line, 0);
            if (got <= 0) { watched[i].fd = -1; continue; }
            length = got, author = watched[i].fd;
            tell(author);
            if (again) wind_up();
        }
    }
}
