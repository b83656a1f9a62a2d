# Sourced by the launchers with their directory as `bin`: finds the Node this project brings, and runs a program of it.
#
# The box's own Node may be older than the type stripping the sources need, so the pinned binary goes first
# and the system's serves only when it is new enough.

# shellcheck disable=SC2154 # the launcher says where it is
root=${bin%/*}
case $(uname -m) in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) arch=none ;;
esac

run_on_node() {
  program=$1
  shift
  node="$root/node_modules/node-linux-$arch/bin/node"
  if [ ! -x "$node" ]; then
    node=$(command -v node || true)
    major=$("${node:-false}" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
    if [ "$major" -lt 24 ]; then
      echo "ENODE_MISSING: no Node 24 found in $root/node_modules; run 'make setup' in $root" >&2
      exit 69
    fi
  fi
  # Sources stripped of their types and compiled are kept from start to start: 2 s and 35 MB less for the agent, two
  # thirds of the work of `sagctl status`. Who may not write beside the sources keeps them at home; a directory that
  # cannot be written to means only that nothing is kept.
  cache="$root/out/compile-cache"
  [ -w "$root/out" ] || [ -w "$root" ] || cache="${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/sag-edge-agent"
  export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$cache}"
  # SIGUSR1 would open an inspector on a box in the field; node:sqlite still warns that it is young.
  # shellcheck disable=SC2086 # several flags, none with a space
  exec "$node" ${node_flags:-} --disable-sigusr1 --disable-warning=ExperimentalWarning "$root/$program" "$@"
}
