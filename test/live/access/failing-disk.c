/*
 * A disk whose flush fails, to be preloaded: once the file SAG_FAIL_WHEN is there, the next SAG_FAIL_FLUSHES calls of
 * fsync and fdatasync answer EIO.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int left = -1;

static int flush(const char *name, int place) {
  const char *when = getenv("SAG_FAIL_WHEN");
  const char *flushes = getenv("SAG_FAIL_FLUSHES");
  if (left != 0 && when != NULL && flushes != NULL && access(when, F_OK) == 0) {
    if (left < 0) left = atoi(flushes);
    left -= 1;
    errno = EIO;
    return -1;
  }
  return ((int (*)(int))dlsym(RTLD_NEXT, name))(place);
}

int fsync(int place) { return flush("fsync", place); }

int fdatasync(int place) { return flush("fdatasync", place); }
