/**
 * Which tunnel engine carries which uplink of the lab, and what a run says about it.
 */
import type { EngineKind } from '../../agent/model/tunnel.ts';
import { UPLINKS } from './topology.ts';

/** `mixed`: IPsec over the first uplink, WireGuard over the second, in one agent. */
export const LAB_ENGINES = ['wireguard', 'ipsec', 'mixed'] as const;
export type LabEngine = (typeof LAB_ENGINES)[number];

export function isLabEngine(word: string): word is LabEngine {
  return (LAB_ENGINES as readonly string[]).includes(word);
}

export function enginesByUplink(engine: LabEngine): Readonly<Record<string, EngineKind>> {
  return Object.fromEntries(
    UPLINKS.map(({ id }, index) => [
      id,
      engine === 'mixed' ? (index === 0 ? 'ipsec' : 'wireguard') : engine,
    ]),
  );
}

export function usesEngine(engine: LabEngine, kind: EngineKind): boolean {
  return Object.values(enginesByUplink(engine)).includes(kind);
}

/** What carries the packets, read off the kinds of the branch's tunnel devices. */
export function engineSentence(engine: LabEngine, deviceKinds: readonly string[]): string {
  const words: string[] = [];
  if (usesEngine(engine, 'ipsec')) {
    words.push(
      deviceKinds.includes('xfrm') ? 'IPsec in the kernel' : 'IPsec by charon (kernel-libipsec)',
    );
  }
  if (usesEngine(engine, 'wireguard')) {
    words.push(
      deviceKinds.includes('wireguard') ? 'WireGuard in the kernel' : 'WireGuard by wireguard-go',
    );
  }
  return deviceKinds.length === 0 ? 'none' : words.join(', ');
}
