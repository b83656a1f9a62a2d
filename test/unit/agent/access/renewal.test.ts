/** The renewal core in virtual time: when it asks, what it shows, and that it never locks itself out. */
import { describe, expect, it } from 'vitest';
import { Renewal } from '../../../../agent/access/renewal.ts';
import type { RenewalEffect, RenewalEvent } from '../../../../agent/access/renewal-events.ts';
import type { PairFacts } from '../../../../agent/model/certificate.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { advance } from '../../../kit/advance.ts';

const DAY_MS = 86_400_000;
const BORN_MS = Date.UTC(2026, 0, 1);
const LIFE_DAYS = 90;
const pair = (generation: number, fromMs = BORN_MS): PairFacts => ({
  generation,
  fromMs,
  endMs: fromMs + LIFE_DAYS * DAY_MS,
});
const lost = (code: string): RenewalEvent => ({ type: 'channelClosed', code, text: 'gone' });

class Scene {
  readonly core: Renewal;
  nowMs = 0;
  all: { readonly atMs: number; readonly effect: RenewalEffect }[] = [];

  constructor(seed = 1, pairs: readonly PairFacts[] = [pair(1)], renews = true) {
    const random = new SeededRandom(seed);
    this.core = new Renewal({ tenant: 'acme', serialNumber: 'SAG1', pairs, renews, random });
    this.hear({ type: 'timeTold', wallMs: BORN_MS });
  }

  get day(): number {
    return this.nowMs / DAY_MS;
  }

  hear(...events: readonly RenewalEvent[]): readonly RenewalEffect[] {
    const effects = events.flatMap((event) => this.core.handle(event, this.nowMs));
    this.all.push(...effects.map((effect) => ({ atMs: this.nowMs, effect })));
    return effects;
  }

  pass(ms: number): void {
    this.all.push(...advance(this.core, this.nowMs, this.nowMs + ms));
    this.nowMs += ms;
  }

  /** Days on which something of this kind happened. */
  days(what: string): readonly number[] {
    return this.all.filter(({ effect }) => named(effect) === what).map(({ atMs }) => atMs / DAY_MS);
  }

  /** As far as a new pair on the disk that nobody has accepted yet. */
  renewed(): this {
    this.hear({ type: 'registered' });
    while (this.days('makeRequest').length === 0) this.pass(DAY_MS);
    this.hear({ type: 'requestMade', request: 'CSR' });
    const answer = { v: 1, kind: 'issued', certificate: 'PEM' } as const;
    this.hear({ type: 'identityAnswered', answer, retained: false });
    this.hear({ type: 'pairKept', pair: pair(2, BORN_MS + this.nowMs) });
    this.hear(lost('EBYE'));
    return this;
  }
}

function named(effect: RenewalEffect): string {
  if (effect.type === 'noted') return effect.note.code;
  if (effect.type !== 'identityWork') return effect.type;
  const { work } = effect;
  return 'generation' in work ? `${work.what} ${work.generation}` : work.what;
}

describe('a renewal', () => {
  it('is asked for after two thirds of life, a fleet of one birthday spread over a twelfth', () => {
    const days = Array.from({ length: 200 }, (_, seed) => {
      const scene = new Scene(seed);
      scene.hear({ type: 'registered' });
      scene.pass(75 * DAY_MS);
      return scene.days('makeRequest')[0] ?? Number.NaN;
    });
    expect(Math.min(...days)).toBeGreaterThanOrEqual((LIFE_DAYS * 2) / 3);
    expect(Math.max(...days)).toBeLessThanOrEqual((LIFE_DAYS * 3) / 4);
    expect(Math.max(...days) - Math.min(...days)).toBeGreaterThan(6);
  });

  it('shows the new pair at once, and lets the old one go only when a gateway has accepted it', () => {
    const scene = new Scene().renewed();
    expect(scene.days('usePair 2')).toHaveLength(1);
    expect(scene.days('provePair 2')).toHaveLength(0);
    scene.hear({ type: 'registered' });
    expect(scene.days('provePair 2')).toHaveLength(1);
    expect(scene.core.pairs.map(({ generation }) => generation)).toEqual([2]);
  });

  it('waits until it is registered, and until somebody knows the time', () => {
    const scene = new Scene();
    scene.pass(80 * DAY_MS);
    expect(scene.days('makeRequest')).toEqual([]);
    scene.hear({ type: 'registered' });
    expect(scene.days('makeRequest')).toEqual([80]);
    const timeless = new Renewal({
      tenant: 'acme',
      serialNumber: 'SAG1',
      pairs: [pair(1)],
      renews: true,
      random: new SeededRandom(1),
    });
    expect(timeless.handle({ type: 'registered' }, 0)).toEqual([]);
    expect(timeless.deadline()).toBeUndefined();
  });

  it('is asked for again, ever more slowly, when it is refused or nothing comes back', () => {
    const scene = new Scene();
    scene.hear({ type: 'registered' });
    scene.pass(68 * DAY_MS);
    expect(scene.days('makeRequest')).toHaveLength(1);
    scene.hear({ type: 'requestMade', request: 'CSR' });
    scene.pass(2 * 3_600_000);
    expect(scene.days('renewalFailed')).toHaveLength(1);
    expect(scene.days('makeRequest')).toHaveLength(2);
  });

  it('of a certificate its owner gave is left to the owner, who is warned in time', () => {
    const scene = new Scene(1, [pair(0)], false);
    scene.hear({ type: 'registered' });
    scene.pass(100 * DAY_MS);
    expect(scene.days('makeRequest')).toEqual([]);
    const days = scene.days('certificateEndsSoon').map(Math.round);
    expect(days.slice(-3)).toEqual([76, 83, 89]);
    expect(scene.days('certificateEnded').map(Math.floor)).toEqual([90]);
  });
});

describe('alarms', () => {
  const alarmsOf = (lifeDays: number): readonly unknown[] => {
    const given = { generation: 0, fromMs: BORN_MS, endMs: BORN_MS + lifeDays * DAY_MS };
    const scene = new Scene(3, [given], false);
    scene.pass((lifeDays + 1) * DAY_MS);
    return scene.all.flatMap(({ effect }) =>
      effect.type === 'noted' && effect.note.code === 'certificateEndsSoon'
        ? [effect.note.days]
        : [],
    );
  };

  it('come 30, 14, 7 and 1 days before the end, once each', () => {
    expect(alarmsOf(365)).toEqual([30, 14, 7, 1]);
  });

  it('leave out what a short life has no room for: nobody is told before renewal was due', () => {
    expect(alarmsOf(30)).toEqual([7, 1]);
  });
});

describe('a new pair that is not accepted', () => {
  it('gives way to the old one at once when a gateway refuses it', () => {
    const scene = new Scene().renewed();
    expect(scene.hear(lost('ETLS_REFUSED')).map(named)).toEqual(['usePair 1']);
  });

  it('gives way after three attempts that failed for other reasons, and comes back in turn', () => {
    const scene = new Scene().renewed();
    const shown = Array.from({ length: 12 }, () => scene.hear(lost('ETIMEOUT')).map(named)).flat();
    expect(shown).toEqual(['usePair 1', 'usePair 2', 'usePair 1', 'usePair 2']);
  });

  it('is tried again after an hour, and given up after three times', () => {
    const scene = new Scene().renewed();
    for (let trial = 0; trial < 3; trial += 1) {
      scene.hear(lost('ETLS_REFUSED'), { type: 'registered' });
      scene.pass(3_600_000);
      scene.hear(lost('EBYE'));
    }
    expect(scene.days('discardPair 2')).toHaveLength(1);
    expect(scene.core.pairs.map(({ generation }) => generation)).toEqual([1]);
    scene.hear({ type: 'registered' });
    scene.pass(2 * 3_600_000);
    expect(scene.days('makeRequest').length).toBeGreaterThan(1);
  });

  it('after a restart is on trial as before', () => {
    const scene = new Scene(1, [pair(2, BORN_MS), pair(1, BORN_MS - 60 * DAY_MS)]);
    expect(scene.hear(lost('ETLS_REFUSED')).map(named)).toEqual(['usePair 1']);
    expect(scene.hear(lost('ETLS_REFUSED')).map(named)).toEqual(['usePair 2']);
    scene.hear({ type: 'registered' });
    expect(scene.core.pairs.map(({ generation }) => generation)).toEqual([2]);
  });
});

describe('a device whose certificate has ended', () => {
  /** The box was off for longer than its certificate lived. */
  const returned = (pairs: readonly PairFacts[] = [pair(1, BORN_MS - LIFE_DAYS * DAY_MS)]): Scene =>
    new Scene(1, pairs);

  it('asks for another one as a new device would, and shows what it gets', () => {
    const scene = returned();
    expect(scene.all.map(({ effect }) => named(effect))).toEqual(['certificateEnded', 'enrol']);
    // However long that takes, it is asked for once: whoever does it goes on by itself.
    scene.pass(30 * DAY_MS);
    scene.hear(lost('ETLS_REFUSED'));
    expect(scene.days('enrol')).toHaveLength(1);
    scene.hear({ type: 'pairKept', pair: pair(2, BORN_MS + scene.nowMs) });
    expect(scene.days('usePair 2')).toHaveLength(1);
    scene.hear({ type: 'registered' });
    expect(scene.days('provePair 2')).toHaveLength(1);
  });

  it('stops asking when a gateway takes it after all: its own clock was wrong', () => {
    const scene = returned();
    scene.hear({ type: 'registered' });
    expect(scene.days('leaveEnrolment')).toHaveLength(1);
    scene.hear({ type: 'pairKept', pair: pair(2) });
    expect(scene.days('usePair 2')).toEqual([]);
  });

  it('asks at the very moment its last pair ends while no gateway is there', () => {
    const scene = new Scene(1, [pair(2), pair(1, BORN_MS - 10 * DAY_MS)]);
    scene.pass((LIFE_DAYS + 10) * DAY_MS);
    expect(scene.days('enrol')).toEqual([LIFE_DAYS]);
  });

  it('asks again when the asking itself cannot begin', () => {
    const scene = returned();
    scene.hear({ type: 'workFailed', code: 'ENOENT', text: 'there is no CA file' });
    scene.pass(2 * 3_600_000);
    expect(scene.days('enrol')).toHaveLength(2);
  });

  it('does nothing of that with a certificate its owner gave', () => {
    const scene = new Scene(1, [pair(0, BORN_MS - LIFE_DAYS * DAY_MS)], false);
    scene.pass(30 * DAY_MS);
    expect(scene.all.map(({ effect }) => named(effect))).toEqual(['certificateEnded']);
  });
});
