/** A serial adapter that is pulled and put back a thousand times under one host that stays. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import { countOf, eventually, openDescriptors, PtyScene } from './pty-scene.ts';

const CYCLES = 1_000;
/** Of one host that stays: each waits until a lost port is tried again. */
const STAYING_CYCLES = 8;

let scene: PtyScene;

beforeEach(() => {
  scene = new PtyScene();
});

afterEach(() => scene.close());

/** Unplugs and plugs in at once, under another pty, again and again; the host is to find each. */
it('leaks no descriptor over a thousand unpluggings', { timeout: 180_000 }, async () => {
  const board = await scene.start();
  const fromMs = liveClock.nowMs();
  const cycle = async (): Promise<void> => {
    const host = scene.open();
    await eventually(() => countOf(host, 'boardUp') === 1);
    board.unplug();
    await eventually(() => countOf(host, 'boardLost') === 1);
    host.board.close();
    board.replug();
  };
  await cycle();
  const before = openDescriptors();
  for (let cycles = 0; cycles < CYCLES; cycles += 1) await cycle();
  await eventually(() => openDescriptors() <= before);
  const tookMs = Math.round(liveClock.nowMs() - fromMs);
  process.stdout.write(`${CYCLES} cycles took ${tookMs} ms; ${openDescriptors()} descriptors\n`);
  expect(openDescriptors()).toBeLessThanOrEqual(before);
});

it('is found again by one host that stays, each time under another device', async () => {
  const board = await scene.start();
  const host = scene.open();
  await eventually(() => countOf(host, 'boardUp') === 1);
  const before = openDescriptors();
  for (let cycles = 1; cycles <= STAYING_CYCLES; cycles += 1) {
    board.unplug();
    await eventually(() => countOf(host, 'boardLost') === cycles);
    board.replug();
    await eventually(() => countOf(host, 'boardUp') === cycles + 1);
  }
  await eventually(() => openDescriptors() <= before);
  const stages = host.notes.flatMap((note) => (note.code === 'lineRecovery' ? [note.stage] : []));
  expect(new Set(stages)).toEqual(new Set(['reopen', 'well']));
});
