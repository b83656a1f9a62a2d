/*
 * A descriptor that the loop watches for as long as a JavaScript object lives.
 *
 * Whoever watches something embeds a `Watch` as its first member and allocates it with calloc. It has two owners, the
 * JavaScript object and the libuv handle, and is freed by whichever lets go last, so that closing, garbage
 * collection and worker.terminate() may come in any order. Nothing here keeps the object alive, nor its callback,
 * which hangs on it: what nobody can reach closes itself.
 */
#ifndef SAG_WATCH_H
#define SAG_WATCH_H

#include "shim.h"

#include <uv.h>

typedef struct {
  uv_poll_t poll;
  napi_env env;
  napi_ref object; /* weak */
  napi_async_cleanup_hook_handle hook;
  int fd;
  int owners;
  bool closing;
} Watch;

/*
 * Watches `fd`, which belongs to the watch from now on, and returns the object; NULL after throwing `what`, with
 * `watch` freed and `fd` closed.
 */
napi_value watch_open(napi_env env, Watch *watch, int fd, const napi_type_tag *tag, napi_value callback,
                      uv_poll_cb on_poll, const char *what);

/* What watches behind an object, or NULL after throwing `EINVAL: what`. It may be closing. */
void *watch_behind(napi_env env, napi_value object, const napi_type_tag *tag, const char *what);

/* Calls the callback; an exception thrown there is an uncaught exception. The caller holds a handle scope. */
void watch_call_up(Watch *watch, size_t count, const napi_value *arguments);

void watch_close(Watch *watch);

#endif
