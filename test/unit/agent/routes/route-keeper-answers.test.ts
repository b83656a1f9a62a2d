/** The route keeper alone: whose acknowledgement answers an activation, and what a refusal or a silent kernel means. */
import { describe, expect, test } from 'vitest';
import type { FastPathPlan } from '../../../../agent/model/fast-path.ts';
import type { KeeperEffect } from '../../../../agent/routes/keeper-events.ts';
import { ANSWER_WAIT_MS, RETRY_MS, RouteKeeper } from '../../../../agent/routes/route-keeper.ts';
import type { KernelLink } from '../../../../firmware-shim/kernel/types.ts';
import { branchPlan } from '../../../kit/fast-path-lab.ts';
import { sharesOf } from '../../../kit/kept-routes.ts';

const SENT_AT_MS = 12;
const GROUP = 'nexthop replace id 19600';

function device(index: number, over: Partial<KernelLink> = {}): KernelLink {
  return { index, name: `wgb${index}`, adminUp: true, carrier: true, mtu: 1_420, ...over };
}

class Desk {
  readonly keeper = new RouteKeeper();
  nowMs = 0;

  see(...links: readonly KernelLink[]): readonly KeeperEffect[] {
    const events = links.map((link) => ({ type: 'linkChanged', link }) as const);
    return this.keeper.handle({ type: 'kernelChanged', events }, this.nowMs);
  }

  plan(over: Partial<FastPathPlan> = {}): readonly KeeperEffect[] {
    return this.keeper.handle({ type: 'planReceived', plan: branchPlan(over) }, this.nowMs);
  }

  activate(tunnel: string | undefined, activation: number): readonly KeeperEffect[] {
    const members = sharesOf(tunnel);
    return this.keeper.handle({ type: 'activate', activation, tunnel, members }, this.nowMs);
  }

  /** The kernel carried out what was ordered. */
  accept(ticket: number, sentAtMs?: number): readonly KeeperEffect[] {
    const answer = { type: 'kernelAnswered', ticket, result: { ok: true } } as const;
    const event = sentAtMs === undefined ? answer : { ...answer, sentAtMs };
    return this.keeper.handle(event, this.nowMs);
  }

  refuse(ticket: number, code: string, text = ''): readonly KeeperEffect[] {
    const result = { ok: false, refusal: { code, errno: 1, text } } as const;
    return this.keeper.handle({ type: 'kernelAnswered', ticket, result }, this.nowMs);
  }
}

/** Both devices are seen, the plan is in place, the first tunnel is active, everything is acknowledged. */
function running(over: Partial<FastPathPlan> = {}): Desk {
  const desk = new Desk();
  desk.see(device(1), device(2));
  desk.plan(over);
  desk.activate('t1', 1);
  for (let ticket = 1; ticket <= 20; ticket += 1) desk.accept(ticket);
  return desk;
}

function orders(effects: readonly KeeperEffect[]) {
  return effects.flatMap((each) => (each.type === 'performKernel' ? [each] : []));
}

const ops = (effects: readonly KeeperEffect[]) =>
  orders(effects).map(({ operation }) => operation.op);
const ticketOf = (effects: readonly KeeperEffect[]): number =>
  orders(effects).at(-1)?.ticket ?? Number.NaN;

describe('an activation', () => {
  test('is answered by the acknowledgement of its group, with the time it was sent', () => {
    const desk = running();
    const flip = desk.activate('t2', 2);
    expect(ops(flip)).toEqual(['nexthopReplace']);
    expect(flip).toHaveLength(1);
    const answer = { type: 'activated', activation: 2, sentAtMs: SENT_AT_MS };
    expect(desk.accept(ticketOf(flip), SENT_AT_MS)).toEqual([answer]);
    expect(desk.keeper.deadline()).toBeUndefined();
    expect(desk.accept(ticketOf(flip), SENT_AT_MS)).toEqual([]);
  });

  test('is answered without a time where nobody knows one', () => {
    const desk = running();
    const [answer] = desk.accept(ticketOf(desk.activate('t2', 2)));
    expect(answer).toStrictEqual({ type: 'activated', activation: 2 });
  });

  test('is answered by its last route when there are new ones, and no other order answers it', () => {
    const desk = new Desk();
    desk.see(device(1), device(2));
    desk.plan({ policy: { ...branchPlan().policy, allDown: 'internet' } });
    const made = orders(desk.activate('t1', 1));
    expect(made.map(({ ticket }) => ticket)).toEqual(
      made.map((_, at) => (made[0]?.ticket ?? 0) + at),
    );
    const answers = made.map(({ ticket }) => desk.accept(ticket));
    expect(answers.slice(0, -1).flat()).toEqual([]);
    const prefixes = 2;
    const note = { code: 'routesInstalled', level: 'info', prefixes, nexthop: 'wgb1' };
    expect(answers.at(-1)).toEqual([
      { type: 'note', note },
      { type: 'activated', activation: 1 },
    ]);
  });

  test('that needs no order is answered at once', () => {
    expect(running().activate('t1', 2)).toStrictEqual([{ type: 'activated', activation: 2 }]);
  });

  test('of a tunnel whose device carries nothing fails at once, and the prefixes lead nowhere', () => {
    const desk = running();
    desk.see(device(2, { carrier: false }));
    const effects = desk.activate('t2', 2);
    expect(ops(effects)).toContain('nexthopReplace');
    const failure = 'its device cannot carry routes';
    expect(effects.at(-1)).toEqual({ type: 'activated', activation: 2, failure });
    expect(desk.accept(ticketOf(effects))).toEqual([]);
  });

  test('that was overtaken by another is not answered by its late acknowledgement', () => {
    const desk = running();
    const first = ticketOf(desk.activate('t2', 2));
    const second = ticketOf(desk.activate('t1', 3));
    expect(desk.accept(first)).toEqual([]);
    expect(desk.accept(second)).toEqual([{ type: 'activated', activation: 3 }]);
  });

  test('fails when the kernel refuses it, in the words of the kernel', () => {
    const desk = running();
    const flip = ticketOf(desk.activate('t2', 2));
    const refused = { code: 'kernelRefused', level: 'error', operation: GROUP } as const;
    expect(desk.refuse(flip, 'EINVAL', 'no such id')).toEqual([
      { type: 'note', note: { ...refused, errno: 'EINVAL', text: 'no such id' } },
      {
        type: 'activated',
        activation: 2,
        failure: 'the kernel refused it: EINVAL no such id',
      },
    ]);
  });

  test('is given up when the kernel does not answer in time', () => {
    const desk = running();
    desk.nowMs = 100;
    const flip = ticketOf(desk.activate('t2', 2));
    expect(desk.keeper.deadline()?.atMs).toBe(100 + ANSWER_WAIT_MS);
    expect(desk.keeper.tick(99 + ANSWER_WAIT_MS)).toEqual([]);
    const failure = `the kernel has not answered for ${ANSWER_WAIT_MS} ms`;
    expect(desk.keeper.tick(100 + ANSWER_WAIT_MS)).toEqual([
      { type: 'note', note: { code: 'kernelSilent', level: 'error', waitedMs: ANSWER_WAIT_MS } },
      { type: 'activated', activation: 2, failure },
    ]);
    expect(desk.accept(flip)).toEqual([]);
    expect(desk.keeper.deadline()).toBeUndefined();
  });
});

describe('a refusal', () => {
  test('is tried again soon, then ever later up to a second, and soon again after a success', () => {
    const desk = running();
    let flip = ticketOf(desk.activate('t2', 2));
    const waitsMs: number[] = [];
    for (let times = 0; times < 10; times += 1) {
      desk.refuse(flip, 'ENOMEM');
      const atMs = desk.keeper.deadline()?.atMs ?? Number.NaN;
      waitsMs.push(atMs - desk.nowMs);
      expect(desk.keeper.tick(atMs - 1)).toEqual([]);
      desk.nowMs = atMs;
      const again = orders(desk.keeper.tick(atMs));
      flip = again.find(({ operation }) => operation.op === 'nexthopReplace')?.ticket ?? Number.NaN;
    }
    expect(waitsMs).toEqual([10, 20, 40, 80, 160, 320, 640, 1_000, 1_000, 1_000]);
    desk.accept(flip);
    desk.refuse(flip + 1, 'ENOMEM');
    expect(desk.keeper.deadline()?.atMs).toBe(desk.nowMs + RETRY_MS.first);
  });

  test('of a delete of what is gone already is none', () => {
    const desk = running();
    const [first] = orders(desk.plan({ revision: 2, prefixes: ['10.80.0.0/16'] }));
    expect(first?.operation).toMatchObject({ op: 'routeDelete' });
    expect(desk.refuse(first?.ticket ?? 0, 'ESRCH')).toEqual([]);
    expect(desk.keeper.deadline()).toBeUndefined();
    const key = { destination: '10.81.0.0/16', table: 254, protocol: 213, metric: 19_600 };
    const route = { ...key, family: 'ipv4', type: 'unicast' } as const;
    // Nor is an echo expected of it: whoever deletes that route now deletes one that was put again.
    desk.plan({ revision: 3 });
    const events = [{ type: 'routeRemoved', route }] as const;
    expect(desk.keeper.handle({ type: 'kernelChanged', events }, 0)[0]).toMatchObject({
      note: { code: 'routePutBack', destination: '10.81.0.0/16' },
    });
  });

  test('that answers nobody is not told', () => {
    expect(running().refuse(999, 'ENOMEM')).toEqual([]);
  });
});

describe('the MTU of a tunnel', () => {
  const set = (desk: Desk, tunnel: string) =>
    desk.keeper.handle({ type: 'setDeviceMtu', tunnel, mtu: 1_280 }, 0);

  test('is set on its device', () => {
    const [order] = orders(set(running(), 't2'));
    expect(order?.operation).toEqual({ op: 'linkSet', index: 2, mtu: 1_280 });
  });

  test('is set nowhere without a plan, for an unknown tunnel, and while its device is missing', () => {
    expect(set(new Desk(), 't2')).toEqual([]);
    expect(set(running(), 't9')).toEqual([]);
    const desk = new Desk();
    desk.see(device(1));
    desk.plan();
    expect(set(desk, 't2')).toEqual([]);
  });
});

describe('the snapshot', () => {
  test('before any plan says that nothing is there', () => {
    expect(new RouteKeeper().snapshot()).toStrictEqual({
      table: 0,
      prefixes: [],
      installed: false,
      via: 'nothing',
    });
  });

  test('says over which device the prefixes lead, or what they do without one', () => {
    const desk = running({ table: 77 });
    const { prefixes } = branchPlan();
    const shared = { table: 77, prefixes, installed: true };
    expect(desk.keeper.snapshot()).toStrictEqual({ ...shared, via: 'wgb1' });
    desk.activate('t2', 2);
    expect(desk.keeper.snapshot()).toStrictEqual({ ...shared, via: 'wgb2' });
    desk.activate(undefined, 3);
    expect(desk.keeper.snapshot()).toStrictEqual({ ...shared, via: 'blackhole' });
  });

  test('names what is refused, and every prefix must be there to be installed', () => {
    const desk = running();
    const over = { lanPrefixes: ['10.81.7.0/24'], revision: 2 };
    const note = { code: 'prefixRefused', prefix: '10.81.0.0/16' };
    expect(desk.plan(over)).toContainEqual({ type: 'note', note: expect.objectContaining(note) });
    expect(desk.plan({ ...over, revision: 3 })).toEqual([]);
    expect(desk.keeper.snapshot().refused).toMatchObject([{ prefix: '10.81.0.0/16' }]);
    const events = [
      {
        type: 'routeRemoved',
        route: {
          family: 'ipv4',
          destination: '10.80.0.0/16',
          table: 254,
          protocol: 213,
          type: 'unicast',
          metric: 19_600,
        },
      },
    ] as const;
    const [told, putBack] = desk.keeper.handle({ type: 'kernelChanged', events }, 0);
    expect(told).toMatchObject({ note: { code: 'routePutBack' } });
    expect(putBack).toMatchObject({ operation: { op: 'routeReplace' } });
    desk.refuse(ticketOf([putBack].flatMap((each) => each ?? [])), 'ENOMEM');
    expect(desk.keeper.snapshot().installed).toBe(false);
  });
});

test('the routes of a former run are adopted with a note of how many they are, and once only', () => {
  const desk = new Desk();
  const shared = { family: 'ipv4', protocol: 213 } as const;
  const group = [{ id: 19_611, weight: 3 }];
  const member = { ...shared, id: 19_611, deviceIndex: 2 };
  const link = device(2);
  desk.keeper.handle(
    {
      type: 'kernelChanged',
      events: [
        { type: 'linkChanged', link },
        { type: 'nexthopAdded', nexthop: member },
        { type: 'nexthopAdded', nexthop: { ...shared, id: 19_600, group } },
      ],
    },
    0,
  );
  expect(desk.plan().slice(0, 2)).toEqual([
    { type: 'note', note: { code: 'routesAdopted', level: 'info', prefixes: 0 } },
    { type: 'adopted', tunnel: 't2', members: [{ tunnel: 't2', weight: 3 }] },
  ]);
  expect(desk.keeper.snapshot().via).toBe('wgb2');
  expect(desk.plan({ revision: 2 })).toEqual([]);
});
