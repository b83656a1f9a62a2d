/*
 * Sockets Node cannot make by itself: in another network namespace, bound to a device, guarded by TTL.
 *
 * Those of TCP are handed to `net` as descriptors, which then owns them; a UDP rack reads the others.
 */
#include "shim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} Address;

/* Fills `out` from text; returns its length, or 0 when the text is no IP address. */
static socklen_t parse_address(const char *text, int port, Address *out) {
  memset(out, 0, sizeof *out);
  if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons((uint16_t)port);
    return sizeof out->v4;
  }
  if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons((uint16_t)port);
    return sizeof out->v6;
  }
  return 0;
}

static int set_integer(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value);
}

/*
 * GTSM (RFC 5082): a packet whose TTL is not `ttl` never reaches the socket. IP_MINTTL would be the obvious
 * way and is silently ignored for UDP, so a classic BPF filter reads the byte from the network header.
 */
static int require_ttl(int fd, bool ipv6, int ttl) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_NET_OFF + (ipv6 ? 7 : 8))),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)ttl, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/*
 * Room for what arrives while its reader sleeps or somebody floods it. The limit of the machine (rmem_max) yields
 * to CAP_NET_ADMIN; without it the default stays, which costs packets only in such a moment.
 */
enum { RECEIVE_BYTES = 1 << 20 };

/* Everything is set before bind, so that no packet arrives ahead of the filter. Negative means unset. */
static int prepare_udp(int fd, Address *name, const char *device, int ttl, int tos, int required_ttl) {
  bool ipv6 = name->any.sa_family == AF_INET6;
  int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
  if (ipv6 && set_integer(fd, level, IPV6_V6ONLY, 1) != 0) return -1;
  if (device[0] != '\0') {
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) != 0) return -1;
    if (ipv6 && IN6_IS_ADDR_LINKLOCAL(&name->v6.sin6_addr)) {
      /* Names are looked up in the thread's namespace, where we still are. */
      name->v6.sin6_scope_id = if_nametoindex(device);
    }
  }
  if (ttl >= 0 && set_integer(fd, level, ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, ttl) != 0) return -1;
  if (tos >= 0 && set_integer(fd, level, ipv6 ? IPV6_TCLASS : IP_TOS, tos) != 0) return -1;
  (void)set_integer(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BYTES);
  return required_ttl >= 0 ? require_ttl(fd, ipv6, required_ttl) : 0;
}

static napi_value finish(napi_env env, const char *what, int fd, int error) {
  if (error == 0) return make_integer(env, fd);
  if (fd >= 0) close(fd);
  return throw_errno(env, what, error);
}

/* udpSocket(netnsPath, address, port, deviceName, ttl, tos, requireTtl) -> fd */
napi_value udp_socket(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  char netns_path[TEXT_MAX], text[TEXT_MAX], device[TEXT_MAX];
  Address name;
  text_at(&arguments, 0, netns_path);
  text_at(&arguments, 1, text);
  int port = integer_at(&arguments, 2);
  text_at(&arguments, 3, device);
  int ttl = integer_at(&arguments, 4), tos = integer_at(&arguments, 5);
  int required_ttl = integer_at(&arguments, 6);
  socklen_t name_length = parse_address(text, port, &name);
  if (arguments.bad || name_length == 0 || port < 0 || port > 65535)
    return throw_errno(env, "udpSocket arguments", EINVAL);

  int token = enter_netns(netns_path);
  if (token == -1) return throw_errno(env, netns_path, errno);
  int error = 0;
  int fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || prepare_udp(fd, &name, device, ttl, tos, required_ttl) != 0 ||
      bind(fd, &name.any, name_length) != 0)
    error = errno;
  leave_netns(token);
  return finish(env, "udpSocket", fd, error);
}

/*
 * pingSocket(netnsPath, address, deviceName) -> fd
 *
 * An ICMP socket of the datagram kind: the kernel writes the identifier and hands over the replies to it and nothing
 * else, and no privilege is needed beyond net.ipv4.ping_group_range.
 */
napi_value ping_socket(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  char netns_path[TEXT_MAX], text[TEXT_MAX], device[TEXT_MAX];
  Address name;
  text_at(&arguments, 0, netns_path);
  text_at(&arguments, 1, text);
  text_at(&arguments, 2, device);
  socklen_t name_length = parse_address(text, 0, &name);
  if (arguments.bad || name_length == 0) return throw_errno(env, "pingSocket arguments", EINVAL);

  int token = enter_netns(netns_path);
  if (token == -1) return throw_errno(env, netns_path, errno);
  int error = 0;
  int protocol = name.any.sa_family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
  int fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd < 0 ||
      (device[0] != '\0' &&
       setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) != 0) ||
      bind(fd, &name.any, name_length) != 0)
    error = errno;
  leave_netns(token);
  return finish(env, "pingSocket", fd, error);
}

/* udpAddress(address, port) -> bytes of a struct sockaddr, for udpSend */
napi_value udp_address(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  char text[TEXT_MAX];
  Address name;
  text_at(&arguments, 0, text);
  int port = integer_at(&arguments, 1);
  socklen_t name_length = parse_address(text, port, &name);
  if (arguments.bad || name_length == 0 || port < 0 || port > 65535)
    return throw_errno(env, "udpAddress arguments", EINVAL);
  napi_value bytes = NULL;
  napi_create_buffer_copy(env, name_length, &name, NULL, &bytes);
  return bytes;
}

/* udpConnect(fd, address) -> whether the kernel knows a way there, which it then need not look for again */
napi_value udp_connect(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  void *name = NULL;
  int fd = integer_at(&arguments, 0);
  size_t name_length = bytes_at(&arguments, 1, &name);
  if (arguments.bad) return throw_errno(env, "udpConnect arguments", EINVAL);
  return make_boolean(env, connect(fd, name, (socklen_t)name_length) == 0);
}

/* A pending refusal and a signal in a row are rare; more than that is no chance any more. */
enum { SEND_TRIES_MAX = 3 };

/*
 * udpSend(fd, bytes, address) -> whether the kernel has taken it; never waits. A connected socket needs no address. It
 * reports with one send that an earlier one met nobody, and has not sent then.
 */
napi_value udp_send(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  void *bytes = NULL, *name = NULL;
  int fd = integer_at(&arguments, 0);
  size_t length = bytes_at(&arguments, 1, &bytes);
  size_t name_length = arguments.count > 2 ? bytes_at(&arguments, 2, &name) : 0;
  if (arguments.bad) return throw_errno(env, "udpSend arguments", EINVAL);
  ssize_t sent = -1;
  for (int tries = 0; sent < 0 && tries < SEND_TRIES_MAX; tries++) {
    sent = sendto(fd, bytes, length, MSG_DONTWAIT, name, (socklen_t)name_length);
    if (sent < 0 && errno != EINTR && errno != ECONNREFUSED) break;
  }
  return make_boolean(env, sent >= 0);
}

/* udpClose(fd). Node's own close complains of descriptors that it has not opened. */
napi_value udp_close(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  int fd = integer_at(&arguments, 0);
  if (arguments.bad) return throw_errno(env, "udpClose arguments", EINVAL);
  if (close(fd) != 0) return throw_errno(env, "udpClose", errno);
  return NULL;
}

/* tcpListen(netnsPath, address, port, backlog) -> fd */
napi_value tcp_listen(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  char netns_path[TEXT_MAX], text[TEXT_MAX];
  Address name;
  text_at(&arguments, 0, netns_path);
  text_at(&arguments, 1, text);
  int port = integer_at(&arguments, 2), backlog = integer_at(&arguments, 3);
  socklen_t name_length = parse_address(text, port, &name);
  if (arguments.bad || name_length == 0 || port < 0 || port > 65535)
    return throw_errno(env, "tcpListen arguments", EINVAL);

  int token = enter_netns(netns_path);
  if (token == -1) return throw_errno(env, netns_path, errno);
  int error = 0;
  int fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || set_integer(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0 ||
      bind(fd, &name.any, name_length) != 0 || listen(fd, backlog) != 0)
    error = errno;
  leave_netns(token);
  return finish(env, "tcpListen", fd, error);
}

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif
/* More groups than this are not told; whoever needs one beyond them is turned away. */
#define PEER_GROUPS_MAX 256

/* peerCredentials(fd) -> [pid, uid, gid, ...supplementary groups], as the kernel noted them at connect(2) */
napi_value peer_credentials(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  int fd = integer_at(&arguments, 0);
  if (arguments.bad) return throw_errno(env, "peerCredentials arguments", EINVAL);
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
    return throw_errno(env, "peerCredentials", errno);
  gid_t groups[PEER_GROUPS_MAX];
  socklen_t groups_length = sizeof groups;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &groups_length) != 0) groups_length = 0;

  uint32_t count = (uint32_t)(groups_length / sizeof groups[0]);
  const double head[] = {peer.pid, peer.uid, peer.gid};
  napi_value told, number;
  napi_create_array(env, &told);
  for (uint32_t at = 0; at < 3 + count; at += 1) {
    napi_create_double(env, at < 3 ? head[at] : (double)groups[at - 3], &number);
    napi_set_element(env, told, at, number);
  }
  return told;
}
