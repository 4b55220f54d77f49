/* A link between two networks with a delay and a rate, made of two TUN devices, for kernels without netem.
 *
 *   delay NETWORK MILLISECONDS MBIT QUEUE_MILLISECONDS
 *
 * Creates the device wan0 here and wan1 in NETWORK (/proc/PID/ns/net). Each packet waits for its turn at MBIT/s, then
 * for MILLISECONDS; one that would wait longer than QUEUE_MILLISECONDS for its turn is dropped. Prints "ready", and runs
 * until it is killed. */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 1 << 14, PACKET = 2048 };

struct packet {
    long long due;
    ssize_t length;
    char bytes[PACKET];
};

struct way {
    int from, to;
    struct packet *ring;
    unsigned first, after;
    long long free_at;
    pthread_mutex_t lock;
    pthread_cond_t filled;
};

static long long delay_ns, queue_ns;
static double ns_per_byte;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int tun(const char *name) {
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    int device = open("/dev/net/tun", O_RDWR);
    if (device < 0 || ioctl(device, TUNSETIFF, &request) < 0) err(1, "cannot make %s", name);
    return device;
}

/* Reads packets, and notes when each is due at the other end. */
static void *take(void *of) {
    struct way *way = of;
    char bytes[PACKET];
    for (;;) {
        ssize_t length = read(way->from, bytes, sizeof bytes);
        if (length <= 0) continue;
        long long time = now();
        pthread_mutex_lock(&way->lock);
        long long begins = way->free_at > time ? way->free_at : time;
        if (begins - time <= queue_ns && way->after - way->first < SLOTS) {
            way->free_at = begins + (long long)(length * ns_per_byte);
            struct packet *packet = &way->ring[way->after++ % SLOTS];
            packet->due = way->free_at + delay_ns;
            packet->length = length;
            memcpy(packet->bytes, bytes, length);
            pthread_cond_signal(&way->filled);
        }
        pthread_mutex_unlock(&way->lock);
    }
    return NULL;
}

/* Writes packets when they are due. */
static void *give(void *of) {
    struct way *way = of;
    for (;;) {
        pthread_mutex_lock(&way->lock);
        while (way->first == way->after) pthread_cond_wait(&way->filled, &way->lock);
        struct packet *packet = &way->ring[way->first % SLOTS];
        pthread_mutex_unlock(&way->lock);
        struct timespec due = {packet->due / 1000000000LL, packet->due % 1000000000LL};
        if (packet->due > now()) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        if (write(way->to, packet->bytes, packet->length) < 0) perror("delay");
        pthread_mutex_lock(&way->lock);
        way->first++;
        pthread_mutex_unlock(&way->lock);
    }
    return NULL;
}

static void start(struct way *way, int from, int to) {
    pthread_t thread;
    *way = (struct way){.from = from, .to = to, .lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};
    way->ring = calloc(SLOTS, sizeof *way->ring);
    if (!way->ring || pthread_create(&thread, NULL, take, way) || pthread_create(&thread, NULL, give, way)) errx(1, "no room");
}

int main(int count, char **words) {
    static struct way there, back;
    if (count != 5) errx(2, "usage: delay NETWORK MILLISECONDS MBIT QUEUE_MILLISECONDS");
    delay_ns = atof(words[2]) * 1e6;
    ns_per_byte = 8e3 / atof(words[3]);
    queue_ns = atof(words[4]) * 1e6;
    int here = tun("wan0");
    int network = open(words[1], O_RDONLY);
    if (network < 0 || setns(network, CLONE_NEWNET) < 0) err(1, "cannot enter %s", words[1]);
    int far = tun("wan1");
    start(&there, here, far);
    start(&back, far, here);
    puts("ready");
    fflush(stdout);
    for (;;) pause();
}
