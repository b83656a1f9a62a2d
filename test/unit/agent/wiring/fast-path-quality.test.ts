import { expect, test } from 'vitest';
import { STAMP_PORT } from '../../../../agent/tunnel/quality/stamp-packet.ts';
import { branchPlan, started } from '../../../kit/fast-path-lab.ts';

test('each tunnel that is Up is measured from the branch, and the hub only answers', () => {
  const lab = started();
  lab.run(30_000);
  const quality = (end: typeof lab.branch) =>
    end.wiring.snapshot(lab.nowMs).tunnels.map((tunnel) => tunnel.quality);
  for (const each of quality(lab.branch)) {
    expect(each?.rtt?.p50Ms).toBeCloseTo(2, 1);
    expect(each?.lossPercent).toBe(0);
    expect(each?.samples).toBeGreaterThan(90);
    expect(each?.mtu).toEqual({ mtu: 1_500, known: true, ceiling: 1_500 });
  }
  for (const each of quality(lab.hub)) {
    expect(each?.intervalMs).toBeUndefined();
    expect(each?.mtu?.known).toBe(true);
  }
});

test('loss in one direction shows in that direction', () => {
  const lab = started();
  let every = 0;
  lab.drops.toHub = (port) => {
    if (port !== STAMP_PORT) return false;
    every += 1;
    return every % 5 === 0;
  };
  lab.run(30_000);
  const t1 = lab.branch.wiring.snapshot(lab.nowMs).tunnels[0];
  expect(t1?.quality?.lossUpPercent).toBeGreaterThan(12);
  expect(t1?.quality?.lossDownPercent).toBeLessThan(1);
});

test('what misses while a cable is out is no loss of the path', () => {
  const lab = started();
  lab.run(30_000);
  for (let round = 0; round < 40; round += 1) {
    lab.pullCable(1);
    lab.run(50);
    lab.plugCable(1);
    lab.run(50);
  }
  lab.run(5_000);
  const t1 = lab.branch.wiring.snapshot(lab.nowMs).tunnels[0];
  expect(t1).toMatchObject({ session: { state: 'Up' }, quality: { lossPercent: 0 } });
  expect(t1?.quality?.mtu).toEqual({ mtu: 1_500, known: true, ceiling: 1_500 });
});

test('a path that shrinks while its tunnel is Up is noticed by the branch within its next question, and by the far end with it', () => {
  const lab = started(1, branchPlan());
  lab.run(60_000);
  const large = (_: number, bytes: Uint8Array): boolean => bytes.byteLength + 28 > 1_380;
  lab.drops.toHub = large;
  lab.drops.toBranch = large;
  // Ten seconds to the next question, two to the size, two more for the far end.
  lab.run(14_000);
  for (const [end, device] of [
    [lab.branch, 'wgb1'],
    [lab.hub, 'wgh1'],
  ] as const) {
    const mtu = end.kernel.linkNamed(device)?.mtu ?? 0;
    expect(mtu).toBeLessThanOrEqual(1_380);
    expect(mtu).toBeGreaterThanOrEqual(1_376);
  }
  expect(lab.branch.active()).toBe('t1');
});

test('a hole for large packets lowers the device at both ends, and control is told what TCP must keep to', () => {
  const lab = started(1, branchPlan());
  const large = (_: number, bytes: Uint8Array): boolean => bytes.byteLength + 28 > 1_380;
  lab.drops.toHub = large;
  lab.drops.toBranch = large;
  lab.run(70_000);
  const fact = lab.branch.facts.find(
    (each) => each.fact.type === 'pathMtuChanged' && each.fact.mtu < 1_420,
  );
  const mtu = lab.branch.kernel.linkNamed('wgb1')?.mtu ?? 0;
  expect(mtu).toBeLessThanOrEqual(1_380);
  expect(mtu).toBeGreaterThanOrEqual(1_376);
  expect(fact?.fact).toMatchObject({ mss: { ipv4: mtu - 40, ipv6: mtu - 60 } });
  expect(lab.hub.kernel.linkNamed('wgh1')?.mtu).toBeLessThanOrEqual(1_380);
  expect(lab.branch.active()).toBe('t1');
});
