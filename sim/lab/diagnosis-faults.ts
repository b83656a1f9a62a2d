/**
 * Faults a branch meets, really made in the lab: each with the rung of `sagctl check` a technician should be sent to.
 *
 * Names are those of the table in docs/DIAGNOSTICS.md.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NameServer } from '../live/name-server.ts';
import { runCommand } from './command.ts';
import type { DemoLab } from './demo-lab.ts';
import { CCN_ID, GATEWAY_PORT } from './lab-cloud.ts';
import { SERIAL_NUMBER } from './lab-parts.ts';
import { LAB_INTERNET, netnsPath, UPLINKS } from './topology.ts';

export interface LabFault {
  readonly name: string;
  readonly rung: string;
  readonly outcome: 'failed' | 'degraded';
  readonly make: () => Promise<void>;
  readonly heal: () => Promise<void>;
}

export interface FaultBench {
  readonly lab: DemoLab;
  readonly names: NameServer;
}

/** The host behind the CCN answers no ping. */
export const SILENT_HOST = 'VPC host refuses';
/** More than the state directory's file system holds. */
const FILLING_BYTES = 64 * 1024 * 1024;
/** Of the second uplink, as the configuration is written: what stands before its kind and before its priority. */
const WAN2 = /("id": "wan2",\s+"kind": )"wired"([^}]+"priority": )\d+/;
/** Below what SAG calls bad (-100 dBm). */
const FADED_DBM = -113;

export function diagnosisFaults(bench: FaultBench): readonly LabFault[] {
  return [
    ...uplinkFaults(bench),
    ...pathFaults(bench),
    ...boxFaults(bench),
    ...startFaults(bench),
    mtuFault(),
  ];
}

function uplinkFaults({ lab }: FaultBench): readonly LabFault[] {
  const ids = UPLINKS.map(({ id }) => id);
  return [
    fault('cable of one uplink out', 'cable', 'degraded', {
      make: async () => void (await lab.faults.pullCable('wan1')),
      heal: async () => lab.faults.plugCable('wan1'),
    }),
    fault('all cables out', 'cable', 'failed', {
      make: async () => void (await Promise.all(ids.map(async (id) => lab.faults.pullCable(id)))),
      heal: async () => {
        await Promise.all(ids.map(async (id) => lab.faults.plugCable(id)));
        await addressUplinks((address) => address);
      },
    }),
    fault('address of the wrong VLAN', 'address', 'failed', {
      make: async () => addressUplinks((address) => address.replace('10.91.', '10.77.')),
      heal: async () => addressUplinks((address) => address),
    }),
    fault('no address by DHCP', 'address', 'failed', {
      make: async () => addressUplinks(() => undefined),
      heal: async () => addressUplinks((address) => address),
    }),
    fault('ISP box dead', 'gateway', 'failed', {
      make: async () => answerArp('off'),
      heal: async () => answerArp('on'),
    }),
  ];
}

function pathFaults({ lab, names }: FaultBench): readonly LabFault[] {
  const isps = `{ ${UPLINKS.map(({ ispDeviceName }) => ispDeviceName).join(', ')} }`;
  return [
    fault('DNS dead', 'dns', 'failed', {
      make: async () => names.fallSilent(true),
      heal: async () => names.fallSilent(false),
    }),
    fault('line paid to nowhere', 'internet', 'failed', {
      // The ISP's own box answers, and its name server; nothing beyond it does.
      ...inetRules(
        `add rule inet diagnosis forwarded iifname ${isps} drop`,
        `add rule inet diagnosis forwarded oifname ${isps} drop`,
        `add rule inet diagnosis received ip daddr ${LAB_INTERNET} drop`,
      ),
    }),
    fault('MQTT port blocked', 'tls', 'failed', {
      ...inetRules(`add rule inet diagnosis forwarded tcp dport ${GATEWAY_PORT} drop`),
    }),
    fault('one tunnel black-holed', 'tunnels', 'degraded', {
      ...inetRules(
        `add rule inet diagnosis forwarded iifname isp1 meta l4proto udp drop`,
        `add rule inet diagnosis forwarded oifname isp1 meta l4proto udp drop`,
      ),
    }),
    fault('every tunnel black-holed', 'tunnels', 'failed', {
      ...inetRules('add rule inet diagnosis forwarded meta l4proto udp drop'),
    }),
    fault('CEN unbound from the CCN', 'chain', 'failed', {
      make: async () => void lab.cloud.cloud.controller.change((ccn) => ccn.unbindCen(CCN_ID)),
      heal: async () =>
        void lab.cloud.cloud.controller.change((ccn) => ccn.bindCen(CCN_ID, 'cen-shanghai')),
    }),
    fault(SILENT_HOST, 'reach', 'failed', {
      ...rulesIn('vpc', 'add rule inet diagnosis received ip protocol icmp drop'),
    }),
  ];
}

/** Each needs an agent that starts with it; the last one brings the ordinary agent back. */
function startFaults({ lab }: FaultBench): readonly LabFault[] {
  const overLte = otherStart(lab, (text) =>
    text.replace(WAN2, (_all, kind: string, priority: string) => `${kind}"lte"${priority}99`),
  );
  return [
    fault('gateway certificate wrong', 'tls', 'failed', {
      ...otherStart(lab, (text) => text.replaceAll('"serverName": "agw-', '"serverName": "other-')),
    }),
    fault('gateway of another area', 'registration', 'failed', {
      ...otherStart(lab, (text) => text.replace('"area": "Mainland China"', '"area": "Singapore"')),
    }),
    fault('LTE faded', 'lte', 'degraded', {
      ...overLte,
      make: async () => {
        lab.board.lte(FADED_DBM);
        await overLte.make();
      },
    }),
    fault('agent dead, tunnels alive', 'box', 'failed', {
      make: async () => lab.killAgent(),
      heal: async () => lab.startAgent(),
    }),
  ];
}

/** Restarts the agent with another configuration; healed is the file, for whoever starts the agent next. */
function otherStart(
  lab: DemoLab,
  change: (text: string) => string,
): Pick<LabFault, 'make' | 'heal'> {
  const { configFile } = lab.config;
  let healthy = '';
  return {
    make: async () => {
      healthy = await readFile(configFile, 'utf8');
      await lab.stopAgent();
      await writeFile(configFile, change(healthy));
      await lab.startAgent();
    },
    heal: async () => writeFile(configFile, healthy),
  };
}

function boxFaults({ lab }: FaultBench): readonly LabFault[] {
  return [
    fault('board silent', 'board', 'failed', {
      make: async () => Promise.resolve(lab.board.unplug()),
      heal: async () => Promise.resolve(lab.board.replug()),
    }),
    fault('disk full', 'box', 'failed', {
      make: async () => fillDisk(fillingOf(lab)),
      heal: async () => rm(fillingOf(lab)),
    }),
    fault('CCN unbound from the SAG', 'chain', 'failed', {
      make: async () =>
        void lab.cloud.cloud.controller.change((ccn) => ccn.unbindSag(SERIAL_NUMBER)),
      heal: async () =>
        void lab.cloud.cloud.controller.change((ccn) => ccn.bindSag(SERIAL_NUMBER, CCN_ID)),
    }),
  ];
}

/** Last: the agent makes the devices smaller, and tries larger packets again minutes later. */
function mtuFault(): LabFault {
  return fault('MTU 1280 on the path', 'mtu', 'failed', {
    ...inetRules('add rule inet diagnosis forwarded meta l4proto udp meta length > 1280 drop'),
  });
}

function fault(
  name: string,
  rung: string,
  outcome: LabFault['outcome'],
  does: Pick<LabFault, 'make' | 'heal'>,
): LabFault {
  return { name, rung, outcome, ...does };
}

function inetRules(...rules: readonly string[]): Pick<LabFault, 'make' | 'heal'> {
  return rulesIn('inet', ...rules);
}

function rulesIn(
  namespace: 'inet' | 'vpc',
  ...rules: readonly string[]
): Pick<LabFault, 'make' | 'heal'> {
  const nft = async (lines: readonly string[]): Promise<void> => {
    const options = { input: `${lines.join('\n')}\n`, netnsPath: netnsPath(namespace) };
    await runCommand(['nft', '-f', '-'], options);
  };
  const table = [
    'add table inet diagnosis',
    'add chain inet diagnosis forwarded { type filter hook forward priority 0; policy accept; }',
    'add chain inet diagnosis received { type filter hook input priority 0; policy accept; }',
  ];
  return {
    make: async () => nft([...table, ...rules]),
    heal: async () => nft(['delete table inet diagnosis']),
  };
}

/** Gives each uplink the address that is made of its own one, or none; its default route comes and goes with it. */
async function addressUplinks(of: (address: string) => string | undefined): Promise<void> {
  const lines = UPLINKS.flatMap(({ id, address, gateway, priority }) => {
    const own = of(address);
    return [
      `address flush dev ${id}`,
      ...(own === undefined ? [] : [`address add ${own}/24 dev ${id}`]),
      ...(own === address ? [`route replace default via ${gateway} metric ${100 + priority}`] : []),
    ];
  });
  await runCommand(['ip', '-n', 'sag', '-batch', '-'], { input: lines.join('\n') });
}

/** A next hop that answers nobody, and whose hardware address nobody remembers. */
async function answerArp(state: 'on' | 'off'): Promise<void> {
  const far = UPLINKS.map(({ ispDeviceName }) => `link set ${ispDeviceName} arp ${state}`);
  const near = UPLINKS.map(({ id }) => `neighbour flush dev ${id}`);
  await runCommand(['ip', '-n', 'inet', '-batch', '-'], { input: far.join('\n') });
  await runCommand(['ip', '-n', 'sag', '-batch', '-'], { input: near.join('\n') });
}

function fillingOf({ config }: DemoLab): string {
  return join(dirname(config.configFile), 'state', 'filling');
}

async function fillDisk(file: string): Promise<void> {
  // It ends with ENOSPC, as it should.
  await writeFile(file, Buffer.alloc(FILLING_BYTES)).catch(() => undefined);
}
