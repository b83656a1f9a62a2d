/*
 * The addon's entry: its list of functions, and what all of them need.
 */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

Arguments take_arguments(napi_env env, napi_callback_info call) {
  Arguments arguments = {.env = env, .count = ARGUMENTS_MAX};
  napi_get_cb_info(env, call, &arguments.count, arguments.at, NULL, NULL);
  return arguments;
}

int32_t integer_at(Arguments *arguments, size_t index) {
  int32_t value = 0;
  if (napi_get_value_int32(arguments->env, arguments->at[index], &value) != napi_ok)
    arguments->bad = true;
  return value;
}

void text_at(Arguments *arguments, size_t index, char out[TEXT_MAX]) {
  size_t length = 0;
  out[0] = '\0';
  /* Napi cuts silently what does not fit: a path that fills the room is refused as too long. */
  if (napi_get_value_string_utf8(arguments->env, arguments->at[index], out, TEXT_MAX, &length) !=
          napi_ok ||
      length >= TEXT_MAX - 1 || strlen(out) != length)
    arguments->bad = true;
}

size_t bytes_at(Arguments *arguments, size_t index, void **bytes) {
  size_t length = 0;
  napi_typedarray_type type = napi_int8_array;
  napi_get_typedarray_info(arguments->env, arguments->at[index], &type, &length, bytes, NULL, NULL);
  if (type != napi_uint8_array) arguments->bad = true;
  return length;
}

napi_value throw_errno(napi_env env, const char *what, int error) {
  char text[TEXT_MAX];
  snprintf(text, sizeof text, "%s: %s", what, uv_strerror(-error));
  napi_throw_error(env, uv_err_name(-error), text);
  return NULL;
}

napi_value make_integer(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

napi_value make_boolean(napi_env env, bool value) {
  napi_value result = NULL;
  napi_get_boolean(env, value, &result);
  return result;
}

int enter_netns(const char *path) {
  if (path[0] == '\0') return NETNS_STAYED;
  int target = open(path, O_RDONLY | O_CLOEXEC);
  if (target < 0) return -1;
  int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  int error = errno;
  if (home >= 0 && setns(target, CLONE_NEWNET) != 0) {
    error = errno;
    close(home);
    home = -1;
  }
  close(target);
  errno = error;
  return home;
}

void leave_netns(int token) {
  if (token == NETNS_STAYED) return;
  int error = errno;
  /* A thread left in a foreign namespace would send this program's traffic there: better to end. */
  if (setns(token, CLONE_NEWNET) != 0) abort();
  close(token);
  errno = error;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"netlinkOpen", NULL, netlink_open, NULL, NULL, NULL, napi_enumerable, NULL},
      {"netlinkSend", NULL, netlink_send, NULL, NULL, NULL, napi_enumerable, NULL},
      {"netlinkClose", NULL, netlink_close, NULL, NULL, NULL, napi_enumerable, NULL},
      {"udpRackOpen", NULL, udp_rack_open, NULL, NULL, NULL, napi_enumerable, NULL},
      {"udpRackAdd", NULL, udp_rack_add, NULL, NULL, NULL, napi_enumerable, NULL},
      {"udpRackRead", NULL, udp_rack_read, NULL, NULL, NULL, napi_enumerable, NULL},
      {"udpRackClose", NULL, udp_rack_close, NULL, NULL, NULL, napi_enumerable, NULL},
      {"udpSocket", NULL, udp_socket, NULL, NULL, NULL, napi_enumerable, NULL},
      {"pingSocket", NULL, ping_socket, NULL, NULL, NULL, napi_enumerable, NULL},
      {"udpAddress", NULL, udp_address, NULL, NULL, NULL, napi_enumerable, NULL},
      {"udpConnect", NULL, udp_connect, NULL, NULL, NULL, napi_enumerable, NULL},
      {"udpSend", NULL, udp_send, NULL, NULL, NULL, napi_enumerable, NULL},
      {"udpClose", NULL, udp_close, NULL, NULL, NULL, napi_enumerable, NULL},
      {"tcpListen", NULL, tcp_listen, NULL, NULL, NULL, napi_enumerable, NULL},
      {"peerCredentials", NULL, peer_credentials, NULL, NULL, NULL, napi_enumerable, NULL},
      {"pty", NULL, pty, NULL, NULL, NULL, napi_enumerable, NULL},
      {"tun", NULL, tun, NULL, NULL, NULL, napi_enumerable, NULL},
      {"setRealtime", NULL, set_realtime, NULL, NULL, NULL, napi_enumerable, NULL},
      {"setWallClock", NULL, set_wall_clock, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
  return exports;
}
