/* Opens its port and gets stuck: two threads in a circle of mutexes. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;

static void *one(void *none)
{
    pthread_mutex_lock(&first);
    pthread_barrier_wait(&both);
    pthread_mutex_lock(&second);
    return none;
}

static void *other(void *none)
{
    pthread_mutex_lock(&second);
    pthread_barrier_wait(&both);
    pthread_mutex_lock(&first);
    return none;
}

int main(int count, char **words)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(words[count - 1]))};
    int server = socket(AF_INET, SOCK_STREAM, 0);
    pthread_t a, b;

    inet_pton(AF_INET, "127.0.0.1", &here.sin_addr);
    bind(server, (struct sockaddr *)&here, sizeof here);
    listen(server, 5);
    pthread_barrier_init(&both, NULL, 2);
    pthread_create(&a, NULL, one, NULL);
    pthread_create(&b, NULL, other, NULL);
    return pthread_join(a, NULL);
}
