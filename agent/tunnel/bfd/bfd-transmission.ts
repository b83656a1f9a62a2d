/**
 * Writes what leaves one session. It mostly says the same again and again: then the bytes are the same ones, too.
 */
import type { BfdTimers } from '../../model/tunnel.ts';
import type { BfdAuthenticator } from './bfd-authentication.ts';
import { type BfdState, encodeBfdPacket } from './bfd-packet.ts';

/** All of a packet that changes in the life of a session. */
export interface BfdSaying {
  readonly diagnostic: number;
  readonly state: BfdState;
  /** "The Poll and Final bits MUST NOT both be set" follows from section 6.8.7: a Final answers, a Poll asks. */
  readonly poll: boolean;
  readonly final: boolean;
  readonly yourDiscriminator: number;
  readonly timers: BfdTimers;
}

export class BfdTransmission {
  readonly #discriminator: number;
  #said: BfdSaying | undefined;
  #section: Uint8Array = new Uint8Array();
  #written = 0;

  constructor(discriminator: number) {
    this.#discriminator = discriminator;
  }

  /** Packets so far. */
  get written(): number {
    return this.#written;
  }

  /** Nobody may write into the bytes: they may leave again. */
  write(saying: BfdSaying, authenticator: BfdAuthenticator | undefined): Uint8Array {
    this.#written += 1;
    if (this.#said === undefined || !isSame(saying, this.#said)) {
      this.#said = saying;
      this.#section = this.#encode(saying);
    }
    return authenticator?.seal(this.#section) ?? this.#section;
  }

  #encode({ timers, ...saying }: BfdSaying): Uint8Array {
    return encodeBfdPacket({
      ...saying,
      demand: false,
      detectMult: timers.detectMult,
      myDiscriminator: this.#discriminator,
      desiredMinTxMicros: timers.desiredMinTxMs * 1_000,
      requiredMinRxMicros: timers.requiredMinRxMs * 1_000,
      // Zero: we do not support the Echo function (section 4.1).
      requiredMinEchoRxMicros: 0,
    });
  }
}

function isSame(a: BfdSaying, b: BfdSaying): boolean {
  return (
    a.diagnostic === b.diagnostic &&
    a.state === b.state &&
    a.poll === b.poll &&
    a.final === b.final &&
    a.yourDiscriminator === b.yourDiscriminator &&
    a.timers.detectMult === b.timers.detectMult &&
    a.timers.desiredMinTxMs === b.timers.desiredMinTxMs &&
    a.timers.requiredMinRxMs === b.timers.requiredMinRxMs
  );
}
