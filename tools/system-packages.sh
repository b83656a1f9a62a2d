#!/bin/sh
# Installs, or names, the Debian packages that the lab and the live tests need.
#
# As root on Debian it installs what is missing. Anywhere else it prints exactly what is missing and what
# will be left out without it, and never fails: the rest of the project works.
set -eu

# package | a program of it | what it is for
needed='
gcc|cc|compiles the native addon (netlink, sockets in namespaces, pty)
libc6-dev|/usr/include/stdio.h|headers for the native addon
iproute2|ip|builds the network lab; the oracle the kernel tests compare with
iputils-ping|ping|the traffic of the demo, from LAN host to VPC
nftables|nft|rules for forwarded packets; silent black holes on a path
wireguard-tools|wg|configures WireGuard tunnels
wireguard-go|wireguard-go|the tunnel engine where the kernel has no WireGuard
util-linux|nsenter|enters the namespaces of the lab; limits what a test may open (prlimit)
mosquitto|mosquitto|a foreign MQTT broker, which must keep the same contract as our gateway
mosquitto-clients|mosquitto_pub|a foreign MQTT client that drives the gateway
charon-systemd|charon-systemd|the IKEv2 daemon behind the IPsec engine
systemd|systemd-analyze|whether systemd understands our units
libcharon-extra-plugins|/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so|ESP in user space, where the kernel has none
libstrongswan-standard-plugins|/usr/lib/ipsec/plugins/libstrongswan-gcm.so|ciphers of the IPsec engine
libstrongswan-extra-plugins|/usr/lib/ipsec/plugins/libstrongswan-curve25519.so|key exchange of the IPsec engine
tshark|tshark|reads our probe packets as somebody else would
frr|/usr/lib/frr/bfdd|a BFD far end that we have not written
traceroute|traceroute|what sagctl trace runs, and probe --port through a tunnel
tcpdump|tcpdump|what sagctl capture runs
udhcpc|udhcpc|the DHCP client of uplinks that are set up at the box
dnsmasq-base|dnsmasq|a DHCP server for it; gives out addresses on the LAN
prometheus|promtool|judges the format of our metrics
chromium|chromium|drives the local page as a technician does
fonts-noto-cjk|/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc|the Chinese page in its pictures
'

missing=''
report=''
while IFS='|' read -r package probe purpose; do
  [ -n "$package" ] || continue
  case $probe in
    /*) [ -e "$probe" ] && continue ;;
    *) PATH="$PATH:/usr/sbin:/sbin" command -v "$probe" >/dev/null 2>&1 && continue ;;
  esac
  missing="$missing $package"
  report="$report  $package: $purpose
"
done <<LIST
$needed
LIST

[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing Debian packages:$missing"
  printf '%s' "$report"
  # Nothing that is installed here may start a daemon.
  policy=/usr/sbin/policy-rc.d
  made_policy=no
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    made_policy=yes
  fi
  status=0
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  # shellcheck disable=SC2086 # the list is meant to split
  {
    timeout 300 apt-get -qq update &&
      timeout 900 apt-get -qq -y --no-install-recommends install $missing
  } >"$log" 2>&1 || status=$?
  [ "$made_policy" = no ] || rm -f "$policy"
  if [ "$status" != 0 ]; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "ESETUP_APT: apt-get could not install:$missing (status $status); without them:" >&2
    printf '%s' "$report" >&2
    [ -z "${CI:-}" ] || exit 1
  fi
  rm -f "$log"
else
  echo "not installed (needs root on Debian); what each is for, and what is left out without it:"
  printf '%s' "$report"
  echo "install with: sudo apt-get install --no-install-recommends$missing"
fi
