/**
 * What an operator orders of a branch in the document story, and what real packets must then show.
 */
import type { Command } from '../../agent/access/payloads.ts';
import type { RoutePolicy } from '../../agent/model/branch-route.ts';
import type { DeviceOrders } from '../live/cloud-desired.ts';
import { LabFailed, runCommand } from './command.ts';
import { CutOff, WAYS_TO_NOBODY } from './cut-off.ts';
import type { DemoLab } from './demo-lab.ts';
import { switchOrder } from './lab-operator.ts';
import { SERIAL_NUMBER } from './lab-parts.ts';
import {
  BEHIND_HOST,
  BEHIND_PREFIX,
  LAN_ADDRESS,
  LAN_HOST,
  LAN_PREFIX,
  MOVED_ADDRESS,
  type NamespaceName,
  netnsPath,
} from './topology.ts';
import { waitUntil } from './wait-until.ts';

export interface Chapter {
  readonly name: string;
  readonly orders: DeviceOrders;
  /** What else happens, once it is ordered. */
  readonly make?: () => Promise<unknown>;
  /** What is still lacking; undefined when nothing is. */
  readonly holds: () => Promise<string | undefined>;
  /** `HELD_MS_MAX` when absent. */
  readonly withinMs?: number;
}

const behind = (policy: RoutePolicy, healthCheck?: string) => ({
  cidr: BEHIND_PREFIX,
  nextHop: LAN_HOST,
  policy,
  ...(healthCheck !== undefined && { healthCheck }),
});
/** A host of the lab answers within a millisecond. */
const PING_WAIT_S = '0.4';
/** Noticed within some two seconds. */
const CHECK = {
  id: 'behind',
  type: 'ICMP_ECHO',
  destination: BEHIND_HOST,
  probeIntervalMs: 1_000,
  probeTimeoutMs: 500,
  failCountThreshold: 1,
} as const;
/** Of two uplinks and two gateways; all stand by now on any machine. */
const OTHER_MS_MAX = 20_000;
/** Time enough to be found dead, and little to wait for in every test run. */
const SHORT_CONFIRM_S = 6;
const ORDINARY_CONFIRM_S = 90;
/** The ordinary time, the 10 s after them, and a slow machine. */
const ORDINARY_MS_MAX = 150_000;

export function documentChapters(lab: DemoLab): readonly Chapter[] {
  return [
    ...routeChapters(lab),
    ...healthChapters(lab),
    ...lanChapters(),
    ...roleChapters(lab),
    kept(lab),
    ...commandChapters(lab),
    ...rollbackChapters(lab),
  ];
}

function routeChapters(lab: DemoLab): readonly Chapter[] {
  return [
    {
      name: 'a LAN prefix that is not published is not reached from the VPC',
      orders: { routes: [{ cidr: LAN_PREFIX, policy: 'no_publish' }] },
      holds: async () => ((await isReached(LAN_HOST)) ? 'the LAN is still reached' : undefined),
    },
    {
      name: 'published again it is, and so is a network behind a router of the LAN',
      orders: { routes: [behind('publish')] },
      holds: async () => {
        if (!(await isReached(LAN_HOST))) return 'the LAN is not reached';
        return (await isReached(BEHIND_HOST)) ? undefined : 'what lies behind is not reached';
      },
    },
    {
      name: 'its publication is revoked and it is not reached, while the LAN is',
      orders: { routes: [behind('no_publish')] },
      holds: async () => {
        if (await isReached(BEHIND_HOST)) return 'what lies behind is still reached';
        const { routes = [] } = (await lab.snapshot())?.desired ?? {};
        const { published } = routes.find(({ cidr }) => cidr === BEHIND_PREFIX) ?? {};
        if (published !== 'not_publish') return `the branch says ${published}`;
        return (await isReached(LAN_HOST)) ? undefined : 'the LAN is not reached';
      },
    },
  ];
}

function healthChapters(lab: DemoLab): readonly Chapter[] {
  return [
    {
      name: 'it is published by the policy that waits for a health check, once the check succeeds',
      orders: {
        healthChecks: [CHECK],
        routes: [behind('no_publish_and_publish_on_health_success', CHECK.id)],
      },
      holds: async () =>
        (await isReached(BEHIND_HOST)) ? undefined : 'what lies behind is not reached',
    },
    {
      name: 'the host behind the router is gone: the check fails, and the route is taken back',
      orders: {},
      make: async () => ip('lan', 'address', 'delete', `${BEHIND_HOST}/32`, 'dev', 'lo'),
      holds: async () => {
        const { routes = [] } = (await lab.snapshot())?.desired ?? {};
        const { published, because } = routes.find(({ cidr }) => cidr === BEHIND_PREFIX) ?? {};
        return published === 'not_publish' ? undefined : `it is published because ${because}`;
      },
    },
  ];
}

function lanChapters(): readonly Chapter[] {
  return [
    {
      name: 'the LAN port has another address, and the VPC reaches it there',
      orders: {
        routes: [],
        healthChecks: [],
        lan: [{ id: 'lan0', ipType: 'STATIC', address: `${MOVED_ADDRESS}/24` }],
      },
      holds: async () => {
        if (!(await isReached(MOVED_ADDRESS))) return 'the new address is not reached';
        const addresses = await ip('sag', 'address', 'show', 'dev', 'lan0');
        return addresses.includes(LAN_ADDRESS) ? 'the former address is still there' : undefined;
      },
    },
    {
      name: 'a host of the LAN is given an address by the box',
      orders: { lan: [{ id: 'lan0', ipType: 'DHCP', address: LAN_ADDRESS, dhcp: RANGE }] },
      holds: async () => ((await isLeased()) ? undefined : 'no lease'),
    },
    {
      name: 'without a word of it in the document it has the configured one again',
      orders: { lan: [] },
      holds: async () => ((await isReached(LAN_HOST)) ? undefined : 'the LAN is not reached'),
    },
  ];
}

function roleChapters(lab: DemoLab): readonly Chapter[] {
  return [
    {
      name: 'as a cold standby it has no tunnel, is not reached, and the gateway was told',
      orders: { routes: [], ha: { type: 'cold_backup', role: 'standby' } },
      holds: async () => {
        if (!lab.storedEvents().includes('DeviceSwitched')) return 'no DeviceSwitched was stored';
        const { tunnels } = (await lab.snapshot())?.fastPath ?? {};
        if (tunnels?.length !== 0) return 'there are tunnels';
        return (await isReached(LAN_HOST)) ? 'the LAN is still reached' : undefined;
      },
    },
    {
      name: 'made active it carries again',
      orders: { ha: { type: 'cold_backup', role: 'active' } },
      holds: async () => ((await isReached(LAN_HOST)) ? undefined : 'the LAN is not reached'),
    },
  ];
}

function commandChapters(lab: DemoLab): readonly Chapter[] {
  const { operator } = lab;
  const order = async () =>
    waitUntil('another tunnel is up', OTHER_MS_MAX, async () => switchOrder(await lab.snapshot()));
  const unproved: Command[] = [];
  let obeyed: { readonly command: Command; readonly tunnel: string } | undefined;
  return [
    {
      name: 'a command that nobody signed is refused, and so is one that somebody else signed',
      orders: {},
      make: async () => {
        const { signature = '', ...unsigned } = operator.signed(await order());
        // That of another command is as good as anybody's.
        unproved.push(unsigned, { ...operator.signed(await order()), signature });
        for (const command of unproved) operator.send(lab.cloud, command);
      },
      holds: async () => {
        const codes = unproved.map((each) => operator.statusOf(each)?.errorCode);
        return codes.join() === 'EUNSIGNED,EFORGED' ? undefined : `the answers are ${codes}`;
      },
    },
    {
      name: 'a signed one is carried out: the tunnel it names carries',
      orders: {},
      make: async () => {
        const switching = await order();
        obeyed = { command: operator.signed(switching), tunnel: switching.tunnel };
        operator.send(lab.cloud, obeyed.command);
      },
      holds: async () => {
        const state = obeyed && operator.statusOf(obeyed.command)?.state;
        if (state !== 'Succeed') return `the answer is ${state}`;
        const { active } = (await lab.snapshot())?.fastPath ?? {};
        if (active !== obeyed?.tunnel) return `${active} is in use`;
        return (await isReached(LAN_HOST)) ? undefined : 'the LAN is not reached';
      },
    },
  ];
}

function rollbackChapters(lab: DemoLab): readonly Chapter[] {
  return [
    {
      name: 'cut off its gateway by a document it undoes that in time, and is reached again',
      orders: { uplinks: WAYS_TO_NOBODY, confirmWithinS: SHORT_CONFIRM_S },
      holds: cutOff(lab),
    },
    {
      name: 'and obeys the next document',
      orders: {
        uplinks: [],
        confirmWithinS: ORDINARY_CONFIRM_S,
        routes: [{ cidr: LAN_PREFIX, policy: 'no_publish' }],
      },
      holds: async () => ((await isReached(LAN_HOST)) ? 'the LAN is still reached' : undefined),
    },
  ];
}

/** The same with the deadline of a document that names none. */
export function cutOffChapters(lab: DemoLab): readonly Chapter[] {
  return [
    kept(lab),
    {
      name: 'cut off its gateway it waits the ordinary deadline, and is reached again',
      orders: { uplinks: WAYS_TO_NOBODY },
      holds: cutOff(lab),
      withinMs: ORDINARY_MS_MAX,
    },
  ];
}

/** What is undone goes back to what had proved itself. */
function kept(lab: DemoLab): Chapter {
  return {
    name: 'what is in force has proved itself',
    orders: {},
    holds: async () => {
      const { revision = 0, trial } = (await lab.snapshot())?.desired ?? {};
      const wanted = lab.cloud.cloud.controller.documentOf(SERIAL_NUMBER)?.revision;
      if (revision !== wanted) return `revision ${revision} is in force`;
      return trial === undefined ? undefined : 'it is on trial';
    },
  };
}

function cutOff(lab: DemoLab): Chapter['holds'] {
  const watch = new CutOff(lab, isReached);
  return async () => watch.look();
}

const RANGE = { from: '192.168.10.100', to: '192.168.10.100', leaseMinutes: 60 };

/** By a DHCP client in the LAN that is not ours; it keeps nothing. */
async function isLeased(): Promise<boolean> {
  const words = ['-f', '-n', '-q', '-t', '1', '-T', '1', '-i', 'eth0', '-s', '/bin/true'];
  return succeeds(['busybox', 'udhcpc', ...words], 'lan');
}

async function ip(namespace: NamespaceName, ...words: readonly string[]): Promise<string> {
  return runCommand(['ip', '-n', namespace, ...words]);
}

/** By a host of the VPC, through the gateway that serves the branch. */
async function isReached(address: string): Promise<boolean> {
  return succeeds(['ping', '-n', '-c', '1', '-W', PING_WAIT_S, address], 'vpc');
}

async function succeeds(argv: readonly string[], namespace: NamespaceName): Promise<boolean> {
  try {
    await runCommand(argv, { netnsPath: netnsPath(namespace) });
    return true;
  } catch (error) {
    if (error instanceof LabFailed) return false;
    throw error;
  }
}
