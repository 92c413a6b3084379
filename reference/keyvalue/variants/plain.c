// Good: C, a table that is searched from its beginning.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct entry {
    int key, value;
    char text[1000];
};

static struct entry kept[10000];
static int many;

static struct entry *find(const char *key, int length) {
    for (int i = 0; i < many; i++)
        if (kept[i].key == length && memcmp(kept[i].text, key, length) == 0)
            return &kept[i];
    return NULL;
}

int main(int argc, char **argv) {
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 5000)};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(server, (struct sockaddr *)&here, sizeof here))
        return 1;
    for (;;) {
        char got[2000], said[2000];
        struct sockaddr_in who;
        socklen_t size = sizeof who;
        ssize_t length = recvfrom(server, got, sizeof got, 0, (struct sockaddr *)&who, &size);
        if (length < 0 || length > 999)
            continue;
        char *equals = memchr(got, '=', length);
        int key = equals ? equals - got : length;
        int version = key == 7 && memcmp(got, "version", 7) == 0;
        struct entry *found = find(got, key);
        if (equals) {
            if (version || (!found && many == 10000))
                continue;
            found = found ? found : &kept[many++];
            memcpy(found->text, got, length);
            found->key = key;
            found->value = length - key - 1;
            continue;
        }
        memcpy(said, got, key);
        said[key] = '=';
        int more = 0;
        if (version)
            memcpy(said + key + 1, "in C", more = 4);
        else if (found)
            memcpy(said + key + 1, found->text + found->key + 1, more = found->value);
        sendto(server, said, key + 1 + more, 0, (struct sockaddr *)&who, size);
    }
}
