#!/bin/sh
# Brings the pinned npm packages, among them the Node runtime, and proves that the runtime runs.
#
# Old npm versions sometimes leave the runtime's bin/ folder empty; that is repaired once. A registry that
# cannot be reached hangs rather than fails, so every install is bounded in time.
set -eu
cd "$(dirname "$0")/.."

case $(uname -m) in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) echo "EARCH: no pinned Node for $(uname -m); x86_64 and aarch64 are served" >&2; exit 1 ;;
esac
runtime=node_modules/node-linux-$arch
stamp=node_modules/.installed

if [ ! -e "$stamp" ] || [ package-lock.json -nt "$stamp" ]; then
  command -v npm >/dev/null || { echo "ENPM_MISSING: npm is needed; on Debian: apt-get install npm" >&2; exit 1; }
  echo "installing npm packages (pinned by package-lock.json)"
  log=$(mktemp)
  timeout 600 npm ci --no-progress >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "ENPM_INSTALL: npm ci failed or took over 600 s; is the registry reachable?" >&2
    exit 1
  }
  rm -f "$log"
  if ! "$runtime/bin/node" --version >/dev/null 2>&1; then
    version=$(sed -n "s/.*\"node-linux-$arch\": \"\\(.*\\)\".*/\\1/p" package.json)
    scratch=$(mktemp -d)
    echo "the runtime came without its binary; fetching node-linux-$arch@$version once more"
    timeout 300 npm pack --silent --pack-destination "$scratch" "node-linux-$arch@$version" >/dev/null
    mkdir -p "$runtime"
    tar -xzf "$scratch"/*.tgz -C "$runtime" --strip-components=1
    rm -rf "$scratch"
  fi
  "$runtime/bin/node" --version >/dev/null || { echo "ENODE_BROKEN: $runtime/bin/node does not run" >&2; exit 1; }
  touch "$stamp"
fi
