/**
 * What an operator orders of a branch in the document story, and what real packets must then show.
 */
import type { DeviceOrders } from '../live/cloud-desired.ts';
import { LabFailed, runCommand } from './command.ts';
import type { DemoLab } from './demo-lab.ts';
import {
  BEHIND_HOST,
  BEHIND_PREFIX,
  LAN_ADDRESS,
  LAN_HOST,
  LAN_PREFIX,
  MOVED_ADDRESS,
  netnsPath,
} from './topology.ts';

export interface Chapter {
  readonly name: string;
  readonly orders: DeviceOrders;
  /** What is still lacking; undefined when nothing is. */
  readonly holds: () => Promise<string | undefined>;
}

const behind = (policy: 'publish' | 'no_publish') => ({
  cidr: BEHIND_PREFIX,
  nextHop: LAN_HOST,
  policy,
});

export function documentChapters(lab: DemoLab): readonly Chapter[] {
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
    {
      name: 'the LAN port has another address, and the VPC reaches it there',
      orders: {
        routes: [],
        lan: [{ id: 'lan0', ipType: 'STATIC', address: `${MOVED_ADDRESS}/24` }],
      },
      holds: async () => {
        if (!(await isReached(MOVED_ADDRESS))) return 'the new address is not reached';
        const addresses = await runCommand(['ip', '-n', 'sag', 'address', 'show', 'dev', 'lan0']);
        return addresses.includes(LAN_ADDRESS) ? 'the former address is still there' : undefined;
      },
    },
    {
      name: 'without a word of it in the document it has the configured one again',
      orders: { lan: [] },
      holds: async () => ((await isReached(LAN_HOST)) ? undefined : 'the LAN is not reached'),
    },
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

/** By a host of the VPC, through the gateway that serves the branch. */
async function isReached(address: string): Promise<boolean> {
  const argv = ['ping', '-n', '-c', '1', '-W', '1', address];
  try {
    await runCommand(argv, { netnsPath: netnsPath('vpc') });
    return true;
  } catch (error) {
    if (error instanceof LabFailed) return false;
    throw error;
  }
}
