/**
 * The WireGuard key pairs of one device, tunnel by tunnel, as it reports them: which one is in use, and which one is
 * made and shall be accepted. Before it reports any it shows the one of its birth.
 */
import type { Reported } from '../../agent/access/payloads.ts';

export interface ToldKey {
  readonly generation: number;
  readonly publicKey: string;
}

export interface TunnelKeys {
  /** Undefined: that of the birth. */
  readonly inUse?: ToldKey;
  readonly next?: ToldKey;
}

export type DeviceKeys = ReadonlyMap<string, TunnelKeys>;

type Identity = NonNullable<Reported['identities']>[number];

/** The keys after a report; the same object when it says nothing new. */
export function keysAfter(before: DeviceKeys, { identities = [] }: Reported): DeviceKeys {
  const after = new Map(before);
  for (const identity of identities) {
    const keys = after.get(identity.tunnel) ?? {};
    const told = turned(keys, identity);
    if (told !== keys) after.set(identity.tunnel, told);
  }
  const isNothingNew = [...after].every(([tunnel, keys]) => before.get(tunnel) === keys);
  return isNothingNew ? before : after;
}

/** A key pair that was not taken in time stays accepted: the device tries it again. */
function turned(keys: TunnelKeys, { stage, generation, publicKey }: Identity): TunnelKeys {
  if (generation === undefined || publicKey === undefined || stage === 'back') return keys;
  const told = { generation, publicKey };
  if (stage === 'prepared') return isSame(keys.next, told) ? keys : { ...keys, next: told };
  return isSame(keys.inUse, told) && keys.next === undefined ? keys : { inUse: told };
}

function isSame(a: ToldKey | undefined, b: ToldKey): boolean {
  return a?.publicKey === b.publicKey && a.generation === b.generation;
}
