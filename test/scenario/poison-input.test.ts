/**
 * F-30: what makes the agent crash whenever it reads it leads to safe mode, in which the branch is reached and carries
 * its traffic; nothing is lost, and what was refused unread is read when safe mode ends.
 */
import { expect, test } from 'vitest';
import { TENANT } from '../../sim/lab/branch-config.ts';
import { SERIAL_NUMBER } from '../../sim/models/branch/branch-site.ts';
import { Story } from '../../sim/world/story.ts';

/** From the first crash until a gateway knows that the agent runs without what made it crash. */
const REACHABLE_MS_MAX = 15_000;
/** Safe mode, the start after it, and a document that proves itself. */
const OVER_MS = 700_000;

test('while a document cannot be digested the confirmed one is in force; once it can be, it is taken', async () => {
  const { cast, ...scene } = await atRest();
  const confirmed = scene.running();
  scene.poison('10.99.0.0/16');
  cast.desk.attachVpc({ id: 'vpc-poison', regionId: 'cn-beijing', cidr: '10.99.0.0/16' });
  await scene.becomesReachable();
  expect(scene.running()).toBe(confirmed);
  expect(scene.reported().refused?.code).toBe('ESAFE_MODE');
  expect(cast.branch.egress()).toBe('wan1-agw-hangzhou-a');
  scene.poison('of a document that nobody sends');
  await scene.rest(OVER_MS);
  expect(scene.running()).toBe(cast.controller.revision);
  expect(scene.reported().safeMode).toBeUndefined();
});

test('an event on the disk that cannot be digested is set aside, and told in the end', async () => {
  const { cast, ...scene } = await atRest();
  for (const gateway of cast.gateways) gateway.restart(8_000);
  await scene.pass(1_000);
  cast.setCarrier('wan2', false);
  await scene.pass(1_000);
  const [event] = cast.branch.store.load('outbox');
  scene.poison(`"id":"${event?.key}"`);
  cast.branch.crash();
  cast.branch.start();
  await scene.becomesReachable();
  expect(scene.reported().safeMode).toMatchObject({ mode: 'safe' });
  expect(cast.store.hasEvent(event?.key ?? '')).toBe(false);
  scene.poison('of an event that never was');
  await scene.rest(OVER_MS);
  expect(cast.store.hasEvent(event?.key ?? '')).toBe(true);
  expect(scene.missing()).toEqual([]);
});

interface Told {
  readonly safeMode?: { readonly mode: string };
  readonly refused?: { readonly code: string };
}

async function atRest() {
  const story = new Story(30);
  const { cast, watch, world } = story;
  const { branch, store } = cast;
  const pass = (forMs: number): Promise<void> => story.pass(forMs);
  const reported = (): Told => {
    const payload = store.retained(`sag/v1/${TENANT}/${SERIAL_NUMBER}/state/reported`);
    return JSON.parse(new TextDecoder().decode(payload)) as Told;
  };
  branch.start();
  cast.echoes.start();
  await pass(10_000);
  return {
    cast,
    pass,
    /** A long time, in which the fast paths say the same again and again. */
    rest: async (forMs: number) => {
      cast.rest();
      await pass(forMs);
      cast.goOn();
      await pass(1_000);
    },
    reported,
    running: () => branch.snapshot()?.desired.revision,
    missing: () => watch.events.missing(cast),
    poison: (text: string) => {
      watch.struck({ kind: 'inputPoisoned', text });
      branch.starts.poison = text;
    },
    becomesReachable: async () => {
      const sinceMs = world.nowMs;
      const isSafe = (): true | undefined => (reported().safeMode === undefined ? undefined : true);
      await story.until('a gateway knows of safe mode', isSafe);
      expect(world.nowMs - sinceMs).toBeLessThan(REACHABLE_MS_MAX);
    },
  };
}
