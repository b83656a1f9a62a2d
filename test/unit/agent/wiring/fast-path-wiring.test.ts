import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../../agent/model/fast-path.ts';
import {
  branchPlan,
  branchVia,
  FastPathLab,
  PREFIXES,
  started,
  uplink,
} from '../../../kit/fast-path-lab.ts';

test('the best uplink carries traffic once its session is Up, on both ends', () => {
  const lab = started();
  const text = lab.branch.kernel.text('route');
  for (const prefix of PREFIXES) expect(text).toContain(prefix);
  expect(lab.branch.changes().at(-1)?.because).toMatch(
    /uplink wan1 has the best priority|only usable/,
  );
});

test('a pulled cable moves the traffic in the same moment, and the hub within one journey', () => {
  const lab = started();
  const before = lab.branch.operations.length;
  lab.pullCable(1);
  const atMs = lab.nowMs;
  expect(lab.branch.active()).toBe('t2');
  expect(lab.branch.operations.slice(before).map((each) => each.operation.op)).toEqual([
    'nexthopReplace',
  ]);
  expect(lab.branch.changes().at(-1)).toMatchObject({
    from: 't1',
    to: 't2',
    cause: 'carrier',
    detectedAtMs: atMs,
    silentForMs: 0,
  });
  lab.run(2);
  expect(lab.hub.active()).toBe('h2');
  expect(lab.hub.changes().at(-1)).toMatchObject({ from: 'h1', to: 'h2', cause: 'command' });
});

test('the board alone is evidence enough', () => {
  const lab = started();
  lab.branch.post({ type: 'portCarrierChanged', port: 1, carrier: false });
  expect(lab.branch.changes().at(-1)).toMatchObject({ to: 't2', cause: 'carrier' });
  expect(lab.branch.changes().at(-1)?.because).toBe(
    't1 is lost: uplink wan1 has no carrier (board); t2 takes over: it is the only usable tunnel',
  );
});

test('a silent black hole is noticed within the detection time and told with its silence', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const lab = started(seed);
    lab.silence(1);
    const atMs = lab.nowMs;
    lab.run(200);
    const change = lab.branch.changes().at(-1);
    expect(change).toMatchObject({ from: 't1', to: 't2', cause: 'silence' });
    expect(change?.silentForMs).toBe(150);
    expect((change?.detectedAtMs ?? 0) - atMs).toBeLessThanOrEqual(150 + 1);
    expect(lab.hub.active()).toBe('h2');
  }
});

test('loss in one direction only moves both ends', () => {
  for (const direction of ['toHub', 'toBranch'] as const) {
    const lab = started();
    lab.lost[direction].add(1);
    lab.run(160);
    expect([lab.branch.active(), lab.hub.active()]).toEqual(['t2', 'h2']);
  }
});

test('traffic returns to the better tunnel after its hold and not before', () => {
  const lab = started();
  lab.pullCable(1);
  lab.run(3_000);
  lab.plugCable(1);
  const pluggedAtMs = lab.nowMs;
  lab.run(12_000);
  const back = lab.branch.changes().at(-1);
  expect(back).toMatchObject({ from: 't2', to: 't1', cause: 'better' });
  const heldMs = (back?.detectedAtMs ?? 0) - pluggedAtMs;
  expect(heldMs).toBeGreaterThanOrEqual(DEFAULT_POLICY.failbackHoldMs);
  expect(heldMs).toBeLessThan(DEFAULT_POLICY.failbackHoldMs + 1_500);
  expect(lab.hub.active()).toBe('h1');
});

test('a tunnel lost right after the start must prove itself like any other', () => {
  const lab = started();
  lab.silence(1);
  lab.run(200);
  lab.unsilence(1);
  lab.run(4_000);
  expect(lab.branch.active()).toBe('t2');
});

test('a cable that flaps makes neither end patient: a silence after it is noticed as before', () => {
  const lab = started();
  const mults = (end: typeof lab.branch) =>
    end.wiring.snapshot(lab.nowMs).tunnels.map(({ session }) => session.detectMult);
  for (let round = 0; round < 40; round += 1) {
    lab.pullCable(1);
    lab.run(50);
    lab.plugCable(1);
    lab.run(50);
  }
  lab.run(30_000);
  expect([...mults(lab.branch), ...mults(lab.hub)]).toEqual([3, 3, 3, 3]);
  expect(lab.branch.active()).toBe('t1');
  const silentAtMs = lab.nowMs;
  lab.silence(1);
  lab.run(1_000);
  const change = lab.branch.changes().at(-1);
  expect(change).toMatchObject({ to: 't2', cause: 'silence' });
  expect((change?.detectedAtMs ?? Infinity) - silentAtMs).toBeLessThanOrEqual(150);
});

test('each further loss doubles the hold', () => {
  const lab = started();
  const holds: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    lab.silence(1);
    lab.run(300);
    lab.unsilence(1);
    const atMs = lab.nowMs;
    lab.run(30_000);
    expect(lab.branch.active()).toBe('t1');
    holds.push(Math.floor(((lab.branch.changes().at(-1)?.detectedAtMs ?? 0) - atMs) / 5_000));
  }
  expect(holds).toEqual([1, 2, 4]);
});

test('when the last tunnel goes the prefixes go to a blackhole, and come back with the first session', () => {
  const lab = started();
  lab.pullCable(1);
  lab.pullCable(2);
  expect(lab.branch.active()).toBeUndefined();
  expect(branchVia(lab)).toBe('blackhole');
  expect(lab.branch.changes().at(-1)).toMatchObject({ from: 't2', to: undefined });
  lab.plugCable(2);
  lab.run(3_000);
  expect(branchVia(lab)).toBe('wgb2');
});

test('by policy the prefixes may use the plain Internet while no tunnel is usable', () => {
  const lab = started(1, branchPlan({ policy: { ...DEFAULT_POLICY, allDown: 'internet' } }));
  lab.pullCable(1);
  lab.pullCable(2);
  expect(lab.branch.kernel.text('route')).not.toContain(PREFIXES[0]);
  lab.plugCable(1);
  lab.run(3_000);
  expect(lab.branch.kernel.text('route')).toContain(PREFIXES[0]);
});

test('an operator moves traffic, is answered after the kernel, and the tunnel stays until it fails', () => {
  const lab = started();
  lab.branch.post({ type: 'switchRequested', requestId: 'r1', tunnel: 't2' });
  expect(lab.branch.facts.map(({ fact }) => fact)).toContainEqual(
    expect.objectContaining({ type: 'switchAnswered', requestId: 'r1', ok: true }),
  );
  lab.run(60_000);
  expect(lab.branch.active()).toBe('t2');
  lab.silence(2);
  lab.run(300);
  lab.unsilence(2);
  lab.run(60_000);
  expect(lab.branch.active()).toBe('t1');
});

test('a wish that cannot be met is refused with a reason', () => {
  const lab = started();
  lab.pullCable(2);
  lab.branch.post({ type: 'switchRequested', requestId: 'r1', tunnel: 't2' });
  lab.branch.post({ type: 'switchRequested', requestId: 'r2', tunnel: 'nowhere' });
  lab.hub.post({ type: 'switchRequested', requestId: 'r3', tunnel: 'h2' });
  const answers = [...lab.branch.facts, ...lab.hub.facts].flatMap(({ fact }) =>
    fact.type === 'switchAnswered' ? [[fact.ok, fact.code]] : [],
  );
  expect(answers).toEqual([
    [false, 'ESWITCH_UNUSABLE'],
    [false, 'ESWITCH_UNKNOWN'],
    [false, 'ESWITCH_HUB'],
  ]);
});

test('an engine may take a tunnel down, but only its session brings it back', () => {
  const lab = started();
  lab.branch.post({ type: 'engineLostTunnel', tunnel: 't1', why: 'exited' });
  expect(lab.branch.changes().at(-1)).toMatchObject({ to: 't2', cause: 'engine' });
  lab.run(3_000);
  const t1 = lab.branch.wiring.snapshot(lab.nowMs).tunnels.find((each) => each.id === 't1');
  expect(t1?.state).toBe('up');
});

test('a management-only uplink and one with priority -1 never carry traffic', () => {
  for (const over of [{ use: 'management-only' }, { priority: -1 }] as const) {
    const lab = new FastPathLab();
    lab.start(branchPlan({ uplinks: [uplink(1, over), uplink(2)] }));
    expect(lab.branch.active()).toBe('t2');
    lab.pullCable(2);
    expect(lab.branch.active()).toBeUndefined();
  }
});

test('sockets that fail close the session and are opened again', () => {
  const lab = started();
  lab.branch.post({ type: 'probeFailed', tunnel: 't1', code: 'EADDRNOTAVAIL' });
  expect(lab.branch.open.has('t1')).toBe(false);
  lab.run(4_000);
  expect(lab.branch.open.has('t1')).toBe(true);
});

test('our own stall is not the silence of the peers', () => {
  const lab = started();
  const stalledMs = 400;
  lab.branch.nowMs += stalledMs;
  lab.branch.post({ type: 'wokeLate', lateMs: stalledMs - 50 });
  lab.branch.tick();
  expect(lab.branch.active()).toBe('t1');
});

test('a stopped fast path says goodbye, closes its sockets and asks for nothing more', () => {
  const lab = started();
  lab.branch.post({ type: 'stopRequested' });
  expect(lab.branch.open.size).toBe(0);
  expect(lab.branch.wiring.deadline()).toBeUndefined();
  lab.run(10);
  const states = lab.hub.wiring.snapshot(lab.nowMs).tunnels.map((each) => each.session.state);
  expect(states).toEqual(['Down', 'Down']);
});

test('a restarted agent leaves an adopted tunnel that has died meanwhile as soon as another is Up', () => {
  const lab = started();
  lab.silence(1);
  lab.branch.restart(77);
  lab.branch.post({ type: 'planReceived', plan: branchPlan() });
  expect(lab.branch.active()).toBe('t1');
  const restartedAtMs = lab.nowMs;
  lab.run(400);
  expect(lab.branch.active()).toBe('t2');
  const afterMs = (lab.branch.changes().at(-1)?.detectedAtMs ?? Infinity) - restartedAtMs;
  expect(afterMs).toBeLessThanOrEqual(200);
});

test('a restarted agent stays on an adopted tunnel that is alive', () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const lab = started(seed);
    const before = lab.branch.changes().length;
    lab.branch.restart(seed + 500);
    lab.branch.post({ type: 'planReceived', plan: branchPlan() });
    lab.run(8_000);
    expect(lab.branch.active()).toBe('t1');
    expect(
      lab.branch
        .changes()
        .slice(before)
        .map((each) => each.to),
    ).toEqual(['t1']);
  }
});

test('a snapshot is plain JSON and says of every tunnel why it is or is not active', () => {
  const lab = started();
  lab.branch.post({ type: 'snapshotRequested', requestId: 7 });
  const fact = lab.branch.facts.at(-1)?.fact;
  expect(fact).toMatchObject({ type: 'snapshotTaken', requestId: 7 });
  const snapshot = lab.branch.wiring.snapshot(lab.nowMs);
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  expect(snapshot.choice.candidates.map((each) => each.tunnel)).toEqual(['t1', 't2']);
  expect(snapshot.routes).toMatchObject({ installed: true, via: 'wgb1' });
});
