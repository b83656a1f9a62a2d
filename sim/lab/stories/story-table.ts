/**
 * The failover stories, one row each: what is done, and what must hold.
 */

import type { ChangeCause } from '../../../agent/model/tunnel-change.ts';
import { uniformMs } from '../../../firmware-shim/base/random.ts';
import { impairmentWords, UNIMPAIRED } from '../../models/network/impaired-direction.ts';
import { runCommand } from '../command.ts';
import { netnsPath, UPLINKS, uplinkOf, VPC_HOST } from '../topology.ts';
import { carrierOf, engineProcesses } from './engine-process.ts';
import { KEY_ROTATION, rekeyStories } from './key-stories.ts';
import type { Expectation, Scene, Story } from './story.ts';

/** Either end may be the first to miss the other. */
const SILENCE: readonly ChangeCause[] = ['silence', 'session-down'];
const LEAVES_UPLINK: Expectation = { kind: 'moves', away: 'uplink', causes: SILENCE };
/** Long enough for sessions to measure the loss and for the classes to be judged. */
const BROWN_OUT_MS = 8_000;
const FLAPS = 20;
/** The flow is up to 1,000 packets of some 150 bytes a second each way, 1.2 Mbit/s; a slow machine sends half. */
const NARROW_KBIT_PER_S = 200;
/** A fifth of a second of the line. */
const NARROW_QUEUE_BYTES = 5_000;

const clean = async ({ room, victim }: Scene): Promise<void> => room.impair(victim, {});

export const STORIES: readonly Story[] = [
  {
    name: 'cable',
    expects: { kind: 'moves', away: 'uplink', causes: ['carrier', ...SILENCE] },
    make: async ({ room, victim }) => {
      await room.lab.faults.pullCable(victim);
      return undefined;
    },
    heal: async ({ room, victim }) => room.lab.faults.plugCable(victim),
  },
  {
    name: 'black hole',
    inShort: true,
    expects: LEAVES_UPLINK,
    make: async ({ room, victim }) => {
      await room.impair(victim, { isBlocked: true });
      return undefined;
    },
    heal: clean,
  },
  oneWay('out'),
  oneWay('in'),
  {
    name: 'flap storm',
    // Away and back, and each time perhaps over another gateway first: far fewer than flaps.
    expects: { kind: 'settles', forMs: 2_000, changesMax: 6 },
    make: async ({ room, victim, random }) => {
      const pausesMs = Array.from({ length: FLAPS }, () => Math.round(uniformMs(random, 10, 120)));
      for (const pauseMs of pausesMs) {
        await room.lab.faults.pullCable(victim);
        await room.pause(pauseMs);
        await room.lab.faults.plugCable(victim);
        await room.pause(pauseMs);
      }
      return `${FLAPS} flaps, down and up for ${pausesMs.join(', ')} ms each`;
    },
    heal: clean,
  },
  {
    name: 'both uplinks down and back',
    inShort: true,
    expects: { kind: 'disconnects' },
    make: async ({ room }) => {
      for (const { id } of UPLINKS) await room.impair(id, { isBlocked: true });
      return undefined;
    },
    heal: async ({ room, random, victim, other }) => {
      const order = random.next() < 0.5 ? [victim, other] : [other, victim];
      for (const uplink of order) {
        await room.impair(uplink, {});
        await room.pause(Math.round(uniformMs(random, 0, 500)));
      }
    },
  },
  {
    name: 'hub crash',
    expects: { kind: 'moves', away: 'tunnel', causes: SILENCE },
    make: async ({ room }) => {
      await room.setGatewayWire('core-a', false);
      for (const pid of await engineProcesses('gwa')) process.kill(pid, 'SIGKILL');
      return undefined;
    },
    heal: async ({ room }) => room.setGatewayWire('core-a', true),
  },
  engineFault('engine crash', 'SIGKILL', ['engine', ...SILENCE]),
  engineFault('engine hang', 'SIGSTOP', SILENCE),
  {
    name: 'back with an MTU of 1380',
    expects: LEAVES_UPLINK,
    make: async ({ room, victim }) => {
      await room.impair(victim, { isBlocked: true });
      return undefined;
    },
    check: async (scene) => backWithHole(scene, 1_380),
    heal: clean,
  },
  ...rekeyStories(SILENCE),
  KEY_ROTATION,
  // A path that has lost packets keeps its raised multiplier: these come last.
  brownOut(1, { kind: 'stays', forMs: BROWN_OUT_MS }),
  // Beyond what the multiplier learns in time both answers are right; each must be explained.
  ...[5, 10, 20, 40].map((lossPercent) =>
    brownOut(lossPercent, { kind: 'settles', forMs: BROWN_OUT_MS, changesMax: 12 }),
  ),
  {
    name: 'losses in bursts',
    expects: { kind: 'settles', forMs: BROWN_OUT_MS, changesMax: 12 },
    make: async ({ room, victim, random }) => {
      const drawn = { delayMs: whole(random.next(), 5, 40), jitterMs: whole(random.next(), 1, 20) };
      const loss = { kind: 'bursts', enterPercent: 2, leavePercent: 20, lossPercent: 70 } as const;
      const impairment = { ...UNIMPAIRED, ...drawn, loss };
      await room.impair(victim, impairment);
      return impairmentWords(impairment);
    },
    heal: clean,
  },
  {
    name: 'reordering',
    expects: { kind: 'stays', forMs: BROWN_OUT_MS },
    make: async ({ room, victim, random }) => {
      const jitterMs = whole(random.next(), 10, 40);
      const impairment = { ...UNIMPAIRED, delayMs: 5, jitterMs, reorders: true };
      await room.impair(victim, impairment);
      return impairmentWords(impairment);
    },
    heal: clean,
  },
  {
    name: 'a line too narrow',
    // Far less than the flow needs: its queue stays full, probes wait in it and are lost like any packet.
    expects: { kind: 'settles', forMs: BROWN_OUT_MS, changesMax: 12 },
    make: async ({ room, victim }) => {
      const rate = { kbitPerS: NARROW_KBIT_PER_S, queueBytes: NARROW_QUEUE_BYTES };
      const impairment = { ...UNIMPAIRED, rate };
      await room.impair(victim, impairment);
      return impairmentWords(impairment);
    },
    check: async ({ room, victim }) => {
      const { dropped } = await room.relay.impair(victim, 'out', {});
      return dropped['queue-full'] > 0 ? [] : ['nothing was too much for the line'];
    },
    heal: clean,
  },
  {
    name: 'address change',
    expects: { kind: 'moves', away: 'uplink', causes: ['carrier', ...SILENCE] },
    make: async ({ room, victim }) => {
      await room.lab.renumber(victim, uplinkOf(victim).address.replace(/\d+$/, '77'));
      return undefined;
    },
    heal: async () => undefined,
  },
];

function oneWay(direction: 'out' | 'in'): Story {
  return {
    name: `one-way loss, ${direction === 'out' ? 'to the gateways' : 'to the branch'}`,
    ...(direction === 'in' && { inShort: true }),
    expects: LEAVES_UPLINK,
    make: async ({ room, victim }) => {
      await room.relay.impair(victim, direction, { isBlocked: true });
      return undefined;
    },
    heal: clean,
  };
}

function brownOut(lossPercent: number, expects: Expectation): Story {
  return {
    name: `brown-out of ${lossPercent} %`,
    expects,
    make: async ({ room, victim, random }) => {
      const drawn = { delayMs: whole(random.next(), 5, 40), jitterMs: whole(random.next(), 1, 10) };
      const impairment = {
        ...UNIMPAIRED,
        ...drawn,
        loss: { kind: 'single', lossPercent },
      } as const;
      await room.impair(victim, impairment);
      return impairmentWords(impairment);
    },
    heal: clean,
  };
}

function engineFault(
  name: string,
  signal: 'SIGKILL' | 'SIGSTOP',
  causes: readonly ChangeCause[],
): Story {
  let pid = 0;
  return {
    name,
    ...(signal === 'SIGKILL' && { inShort: true }),
    expects: { kind: 'moves', away: 'tunnel', causes },
    make: async ({ room, tunnel }) => {
      pid = await carrierOf((await room.tunnelOf(tunnel)).deviceName, 'sag');
      process.kill(pid, signal);
      return undefined;
    },
    heal: async () => {
      if (signal === 'SIGSTOP') resume(pid);
    },
  };
}

/** One that its keeper has already replaced needs nothing. */
function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Headers of ICMP, IP and either engine over IPv4. */
const ENGINE_BYTES_MAX = 120;

/** The uplink returns, and packets above this size vanish on it: the tunnel's MTU must follow, and traffic return. */
async function backWithHole({ room, victim, tunnel }: Scene, mtuBytes: number): Promise<string[]> {
  await room.impair(victim, { mtuBytes });
  await room.until(`an MTU below ${mtuBytes} is found for ${tunnel}`, ({ fastPath }) => {
    const { mtu } = fastPath.tunnels.find(({ id }) => id === tunnel)?.quality ?? {};
    return mtu?.known === true && mtu.mtu < mtuBytes ? true : undefined;
  });
  await room.until('traffic returns', ({ fastPath }) =>
    fastPath.active === tunnel ? true : undefined,
  );
  // As large as the path carries at all, with room for the engine's own bytes: it must not vanish.
  const size = String(mtuBytes - ENGINE_BYTES_MAX);
  const answered = await runCommand(['ping', '-q', '-c', '3', '-W', '2', '-s', size, VPC_HOST], {
    netnsPath: netnsPath('lan'),
  }).then(
    () => true,
    () => false,
  );
  return answered ? [] : [`packets of ${size} bytes vanish`];
}

function whole(draw: number, low: number, high: number): number {
  return Math.round(low + draw * (high - low));
}
