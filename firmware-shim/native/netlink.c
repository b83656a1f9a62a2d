/*
 * A netlink socket that hands whole batches of kernel messages to JavaScript.
 *
 * Netlink messages carry their own length, so several datagrams go up joined in one call. Two things here are not
 * obvious. An overrun (ENOBUFS) makes everything still queued stale: it is thrown away up to EAGAIN and the caller
 * told, who then asks for the whole state again. libuv takes the overrun's EPOLLERR for a dead descriptor, reports
 * EBADF and stops watching: the watch is started again.
 */
#include "watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One call into JavaScript carries at most this; what is left wakes the loop again. */
#define BATCH_BYTES (256 * 1024)
/* The kernel builds datagrams of up to 32 KiB; below this much room a batch goes up first. */
#define DATAGRAM_BYTES (64 * 1024)
/* Reads per wake-up, so that a flood cannot hold the loop. */
#define READS_MAX 4096

typedef struct {
  Watch watch;
  int32_t foreign; /* messages not from the kernel since the last call */
  bool draining; /* an overrun was seen and the stale backlog is not yet read to its end */
  bool hears_devices;
  uint64_t hasty_ms; /* loop time at which a device's change last went up alone */
  uint8_t batch[BATCH_BYTES];
} Netlink;

static const napi_type_tag netlink_tag = {0x8d1c3b0f5a5e4c21, 0x9f62e70b1d3a4485};

/* Calls back with (bytes, overruns, foreign, errnoName). */
static void call_up(Netlink *netlink, size_t used, int overruns, int error) {
  napi_env env = netlink->watch.env;
  napi_handle_scope scope;
  napi_value arguments[4];
  napi_open_handle_scope(env, &scope);
  napi_create_buffer_copy(env, used, netlink->batch, NULL, &arguments[0]);
  arguments[1] = make_integer(env, overruns);
  arguments[2] = make_integer(env, netlink->foreign);
  netlink->foreign = 0;
  napi_create_string_utf8(env, error == 0 ? "" : uv_err_name(-error), NAPI_AUTO_LENGTH, &arguments[3]);
  watch_call_up(&netlink->watch, 4, arguments);
  napi_close_handle_scope(env, scope);
}

/*
 * The kernel tells a device's change first and what follows from it right behind; whoever reads to the end waits
 * for all of that. So a change goes up alone, but at most once a millisecond: a storm is read in batches.
 */
static bool is_urgent(Netlink *netlink, const struct nlmsghdr *first, size_t length) {
  if (!netlink->hears_devices || length < sizeof *first || first->nlmsg_type != RTM_NEWLINK) return false;
  uint64_t now_ms = uv_now(netlink->watch.poll.loop);
  if (now_ms == netlink->hasty_ms) return false;
  netlink->hasty_ms = now_ms;
  return true;
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  (void)events;
  Netlink *netlink = poll->data;
  size_t used = 0;
  int overruns = 0, error = status < 0 && status != UV_EBADF ? -status : 0;
  for (int reads = 0; error == 0 && reads < READS_MAX && used + DATAGRAM_BYTES <= BATCH_BYTES; reads++) {
    struct sockaddr_nl sender = {0};
    struct iovec room = {.iov_base = netlink->batch + used, .iov_len = BATCH_BYTES - used};
    struct msghdr message = {
        .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &room, .msg_iovlen = 1};
    ssize_t length = recvmsg(netlink->watch.fd, &message, MSG_DONTWAIT);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == EAGAIN) {
      netlink->draining = false;
      break;
    }
    if (length < 0 && errno != ENOBUFS) {
      error = errno;
      break;
    }
    if (length < 0 || (message.msg_flags & MSG_TRUNC) != 0) {
      overruns++;
      netlink->draining = true;
      used = 0;
      continue;
    }
    /* Port id 0 is the kernel; any user process may send to us, and is counted but not heard. */
    if (sender.nl_pid != 0) netlink->foreign++;
    if (sender.nl_pid != 0 || netlink->draining) continue;
    const struct nlmsghdr *first = (const struct nlmsghdr *)(netlink->batch + used);
    used += NLMSG_ALIGN((size_t)length);
    if (is_urgent(netlink, first, (size_t)length)) break;
  }
  if (status < 0 && error == 0) uv_poll_start(poll, UV_READABLE, on_poll);
  if (error != 0) uv_poll_stop(poll);
  if (used > 0 || overruns > 0 || error != 0 || netlink->foreign > 0)
    call_up(netlink, used, overruns, error);
}

/* Returns the bound socket or -1 with errno set. */
static int open_socket(const char *netns_path, int protocol, uint32_t groups, int rcvbuf_bytes) {
  int token = enter_netns(netns_path);
  if (token == -1) return -1;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  leave_netns(token);
  if (fd < 0) return -1;
  const int on = 1;
  struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = groups};
  /* FORCE passes rmem_max but needs CAP_NET_ADMIN over the host; the plain option is the best of the rest. */
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf_bytes, sizeof rcvbuf_bytes) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf_bytes, sizeof rcvbuf_bytes);
  if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on) != 0 ||
      setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on) != 0 ||
      setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on) != 0 ||
      bind(fd, (struct sockaddr *)&name, sizeof name) != 0) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

/* netlinkOpen(netnsPath, protocol, groupsMask, rcvbufBytes, callback) -> socket object */
napi_value netlink_open(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  char netns_path[TEXT_MAX];
  uint32_t groups = 0;
  napi_valuetype type = napi_undefined;
  text_at(&arguments, 0, netns_path);
  int protocol = integer_at(&arguments, 1);
  int rcvbuf_bytes = integer_at(&arguments, 3);
  napi_typeof(env, arguments.at[4], &type);
  if (napi_get_value_uint32(env, arguments.at[2], &groups) != napi_ok || arguments.bad ||
      type != napi_function)
    return throw_errno(env, "netlinkOpen arguments", EINVAL);

  Netlink *netlink = calloc(1, sizeof *netlink);
  if (netlink == NULL) return throw_errno(env, "netlinkOpen", ENOMEM);
  netlink->hears_devices = protocol == NETLINK_ROUTE && (groups & RTMGRP_LINK) != 0;
  const char *what = netns_path[0] == '\0' ? "netlink socket" : netns_path;
  int fd = open_socket(netns_path, protocol, groups, rcvbuf_bytes);
  if (fd < 0) {
    int error = errno;
    free(netlink);
    return throw_errno(env, what, error);
  }
  return watch_open(env, &netlink->watch, fd, &netlink_tag, arguments.at[4], on_poll, what);
}

/* The socket behind the first argument, or NULL after throwing. */
static Netlink *netlink_behind(napi_env env, Arguments *arguments) {
  return watch_behind(env, arguments->at[0], &netlink_tag, "not a netlink socket");
}

/* netlinkSend(socket, bytes) */
napi_value netlink_send(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  Netlink *netlink = netlink_behind(env, &arguments);
  if (netlink == NULL) return NULL;
  if (netlink->watch.closing) return throw_errno(env, "netlinkSend", EBADF);
  void *bytes = NULL;
  size_t length = bytes_at(&arguments, 1, &bytes);
  if (arguments.bad) return throw_errno(env, "netlinkSend arguments", EINVAL);
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t sent;
  do
    sent = sendto(netlink->watch.fd, bytes, length, MSG_DONTWAIT, (struct sockaddr *)&kernel, sizeof kernel);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return throw_errno(env, "netlinkSend", errno);
  return NULL;
}

/* netlinkClose(socket); closing twice is harmless */
napi_value netlink_close(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  Netlink *netlink = netlink_behind(env, &arguments);
  if (netlink != NULL) watch_close(&netlink->watch);
  return NULL;
}
