/** Steps as data: what is missing, in order, with a sentence for each. */
import { describe, expect, it } from 'vitest';
import { nextSteps, type Wanted } from '../../../../agent/state/next-steps.ts';
import { ObservedState } from '../../../../agent/state/observed-state.ts';
import type { Step } from '../../../../agent/state/step.ts';
import { observeDone } from '../../../../agent/state/step-effects.ts';
import { deriveTunnels } from '../../../../agent/state/tunnel-specs.ts';
import type { KernelOperation } from '../../../../firmware-shim/kernel/operations.ts';
import type { KernelChange, KernelRule } from '../../../../firmware-shim/kernel/types.ts';
import { ROUTE_PROTOCOL } from '../../../../firmware-shim/kernel/types.ts';
import { config, desired, IPSEC, tunnel, uplinksPresent } from '../../../kit/branch.ts';

const { uplinks } = config;
const specs = deriveTunnels(desired(), uplinks).map(({ spec }) => spec);
const wanted: Wanted = { uplinks, tunnels: specs };

function observedAfter(...batches: readonly (readonly KernelChange[])[]): ObservedState {
  const observed = new ObservedState();
  for (const batch of batches) observed.applyKernel(batch);
  return observed;
}

/** What the kernel would tell after the operation. */
function told(operation: KernelOperation): readonly KernelChange[] {
  if (operation.op === 'routeReplace') return [{ type: 'routeAdded', route: operation.route }];
  if (operation.op === 'ruleAdd') return [{ type: 'ruleAdded', rule: operation.rule }];
  if (operation.op === 'ruleDelete') return [{ type: 'ruleRemoved', rule: operation.rule }];
  return [];
}

function take(step: Step, observed: ObservedState): void {
  const { action } = step;
  if (action.do === 'kernel') observed.applyKernel(told(action.operation));
  else if (action.do === 'flowRules') observed.flowRules = action.rules;
  else observeDone(action, observed);
}

function takeAll(observed: ObservedState, what = wanted): readonly string[] {
  const taken: string[] = [];
  for (let step = nextSteps(what, observed)[0]; step !== undefined; ) {
    taken.push(step.key);
    take(step, observed);
    [step] = nextSteps(what, observed);
    expect(taken.length).toBeLessThan(100);
  }
  return taken;
}

const KEY = `${'B'.repeat(42)}A=`;

describe('the next steps', () => {
  it('lead from nothing to everything, routing before tunnels', () => {
    expect(takeAll(observedAfter(uplinksPresent))).toEqual([
      'route 19600 unreachable',
      'route 19600 unicast',
      'route 19601 unreachable',
      'route 19601 unicast',
      'rule 19600 12845057',
      'rule 19700 10.91.1.2/32',
      'rule 19601 12845058',
      'rule 19701 10.91.2.2/32',
      'ensure wan1-gwa',
      'ensure wan2-gwa',
      'packet rules',
      'flow rules',
    ]);
  });

  it('are none once everything exists', () => {
    const observed = observedAfter(uplinksPresent);
    takeAll(observed);
    expect(nextSteps(wanted, observed)).toEqual([]);
  });

  it('give each uplink a table with its own gateway and an unreachable route behind it', () => {
    const steps = nextSteps(wanted, observedAfter(uplinksPresent));
    const routes = steps.flatMap(({ action }) =>
      action.do === 'kernel' && action.operation.op === 'routeReplace'
        ? [action.operation.route]
        : [],
    );
    expect(routes.slice(0, 2)).toEqual([
      {
        family: 'ipv4',
        destination: '0.0.0.0/0',
        table: 19_600,
        protocol: ROUTE_PROTOCOL,
        type: 'unreachable',
        metric: 4_000_000_000,
      },
      {
        family: 'ipv4',
        destination: '0.0.0.0/0',
        table: 19_600,
        protocol: ROUTE_PROTOCOL,
        type: 'unicast',
        gateway: '10.91.1.1',
        deviceIndex: 2,
      },
    ]);
  });

  it('mark the outer packets of a tunnel with the mark its uplink is routed by', () => {
    const steps = nextSteps(wanted, observedAfter(uplinksPresent));
    const rule = steps
      .map(({ action }) => (action.do === 'kernel' ? action.operation : undefined))
      .find((operation) => operation?.op === 'ruleAdd');
    expect(rule?.op === 'ruleAdd' && rule.rule.fwmark).toBe(specs[0]?.fwmark);
  });

  it('ask for nothing the kernel would refuse while an uplink has no device or address', () => {
    const keys = nextSteps(wanted, observedAfter([])).map(({ key }) => key);
    expect(keys).not.toContain('route 19600 unicast');
    expect(keys).toContain('route 19600 unreachable');
  });

  it('put back a route that somebody removed', () => {
    const observed = observedAfter(uplinksPresent);
    takeAll(observed);
    const [route] = observed.routes.filter(({ type }) => type === 'unicast');
    if (route === undefined) throw new Error('no route');
    observed.applyKernel([{ type: 'routeRemoved', route }]);
    expect(nextSteps(wanted, observed).map(({ key }) => key)).toEqual(['route 19600 unicast']);
  });

  it('replace the rule of an address that changed, the new before the old', () => {
    const observed = observedAfter(uplinksPresent);
    takeAll(observed);
    const address = { deviceIndex: 2, family: 'ipv4', prefixLength: 24 } as const;
    observed.applyKernel([
      { type: 'addressRemoved', address: { ...address, address: '10.91.1.2' } },
      { type: 'addressAdded', address: { ...address, address: '10.91.1.77' } },
    ]);
    expect(takeAll(observed)).toEqual([
      'rule 19700 10.91.1.77/32',
      'stale rule 19700 10.91.1.2/32',
    ]);
  });

  it('leave the rules and routes of others alone', () => {
    const foreign: KernelRule = { family: 'ipv4', priority: 19_600, table: 77, protocol: 4 };
    const observed = observedAfter(uplinksPresent, [{ type: 'ruleAdded', rule: foreign }]);
    expect(takeAll(observed).filter((key) => key.startsWith('stale'))).toEqual([]);
  });

  it('make a tunnel again whose device is gone, and move one whose far end is elsewhere', () => {
    const observed = observedAfter(uplinksPresent);
    takeAll(observed);
    observed.applyKernel([{ type: 'linkRemoved', index: 9, name: 'sag-wan1-gwa' }]);
    expect(nextSteps(wanted, observed).map(({ key }) => key)).toEqual(['ensure wan1-gwa']);
    takeAll(observed);
    const moved = specs.map((spec) => ({ ...spec, remote: { address: '10.92.9.9', port: 1 } }));
    const keys = nextSteps({ uplinks, tunnels: moved }, observed).map(({ key }) => key);
    expect(keys).toEqual(['move wan1-gwa', 'move wan2-gwa']);
    const renewed = specs.map((spec) => ({ ...spec, remotePublicKey: 'another' }));
    const again = nextSteps({ uplinks, tunnels: renewed }, observed).map(({ key }) => key);
    expect(again).toEqual(['ensure wan1-gwa', 'ensure wan2-gwa']);
  });

  it('let IPsec speak from the address of its uplink, and move it when that has another', () => {
    const overIpsec = deriveTunnels(
      desired({ tunnels: [tunnel('wan1-gwa', { engine: 'ipsec', ipsec: IPSEC })] }),
      uplinks,
    ).map(({ spec }) => spec);
    const what = { uplinks, tunnels: overIpsec };
    const observed = observedAfter(uplinksPresent);
    takeAll(observed, what);
    const addressOf = () => observed.tunnels.get('wan1-gwa')?.ipsec?.localAddress;
    expect(addressOf()).toBe('10.91.1.2');
    const address = { deviceIndex: 2, family: 'ipv4', prefixLength: 24 } as const;
    observed.applyKernel([
      { type: 'addressRemoved', address: { ...address, address: '10.91.1.2' } },
    ]);
    expect(takeAll(observed, what)).not.toContain('move wan1-gwa');
    observed.applyKernel([{ type: 'addressAdded', address: { ...address, address: '10.91.1.9' } }]);
    expect(takeAll(observed, what)).toContain('move wan1-gwa');
    expect(addressOf()).toBe('10.91.1.9');
  });

  it('let a tunnel whose credential alone has another name turn to it, and make it anew for more', () => {
    const specsWith = (change: object) =>
      deriveTunnels(
        desired({
          tunnels: [tunnel('wan1-gwa', { engine: 'ipsec', ipsec: { ...IPSEC, ...change } })],
        }),
        uplinks,
      ).map(({ spec }) => spec);
    const observed = observedAfter(uplinksPresent);
    takeAll(observed, { uplinks, tunnels: specsWith({}) });
    const credential = { kind: 'psk', name: 'next' };
    const keys = (change: object) =>
      nextSteps({ uplinks, tunnels: specsWith(change) }, observed).map(({ key }) => key);
    expect(keys({ credential })).toEqual(['identity wan1-gwa']);
    expect(keys({ credential, remoteIdentity: 'other' })).toEqual(['ensure wan1-gwa']);
  });

  it('turn to another key pair in stages, and tell its public key anew in each run', () => {
    const specsWith = (change: object) =>
      deriveTunnels(desired({ tunnels: [tunnel('wan1-gwa', change)] }), uplinks).map(
        ({ spec }) => spec,
      );
    const observed = observedAfter(uplinksPresent);
    takeAll(observed, { uplinks, tunnels: specsWith({}) });
    const sentences = (change: object) =>
      nextSteps({ uplinks, tunnels: specsWith(change) }, observed).map(({ sentence }) => sentence);
    const ownKey = { generation: 2 };
    expect(sentences({ ownKey })).toEqual([
      'Let tunnel wan1-gwa prove itself with key pair 2 of its own.',
    ]);
    for (const spec of specsWith({ ownKey })) observed.tunnelMade(spec);
    expect(sentences({ ownKey })).toEqual([
      'Tell the public key of key pair 2 of its own of tunnel wan1-gwa.',
    ]);
    observed.identityTurned({ tunnel: 'wan1-gwa', generation: 2, stage: 'prepared' });
    expect(sentences({ ownKey })).toEqual([]);
    const accepted = { generation: 2, accepted: KEY };
    expect(sentences({ ownKey: accepted })).toHaveLength(1);
    expect(sentences({ ownKey: accepted, remotePublicKey: KEY })).toEqual([
      'Make tunnel wan1-gwa (sag-wan1-gwa) over wan1 to gwa.',
    ]);
  });

  it('remove a tunnel that is not wanted, but none while no document is known', () => {
    const observed = observedAfter(uplinksPresent);
    takeAll(observed, { uplinks, tunnels: [] });
    observed.tunnelFound('left-over');
    expect(takeAll(observed, { uplinks, tunnels: undefined })).toEqual([]);
    expect(takeAll(observed, { uplinks, tunnels: [] })).toEqual(['remove left-over']);
  });

  it('have a sentence for people each', () => {
    for (const { sentence } of nextSteps(wanted, observedAfter(uplinksPresent))) {
      expect(sentence).toMatch(/^[A-Z].*\.$/);
    }
  });
});
