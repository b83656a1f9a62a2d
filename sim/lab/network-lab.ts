/**
 * Builds the topology inside an enclosure: namespaces, wires, addresses, routes, forwarding and the fault
 * table, in about a dozen short tool runs.
 *
 * There is nothing to take down: everything hangs on the enclosure's own mount and network namespaces and is
 * gone when its last process is.
 */
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabFailed, runCommand } from './command.ts';
import { FAULT_TABLE } from './faults.ts';
import {
  NAMESPACES,
  type NamespaceName,
  netnsPath,
  ROUTERS,
  STATIC_ROUTES,
  VPC_BRIDGE,
  WIRES,
} from './topology.ts';

/** The only directory the lab writes to besides `out/`: on the enclosure's private tmpfs. */
export const LAB_DIRECTORY = '/run/sag';

const CARRIER_ATTEMPTS = 100;
const CARRIER_PAUSE_MS = 50;

/** Gives the enclosure a `/run` of its own, so that names cannot clash with another run or the machine. */
export async function makePrivateRun(): Promise<void> {
  await runCommand(['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'none', '/run']);
  for (const directory of ['/run/netns', '/run/wireguard', '/run/lock', LAB_DIRECTORY])
    await mkdir(directory, { mode: 0o755 });
}

export async function buildNetwork(): Promise<void> {
  await runCommand(['ip', 'link', 'set', 'lo', 'up']);
  await runCommand(['ip', '-batch', '-'], { input: creation().join('\n') });
  await Promise.all(NAMESPACES.map((namespace) => configure(namespace)));
  await runCommand(['nft', '-f', '-'], { input: FAULT_TABLE, netnsPath: netnsPath('inet') });
  for (const namespace of NAMESPACES) await waitForCarrier(namespace);
}

/** The kernel holds carrier news back for up to a second; a lab with half its links dead proves nothing. */
async function waitForCarrier(namespace: NamespaceName): Promise<void> {
  for (let attempt = 0; attempt < CARRIER_ATTEMPTS; attempt += 1) {
    const links = await runCommand(['ip', '-n', namespace, '-o', 'link']);
    if (!/NO-CARRIER|state (DOWN|LOWERLAYERDOWN)/.test(links)) return;
    await sleep(CARRIER_PAUSE_MS);
  }
  throw new LabFailed(`a link in ${namespace} did not come up`);
}

function creation(): string[] {
  return [
    ...NAMESPACES.map((namespace) => `netns add ${namespace}`),
    ...WIRES.map(
      ([near, far]) =>
        `link add ${near.deviceName} netns ${near.namespace} type veth` +
        ` peer name ${far.deviceName} netns ${far.namespace}`,
    ),
  ];
}

async function configure(namespace: NamespaceName): Promise<void> {
  const forwarding = ROUTERS.includes(namespace) ? '1' : '0';
  await sysctl(
    namespace,
    ['net/ipv6/conf/all/disable_ipv6', 'net/ipv6/conf/default/disable_ipv6'],
    '1',
  );
  // Each branch address answers on its own uplink only; the reverse path of a moved flow may be the other.
  await sysctl(namespace, ['net/ipv4/conf/all/rp_filter', 'net/ipv4/conf/default/rp_filter'], '0');
  await sysctl(namespace, ['net/ipv4/ip_forward'], forwarding);
  const lines = ['link set lo up', ...bridge(namespace), ...ends(namespace), ...routes(namespace)];
  await runCommand(['ip', '-n', namespace, '-batch', '-'], { input: lines.join('\n') });
}

function bridge(namespace: NamespaceName): string[] {
  if (namespace !== VPC_BRIDGE.namespace) return [];
  const { deviceName, address, ports } = VPC_BRIDGE;
  return [
    `link add ${deviceName} type bridge`,
    ...ports.map((port) => `link set ${port} master ${deviceName}`),
    `link set ${deviceName} up`,
    `address add ${address} dev ${deviceName}`,
  ];
}

function ends(namespace: NamespaceName): string[] {
  return WIRES.flat()
    .filter((wireEnd) => wireEnd.namespace === namespace)
    .flatMap(({ deviceName, address }) => [
      ...(address === undefined ? [] : [`address add ${address} dev ${deviceName}`]),
      `link set ${deviceName} up`,
    ]);
}

function routes(namespace: NamespaceName): string[] {
  return STATIC_ROUTES.filter((route) => route.namespace === namespace).map(
    ({ destination, gateway, metric }) =>
      `route add ${destination} via ${gateway}${metric === undefined ? '' : ` metric ${metric}`}`,
  );
}

/** Writes through `tee`, because a namespace's `/proc/sys/net` is that of the process that opens it. */
async function sysctl(
  namespace: NamespaceName,
  keys: readonly string[],
  value: string,
): Promise<void> {
  const argv = ['tee', ...keys.map((key) => `/proc/sys/${key}`)];
  try {
    await runCommand(argv, { input: value, netnsPath: netnsPath(namespace) });
  } catch (error) {
    const absent = error instanceof LabFailed && error.message.includes('No such file');
    // A kernel without IPv6 has nothing to switch off.
    if (!(absent && keys.every((key) => key.startsWith('net/ipv6')))) throw error;
  }
}
