/**
 * What the contract suite runs against: somewhere a device registers, and an operator who speaks to it and hears it.
 */
import type { IssuedCertificate } from '../../../sim/live/certificates.ts';

export const TENANT = 'acme';
export const SERVER_NAME = 'gwa.ccn';

export interface Heard {
  readonly topic: string;
  readonly payload: unknown;
}

export interface Broker {
  readonly port: number;
  readonly caPem: string;
  issue(serialNumber: string): Promise<IssuedCertificate>;
  /** Says something to a device, as whoever stands behind the gateway does. */
  say(topic: string, payload: unknown, how: { readonly retain: boolean }): Promise<void>;
  /** Resolves with the first message on this topic that is as wanted, from the beginning of the test on. */
  hear(topic: string, isWanted?: (payload: unknown) => boolean): Promise<Heard>;
  /** Everything heard so far. */
  heard(): readonly Heard[];
  close(): Promise<void>;
}

/** Messages as they come, and those who wait for one of them. */
export class HeardSoFar {
  readonly all: Heard[] = [];
  #waiting: (() => void)[] = [];

  add(message: Heard): void {
    this.all.push(message);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async next(topic: string, isWanted: (payload: unknown) => boolean = () => true): Promise<Heard> {
    for (;;) {
      const found = this.all.find((each) => each.topic === topic && isWanted(each.payload));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
