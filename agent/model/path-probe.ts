/** One TCP handshake as a measurement: where it goes, and what came of it. */
export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  readonly sourceAddress?: string;
  /** Without a source: an address of ours in one of these, so that it goes the way of the branch's own traffic. */
  readonly sourceWithin?: readonly string[];
}

export type ProbeAnswer =
  | { readonly ok: true; readonly rttMs: number }
  | { readonly ok: false; readonly because: string };
