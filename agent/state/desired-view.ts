/** What a person may see of the document in force. */
import type { DesiredDocument } from '../model/desired.ts';
import type { DesiredSnapshot } from '../model/snapshot.ts';
import type { Uplink } from '../model/uplink.ts';
import { uplinkProbes } from './probe-timers.ts';

export function viewOf(
  document: DesiredDocument | undefined,
  uplinks: readonly Uplink[],
  pendingSteps: readonly string[],
): DesiredSnapshot {
  const { revision = 0, ccn, ha, prefixes = [] } = document ?? {};
  const probes = uplinkProbes(document, uplinks);
  return {
    revision,
    ...(ccn !== undefined && { ccn: ccn.name }),
    ...(ha !== undefined && { ha }),
    prefixes,
    pendingSteps,
    ...(probes.length > 0 && { probes }),
  };
}
