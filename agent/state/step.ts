/** One slow, ordered change that leads towards what is wanted, as data. */
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import type { DhcpServer } from '../model/lan.ts';
import type { TunnelId, TunnelSpec } from '../model/tunnel.ts';
import type { UplinkId } from '../model/uplink.ts';
import type { RuleLine } from './traffic-rules.ts';

export type StepAction =
  | { readonly do: 'kernel'; readonly operation: KernelOperation }
  | { readonly do: 'ensureTunnel'; readonly spec: TunnelSpec }
  | { readonly do: 'moveTunnel'; readonly spec: TunnelSpec }
  /** Only the identity differs. */
  | { readonly do: 'turnIdentity'; readonly spec: TunnelSpec }
  | { readonly do: 'packetRules'; readonly rules: string; readonly lines: readonly RuleLine[] }
  | { readonly do: 'serveDhcp'; readonly servers: readonly DhcpServer[] }
  | { readonly do: 'checkRules' }
  | { readonly do: 'flowRules'; readonly rules: string }
  | { readonly do: 'removeTunnel'; readonly tunnel: TunnelId };

export interface Step {
  /** The same step found again has the same key. */
  readonly key: string;
  /** For people: what is done and what for. */
  readonly sentence: string;
  readonly action: StepAction;
  /** Whose settings it carries out. */
  readonly uplink?: UplinkId;
  /** Asked for at the box: no document is to blame. */
  readonly ofBox?: true;
  readonly lanPort?: string;
}
