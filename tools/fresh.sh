#!/bin/sh
# Runs both README commands in a new Debian 12 root that has nothing but Debian's own nodejs, npm, python3,
# make and g++: the only honest proof that a fresh machine suffices.
#
# The root is made once by mmdebstrap and kept in the user's cache; every run works in a throw-away copy,
# inside its own mount and pid namespace, so that mounts and processes go with it whatever happens.
# What the host needs to reach its registries (CA file, resolver, apt sources, npm settings) is carried along.
set -eu

[ "$(id -u)" = 0 ] || { echo "EFRESH_ROOT: a new root needs root (mmdebstrap, chroot)" >&2; exit 1; }
command -v mmdebstrap >/dev/null || {
  echo "EFRESH_TOOL: mmdebstrap is missing; apt-get install --no-install-recommends mmdebstrap" >&2
  exit 1
}

top=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sag-edge-agent
base=$cache/bookworm
includes=nodejs,npm,python3,make,g++,ca-certificates
mkdir -p "$cache"

if [ ! -e "$base/.complete" ]; then
  rm -rf "$base"
  echo "making a Debian 12 root ($includes); about two minutes, once"
  timeout 1200 mmdebstrap --quiet --variant=minbase --include="$includes" bookworm "$base"
  touch "$base/.complete"
fi

room=$(mktemp -d "$cache/run.XXXXXX")
trap 'rm -rf "$room"' EXIT INT TERM
echo "copying the root and the last commit"
cp -a --reflink=auto "$base/." "$room/"

carry() {
  for path in "$@"; do
    [ -e "$path" ] || continue
    mkdir -p "$room$(dirname "$path")"
    rm -rf "${room:?}$path"
    cp -aL "$path" "$room$path"
  done
}
carry /etc/ssl/certs/ca-certificates.crt /etc/hosts /etc/resolv.conf /etc/apt/sources.list \
  /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/trusted.gpg.d /usr/share/keyrings
# Settings that name a path of the host's own Node would be wrong inside.
for settings in "$(npm config get globalconfig 2>/dev/null || true)" "$HOME/.npmrc"; do
  [ -f "$settings" ] && grep -v -E 'nodedir|prefix' "$settings" >>"$room/root/.npmrc" || true
done

mkdir -p "$room/src"
git -C "$top" archive HEAD | tar -x -C "$room/src"

cat >"$room/run-fresh.sh" <<'INSIDE'
set -eu
cd /src
echo "fresh root: node $(node --version), npm $(npm --version), $(. /etc/os-release; echo "$PRETTY_NAME")"
make demo SCRIPT=cable-pull
make test
INSIDE

status=0
# The room becomes the root by pivot_root rather than by chroot, because the kernel lets nobody make user
# namespaces or change the propagation of mounts from inside a chroot, and the lab does both.
# shellcheck disable=SC2016 # $1 is for the inner shell
unshare --mount --pid --fork --kill-child --propagation private sh -c '
  mount --bind "$1" "$1"
  mount --rbind /dev "$1/dev"
  mount -t proc proc "$1/proc"
  mount --rbind /sys "$1/sys"
  mount -t tmpfs tmpfs "$1/run"
  mount -t tmpfs tmpfs "$1/tmp"
  cd "$1"
  mkdir -p .former-root
  pivot_root . .former-root
  cd /
  umount -l /.former-root
  exec /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    ${CI:+CI=$CI} sh /run-fresh.sh
' sh "$room" || status=$?
mkdir -p "$top/out"
cp "$room/src/out/demo.json" "$top/out/fresh-demo.json" 2>/dev/null || true
cp "$room/src/out/test-counts.txt" "$top/out/fresh-test-counts.txt" 2>/dev/null || true
[ "$status" = 0 ] && echo "fresh: both README commands held" || echo "fresh: failed with status $status" >&2
exit "$status"
