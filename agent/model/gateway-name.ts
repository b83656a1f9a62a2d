/**
 * Names of access gateways: the addresses that have proved themselves behind them, and what a person may see of it.
 */

/** An address where TLS was accepted with the name checked. */
export interface GoodAddress {
  readonly address: string;
  /** When it last proved itself, by the machine's clock. */
  readonly provedWallMs: number;
}

/** What is kept of a name on the disk; the address that proved itself last comes first. */
export interface KeptName {
  readonly name: string;
  readonly addresses: readonly GoodAddress[];
}

/**
 * Where an address was learnt: it is the name itself (`given`), of the hosts file, of an answer to this very attempt,
 * proved before (`kept`), or of an answer that came too late for the attempt that asked (`heard`).
 */
export type AddressSource = 'given' | 'hosts' | 'answer' | 'kept' | 'heard';

export interface GatewayNameSnapshot {
  readonly name: string;
  /** The address that proved itself last comes first. */
  readonly addresses: readonly { readonly address: string; readonly provedAgoMs: number }[];
  /** Where the last connection went. */
  readonly inUse?: { readonly address: string; readonly from: AddressSource };
  /** What somebody else answered at, and is tried last for a while. */
  readonly setAside: readonly string[];
  /** Why the name servers are of no use at present; absent when their last answer was good. */
  readonly trouble?: string;
}
