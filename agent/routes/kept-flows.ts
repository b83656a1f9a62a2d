/**
 * The flows that stay on one backup tunnel after traffic has returned: for how long, and what holds them there.
 */
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import type { Family } from '../../firmware-shim/kernel/types.ts';
import { flowRoute, flowRule } from '../model/flow-mark.ts';
import type { TunnelId } from '../model/tunnel.ts';

export interface KeptFlows {
  readonly tunnel: TunnelId;
  readonly mark: number;
  readonly deviceIndex: number;
  readonly families: readonly Family[];
  untilMs: number;
  /** Why it ends then. */
  because: string;
  /** How many were there when they were last counted; undefined where nobody could. */
  flows: number | undefined;
}

/** Routes before rules, so that no rule ever leads into a table that is still being made. */
export function holdOperations({
  mark,
  families,
  deviceIndex,
}: KeptFlows): readonly KernelOperation[] {
  return [
    ...families.map(
      (family) => ({ op: 'routeReplace', route: flowRoute(mark, family, deviceIndex) }) as const,
    ),
    ...families.map((family) => ({ op: 'ruleAdd', rule: flowRule(mark, family) }) as const),
  ];
}

/** Rules first: from then on the flows follow the prefixes' routes. */
export function releaseOperations({
  mark,
  families,
  deviceIndex,
}: KeptFlows): readonly KernelOperation[] {
  return [
    ...families.map((family) => ({ op: 'ruleDelete', rule: flowRule(mark, family) }) as const),
    ...families.map(
      (family) => ({ op: 'routeDelete', route: flowRoute(mark, family, deviceIndex) }) as const,
    ),
  ];
}
