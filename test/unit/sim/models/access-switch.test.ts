/** The shipped wiring moves to another access point in the deterministic world, by command, and loses nothing. */
import { expect, test } from 'vitest';
import { topicsOf } from '../../../../agent/access/topics.ts';
import { SafetyWatch } from '../../../../sim/checks/safety.ts';
import { TENANT } from '../../../../sim/lab/branch-config.ts';
import type { Order } from '../../../../sim/live/command-issuer.ts';
import { SERIAL_NUMBER, SITE_PATHS } from '../../../../sim/models/branch/branch-site.ts';
import { BranchWorld } from '../../../../sim/models/branch/branch-world.ts';
import { calmOptions } from '../../../../sim/world/options.ts';
import { World } from '../../../../sim/world/world.ts';
import { decode } from '../../../kit/branch.ts';

const CALM = calmOptions(SITE_PATHS);
const TOPICS = topicsOf(TENANT, SERIAL_NUMBER);

async function atRest() {
  const world = new World(1);
  const watch = new SafetyWatch(world);
  const cast = new BranchWorld(world, CALM, watch);
  const statuses: string[] = [];
  cast.store.subscribe(
    {
      topics: [TOPICS.commandStatus('+')],
      deliver: ({ payload }) => {
        const { state, errorMessage } = decode(payload) as Record<string, string>;
        statuses.push(`${state}: ${errorMessage}`);
      },
    },
    [],
  );
  const pass = async (ms: number): Promise<void> => {
    await world.run(world.nowMs + ms, () => watch.afterStep(cast));
  };
  const command = (order: Order): void => cast.clerk.command(order, 'none');
  cast.branch.start();
  cast.echoes.start();
  await pass(8_000);
  return { cast, statuses, pass, command };
}

const registration = (cast: BranchWorld) => cast.branch.snapshot()?.registration;

test('a command moves the registration to the other gateway, which then has the birth and the report', async () => {
  const { cast, statuses, pass, command } = await atRest();
  const points = registration(cast)?.accessPoints ?? [];
  expect(points.map(({ role }) => role)).toEqual(['nearest', 'standby']);
  expect(registration(cast)?.gateway).toBe(points[0]?.id);

  const fromMs = cast.world.nowMs;
  command({ verb: 'switchAccessPoint', accessPoint: points[1]?.id ?? '' });
  await pass(10_000);
  expect(registration(cast)).toMatchObject({ state: 'registered', gateway: points[1]?.id });
  expect(statuses.at(-1)).toBe('Succeed: Successful');
  expect(decode(cast.store.retained(TOPICS.life) ?? new Uint8Array())).toMatchObject({
    state: 'online',
  });
  expect(cast.echoes.longestGapMs(fromMs, cast.world.nowMs)).toBeLessThan(5 * CALM.echoIntervalMs);
});

test('a command to a gateway that is down is refused by the device, which stays where it is', async () => {
  const { cast, statuses, pass, command } = await atRest();
  const [nearest, standby] = registration(cast)?.accessPoints ?? [];
  cast.gateway(standby?.id ?? '')?.restart(60_000);
  command({ verb: 'switchAccessPoint', accessPoint: standby?.id ?? '' });
  await pass(10_000);
  expect(registration(cast)).toMatchObject({ state: 'registered', gateway: nearest?.id });
  expect(statuses.at(-1)).toContain('BuildRequestError');
  expect(statuses.at(-1)).toContain('ECONNREFUSED');
});

test('a command measures the access points, and the report says whether the far side is reached', async () => {
  const { cast, statuses, pass, command } = await atRest();
  command({ verb: 'probeAccessPoints' });
  await pass(3_000);
  expect(statuses.at(-1)).toBe('Succeed: Successful');
  expect(registration(cast)?.accessPoints?.[0]).toMatchObject({ lossPercent: 0 });
  expect(decode(cast.store.retained(TOPICS.reported) ?? new Uint8Array())).toMatchObject({
    controllerState: 'Normal',
    vpnState: 'Normal',
    endToEndState: 'Normal',
  });
});
