/*
 * Pseudo terminals, TUN devices and the calling thread's scheduling class.
 */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <uv.h>

/*
 * pty() -> {masterFd, slavePath, slaveFd}, both ends raw.
 *
 * The slave descriptor is for the caller to keep open: with nobody on the slave the master reads EIO.
 * The master never blocks: a slave nobody reads would otherwise stop whoever writes.
 */
napi_value pty(napi_env env, napi_callback_info call) {
  (void)call;
  int unlock = 0, number = 0, slave = -1;
  char path[32] = "";
  struct termios mode;
  int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master >= 0 && ioctl(master, TIOCSPTLCK, &unlock) == 0 && ioctl(master, TIOCGPTN, &number) == 0) {
    snprintf(path, sizeof path, "/dev/pts/%d", number);
    slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  }
  if (slave < 0 || tcgetattr(slave, &mode) != 0) goto failed;
  cfmakeraw(&mode);
  if (tcsetattr(slave, TCSANOW, &mode) != 0) goto failed;

  napi_value result = NULL, slave_path = NULL;
  napi_create_object(env, &result);
  napi_create_string_utf8(env, path, NAPI_AUTO_LENGTH, &slave_path);
  napi_set_named_property(env, result, "masterFd", make_integer(env, master));
  napi_set_named_property(env, result, "slavePath", slave_path);
  napi_set_named_property(env, result, "slaveFd", make_integer(env, slave));
  return result;

failed:;
  int error = errno;
  if (slave >= 0) close(slave);
  if (master >= 0) close(master);
  return throw_errno(env, "pty", error);
}

/* tun(netnsPath, name) -> non-blocking fd of raw IP packets; the device goes when the fd is closed */
napi_value tun(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  char netns_path[TEXT_MAX], name[TEXT_MAX];
  text_at(&arguments, 0, netns_path);
  text_at(&arguments, 1, name);
  if (arguments.bad || name[0] == '\0' || strlen(name) >= IFNAMSIZ)
    return throw_errno(env, "tun arguments", EINVAL);
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  memcpy(request.ifr_name, name, strlen(name) + 1);

  int token = enter_netns(netns_path);
  if (token == -1) return throw_errno(env, netns_path, errno);
  /* The device lands in the namespace the thread is in when the control file is opened. */
  int error = 0, fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0) error = errno;
  leave_netns(token);
  if (error == 0) return make_integer(env, fd);
  if (fd >= 0) close(fd);
  return throw_errno(env, "tun", error);
}

/*
 * setRealtime(priority) -> '' or the errno name. Acts on the calling thread only: whole processes at
 * real-time priority starve their neighbours. Threads and processes started from here do not inherit it.
 */
/* Milliseconds since 1970 for the clock of the whole machine. */
napi_value set_wall_clock(napi_env env, napi_callback_info call) {
  double wall_ms = 0;
  size_t count = 1;
  napi_value given = NULL;
  napi_get_cb_info(env, call, &count, &given, NULL, NULL);
  if (count != 1 || napi_get_value_double(env, given, &wall_ms) != napi_ok || !(wall_ms >= 0))
    return throw_errno(env, "setWallClock arguments", EINVAL);
  struct timespec moment = {.tv_sec = (time_t)(wall_ms / 1000)};
  moment.tv_nsec = (long)((wall_ms - (double)moment.tv_sec * 1000) * 1e6);
  int failed = clock_settime(CLOCK_REALTIME, &moment);
  napi_value result = NULL;
  napi_create_string_utf8(env, failed == 0 ? "" : uv_err_name(-errno), NAPI_AUTO_LENGTH, &result);
  return result;
}

napi_value set_realtime(napi_env env, napi_callback_info call) {
  Arguments arguments = take_arguments(env, call);
  struct sched_param parameters = {.sched_priority = integer_at(&arguments, 0)};
  if (arguments.bad) return throw_errno(env, "setRealtime arguments", EINVAL);
  int policy = parameters.sched_priority > 0 ? SCHED_RR : SCHED_OTHER;
  int failed = sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, &parameters);
  napi_value result = NULL;
  napi_create_string_utf8(env, failed == 0 ? "" : uv_err_name(-errno), NAPI_AUTO_LENGTH, &result);
  return result;
}
