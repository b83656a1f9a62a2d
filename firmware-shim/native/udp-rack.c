/*
 * Many UDP sockets read by one watch: what waits in all of them goes up in one call.
 *
 * libuv reads each socket by itself, twice for every datagram (the second time to learn that there is no more), into
 * 64 KiB of new memory, and calls up for each. With thousands of liveness sessions that is most of their cost. Here
 * one epoll descriptor stands for all sockets. It is level-triggered, so what a round leaves behind wakes the loop
 * again, and nobody has to be read to the end.
 *
 * Sockets belong to the caller: closing one takes it out of the rack.
 */
#include "watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Sockets heard in one round. */
#define SOCKETS_MAX 64
/* Where fewer have something, each may have more: a flood at one socket is read in bursts too. */
#define DATAGRAMS_MAX 64
/* UDP carries no more. Below this much room a round ends. */
#define DATAGRAM_BYTES (64 * 1024)
#define BURST_BYTES (4 * DATAGRAM_BYTES)

/* What precedes each datagram in a burst; firmware-shim/adapters/udp-rack.ts reads it. */
typedef struct {
  uint32_t key;  /* the one its socket was added with */
  uint32_t port; /* whence it came */
  int32_t length; /* negative: the errno of a socket that broke, and no bytes follow */
} Header;

typedef struct {
  Watch watch;
  uint8_t burst[BURST_BYTES]; /* pages that were never needed cost nothing */
} Rack;

static const napi_type_tag rack_tag = {0x5b0e3f6a91c24d77, 0xb1d84c0e6a2f9358};

static void on_poll(uv_poll_t *poll, int status, int events) {
  (void)status, (void)events;
  Watch *watch = poll->data;
  napi_handle_scope scope;
  napi_open_handle_scope(watch->env, &scope);
  watch_call_up(watch, 0, NULL);
  napi_close_handle_scope(watch->env, scope);
}

/* udpRackOpen(callback) -> rack object */
napi_value udp_rack_open(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  napi_valuetype type = napi_undefined;
  napi_typeof(env, arguments.at[0], &type);
  if (type != napi_function) return throw_errno(env, "udpRackOpen arguments", EINVAL);
  Rack *rack = calloc(1, sizeof *rack);
  if (rack == NULL) return throw_errno(env, "udpRackOpen", ENOMEM);
  int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) {
    int error = errno;
    free(rack);
    return throw_errno(env, "udpRackOpen", error);
  }
  return watch_open(env, &rack->watch, fd, &rack_tag, arguments.at[0], on_poll, "udpRackOpen");
}

/* The open rack behind the first argument, or NULL after throwing. */
static Rack *open_rack(napi_env env, Arguments *arguments) {
  Rack *rack = watch_behind(env, arguments->at[0], &rack_tag, "not a UDP rack");
  if (rack == NULL || !rack->watch.closing) return rack;
  throw_errno(env, "the UDP rack is closed", EBADF);
  return NULL;
}

/* udpRackAdd(rack, fd, key) */
napi_value udp_rack_add(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  Rack *rack = open_rack(env, &arguments);
  if (rack == NULL) return NULL;
  int fd = integer_at(&arguments, 1);
  uint32_t key = 0;
  if (napi_get_value_uint32(env, arguments.at[2], &key) != napi_ok || arguments.bad)
    return throw_errno(env, "udpRackAdd arguments", EINVAL);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)key << 32 | (uint32_t)fd};
  if (epoll_ctl(rack->watch.fd, EPOLL_CTL_ADD, fd, &event) != 0)
    return throw_errno(env, "udpRackAdd", errno);
  return NULL;
}

/* Appends one datagram, or the failure of its socket, to the burst; returns the bytes it took, 0 for nothing. */
static size_t receive(int fd, uint32_t key, uint8_t *room) {
  union {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } from;
  socklen_t from_length = sizeof from;
  ssize_t length;
  do
    length = recvfrom(fd, room + sizeof(Header), DATAGRAM_BYTES, MSG_DONTWAIT, (struct sockaddr *)&from,
                      &from_length);
  while (length < 0 && errno == EINTR);
  if (length < 0 && errno == EAGAIN) return 0;
  Header header = {.key = key, .length = length < 0 ? -errno : (int32_t)length};
  /* The port stands at the same place in both families. */
  if (length >= 0) header.port = ntohs(from.v4.sin_port);
  memcpy(room, &header, sizeof header);
  return sizeof header + (size_t)(length < 0 ? 0 : length);
}

/* udpRackRead(rack) -> headers with their datagrams, joined; empty when nothing waits */
napi_value udp_rack_read(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  Rack *rack = open_rack(env, &arguments);
  if (rack == NULL) return NULL;
  struct epoll_event ready[SOCKETS_MAX];
  int count = epoll_wait(rack->watch.fd, ready, SOCKETS_MAX, 0);
  size_t used = 0;
  for (int at = 0; at < count; at++) {
    uint64_t event = ready[at].data.u64;
    for (int share = DATAGRAMS_MAX / count; share > 0; share--) {
      if (used + sizeof(Header) + DATAGRAM_BYTES > BURST_BYTES) goto full;
      size_t took = receive((int)(uint32_t)event, (uint32_t)(event >> 32), rack->burst + used);
      if (took == 0) break;
      used += took;
    }
  }
full:;
  napi_value bytes = NULL;
  napi_create_buffer_copy(env, used, rack->burst, NULL, &bytes);
  return bytes;
}

/* udpRackClose(rack); closing twice is harmless */
napi_value udp_rack_close(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  Rack *rack = watch_behind(env, arguments.at[0], &rack_tag, "not a UDP rack");
  if (rack != NULL) watch_close(&rack->watch);
  return NULL;
}
