/** Which access point is the nearest, when that is measured, and how often. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  AccessPoints,
  type AccessPointsEffect,
  type AccessPointsEvent,
  PROBED_MAX,
} from '../../../../agent/access/access-points.ts';
import type { AgentConfig } from '../../../../agent/model/config.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { advance } from '../../../kit/advance.ts';
import { config, up } from '../../../kit/branch.ts';

function configWith(ids: readonly string[], foreign: readonly string[] = []): AgentConfig {
  const gatewayOf = (id: string, index: number) => ({
    id,
    address: `10.92.${index}.1`,
    port: 8443,
    serverName: `${id}.example`,
    ...(foreign.includes(id) && { area: 'Singapore' as const }),
  });
  return { ...config, access: { ...config.access, gateways: ids.map(gatewayOf) } };
}

/** Access points whose distance is a table; those that are not in it do not answer. */
class Scene {
  readonly core: AccessPoints;
  readonly seen: { readonly atMs: number; readonly effect: AccessPointsEffect }[] = [];
  readonly rttMs: Record<string, number> = {};
  readonly #config: AgentConfig;
  nowMs = 0;

  constructor(agentConfig: AgentConfig) {
    this.#config = agentConfig;
    this.core = new AccessPoints(agentConfig, new SeededRandom(5));
  }

  hear(event: AccessPointsEvent): void {
    this.#see(this.core.handle(event, this.nowMs).map((effect) => ({ atMs: this.nowMs, effect })));
  }

  pass(ms: number): void {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; ) {
      const next = Math.min(untilMs, this.core.deadline()?.atMs ?? untilMs);
      const timed = advance(this.core, this.nowMs, next);
      this.nowMs = next;
      this.#see(timed);
    }
  }

  start(): void {
    this.hear({ type: 'started' });
    this.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
  }

  of<Type extends AccessPointsEffect['type']>(type: Type) {
    return this.seen.flatMap(({ atMs, effect }) =>
      effect.type === type
        ? [{ atMs, ...(effect as Extract<AccessPointsEffect, { readonly type: Type }>) }]
        : [],
    );
  }

  get order(): readonly string[] | undefined {
    return this.of('accessPointsRanked').at(-1)?.order;
  }

  /** What is asked is answered at once: the distance is a figure, not a wait. */
  #see(timed: readonly { readonly atMs: number; readonly effect: AccessPointsEffect }[]): void {
    this.seen.push(...timed);
    for (const { effect } of timed) {
      if (effect.type !== 'probePath') continue;
      const { gateways } = this.#config.access;
      const id = gateways.find(({ address }) => address === effect.target.address)?.id ?? '';
      const rttMs = this.rttMs[id];
      const { probeId } = effect;
      if (rttMs !== undefined) {
        this.hear({ type: 'pathProbed', probeId, answer: { ok: true, rttMs } });
      }
    }
  }
}

describe('candidates of a document', () => {
  it('are the only ones measured and ranked, until a document takes the bound away', () => {
    const scene = new Scene(configWith(['a', 'b', 'c']));
    Object.assign(scene.rttMs, { a: 30, b: 20, c: 10 });
    scene.start();
    scene.pass(1_000);
    expect(scene.order).toEqual(['c', 'b', 'a']);
    scene.hear({ type: 'candidatesDesired', candidates: ['a', 'b'] });
    expect(scene.order).toEqual(['b', 'a']);
    scene.hear({ type: 'candidatesDesired', candidates: ['a'] });
    expect(scene.order).toEqual(['a']);
    scene.hear({ type: 'candidatesDesired', candidates: undefined });
    scene.pass(1_000);
    expect(scene.order).toEqual(['c', 'b', 'a']);
  });
});

describe('the access points', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene(configWith(['gwa', 'gwb', 'gwc']));
  });

  it('puts the nearest first and a second to stand by, measured over the address of the best uplink', () => {
    Object.assign(scene.rttMs, { gwa: 80, gwb: 12.4, gwc: 30 });
    scene.start();
    scene.pass(2_000);
    expect(scene.order).toEqual(['gwb', 'gwc', 'gwa']);
    expect(scene.core.snapshot()).toEqual([
      { id: 'gwb', role: 'nearest', rttMs: 12.4, lossPercent: 0 },
      { id: 'gwc', role: 'standby', rttMs: 30, lossPercent: 0 },
      { id: 'gwa', role: 'candidate', rttMs: 80, lossPercent: 0 },
    ]);
    const sources = scene.of('probePath').map(({ target }) => target.sourceAddress);
    expect(new Set(sources)).toEqual(new Set(['10.91.1.2']));
    expect(sources).toHaveLength(9);
  });

  it('has an order as soon as everybody has answered, and after a second and a half in any case', () => {
    Object.assign(scene.rttMs, { gwa: 5, gwb: 5, gwc: 5 });
    scene.start();
    scene.pass(100);
    expect(scene.of('accessPointsRanked').map(({ atMs }) => atMs)).toEqual([100]);

    const silent = new Scene(configWith(['gwa', 'gwb']));
    silent.start();
    silent.pass(1_499);
    expect(silent.order).toBeUndefined();
    silent.pass(1);
    expect(silent.order).toEqual(['gwa', 'gwb']);
    expect(silent.core.snapshot()[0]).toMatchObject({ lossPercent: 100 });
  });

  it('leaves the one in front where it is unless another is clearly nearer', () => {
    Object.assign(scene.rttMs, { gwa: 10, gwb: 9, gwc: 11 });
    scene.start();
    scene.pass(2_000);
    expect(scene.order).toEqual(['gwa', 'gwb', 'gwc']);
    scene.rttMs['gwb'] = 4;
    scene.pass(700_000);
    expect(scene.order?.[0]).toBe('gwb');
  });

  it('puts one that does not answer behind those that do, and says so again when it is back', () => {
    Object.assign(scene.rttMs, { gwb: 20, gwc: 40 });
    scene.start();
    scene.pass(2_000);
    expect(scene.order).toEqual(['gwb', 'gwc', 'gwa']);
    scene.rttMs['gwa'] = 3;
    scene.pass(700_000);
    expect(scene.order).toEqual(['gwa', 'gwb', 'gwc']);
  });

  it('never tries a gateway of another area, and has nothing to measure with one of its own', () => {
    const one = new Scene(configWith(['sg-1', 'gwa'], ['sg-1']));
    one.start();
    expect(one.order).toEqual(['gwa']);
    expect(one.of('probePath')).toEqual([]);
  });

  it('measures five of a long list in one round, and the others in turns', () => {
    const ids = Array.from({ length: 12 }, (_, index) => `gw${index}`);
    const many = new Scene(configWith(ids));
    for (const [index, id] of ids.entries()) many.rttMs[id] = 50 + index;
    many.start();
    many.pass(1_600);
    const first = new Set(many.of('probePath').map(({ target }) => target.address));
    expect(first.size).toBe(PROBED_MAX);
    many.pass(6 * 700_000);
    const all = new Set(many.of('probePath').map(({ target }) => target.address));
    expect(all.size).toBe(ids.length);
  });

  it('waits for an uplink before it measures', () => {
    scene.hear({ type: 'started' });
    scene.pass(60_000);
    expect(scene.of('probePath')).toEqual([]);
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    expect(scene.of('probePath')).toHaveLength(3);
  });

  it('measures on request, and refuses the next request within half a minute', () => {
    Object.assign(scene.rttMs, { gwa: 10, gwb: 20, gwc: 30 });
    scene.start();
    scene.pass(40_000);
    scene.hear({ type: 'probeRequested', requestId: 'r-1' });
    scene.hear({ type: 'probeRequested', requestId: 'r-2' });
    scene.pass(1_500);
    expect(scene.of('actionAnswered')).toMatchObject([
      { requestId: 'r-2', ok: false, code: 'ProbeFrequencyTooHigh' },
      { requestId: 'r-1', ok: true, because: expect.stringContaining('gwa 10.00 ms 0.00%') },
    ]);
    scene.pass(30_000);
    scene.hear({ type: 'probeRequested', requestId: 'r-3' });
    scene.pass(1_500);
    expect(scene.of('actionAnswered').at(-1)).toMatchObject({ requestId: 'r-3', ok: true });
  });
});
