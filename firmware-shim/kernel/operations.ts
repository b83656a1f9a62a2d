/**
 * Everything this program may ask of the kernel's network stack, as data.
 *
 * Adding what exists and deleting what does not are told apart from real failures by the errno of the
 * refusal (EEXIST, ENOENT, ESRCH, ENODEV); callers decide what that means.
 */
import type {
  Family,
  KernelAddress,
  KernelEvent,
  KernelNexthop,
  KernelRoute,
  KernelRule,
} from './types.ts';

export type LinkDetails =
  | { readonly kind: 'veth'; readonly peerName: string; readonly peerNetnsPath?: string }
  | { readonly kind: 'bridge' }
  | { readonly kind: 'wireguard' }
  | { readonly kind: 'vxlan'; readonly vni: number; readonly port: number };

export type KernelOperation =
  | {
      readonly op: 'linkAdd';
      readonly name: string;
      readonly mtu?: number;
      readonly details: LinkDetails;
    }
  | {
      readonly op: 'linkSet';
      readonly index: number;
      readonly adminUp?: boolean;
      readonly mtu?: number;
      readonly name?: string;
      /** Index of the bridge; 0 releases. */
      readonly master?: number;
      /** Moves the device into this network namespace. */
      readonly netnsPath?: string;
    }
  | { readonly op: 'linkDelete'; readonly index: number }
  | { readonly op: 'addressReplace'; readonly address: KernelAddress }
  | { readonly op: 'addressDelete'; readonly address: KernelAddress }
  | { readonly op: 'routeAdd' | 'routeReplace' | 'routeDelete'; readonly route: KernelRoute }
  | { readonly op: 'ruleAdd' | 'ruleDelete'; readonly rule: KernelRule }
  | { readonly op: 'nexthopReplace'; readonly nexthop: KernelNexthop }
  | { readonly op: 'nexthopDelete'; readonly id: number };

/** What a dump can be asked for; `protocol` and `table` narrow it in the kernel where it supports that. */
export type KernelDump =
  | { readonly dump: 'links' }
  | { readonly dump: 'addresses'; readonly family?: Family }
  | {
      readonly dump: 'routes';
      readonly family?: Family;
      readonly table?: number;
      readonly protocol?: number;
    }
  | { readonly dump: 'rules'; readonly family?: Family }
  | { readonly dump: 'nexthops' }
  | { readonly dump: 'neighbours' };

/** A refusal by the kernel, with its extended-ack text where it gave one. */
export interface KernelRefusal {
  /** Symbolic errno such as `EEXIST`. */
  readonly code: string;
  readonly errno: number;
  readonly text: string;
}

export type KernelResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly refusal: KernelRefusal };

/** A dump is answered in the vocabulary of events: one `…Added`/`…Changed` per object. */
export type KernelDumpResult =
  | { readonly ok: true; readonly objects: readonly KernelEvent[] }
  | { readonly ok: false; readonly refusal: KernelRefusal };
