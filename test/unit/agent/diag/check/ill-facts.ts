/**
 * Ways to make the healthy facts ill, for the table of faults.
 */
import type { CheckFacts, KernelFacts, ProbeFacts } from '../../../../../agent/diag/check/facts.ts';
import type { AgentSnapshot, TunnelSnapshot } from '../../../../../agent/model/snapshot.ts';
import type { Uplink } from '../../../../../agent/model/uplink.ts';
import type { LteSignal } from '../../../../../firmware-shim/wire/messages.ts';
import { answering, HEALTHY_SNAPSHOT, healthyFacts } from './healthy-facts.ts';

const healthy = healthyFacts();
export const BOTH = ['wan1', 'wan2'];
export const { probes } = healthy;
export const kernel = kernelOf(healthy);

export const LTE_SIGNAL: LteSignal = {
  kind: 'lteSignal',
  present: true,
  simReady: true,
  registered: true,
  dBm: -71,
  strength: 'High',
};
const LTE_UPLINK: Uplink = {
  id: 'lte',
  kind: 'lte',
  deviceName: 'wan1',
  priority: 99,
  weight: 100,
  use: 'data',
  gateway: '10.91.1.1',
};

function kernelOf({ kernel: known }: CheckFacts): KernelFacts {
  if (known === undefined) throw new Error('the healthy facts have a kernel');
  return known;
}

export function probing(change: Partial<ProbeFacts>): ProbeFacts {
  return { ...probes, ...change };
}

export function unregistered(code: string, text: string): Partial<AgentSnapshot> {
  const { sinceMs } = HEALTHY_SNAPSHOT.registration;
  const registration = {
    state: 'waiting',
    sinceMs,
    attempts: 4,
    lastError: { code, text },
  } as const;
  return { registration };
}

export function tls(code: string, text: string): ProbeFacts['tls'] {
  return probes.tls.map((fact) => ({ ...fact, answer: { ok: false, code, text } }));
}

export function tunnels(...states: readonly TunnelSnapshot['state'][]): Partial<AgentSnapshot> {
  const { fastPath } = HEALTHY_SNAPSHOT;
  const changed = fastPath.tunnels.map((tunnel, at) => ({
    ...tunnel,
    state: states[at] ?? 'down',
  }));
  return { fastPath: { ...fastPath, tunnels: changed } };
}

/** A branch that lives on LTE alone, with this much signal. */
export function lteOnly(signal: LteSignal): Partial<CheckFacts> {
  const reports = [signal];
  const board = { ...HEALTHY_SNAPSHOT.board, reports };
  const config = { ...healthy.config, uplinks: [LTE_UPLINK] } as CheckFacts['config'];
  const verdict = signal.registered
    ? ({ state: 'up', sinceMs: 0, address: '10.91.1.2' } as const)
    : ({ state: 'down', sinceMs: 0, reason: 'lte-not-registered' } as const);
  const fastPath = { ...HEALTHY_SNAPSHOT.fastPath, uplinks: [{ ...LTE_UPLINK, verdict }] };
  return { agent: answering({ board, fastPath }), ...(config && { config }) };
}

export function links(change: (name: string) => object): KernelFacts {
  return { ...kernel, links: kernel.links.map((link) => ({ ...link, ...change(link.name) })) };
}
