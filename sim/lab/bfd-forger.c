/*
 * Sends forged BFD control packets at a steady rate: bfd-forger ADDRESS TTL RATE SECONDS HEX [HEX...]
 *
 * Each packet goes to port 3784 of ADDRESS from a port of the kernel's choice; the payloads take turns. Prints how
 * many were sent. Native, because a flood must not be limited by the language of whoever makes it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { PORT = 3784, PAYLOADS_MAX = 8, PAYLOAD_BYTES = 64, PER_MS_MAX = 1000 };

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int open_to(const char *address, int ttl) {
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
  int ipv6 = inet_pton(AF_INET, address, &v4.sin_addr) != 1;
  if (ipv6 && inet_pton(AF_INET6, address, &v6.sin6_addr) != 1) return -1;
  int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
  if (fd < 0 || setsockopt(fd, level, ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, &ttl, sizeof ttl) != 0) return -1;
  int failed = ipv6 ? connect(fd, (struct sockaddr *)&v6, sizeof v6) : connect(fd, (struct sockaddr *)&v4, sizeof v4);
  return failed ? -1 : fd;
}

int main(int count, char **words) {
  if (count < 6) return 2;
  int fd = open_to(words[1], atoi(words[2]));
  int per_ms = atoi(words[3]) / 1000, payloads = count - 5;
  long long end_ns = now_ns() + (long long)(atof(words[4]) * 1e9), sent = 0;
  if (fd < 0 || per_ms < 1 || per_ms > PER_MS_MAX || payloads > PAYLOADS_MAX) return 2;

  unsigned char bytes[PAYLOADS_MAX][PAYLOAD_BYTES];
  struct iovec parts[PAYLOADS_MAX];
  for (int at = 0; at < payloads; at += 1) {
    size_t length = strlen(words[5 + at]) / 2;
    if (length > PAYLOAD_BYTES) return 2;
    for (size_t byte = 0; byte < length; byte += 1) sscanf(words[5 + at] + 2 * byte, "%2hhx", &bytes[at][byte]);
    parts[at] = (struct iovec){.iov_base = bytes[at], .iov_len = length};
  }
  static struct mmsghdr messages[PER_MS_MAX];
  for (int at = 0; at < per_ms; at += 1)
    messages[at].msg_hdr = (struct msghdr){.msg_iov = &parts[at % payloads], .msg_iovlen = 1};

  for (long long next_ns = now_ns(); next_ns < end_ns; next_ns += 1000000) {
    struct timespec next = {.tv_sec = next_ns / 1000000000, .tv_nsec = next_ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    int done = sendmmsg(fd, messages, (unsigned)per_ms, 0);
    if (done > 0) sent += done;
  }
  printf("%lld\n", sent);
  return 0;
}
