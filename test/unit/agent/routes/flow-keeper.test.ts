/** The keeper of flows alone: what it asks of the kernel, in which order, and what it makes of the answers. */
import { describe, expect, test } from 'vitest';
import type { FastPathPlan } from '../../../../agent/model/fast-path.ts';
import { flowMark, flowRoute, flowRule } from '../../../../agent/model/flow-mark.ts';
import type { FlowEffect, FlowEvent } from '../../../../agent/routes/flow-events.ts';
import { COUNT_MS, FlowKeeper, STAY_MS_MAX } from '../../../../agent/routes/flow-keeper.ts';
import type { KernelLink } from '../../../../firmware-shim/kernel/types.ts';
import { branchPlan, branchTunnel } from '../../../kit/fast-path-lab.ts';

const MARK = flowMark(2);
const MOVED = { type: 'trafficMoved', from: 't2', to: 't1', cause: 'better' } as const;

function marked(over: Partial<FastPathPlan> = {}): FastPathPlan {
  const tunnels = [1, 2].map((index) => ({ ...branchTunnel(index), flowMark: flowMark(index) }));
  return branchPlan({ tunnels, ...over });
}

function device(index: number): KernelLink {
  return { index, name: `wgb${index}`, adminUp: true, carrier: true, mtu: 1_420 };
}

/** Knows its plan and the devices of both tunnels. */
function keeper(over: Partial<FastPathPlan> = {}): FlowKeeper {
  const flows = new FlowKeeper();
  const links = [device(1), device(2)].map((link) => ({ type: 'linkChanged', link }) as const);
  flows.handle({ type: 'kernelChanged', events: links }, 0);
  flows.handle({ type: 'planReceived', plan: marked(over) }, 0);
  return flows;
}

/** Traffic has left the second tunnel for a better one. */
function keeping(over: Partial<FastPathPlan> = {}): FlowKeeper {
  const flows = keeper(over);
  flows.handle(MOVED, 0);
  return flows;
}

function operations(effects: readonly FlowEffect[]): readonly object[] {
  return effects.flatMap((each) => (each.type === 'performKernel' ? [each.operation] : []));
}

function released(because: string, flows?: number): FlowEffect {
  const counted = flows === undefined ? {} : { flows };
  const note = { code: 'flowsReleased', level: 'info', tunnel: 't2', because, ...counted } as const;
  return { type: 'note', note };
}

const RELEASE = [
  { op: 'ruleDelete', rule: flowRule(MARK, 'ipv4') },
  { op: 'routeDelete', route: flowRoute(MARK, 'ipv4', 2) },
];

describe('what holds the flows of a backup', () => {
  test('is a route before a rule, numbered downwards, and a note of how long at most', () => {
    expect(keeper().handle(MOVED, 7)).toEqual([
      {
        type: 'performKernel',
        ticket: -1,
        operation: { op: 'routeReplace', route: flowRoute(MARK, 'ipv4', 2) },
      },
      {
        type: 'performKernel',
        ticket: -2,
        operation: { op: 'ruleAdd', rule: flowRule(MARK, 'ipv4') },
      },
      {
        type: 'note',
        note: { code: 'flowsStay', level: 'info', tunnel: 't2', forMsMax: STAY_MS_MAX },
      },
    ]);
  });

  test('is there for each family of the prefixes, all routes before all rules', () => {
    const flows = keeper({ prefixes: ['10.80.0.0/16', 'fd00:80::/32'] });
    expect(operations(flows.handle(MOVED, 0))).toEqual([
      { op: 'routeReplace', route: flowRoute(MARK, 'ipv4', 2) },
      { op: 'routeReplace', route: flowRoute(MARK, 'ipv6', 2) },
      { op: 'ruleAdd', rule: flowRule(MARK, 'ipv4') },
      { op: 'ruleAdd', rule: flowRule(MARK, 'ipv6') },
    ]);
    expect(operations(keeper({ prefixes: ['fd00:80::/32'] }).handle(MOVED, 0))).toHaveLength(2);
  });

  test.each<[string, FlowEvent]>([
    ['a tunnel that was lost', { ...MOVED, cause: 'silence' }],
    ['no tunnel at all', { ...MOVED, from: undefined }],
    ['a tunnel of no plan', { ...MOVED, from: 't9' }],
  ])('is not put for %s', (_, moved) => {
    const flows = keeper();
    expect(flows.handle(moved, 0)).toEqual([]);
    expect(flows.deadline()).toBeUndefined();
    expect(flows.snapshot(0)).toEqual([]);
  });

  test('is not put for a tunnel without a mark or without a device', () => {
    const tunnels = [branchTunnel(1), branchTunnel(2)];
    expect(keeper({ tunnels }).handle(MOVED, 0)).toEqual([]);
    const flows = new FlowKeeper();
    flows.handle({ type: 'planReceived', plan: marked() }, 0);
    expect(flows.handle(MOVED, 0)).toEqual([]);
    expect(new FlowKeeper().handle(MOVED, 0)).toEqual([]);
  });

  test('is not put while user traffic is stopped, and is again afterwards', () => {
    const flows = keeper();
    expect(flows.handle({ type: 'dataStopChanged', stop: 'arrears' }, 0)).toEqual([]);
    expect(flows.handle(MOVED, 0)).toEqual([]);
    expect(flows.handle({ type: 'dataStopChanged', stop: undefined }, 0)).toEqual([]);
    expect(operations(flows.handle(MOVED, 0))).toHaveLength(2);
  });
});

describe('flows are let go, rule before route,', () => {
  test('after the longest time, not a moment before', () => {
    const flows = keeping();
    flows.handle({ type: 'flowsCounted', flows: [{ mark: MARK, flows: 4 }] }, 0);
    expect(flows.tick(STAY_MS_MAX - 1)).toEqual([{ type: 'countFlows' }]);
    const effects = flows.tick(STAY_MS_MAX);
    expect(operations(effects)).toEqual(RELEASE);
    expect(effects.at(-1)).toEqual(released('they have stayed long enough', 4));
    expect(flows.deadline()).toBeUndefined();
  });

  test('when user traffic is stopped', () => {
    const effects = keeping().handle({ type: 'dataStopChanged', stop: 'securityLock' }, 1);
    expect(operations(effects)).toEqual(RELEASE);
    expect(effects.at(-1)).toEqual(released('user traffic is stopped'));
  });

  test('when their tunnel is doubted, but not when another is', () => {
    const flows = keeping();
    expect(flows.handle({ type: 'tunnelDoubted', tunnel: 't1', because: 'silence' }, 1)).toEqual(
      [],
    );
    const effects = flows.handle({ type: 'tunnelDoubted', tunnel: 't2', because: 'silence' }, 1);
    expect(effects.at(-1)).toEqual(released('silence'));
    expect(flows.handle({ type: 'tunnelDoubted', tunnel: 't2', because: 'silence' }, 1)).toEqual(
      [],
    );
  });

  test('when the uplink of their tunnel is lost, but not when another is', () => {
    const flows = keeping();
    expect(flows.handle({ type: 'uplinkLost', uplink: 'wan1' }, 1)).toEqual([]);
    const effects = flows.handle({ type: 'uplinkLost', uplink: 'wan2' }, 1);
    expect(effects.at(-1)).toEqual(released('uplink wan2 is down'));
    expect(new FlowKeeper().handle({ type: 'uplinkLost', uplink: 'wan2' }, 1)).toEqual([]);
  });

  test('when all of them have ended', () => {
    const flows = keeping();
    const others = [{ mark: flowMark(1), flows: 3 }];
    const effects = flows.handle({ type: 'flowsCounted', flows: others }, 1);
    expect(effects.at(-1)).toEqual(released('all of them have ended', 0));
  });

  test('when a plan reaches other prefixes, has another mark for the tunnel, or has it no more', () => {
    const hear = (plan: FastPathPlan) => keeping().handle({ type: 'planReceived', plan }, 1);
    expect(hear(marked({ revision: 2 }))).toEqual([]);
    const other = hear(marked({ prefixes: ['10.80.0.0/16'] }));
    expect(other.at(-1)).toEqual(released('other prefixes are reached now'));
    const gone = released('the plan has no such tunnel');
    expect(hear(marked({ tunnels: [branchTunnel(1)] })).at(-1)).toEqual(gone);
    const turned = { ...branchTunnel(2), flowMark: flowMark(7) };
    expect(hear(marked({ tunnels: [branchTunnel(1), turned] })).at(-1)).toEqual(gone);
  });

  test('at the next tick when their tunnel carries all traffic again, so that the flip comes first', () => {
    const flows = keeping();
    const back = { type: 'trafficMoved', from: 't1', to: 't2', cause: 'silence' } as const;
    expect(flows.handle(back, 50)).toEqual([]);
    expect(flows.deadline()?.atMs).toBeLessThanOrEqual(50);
    expect(flows.snapshot(50)).toEqual([{ tunnel: 't2', leftMs: 0 }]);
    expect(flows.tick(50)).toContainEqual(released('it carries all traffic again'));
  });

  test('but not when traffic moves somewhere else', () => {
    const flows = keeping();
    flows.handle({ type: 'trafficMoved', from: 't1', to: undefined, cause: 'silence' }, 50);
    expect(operations(flows.tick(50))).toEqual([]);
    expect(flows.snapshot(50)).toEqual([{ tunnel: 't2', leftMs: STAY_MS_MAX - 50 }]);
  });
});

describe('flows are counted', () => {
  test('at once, then once in the interval, as long as any are kept', () => {
    const flows = keeping();
    expect(flows.deadline()?.atMs).toBe(0);
    expect(flows.tick(0)).toEqual([{ type: 'countFlows' }]);
    expect(flows.deadline()?.atMs).toBe(COUNT_MS);
    expect(flows.tick(COUNT_MS - 1)).toEqual([]);
    expect(flows.tick(COUNT_MS)).toEqual([{ type: 'countFlows' }]);
    flows.handle({ type: 'uplinkLost', uplink: 'wan2' }, COUNT_MS);
    expect(flows.tick(2 * COUNT_MS)).toEqual([]);
  });

  test('and the last count is told, with what is left of their time', () => {
    const flows = keeping();
    expect(flows.snapshot(1_000)).toEqual([{ tunnel: 't2', leftMs: STAY_MS_MAX - 1_000 }]);
    flows.handle({ type: 'flowsCounted', flows: [{ mark: MARK, flows: 3 }] }, 1_000);
    const leftMs = STAY_MS_MAX - 1_000;
    expect(flows.snapshot(1_000)).toEqual([{ tunnel: 't2', leftMs, flows: 3 }]);
    expect(flows.snapshot(STAY_MS_MAX + 1)).toMatchObject([{ leftMs: 0 }]);
  });

  test('where nobody can, an earlier count is forgotten and the flows stay', () => {
    const flows = keeping();
    flows.handle({ type: 'flowsCounted', flows: [{ mark: MARK, flows: 3 }] }, 1);
    expect(flows.handle({ type: 'flowsCounted', flows: undefined }, 2)).toEqual([]);
    expect(flows.snapshot(0)).toEqual([{ tunnel: 't2', leftMs: STAY_MS_MAX }]);
  });
});
