/**
 * Writes what leaves one session. It mostly says the same again and again: then the bytes are the same ones, too.
 *
 * While its uplink cannot be used, a session that is Up tells the far end that a link of the path is down (RFC 5880
 * section 6.8.17): what misses then is known to be missing here, and is no sign of what the path loses by itself.
 */
import type { BfdTimers } from '../../model/tunnel.ts';
import type { BfdAuthenticator } from './bfd-authentication.ts';
import { type BfdState, CONCATENATED_PATH_DOWN, encodeBfdPacket } from './bfd-packet.ts';

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
  /** `told once more`: the first packet after an interruption ends the gap that the far end has seen. */
  #link: 'whole' | 'broken' | 'told once more' = 'whole';

  constructor(discriminator: number) {
    this.#discriminator = discriminator;
  }

  /** Packets so far. */
  get written(): number {
    return this.#written;
  }

  uplinkJudged(usable: boolean): void {
    this.#link = usable ? 'told once more' : 'broken';
  }

  /** Nobody may write into the bytes: they may leave again. */
  write(meant: BfdSaying, authenticator: BfdAuthenticator | undefined): Uint8Array {
    this.#written += 1;
    const saying = this.#withLink(meant);
    if (this.#said === undefined || !isSame(saying, this.#said)) {
      this.#said = saying;
      this.#section = this.#encode(saying);
    }
    return authenticator?.seal(this.#section) ?? this.#section;
  }

  /** "Note that the BFD session is not taken down"; one that is, tells why it is. */
  #withLink(saying: BfdSaying): BfdSaying {
    if (this.#link === 'whole' || saying.state !== 'Up') return saying;
    if (this.#link === 'told once more') this.#link = 'whole';
    return { ...saying, diagnostic: CONCATENATED_PATH_DOWN };
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
