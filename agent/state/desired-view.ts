/** What a person may see of the document in force. */
import type { DesiredDocument } from '../model/desired.ts';
import type { DesiredSnapshot } from '../model/snapshot.ts';

export function viewOf(
  document: DesiredDocument | undefined,
  pendingSteps: readonly string[],
): DesiredSnapshot {
  const { revision = 0, ccn, ha, prefixes = [] } = document ?? {};
  return {
    revision,
    ...(ccn !== undefined && { ccn: ccn.name }),
    ...(ha !== undefined && { ha }),
    prefixes,
    pendingSteps,
  };
}
