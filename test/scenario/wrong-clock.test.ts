/** F-21: the box judges its gateways by a clock that may be anything after a start, and is never talked into a bad one. */
import { expect, test } from 'vitest';
import { SERIAL_NUMBER } from '../../sim/models/branch/branch-site.ts';
import { Story } from '../../sim/world/story.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** From the moment on at which a source of time answers. */
const CONNECTED_MS_MAX = 60_000;

test('a box without power while its gateways renewed, that wakes in 1970, connects once its board tells the time', async () => {
  const scene = await atRest();
  const { branch, world } = scene;
  branch.cutPower();
  await scene.pass(5 * MINUTE_MS);
  scene.certify({ fromMs: world.trueWallMs, endMs: world.trueWallMs + DAY_MS });
  await scene.pass(5 * MINUTE_MS);
  world.setWall(0);
  await scene.connectsWithItsBoard('ETLS_NOT_YET');
});

test('a box whose clock went weeks ahead takes its gateways for expired until its board tells the time', async () => {
  const scene = await atRest();
  scene.branch.crash();
  scene.world.jumpWall(50 * DAY_MS);
  await scene.connectsWithItsBoard('ETLS_EXPIRED');
});

test('a certificate that has ended stays so, wherever the clock of the box is moved and however often it starts', async () => {
  const scene = await atRest();
  const { branch, world } = scene;
  scene.certify({ fromMs: world.trueWallMs - 30 * DAY_MS, endMs: world.trueWallMs - MINUTE_MS });
  scene.kick();
  for (let at = 0; at < 20; at += 1) {
    if (at % 4 === 3) {
      branch.crash();
      branch.start();
    }
    world.jumpWall((at % 2 === 0 ? -1 : 2) * DAY_MS);
    await scene.pass(10_000);
    expect(scene.isRegistered()).toBe(false);
  }
  expect(scene.refusals()).toContain('ETLS_EXPIRED');
  scene.certify({ fromMs: world.trueWallMs, endMs: world.trueWallMs + DAY_MS });
  // Nothing tells a box that its gateways renewed: it tries again by itself.
  await scene.pass(5 * MINUTE_MS);
  expect(scene.isRegistered()).toBe(true);
});

async function atRest() {
  const story = new Story(21);
  const { cast, watch, world } = story;
  const { branch, gateways } = cast;
  const pass = (forMs: number): Promise<void> => story.pass(forMs);
  const isRegistered = (): boolean => gateways.some((each) => each.serves(SERIAL_NUMBER));
  const refusals = (): string => JSON.stringify(watch.notes);
  branch.start();
  await pass(10_000);
  return {
    branch,
    world,
    pass,
    isRegistered,
    refusals,
    certify: (certificate: { readonly fromMs: number; readonly endMs: number }) => {
      for (const gateway of gateways) gateway.certificate = certificate;
    },
    kick: () => {
      for (const gateway of gateways) gateway.kick(0x8b);
    },
    /** Starts it without its board, and then with it. */
    connectsWithItsBoard: async (refusal: string) => {
      branch.board.line.unplug();
      branch.start();
      await pass(2 * MINUTE_MS);
      expect(isRegistered()).toBe(false);
      expect(refusals()).toContain(refusal);
      branch.board.line.plug();
      await pass(CONNECTED_MS_MAX);
      expect(isRegistered()).toBe(true);
    },
  };
}
