/** The time certificates are judged by: sources, bounds, jumps of ten years, and a start in 1970. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TimeEffect, TrustedTime } from '../../../../agent/access/trusted-time.ts';
import { advance } from '../../../kit/advance.ts';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const BUILT_MS = Date.UTC(2026, 0, 1);
const CA_ENDS_MS = BUILT_MS + 10 * YEAR_MS;
/** The time it really is when the machine starts. */
const NOW_MS = BUILT_MS + 100 * DAY_MS;

class Scene {
  readonly core: TrustedTime;
  nowMs = 5_000;
  systemMs: number;
  effects: TimeEffect[] = [];

  constructor(systemMs: number, floorMs = BUILT_MS) {
    this.systemMs = systemMs;
    const systemNow = (): number => this.systemMs;
    this.core = new TrustedTime({ floorMs, ceilingMs: CA_ENDS_MS, systemMs: systemNow });
    this.hear({ type: 'started' });
  }

  get wallMs(): number {
    return this.core.wallMs(this.nowMs);
  }

  hear(event: Parameters<TrustedTime['handle']>[0]): void {
    this.effects.push(...this.core.handle(event, this.nowMs));
  }

  pass(ms: number): void {
    this.effects.push(
      ...advance(this.core, this.nowMs, this.nowMs + ms).map((each) => each.effect),
    );
    this.nowMs += ms;
    this.systemMs += ms;
  }

  last(type: TimeEffect['type']): TimeEffect | undefined {
    return this.effects.findLast((effect) => effect.type === type);
  }
}

describe('a start in 1970', () => {
  it('judges by the floor, never by 1970, and never by nothing', () => {
    const scene = new Scene(0);
    expect(scene.core.source).toBe('floor');
    expect(scene.wallMs).toBe(BUILT_MS);
    scene.pass(DAY_MS);
    expect(scene.wallMs).toBe(BUILT_MS + DAY_MS);
  });

  it('knows the time within a second of the first source that answers', () => {
    const scene = new Scene(0);
    scene.pass(20_000);
    scene.systemMs = NOW_MS;
    scene.pass(1_000);
    expect(scene.core.source).toBe('system');
    expect(scene.wallMs).toBe(NOW_MS + 1_000);
    const board = new Scene(0);
    board.hear({ type: 'boardClockRead', wallMs: NOW_MS });
    expect([board.core.source, board.wallMs]).toEqual(['board', NOW_MS]);
  });

  it('asks for the machine to be put right too, because OpenSSL goes by its clock', () => {
    const scene = new Scene(0);
    scene.hear({ type: 'boardClockRead', wallMs: NOW_MS });
    expect(scene.last('setSystemClock')).toEqual({ type: 'setSystemClock', wallMs: NOW_MS });
  });

  it('does not believe a board with an empty battery', () => {
    const scene = new Scene(0);
    scene.hear({ type: 'boardClockRead', wallMs: 0 });
    expect(scene.core.source).toBe('floor');
  });
});

describe('what a gateway says', () => {
  it('is kept as the next floor, at once and every hour, and given to the board', () => {
    const scene = new Scene(NOW_MS);
    scene.hear({ type: 'gatewayTold', wallMs: NOW_MS + 400 });
    expect(scene.last('keepTime')).toEqual({ type: 'keepTime', wallMs: NOW_MS + 400 });
    expect(scene.last('boardCommand')).toMatchObject({ command: { kind: 'clockSet' } });
    scene.pass(3_600_000);
    expect(scene.last('keepTime')).toEqual({ type: 'keepTime', wallMs: NOW_MS + 400 + 3_600_000 });
  });

  it('is given to a board that answers later with another time, and not to one that has it', () => {
    const scene = new Scene(NOW_MS);
    scene.hear({ type: 'gatewayTold', wallMs: NOW_MS });
    scene.effects = [];
    scene.hear({ type: 'boardClockRead', wallMs: NOW_MS - 29_000 });
    expect(scene.effects).toEqual([]);
    scene.hear({ type: 'boardClockRead', wallMs: 0 });
    const unixSeconds = NOW_MS / 1_000;
    expect(scene.effects).toEqual([
      { type: 'boardCommand', command: { kind: 'clockSet', unixSeconds } },
    ]);
    expect(scene.core.source).toBe('gateway');
  });

  it('is not taken when it is before the floor or after the CA, and told to people', () => {
    for (const wallMs of [BUILT_MS - 1, CA_ENDS_MS + 1]) {
      const scene = new Scene(NOW_MS);
      scene.hear({ type: 'gatewayTold', wallMs });
      expect(scene.wallMs).toBe(NOW_MS);
      expect(scene.last('noted')).toMatchObject({ note: { code: 'gatewayTimeRefused' } });
    }
  });

  it('never lets the time go below what was confirmed before', () => {
    const scene = new Scene(NOW_MS);
    scene.hear({ type: 'gatewayTold', wallMs: NOW_MS });
    scene.pass(3_600_000);
    scene.hear({ type: 'gatewayTold', wallMs: NOW_MS - DAY_MS });
    expect(scene.wallMs).toBe(NOW_MS + 3_600_000);
  });
});

describe('a board that is behind', () => {
  /** A year in a drawer, with a battery that stood still. */
  const BEHIND_MS = BUILT_MS + DAY_MS;
  const ISSUED_MS = NOW_MS - 10 * DAY_MS;

  it('is given up when a certificate of the CA has begun and the clock of the machine agrees', () => {
    const scene = new Scene(NOW_MS);
    scene.hear({ type: 'boardClockRead', wallMs: BEHIND_MS });
    expect([scene.core.source, scene.wallMs]).toEqual(['board', BEHIND_MS]);
    scene.hear({ type: 'chainBegins', sinceMs: ISSUED_MS });
    expect([scene.core.source, scene.wallMs]).toEqual(['system', NOW_MS]);
    expect(scene.effects.slice(-3)).toMatchObject([
      { note: { code: 'boardClockRefuted', saidMs: BEHIND_MS, sinceMs: ISSUED_MS } },
      { note: { code: 'timeLearnt', source: 'system' } },
      { type: 'timeLearnt' },
    ]);
    // The same board says the same again, and the clock of the machine is moved back.
    scene.hear({ type: 'boardClockRead', wallMs: BEHIND_MS + 5_000 });
    expect(scene.core.source).toBe('system');
    scene.systemMs = BUILT_MS;
    expect(scene.wallMs).toBeGreaterThanOrEqual(ISSUED_MS);
    expect(scene.last('keepTime')).toBeUndefined();
    scene.systemMs = NOW_MS;
    scene.hear({ type: 'gatewayTold', wallMs: NOW_MS });
    expect(scene.last('boardCommand')).toMatchObject({ command: { kind: 'clockSet' } });
  });

  it('is believed while the machine disagrees, and a chain moves nothing that anybody better has said', () => {
    for (const systemMs of [ISSUED_MS - 1, 0, CA_ENDS_MS + DAY_MS]) {
      const scene = new Scene(systemMs);
      scene.hear({ type: 'boardClockRead', wallMs: BEHIND_MS });
      scene.hear({ type: 'chainBegins', sinceMs: ISSUED_MS });
      expect([scene.core.source, scene.wallMs]).toEqual(['board', BEHIND_MS]);
    }
    const confirmed = new Scene(NOW_MS + YEAR_MS);
    confirmed.hear({ type: 'gatewayTold', wallMs: NOW_MS });
    confirmed.hear({ type: 'chainBegins', sinceMs: NOW_MS + DAY_MS });
    expect([confirmed.core.source, confirmed.wallMs]).toEqual(['gateway', NOW_MS]);
  });

  it('never lets the time go back, whatever chains and clocks are shown', () => {
    const at = fc.integer({ min: BUILT_MS, max: CA_ENDS_MS });
    fc.assert(
      fc.property(at, at, at, (board, system, sinceMs) => {
        const scene = new Scene(system);
        scene.hear({ type: 'boardClockRead', wallMs: board });
        const before = scene.wallMs;
        scene.hear({ type: 'chainBegins', sinceMs });
        expect(scene.wallMs).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

describe('a clock that jumps', () => {
  it('moves nothing once the board has spoken', () => {
    for (const jumpMs of [10 * YEAR_MS, -10 * YEAR_MS, 3_600_000, -3_600_000]) {
      const scene = new Scene(NOW_MS);
      scene.hear({ type: 'boardClockRead', wallMs: NOW_MS });
      scene.systemMs += jumpMs;
      scene.pass(DAY_MS);
      expect(scene.wallMs).toBe(NOW_MS + DAY_MS);
    }
  });

  it('never makes a certificate good that had ended by the floor, whatever clocks say and when', () => {
    const jump = fc.record({
      whose: fc.constantFrom('system', 'board'),
      toMs: fc.integer({ min: NOW_MS - 20 * YEAR_MS, max: NOW_MS + 20 * YEAR_MS }),
      afterMs: fc.integer({ min: 0, max: 2 * DAY_MS }),
    });
    fc.assert(
      fc.property(fc.array(jump, { maxLength: 12 }), (jumps) => {
        const scene = new Scene(NOW_MS, NOW_MS);
        for (const { whose, toMs, afterMs } of jumps) {
          scene.pass(afterMs);
          if (whose === 'system') scene.systemMs = toMs;
          else scene.hear({ type: 'boardClockRead', wallMs: toMs });
          const accepts = (endMs: number): boolean => scene.wallMs <= endMs;
          expect(accepts(NOW_MS - 1)).toBe(false);
        }
      }),
    );
  });

  it('never makes a bad certificate good after a gateway has confirmed the time, wherever both clocks jump', () => {
    const shift = fc.integer({ min: -10 * YEAR_MS, max: 10 * YEAR_MS });
    fc.assert(
      fc.property(shift, shift, fc.integer({ min: 0, max: 30 * DAY_MS }), (system, board, ms) => {
        const scene = new Scene(NOW_MS);
        scene.hear({ type: 'gatewayTold', wallMs: NOW_MS });
        scene.systemMs += system;
        scene.hear({ type: 'boardClockRead', wallMs: NOW_MS + board });
        scene.pass(ms);
        expect(Math.abs(scene.wallMs - (NOW_MS + ms))).toBeLessThan(1);
      }),
    );
  });
});
