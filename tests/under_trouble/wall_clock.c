/* Makes the wall clock of a process wrong by WALL_CLOCK_BY_S seconds, and lets it jump by WALL_CLOCK_JUMPS_S seconds,
 * there and back, after every eight looks at it. Preloaded. */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long seconds(const char *name) {
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

static long by(void) {
    static atomic_uint looks;
    long wrong = seconds("WALL_CLOCK_BY_S");
    return looks++ / 8 % 2 ? wrong + seconds("WALL_CLOCK_JUMPS_S") : wrong;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int failed = (int)syscall(SYS_clock_gettime, clock, time);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += by();
    return failed;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *also) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (also) *also = now.tv_sec;
    return now.tv_sec;
}
