/** Failback in virtual time: which flows are held on the backup, in which order, for how long, and what ends it. */
import { expect, test } from 'vitest';
import { flowMark, flowTable } from '../../../../agent/model/flow-mark.ts';
import { COUNT_MS, STAY_MS_MAX } from '../../../../agent/routes/flow-keeper.ts';
import type { KernelOperation } from '../../../../firmware-shim/kernel/operations.ts';
import { branchPlan, branchTunnel, type FastPathLab, started } from '../../../kit/fast-path-lab.ts';

const MARK = flowMark(2);

function markedPlan(over: Parameters<typeof branchPlan>[0] = {}) {
  const tunnels = [1, 2].map((index) => ({ ...branchTunnel(index), flowMark: flowMark(index) }));
  return branchPlan({ tunnels, ...over });
}

/** Traffic has been on the backup and has returned. */
function returned(): FastPathLab {
  const lab = started(1, markedPlan());
  lab.silence(1);
  lab.run(2_000);
  expect(lab.branch.active()).toBe('t2');
  expect(rules(lab)).toEqual([]);
  lab.unsilence(1);
  lab.run(12_000);
  expect(lab.branch.active()).toBe('t1');
  return lab;
}

function rules({ branch }: FastPathLab): readonly (number | undefined)[] {
  const dump = branch.kernel.text('rule').split('\n');
  return dump.filter((line) => line.includes(`${flowTable(MARK)}`)).map(() => MARK);
}

function tableRoutes({ branch }: FastPathLab): readonly string[] {
  const dump = branch.kernel.text('route').split('\n');
  return dump.filter((line) => line.includes(`table ${flowTable(MARK)}`));
}

function words({ op, ...rest }: KernelOperation): string {
  const { rule, nexthop } = rest as { rule?: object; nexthop?: { group?: object } };
  return rule !== undefined || nexthop?.group !== undefined ? op : '';
}

test('the rule of the backup comes before the flip of a return, and its count is asked for', () => {
  const lab = returned();
  expect(rules(lab)).toEqual([MARK]);
  const order = lab.branch.operations.map(({ operation }) => words(operation));
  expect(order.filter((each) => each !== '').slice(-2)).toEqual(['ruleAdd', 'nexthopReplace']);
  expect(lab.branch.counts).toBeGreaterThan(0);
  const stranded = (): unknown => lab.branch.wiring.snapshot(lab.nowMs).stranded;
  expect(stranded()).toEqual([{ tunnel: 't2', leftMs: expect.any(Number) }]);
  lab.branch.post({ type: 'flowsCounted', flows: [{ mark: MARK, flows: 3 }] });
  expect(stranded()).toMatchObject([{ tunnel: 't2', flows: 3 }]);
});

test('a failover adds no operation before its flip', () => {
  const lab = started(1, markedPlan());
  const before = lab.branch.operations.length;
  lab.silence(1);
  lab.run(2_000);
  const [first] = lab.branch.operations.slice(before);
  expect(first?.operation).toMatchObject({ op: 'nexthopReplace' });
  expect(rules(lab)).toEqual([]);
});

test('a backup that falls silent lets go of its flows at the moment it is known', () => {
  const lab = returned();
  lab.silence(2);
  lab.run(200);
  expect(rules(lab)).toEqual([]);
  expect(tableRoutes(lab)).toEqual([]);
  expect(lab.branch.notes()).toContainEqual(
    expect.objectContaining({ code: 'flowsReleased', tunnel: 't2' }),
  );
  lab.unsilence(2);
  lab.run(30_000);
  expect(rules(lab)).toEqual([]);
});

test('a cable pulled from the backup lets go of its flows at once', () => {
  const lab = returned();
  lab.pullCable(2);
  expect(rules(lab)).toEqual([]);
  expect(lab.branch.active()).toBe('t1');
});

test('flows that have ended, a plan of other prefixes, and time each end it', () => {
  for (const end of [
    (lab: FastPathLab) => lab.branch.post({ type: 'flowsCounted', flows: [] }),
    (lab: FastPathLab) =>
      lab.branch.post({
        type: 'planReceived',
        plan: markedPlan({ revision: 2, prefixes: ['10.80.0.0/16'] }),
      }),
    (lab: FastPathLab) => lab.run(STAY_MS_MAX),
  ]) {
    const lab = returned();
    lab.branch.post({ type: 'flowsCounted', flows: [{ mark: MARK, flows: 1 }] });
    expect(rules(lab)).toEqual([MARK]);
    end(lab);
    expect(rules(lab)).toEqual([]);
    expect(tableRoutes(lab)).toEqual([]);
    expect(lab.branch.wiring.snapshot(lab.nowMs).stranded).toBeUndefined();
  }
});

test('where nobody can count, the flows stay all the same and are counted again and again', () => {
  const lab = returned();
  lab.branch.post({ type: 'flowsCounted', flows: undefined });
  const before = lab.branch.counts;
  lab.run(3 * COUNT_MS);
  expect(lab.branch.counts).toBe(before + 3);
  expect(rules(lab)).toEqual([MARK]);
});

test('a backup that must take over again carries everything, and its rule goes after the flip', () => {
  const lab = returned();
  lab.silence(1);
  lab.run(1_000);
  expect(lab.branch.active()).toBe('t2');
  expect(rules(lab)).toEqual([]);
  const order = lab.branch.operations.map(({ operation }) => words(operation));
  expect(order.filter((each) => each !== '').slice(-2)).toEqual(['nexthopReplace', 'ruleDelete']);
});

test('an operator and a bad path move all flows', () => {
  const lab = started(1, markedPlan());
  lab.branch.post({ type: 'switchRequested', requestId: 'r', tunnel: 't2' });
  lab.run(1_000);
  expect(lab.branch.active()).toBe('t2');
  expect(rules(lab)).toEqual([]);
});

test('a restarted agent removes what a former run held', () => {
  const lab = returned();
  expect(rules(lab)).toEqual([MARK]);
  lab.branch.restart(7);
  expect(rules(lab)).toEqual([]);
  expect(tableRoutes(lab)).toEqual([]);
});

test('without marks in the plan failback moves every flow', () => {
  const lab = started();
  lab.silence(1);
  lab.run(2_000);
  lab.unsilence(1);
  lab.run(12_000);
  expect(lab.branch.active()).toBe('t1');
  expect(lab.branch.operations.some(({ operation }) => operation.op === 'ruleAdd')).toBe(false);
});

test('flows that were kept stop with all others while user traffic is stopped, and none is kept meanwhile', () => {
  const lab = returned();
  lab.branch.post({ type: 'dataStopChanged', stop: 'securityLock' });
  lab.run(100);
  expect(rules(lab)).toEqual([]);
  expect(tableRoutes(lab)).toEqual([]);
  expect(lab.branch.kernel.lookUp({ destination: '10.80.1.1' })).toEqual({ to: 'blackhole' });
  lab.silence(1);
  lab.run(2_000);
  lab.unsilence(1);
  lab.run(60_000);
  expect(lab.branch.active()).toBe('t1');
  expect(rules(lab)).toEqual([]);
});
