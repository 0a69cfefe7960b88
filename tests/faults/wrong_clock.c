/* A clock that is wrong by WRONG_CLOCK_S seconds, for LD_PRELOAD; what measures time (monotonic) is right.
 *
 * It asks the kernel itself, and no other library: libfaketime can't be loaded into a redis-server with
 * jemalloc (each waits for the other), and it also changes how threads wait.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long wrong_by;

__attribute__((constructor)) static void look(void) {
    const char *told = getenv("WRONG_CLOCK_S");
    wrong_by = told ? atol(told) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += wrong_by;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int failed = (int)syscall(SYS_gettimeofday, now, zone);
    if (!failed && now) now->tv_sec += wrong_by;
    return failed;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
