import { expect, test } from 'vitest';
import { type MtuEffect, MtuSearch } from '../../../../agent/tunnel/quality/mtu-search.ts';
import { StampReflector } from '../../../../agent/tunnel/quality/stamp-reflector.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';

const RTT_MS = 20;
const CEILING = 1_420;

/** A search over a path that swallows what is larger than `hole`, in virtual time. */
class Scene {
  readonly search: MtuSearch;
  readonly effects: { atMs: number; effect: MtuEffect }[] = [];
  readonly #reflector = new StampReflector();
  readonly #random: SeededRandom;
  readonly #answers: { atMs: number; bytes: Uint8Array }[] = [];
  deviceMtu = CEILING;
  hole = Infinity;
  lossPercent = 0;
  probes = 0;
  nowMs = 0;

  constructor(seed = 1) {
    this.#random = new SeededRandom(seed);
    this.search = new MtuSearch({
      session: 2,
      family: 'ipv4',
      ceiling: CEILING,
      recheckMs: 30_000,
    });
  }

  enable(): void {
    this.#act(this.search.handle({ type: 'enabled', deviceMtu: this.deviceMtu }, this.nowMs));
  }

  /** The far end asks for this size. */
  hint(size: number): void {
    this.#act(this.search.handle({ type: 'farEndAsked', bytes: size - 28 }, this.nowMs));
  }

  run(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    for (;;) {
      const due = Math.min(
        this.search.deadline()?.atMs ?? Infinity,
        this.#answers[0]?.atMs ?? Infinity,
      );
      if (due > untilMs) break;
      this.nowMs = Math.max(this.nowMs, due);
      const answer = this.#answers[0];
      if (answer !== undefined && answer.atMs <= this.nowMs) {
        this.#answers.shift();
        const event = { type: 'packetArrived', bytes: answer.bytes } as const;
        this.#act(this.search.handle(event, this.nowMs));
      } else this.#act(this.search.tick(this.nowMs));
    }
    this.nowMs = untilMs;
  }

  mtus(): readonly number[] {
    return this.effects.flatMap(({ effect }) => (effect.type === 'setDeviceMtu' ? effect.mtu : []));
  }

  #act(effects: readonly MtuEffect[]): void {
    for (const effect of effects) {
      this.effects.push({ atMs: this.nowMs, effect });
      if (effect.type === 'setDeviceMtu') this.deviceMtu = effect.mtu;
      if (effect.type !== 'sendStamp') continue;
      this.probes += 1;
      const size = effect.bytes.byteLength + 28;
      expect(size).toBeLessThanOrEqual(this.deviceMtu);
      const lost = this.#random.next() * 100 < this.lossPercent;
      if (size > this.hole || lost) continue;
      const [reply] = this.#reflector.hear('t1', effect.bytes, this.nowMs);
      if (reply !== undefined)
        this.#answers.push({ atMs: this.nowMs + RTT_MS, bytes: reply.bytes });
    }
  }
}

test('a path that carries the full size costs one probe at each check', () => {
  const scene = new Scene();
  scene.enable();
  scene.run(20);
  expect(scene.search.snapshot()).toEqual({ mtu: CEILING, known: true, ceiling: CEILING });
  expect(scene.probes).toBe(1);
  scene.run(61_000);
  expect(scene.probes).toBe(3);
  expect(scene.mtus()).toEqual([]);
});

test.each([1_380, 1_320, 1_000, 577, 1_419])(
  'a hole at %i bytes is found within four bytes',
  (hole) => {
    const scene = new Scene();
    scene.hole = hole;
    scene.enable();
    scene.run(5_000);
    const [mtu = 0] = scene.mtus();
    expect(mtu).toBeLessThanOrEqual(hole);
    expect(mtu).toBeGreaterThanOrEqual(hole - 4);
    const found = scene.effects.find(({ effect }) => effect.type === 'pathMtuFound');
    expect(found?.effect).toEqual({ type: 'pathMtuFound', mtu, lowered: true });
    expect(found?.atMs).toBeLessThan(3_000);
  },
);

test('a size that stops passing is noticed at the next check', () => {
  const scene = new Scene();
  scene.enable();
  scene.run(10_000);
  scene.hole = 1_380;
  scene.run(25_000);
  expect(scene.mtus()).toHaveLength(1);
});

test('what the far end asks for less of is asked for at once, and not for every packet of its search', () => {
  const scene = new Scene();
  scene.enable();
  scene.run(15_000);
  const before = scene.probes;
  scene.hint(CEILING);
  expect(scene.probes).toBe(before);
  scene.hole = 1_380;
  for (let at = 0; at < 8; at += 1) scene.hint(1_300 + at);
  scene.run(3_000);
  expect(scene.mtus()).toHaveLength(1);
  const after = scene.probes;
  scene.hint(1_300);
  expect(scene.probes).toBe(after);
  scene.run(10_000);
  scene.hint(1_300);
  expect(scene.probes).toBe(after + 1);
});

test('loss alone does not lower the MTU', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const scene = new Scene(seed);
    scene.lossPercent = 20;
    scene.enable();
    scene.run(10 * 60_000);
    expect(scene.mtus()).toEqual([]);
  }
});

test('a far end that reflects nothing changes nothing, and is asked ever more rarely', () => {
  const scene = new Scene();
  scene.hole = 0;
  scene.enable();
  scene.run(60 * 60_000);
  expect(scene.mtus()).toEqual([]);
  expect(scene.search.snapshot().known).toBe(false);
  expect(scene.probes).toBeLessThan(400);
});

test('a lowered MTU is raised only after three answers, and put back when they do not come', () => {
  const scene = new Scene();
  scene.hole = 1_380;
  scene.enable();
  scene.run(5_000);
  const low = scene.deviceMtu;
  scene.run(620_000);
  expect(scene.mtus()).toEqual([low, CEILING, low]);
  expect(scene.deviceMtu).toBe(low);
  scene.hole = Infinity;
  scene.run(1_300_000);
  expect(scene.mtus().at(-1)).toBe(CEILING);
  expect(scene.search.snapshot()).toMatchObject({ mtu: CEILING, known: true });
});

test('a tunnel that goes down during a trial gets its proven MTU back', () => {
  const scene = new Scene();
  scene.hole = 1_380;
  scene.enable();
  scene.run(5_000);
  const low = scene.deviceMtu;
  const atMs = scene.search.deadline()?.atMs ?? 0;
  expect(atMs).toBeGreaterThan(scene.nowMs);
  scene.run(601_700 - scene.nowMs);
  while (scene.deviceMtu !== CEILING) scene.run(10);
  expect(scene.search.handle({ type: 'disabled' }, scene.nowMs)).toEqual([
    { type: 'setDeviceMtu', mtu: low },
  ]);
});
