#!/bin/sh
# Brings the pinned npm packages, among them the Node runtime, and proves that the runtime runs.
#
# The packages are installed by the pinned Node and a current npm, also where the machine has old ones: an
# old npm silently leaves out optional packages that its own Node is too old for (the linter's and the test
# runner's native parts), and sometimes the runtime's own bin/ folder. A registry that cannot be reached
# hangs rather than fails, so every step is bounded in time.
set -eu
cd "$(dirname "$0")/.."

NPM_VERSION=11.19.1

case $(uname -m) in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) echo "EARCH: no pinned Node for $(uname -m); x86_64 and aarch64 are served" >&2; exit 1 ;;
esac
runtime=node_modules/node-linux-$arch
runtime_version=$(sed -n "s/.*\"node-linux-$arch\": \"\\(.*\\)\".*/\\1/p" package.json)
stamp=node_modules/.installed

[ ! -e "$stamp" ] || [ package-lock.json -nt "$stamp" ] || exit 0
command -v npm >/dev/null || { echo "ENPM_MISSING: npm is needed; on Debian: apt-get install npm" >&2; exit 1; }

log=$(mktemp)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch" "$log"' EXIT INT TERM

# Runs a bounded step quietly; on failure shows the beginning of what it said, where npm names the cause.
step() {
  code=$1 seconds=$2
  shift 2
  timeout "$seconds" "$@" >"$log" 2>&1 || {
    head -n 20 "$log" >&2
    echo "$code: \"$*\" failed or took over $seconds s; is the npm registry reachable?" >&2
    exit 1
  }
}

# unpack NAME VERSION FOLDER: one package of the registry, without its dependencies.
unpack() {
  step ENPM_PACK 300 npm pack --silent --pack-destination "$scratch" "$1@$2"
  mkdir -p "$3"
  tar -xzf "$scratch/$1-$2.tgz" -C "$3" --strip-components=1
}

if node -e 'process.exit(process.versions.node.split(".")[0] >= 22 ? 0 : 1)' 2>/dev/null; then
  install() { step ENPM_INSTALL 600 npm ci --no-progress; }
else
  echo "this machine's Node is too old to install with; bringing Node $runtime_version and npm $NPM_VERSION first"
  unpack "node-linux-$arch" "$runtime_version" "$scratch/node"
  unpack npm "$NPM_VERSION" "$scratch/npm"
  install() {
    PATH="$scratch/node/bin:$PATH" \
      step ENPM_INSTALL 600 "$scratch/node/bin/node" "$scratch/npm/bin/npm-cli.js" ci --no-progress
  }
fi

echo "installing npm packages (pinned by package-lock.json)"
install
"$runtime/bin/node" --version >/dev/null 2>&1 || unpack "node-linux-$arch" "$runtime_version" "$runtime"
"$runtime/bin/node" --version >/dev/null || { echo "ENODE_BROKEN: $runtime/bin/node does not run" >&2; exit 1; }
touch "$stamp"
