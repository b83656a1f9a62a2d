/*
 * The yardstick for link events: hears RTM_NEWLINK of one device and notes when, as little as that takes.
 *
 *   listener <netns path> <device index> <SCHED_RR priority> <groups mask>
 *
 * The groups are those our side hears, so that both are woken by the same messages.
 *
 * Says "ready", listens until standard input ends, then prints one line per change of IFF_UP: 1 or 0, and the
 * CLOCK_MONOTONIC nanoseconds at which it was known.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHANGES_MAX 100000

static struct {
  int up;
  int64_t ns;
} changes[CHANGES_MAX];
static size_t count;
static int last = -1;

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void hear(struct nlmsghdr *message, int length, int index) {
  for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
    struct ifinfomsg *link = NLMSG_DATA(message);
    if (message->nlmsg_type != RTM_NEWLINK || link->ifi_index != index) continue;
    int up = (link->ifi_flags & IFF_UP) != 0;
    if (up != last && last >= 0 && count < CHANGES_MAX) {
      changes[count].up = up;
      changes[count++].ns = now_ns();
    }
    last = up;
  }
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int index = atoi(argv[2]);
  struct sched_param priority = {.sched_priority = atoi(argv[3])};
  int netns = open(argv[1], O_RDONLY | O_CLOEXEC);
  if (netns < 0 || setns(netns, CLONE_NEWNET) != 0) return 3;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = (unsigned)strtoul(argv[4], NULL, 10)};
  if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) != 0) return 4;
  if (priority.sched_priority > 0) sched_setscheduler(0, SCHED_RR, &priority);
  /* The first change is one from a known state: the device is up when the rounds begin. */
  last = 1;
  puts("ready");
  fflush(stdout);
  static char buffer[256 * 1024];
  struct pollfd wait[2] = {{.fd = fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  for (;;) {
    if (poll(wait, 2, -1) < 0) continue;
    if (wait[0].revents != 0) {
      ssize_t length = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
      if (length > 0) hear((struct nlmsghdr *)buffer, (int)length, index);
      continue;
    }
    if (wait[1].revents != 0 && read(0, buffer, sizeof buffer) <= 0) break;
  }
  for (size_t at = 0; at < count; at++) printf("%d %" PRId64 "\n", changes[at].up, changes[at].ns);
  return 0;
}
