/* A disk as a power cut finds it: what was written to the append-only file reaches it only at fsync, after
 * SLOW_DISK_MS milliseconds. A process that is killed takes along whatever it had not synced. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILES 1024
static char *held[FILES];
static size_t length[FILES], room[FILES];
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER; /* Redis syncs in a thread of its own */

static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fdatasync)(int);
static int (*real_close)(int);

__attribute__((constructor)) static void find(void) {
  real_write = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  real_close = (int (*)(int))dlsym(RTLD_NEXT, "close");
}

static int is_log(int fd) {
  char link[64], path[512];
  if (fd < 0 || fd >= FILES) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return strstr(path, ".incr.aof") != NULL;
}

static void flush_held(int fd) {
  size_t done = 0;
  while (done < length[fd]) {
    ssize_t n = real_write(fd, held[fd] + done, length[fd] - done);
    if (n < 0 && errno != EINTR) break;
    if (n > 0) done += (size_t)n;
  }
  length[fd] = 0;
}

ssize_t write(int fd, const void *data, size_t count) {
  if (!is_log(fd)) return real_write(fd, data, count);
  pthread_mutex_lock(&turn);
  if (length[fd] + count > room[fd]) {
    room[fd] = (length[fd] + count) * 2;
    held[fd] = realloc(held[fd], room[fd]);
    if (!held[fd]) abort();
  }
  memcpy(held[fd] + length[fd], data, count);
  length[fd] += count;
  pthread_mutex_unlock(&turn);
  return (ssize_t)count;
}

int fdatasync(int fd) {
  if (is_log(fd)) {
    const char *ms = getenv("SLOW_DISK_MS");
    long wait = ms ? atol(ms) : 0;
    struct timespec pause = {wait / 1000, (wait % 1000) * 1000000L};
    nanosleep(&pause, NULL);
    pthread_mutex_lock(&turn);
    flush_held(fd);
    pthread_mutex_unlock(&turn);
  }
  return real_fdatasync(fd);
}

int close(int fd) {
  if (fd >= 0 && fd < FILES && length[fd] && is_log(fd)) flush_held(fd);
  return real_close(fd);
}
