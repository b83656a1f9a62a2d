/** What the keeper of flows makes of the kernel's words: leftovers of a former run, and refusals. */
import { expect, test } from 'vitest';
import { flowMark, flowRoute, flowRule } from '../../../../agent/model/flow-mark.ts';
import { FlowKeeper } from '../../../../agent/routes/flow-keeper.ts';
import type { KernelEvent } from '../../../../firmware-shim/kernel/types.ts';
import { branchPlan, branchTunnel } from '../../../kit/fast-path-lab.ts';

const MARK = flowMark(2);
const RULE = flowRule(MARK, 'ipv4');
const ROUTE = flowRoute(MARK, 'ipv4', 2);

/** Holds flows on the second tunnel: ticket -1 is the route, -2 the rule. */
function keeping(): FlowKeeper {
  const flows = new FlowKeeper();
  const link = { index: 2, name: 'wgb2', adminUp: true, carrier: true, mtu: 1_420 };
  hear(flows, { type: 'linkChanged', link });
  const tunnels = [1, 2].map((index) => ({ ...branchTunnel(index), flowMark: flowMark(index) }));
  flows.handle({ type: 'planReceived', plan: branchPlan({ tunnels }) }, 0);
  flows.handle({ type: 'trafficMoved', from: 't2', to: 't1', cause: 'better' }, 0);
  return flows;
}

function hear(flows: FlowKeeper, ...events: readonly KernelEvent[]) {
  return flows.handle({ type: 'kernelChanged', events }, 0);
}

function refuse(flows: FlowKeeper, ticket: number, code: string) {
  const result = { ok: false, refusal: { code, errno: 1, text: 'no' } } as const;
  return flows.handle({ type: 'kernelAnswered', ticket, result }, 0);
}

test('a rule and a route that a former run left are removed at first sight', () => {
  const events = [
    { type: 'ruleAdded', rule: RULE },
    { type: 'routeAdded', route: ROUTE },
  ] as const;
  expect(hear(new FlowKeeper(), ...events)).toEqual([
    { type: 'performKernel', ticket: -1, operation: { op: 'ruleDelete', rule: RULE } },
    { type: 'performKernel', ticket: -2, operation: { op: 'routeDelete', route: ROUTE } },
  ]);
});

test('what is held now is left alone, and so is what others put', () => {
  const flows = keeping();
  expect(
    hear(
      flows,
      { type: 'ruleAdded', rule: RULE },
      { type: 'routeAdded', route: ROUTE },
      { type: 'ruleAdded', rule: { ...RULE, table: 77, priority: 1 } },
      { type: 'ruleAdded', rule: { ...RULE, table: 77, protocol: 4 } },
      { type: 'routeAdded', route: { ...ROUTE, table: 20_007, protocol: 4 } },
      { type: 'ruleRemoved', rule: { ...RULE, table: 20_007 } },
      { type: 'routeRemoved', route: { ...ROUTE, table: 20_007 } },
    ),
  ).toEqual([]);
});

test.each([
  [-1, `route replace 20002 0.0.0.0/0`],
  [-2, `rule add 19650 table 20002`],
])(
  'a refusal is told as an error in the words of the operation (ticket %i)',
  (ticket, operation) => {
    const note = { code: 'kernelRefused', level: 'error', operation, errno: 'EPERM', text: 'no' };
    const flows = keeping();
    expect(refuse(flows, ticket, 'EPERM')).toEqual([{ type: 'note', note }]);
    expect(refuse(flows, ticket, 'EPERM')).toEqual([]);
  },
);

test('an answer that is no refusal, or is for somebody else, is not told', () => {
  const flows = keeping();
  expect(refuse(flows, 1, 'EPERM')).toEqual([]);
  const answer = { type: 'kernelAnswered', ticket: -1, result: { ok: true } } as const;
  expect(flows.handle(answer, 0)).toEqual([]);
});

test('a rule that is there already is what was wanted; one that is missing was not', () => {
  expect(refuse(keeping(), -2, 'EEXIST')).toEqual([]);
  expect(refuse(keeping(), -2, 'ENOENT')).toHaveLength(1);
  expect(refuse(keeping(), -1, 'EEXIST')).toHaveLength(1);
});

test('a rule or route that is gone already needs no second word', () => {
  const leaving = () => {
    const flows = keeping();
    flows.handle({ type: 'uplinkLost', uplink: 'wan2' }, 0);
    return flows;
  };
  expect(refuse(leaving(), -3, 'ENOENT')).toEqual([]);
  expect(refuse(leaving(), -3, 'EEXIST')).toHaveLength(1);
  expect(refuse(leaving(), -4, 'ESRCH')).toEqual([]);
  expect(refuse(leaving(), -4, 'EEXIST')).toHaveLength(1);
});
