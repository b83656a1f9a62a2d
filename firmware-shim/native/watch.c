/*
 * The life of what is watched: see watch.h.
 */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const char callback_name[] = "onReadable";

static void let_go(Watch *watch) {
  if (--watch->owners == 0) free(watch);
}

static void on_closed(uv_handle_t *handle) {
  Watch *watch = handle->data;
  napi_handle_scope scope;
  napi_open_handle_scope(watch->env, &scope);
  napi_delete_reference(watch->env, watch->object);
  napi_close_handle_scope(watch->env, scope);
  napi_remove_async_cleanup_hook(watch->hook);
  let_go(watch);
}

void watch_close(Watch *watch) {
  if (watch->closing) return;
  watch->closing = true;
  uv_poll_stop(&watch->poll);
  close(watch->fd);
  uv_close((uv_handle_t *)&watch->poll, on_closed);
}

/* The environment goes away (process exit, worker.terminate()); it waits until on_closed has run. */
static void on_environment_end(napi_async_cleanup_hook_handle hook, void *watch) {
  (void)hook;
  watch_close(watch);
}

static void on_collected(napi_env env, void *watch, void *hint) {
  (void)env, (void)hint;
  watch_close(watch);
  let_go(watch);
}

napi_value watch_open(napi_env env, Watch *watch, int fd, const napi_type_tag *tag, napi_value callback,
                      uv_poll_cb on_poll, const char *what) {
  uv_loop_t *loop = NULL;
  napi_value object = NULL;
  napi_get_uv_event_loop(env, &loop);
  int error = -uv_poll_init(loop, &watch->poll, fd);
  if (error != 0) {
    close(fd);
    free(watch);
    return throw_errno(env, what, error);
  }
  watch->env = env;
  watch->fd = fd;
  watch->owners = 2;
  watch->poll.data = watch;
  napi_create_object(env, &object);
  napi_type_tag_object(env, object, tag);
  napi_wrap(env, object, watch, on_collected, NULL, NULL);
  napi_create_reference(env, object, 0, &watch->object);
  napi_set_named_property(env, object, callback_name, callback);
  napi_add_async_cleanup_hook(env, on_environment_end, watch, &watch->hook);
  uv_poll_start(&watch->poll, UV_READABLE, on_poll);
  return object;
}

void *watch_behind(napi_env env, napi_value object, const napi_type_tag *tag, const char *what) {
  void *watch = NULL;
  bool ours = false;
  napi_check_object_type_tag(env, object, tag, &ours);
  if (ours) napi_unwrap(env, object, &watch);
  if (watch == NULL) throw_errno(env, what, EINVAL);
  return watch;
}

void watch_call_up(Watch *watch, size_t count, const napi_value *arguments) {
  napi_env env = watch->env;
  napi_value object = NULL, callback, result, exception;
  napi_get_reference_value(env, watch->object, &object);
  /* Collected, and its finalizer is yet to come. */
  if (object == NULL || napi_get_named_property(env, object, callback_name, &callback) != napi_ok) return;
  if (napi_make_callback(env, NULL, object, callback, count, arguments, &result) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &exception) == napi_ok)
    napi_fatal_exception(env, exception);
}
