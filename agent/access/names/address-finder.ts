/**
 * The contract of whatever gets from the name of a gateway to a connection: `agent/adapters/names` on a box, a model of
 * name servers in the simulated world. Both are the body of the same core.
 */

export interface Sought {
  /** A name, or an address. */
  readonly name: string;
  readonly sourceAddress?: string | undefined;
  /** For a measurement: an address that is known already is as good as one that is asked for. */
  readonly inHaste?: boolean;
}

export interface DialFault {
  readonly code: string;
  readonly text: string;
  /** Of a chain that is a gateway's in every other respect: from when on. */
  readonly chainBeginsMs?: number;
}

/** How a dial ended: undefined when the gateway has proved itself. */
export type DialTold = (fault: DialFault | undefined) => void;

export interface Hands {
  /** Tells later, once, how it ended; answers with what drops it. */
  readonly dial: (address: string, told: DialTold) => () => void;
  /** No address led to the gateway. */
  readonly onFailed: (fault: DialFault) => void;
}

export interface AddressFinder {
  /**
   * Dials until a gateway has proved itself or there is nothing left to dial. Nothing but `dial` is called back while
   * `find` is on the stack; the function it answers with ends the search early.
   */
  find(sought: Sought, hands: Hands): () => void;
}
