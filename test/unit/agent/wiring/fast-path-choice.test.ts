import { expect, test } from 'vitest';
import { BFD_PORT } from '../../../../agent/wiring/fast-path-contract.ts';
import { ROUTE_PROTOCOL } from '../../../../firmware-shim/kernel/types.ts';
import { branchPlan, FastPathLab, started, uplink } from '../../../kit/fast-path-lab.ts';

/** Every n-th packet that is no BFD vanishes on its way to the hub in the first tunnel. */
function brownOut(lab: FastPathLab, everyNth: number): void {
  let count = 0;
  lab.drops.toHub = (port, _bytes, tunnel) => {
    if (port === BFD_PORT || tunnel !== 1) return false;
    count += 1;
    return count % everyNth === 0;
  };
}

test('a brown-out moves traffic by evidence, and it returns after a growing hold', () => {
  const lab = started();
  lab.run(15_000);
  const before = lab.branch.changes().length;
  brownOut(lab, 5);
  lab.run(15_000);
  const away = lab.branch.changes()[before];
  expect(away).toMatchObject({ from: 't1', to: 't2', cause: 'quality' });
  expect(away?.because).toMatch(/of t1 it loses [\d.]+ % on the way up \(limit 5 %\)/);
  const t1 = lab.branch.wiring.snapshot(lab.nowMs);
  expect(t1.tunnels[0]?.state).toBe('up');
  expect(t1.choice.candidates[0]).toMatchObject({ eligible: true, rule: 'sla' });
  brownOut(lab, Infinity);
  lab.run(60_000);
  expect(lab.branch.changes().slice(before + 1)).toMatchObject([{ from: 't2', to: 't1' }]);
});

test('traffic does not wander between paths that are bad alike', () => {
  const lab = started();
  lab.run(15_000);
  const before = lab.branch.changes().length;
  let count = 0;
  lab.drops.toHub = (port) => {
    if (port === BFD_PORT) return false;
    count += 1;
    return count % 7 === 0;
  };
  lab.run(120_000);
  // One that was seen to be bad first may be left once.
  expect(lab.branch.changes().length).toBeLessThanOrEqual(before + 1);
});

test('where nothing is demanded, loss moves nothing', () => {
  const lab = started(1, branchPlan({ sla: 'none' }));
  brownOut(lab, 2);
  lab.run(60_000);
  expect(lab.branch.active()).toBe('t1');
});

test('uplinks of equal priority balance by weight, and one that is lost leaves at once', () => {
  const uplinks = [uplink(1, { priority: 1, weight: 75 }), uplink(2, { priority: 1, weight: 25 })];
  const lab = new FastPathLab();
  lab.start(branchPlan({ uplinks }));
  lab.run(10_000);
  const group = () =>
    lab.branch.operations
      .flatMap(({ operation }) =>
        operation.op === 'nexthopReplace' && operation.nexthop.group !== undefined
          ? [operation.nexthop]
          : [],
      )
      .at(-1);
  expect(group()).toMatchObject({ protocol: ROUTE_PROTOCOL });
  expect(group()?.group?.map((member) => member.weight)).toEqual([75, 25]);
  expect(lab.branch.wiring.snapshot(lab.nowMs).members).toEqual([
    { tunnel: 't1', weight: 75 },
    { tunnel: 't2', weight: 25 },
  ]);
  const changes = lab.branch.changes().length;
  lab.silence(2);
  lab.run(200);
  expect(group()?.group).toHaveLength(1);
  // The active tunnel did not change, so nothing is reported as a failover.
  expect(lab.branch.changes().length).toBe(changes);
  lab.unsilence(2);
  lab.run(4_000);
  expect(group()?.group).toHaveLength(1);
  lab.run(5_000);
  expect(group()?.group).toHaveLength(2);
  lab.silence(1);
  lab.run(200);
  expect(lab.branch.active()).toBe('t2');
  expect(group()?.group).toHaveLength(1);
});

test('a restarted agent finds a balanced group and leaves it alone', () => {
  const uplinks = [uplink(1, { priority: 1, weight: 75 }), uplink(2, { priority: 1, weight: 25 })];
  const plan = branchPlan({ uplinks });
  const lab = new FastPathLab();
  lab.start(plan);
  lab.run(10_000);
  const before = lab.branch.operations.length;
  lab.branch.restart(99);
  lab.branch.post({ type: 'planReceived', plan });
  lab.run(20_000);
  expect(lab.branch.operations.slice(before)).toEqual([]);
  expect(lab.branch.wiring.snapshot(lab.nowMs).members).toHaveLength(2);
});

test('different priorities are active and standby', () => {
  const lab = started();
  lab.run(10_000);
  expect(lab.branch.wiring.snapshot(lab.nowMs).members).toBeUndefined();
});

test('an uplink of the gateway’s own ISP comes before one of another', () => {
  const uplinks = [uplink(1, { priority: 1, isp: 'CM' }), uplink(2, { priority: 1, isp: 'CT' })];
  const lab = new FastPathLab();
  lab.start(branchPlan({ uplinks, gatewayIsps: { hub: 'CT' } }));
  expect(lab.branch.active()).toBe('t2');
  expect(lab.branch.wiring.snapshot(lab.nowMs).choice).toMatchObject({ rule: 'isp' });
});

test('losses are told to be kept, given back with the plan, and forgotten after their time', () => {
  const lab = started();
  for (let times = 0; times < 3; times += 1) {
    lab.silence(1);
    lab.run(300);
    lab.unsilence(1);
    lab.run(3_000);
  }
  const flaps = () =>
    lab.branch.facts.flatMap(({ fact }) => (fact.type === 'flapsChanged' ? [fact.flaps] : []));
  expect(flaps().map((each) => each.losses)).toEqual([1, 2, 3]);
  const [last] = flaps().slice(-1);
  lab.branch.restart(55);
  const plan = branchPlan(last === undefined ? {} : { flaps: [last] });
  lab.branch.post({ type: 'planReceived', plan });
  lab.run(19_000);
  expect(lab.branch.active()).toBe('t2');
  const left = lab.branch.wiring.snapshot(lab.nowMs).choice.candidates[0]?.holdLeftMs ?? 0;
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(3_000);
  lab.run(6_000);
  expect(lab.branch.active()).toBe('t1');
  lab.run(1_200_000);
  expect(flaps().at(-1)).toEqual({ tunnel: 't1', losses: 0 });
}, 30_000);

test('each decision is kept with its evidence, its rule and what was known of every candidate', () => {
  const lab = started();
  lab.silence(1);
  lab.run(200);
  const decision = lab.branch.wiring
    .snapshot(lab.nowMs)
    .decisions?.findLast((each) => each.from === 't1' && each.to === 't2');
  expect(decision).toMatchObject({ cause: 'silence', rule: 'only', members: [{ tunnel: 't2' }] });
  expect(decision?.candidates).toMatchObject([
    {
      tunnel: 't1',
      eligible: false,
      rule: 'session',
      inputs: { priority: 1, tunnelState: 'down' },
    },
    { tunnel: 't2', eligible: true, rule: 'only', suspect: false, inputs: { priority: 2 } },
  ]);
});
