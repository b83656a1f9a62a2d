/*
 * What the parts of the addon share: arguments, errors and the visit to another network namespace.
 *
 * Everything is called by firmware-shim/adapters/native.ts with positional arguments. Failures throw a
 * JavaScript Error whose `code` is the errno name.
 */
#ifndef SAG_SHIM_H
#define SAG_SHIM_H

#define _GNU_SOURCE
#define NAPI_VERSION 8

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARGUMENTS_MAX 8
/* Longest path or address text taken from JavaScript, with its final zero. */
#define TEXT_MAX 256

/* The arguments of one call. `bad` turns true on the first one of a wrong type and stays so. */
typedef struct {
  napi_env env;
  napi_value at[ARGUMENTS_MAX];
  size_t count;
  bool bad;
} Arguments;

Arguments take_arguments(napi_env env, napi_callback_info call);
int32_t integer_at(Arguments *arguments, size_t index);
void text_at(Arguments *arguments, size_t index, char out[TEXT_MAX]);
/* The length of a Uint8Array, with `bytes` set to its content for as long as the call lasts. */
size_t bytes_at(Arguments *arguments, size_t index, void **bytes);

/* Throws `what: errno text` with the errno's name as `code`; returns NULL for the caller to return. */
napi_value throw_errno(napi_env env, const char *what, int error);
napi_value make_integer(napi_env env, int32_t value);
napi_value make_boolean(napi_env env, bool value);

/*
 * Moves the calling thread into the network namespace at `path` and back. An empty path means staying.
 * `enter_netns` returns the token that `leave_netns` needs, or -1 with errno set and nothing moved.
 */
#define NETNS_STAYED (-2)
int enter_netns(const char *path);
void leave_netns(int token);

/* netlink.c */
napi_value netlink_open(napi_env env, napi_callback_info call);
napi_value netlink_send(napi_env env, napi_callback_info call);
napi_value netlink_close(napi_env env, napi_callback_info call);

/* udp-rack.c */
napi_value udp_rack_open(napi_env env, napi_callback_info call);
napi_value udp_rack_add(napi_env env, napi_callback_info call);
napi_value udp_rack_read(napi_env env, napi_callback_info call);
napi_value udp_rack_close(napi_env env, napi_callback_info call);

/* sockets.c */
napi_value udp_socket(napi_env env, napi_callback_info call);
napi_value ping_socket(napi_env env, napi_callback_info call);
napi_value udp_address(napi_env env, napi_callback_info call);
napi_value udp_connect(napi_env env, napi_callback_info call);
napi_value udp_send(napi_env env, napi_callback_info call);
napi_value udp_close(napi_env env, napi_callback_info call);
napi_value tcp_listen(napi_env env, napi_callback_info call);
napi_value peer_credentials(napi_env env, napi_callback_info call);

/* devices.c */
napi_value pty(napi_env env, napi_callback_info call);
napi_value tun(napi_env env, napi_callback_info call);
napi_value set_realtime(napi_env env, napi_callback_info call);
napi_value set_wall_clock(napi_env env, napi_callback_info call);

#endif
