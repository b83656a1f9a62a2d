import { expect, test } from 'vitest';
import {
  branchPlan,
  branchTunnel,
  branchVia,
  PREFIXES,
  started,
} from '../../../kit/fast-path-lab.ts';

test('an engine that dies takes device, nexthop and routes along; all return with it', () => {
  const lab = started();
  lab.branch.kernel.removeDevice('wgb1');
  lab.branch.settle();
  expect(branchVia(lab)).toBe('wgb2');
  expect(lab.branch.changes().at(-1)).toMatchObject({ to: 't2', cause: 'engine' });
  lab.addTunnelDevice(1);
  lab.branch.settle();
  lab.run(20_000);
  expect(branchVia(lab)).toBe('wgb1');
});

test('a route of ours that somebody deletes is back at once', () => {
  const lab = started();
  const route = lab.branch.operations.find((each) => each.operation.op === 'routeReplace');
  if (route?.operation.op !== 'routeReplace') throw new Error('no route was installed');
  lab.branch.kernel.perform({ op: 'routeDelete', route: route.operation.route }, () => undefined);
  lab.branch.settle();
  expect(branchVia(lab)).toBe('wgb1');
  expect(lab.branch.notes()).toContainEqual(
    expect.objectContaining({ code: 'routePutBack', destination: PREFIXES[0] }),
  );
});

test('lost messages of the kernel are one note, and what they told of is found', () => {
  const lab = started();
  const route = lab.branch.operations.find((each) => each.operation.op === 'routeReplace');
  if (route?.operation.op !== 'routeReplace') throw new Error('no route was installed');
  lab.branch.kernel.perform({ op: 'routeDelete', route: route.operation.route }, () => undefined);
  lab.branch.kernel.overrun();
  lab.branch.settle();
  expect(branchVia(lab)).toBe('wgb1');
  const resynced = lab.branch.notes().filter(({ code }) => code === 'fastPathResynced');
  expect(resynced).toEqual([{ code: 'fastPathResynced', level: 'warning' }]);
});

test('a restarted agent adopts the routes, keeps the tunnel and disturbs nothing', () => {
  const lab = started();
  lab.branch.post({ type: 'switchRequested', requestId: 'r1', tunnel: 't2' });
  lab.run(1_000);
  lab.branch.post({ type: 'stopRequested' });
  lab.run(50);
  expect(branchVia(lab)).toBe('wgb2');
  expect(lab.hub.active()).toBe('h2');
  const before = lab.branch.operations.length;
  lab.branch.restart(99);
  lab.branch.post({ type: 'planReceived', plan: branchPlan() });
  expect(lab.branch.active()).toBe('t2');
  expect(lab.branch.operations.length).toBe(before);
  lab.run(3_000);
  expect(lab.branch.active()).toBe('t2');
  expect(lab.branch.operations.length).toBe(before);
  expect(lab.hub.active()).toBe('h2');
});

test('an adopted tunnel whose session never comes up is left', () => {
  const lab = started();
  lab.branch.post({ type: 'stopRequested' });
  lab.silence(1);
  lab.branch.restart(99);
  lab.branch.post({ type: 'planReceived', plan: branchPlan() });
  lab.run(10_000);
  expect(lab.branch.changes().at(-1)).toMatchObject({ from: 't1', to: 't2', cause: 'silence' });
});

test('a plan without the active tunnel moves traffic to what is left, and removes what is stale', () => {
  const lab = started();
  const plan = branchPlan({ revision: 2, tunnels: [branchTunnel(2)], prefixes: ['10.80.0.0/16'] });
  lab.branch.post({ type: 'planReceived', plan });
  expect(branchVia(lab)).toBe('wgb2');
  expect(lab.branch.changes().at(-1)).toMatchObject({ from: 't1', to: 't2', cause: 'plan' });
  expect(lab.branch.kernel.text('route')).not.toContain('10.81.0.0/16');
  expect(lab.branch.open).toEqual(new Set(['t2']));
});

test('the kernel does not answer: the change is told all the same, after a bounded wait', () => {
  const lab = started();
  const perform = lab.branch.kernel.perform.bind(lab.branch.kernel);
  lab.branch.kernel.perform = (operation) => perform(operation, () => undefined);
  lab.pullCable(1);
  expect(lab.branch.changes().at(-1)?.to).toBe('t1');
  lab.run(1_001);
  expect(lab.branch.changes().at(-1)).toMatchObject({ to: 't2', installMs: 1_000 });
  expect(lab.branch.notes()).toContainEqual(expect.objectContaining({ code: 'kernelSilent' }));
});

test('a refusal by the kernel is noted, tried again and healed', () => {
  const lab = started();
  lab.branch.kernel.refuseNext('nexthopReplace', 'ENOMEM', 'no room');
  lab.pullCable(1);
  expect(lab.branch.changes().at(-1)?.because).toContain('the kernel refused it: ENOMEM no room');
  lab.run(20);
  expect(branchVia(lab)).toBe('wgb2');
});
