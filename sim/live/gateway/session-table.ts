/**
 * All sessions of one gateway: who is connected, whose session still waits, and whose will is due.
 *
 * A device that returns before its will delay takes the will back; one whose session ends first has it
 * published at that moment (MQTT 5, section 3.1.2.5).
 */
import type { ConnectRequest, Will } from './connect-request.ts';
import { type Outlet, Session } from './session.ts';

interface Away {
  readonly session: Session;
  readonly expiresAtMs: number;
  willAtMs: number | undefined;
}

export class SessionTable {
  readonly #connected = new Map<string, { session: Session; request: ConnectRequest }>();
  readonly #away = new Map<string, Away>();
  readonly #publishWill: (serialNumber: string, will: Will) => void;

  constructor(publishWill: (serialNumber: string, will: Will) => void) {
    this.#publishWill = publishWill;
  }

  /** The session of a device, connected or waiting. */
  of(serialNumber: string): Session | undefined {
    return this.#connected.get(serialNumber)?.session ?? this.#away.get(serialNumber)?.session;
  }

  get connectedCount(): number {
    return this.#connected.size;
  }

  get awayCount(): number {
    return this.#away.size;
  }

  /** A CONNECT was accepted. The former connection of that device, if any, was already told to leave. */
  connected(request: ConnectRequest): { readonly session: Session; readonly present: boolean } {
    const { serialNumber, cleanStart } = request;
    const away = this.#away.get(serialNumber);
    if (away !== undefined) {
      this.#away.delete(serialNumber);
      if (cleanStart && away.session.will !== undefined) {
        this.#publishWill(serialNumber, away.session.will);
      }
    }
    const present = away !== undefined && !cleanStart;
    const session = present ? away.session : new Session(serialNumber);
    session.will = request.will;
    this.#connected.set(serialNumber, { session, request });
    return { session, present };
  }

  /** Lets the deliveries flow: to be called once the CONNACK is written. */
  attach(request: ConnectRequest, outlet: Outlet, nowMs: number): void {
    const { session } = this.#connected.get(request.serialNumber) ?? {};
    session?.attach(outlet, request.receiveMaximum, nowMs);
  }

  /** The connection is gone; `sessionExpiryS` and whether the will counts as the device last said. */
  disconnected(
    serialNumber: string,
    how: { readonly withWill: boolean; readonly sessionExpiryS: number },
    nowMs: number,
  ): void {
    const entry = this.#connected.get(serialNumber);
    if (entry === undefined) return;
    const { session } = entry;
    this.#connected.delete(serialNumber);
    session.detach();
    if (!how.withWill) session.will = undefined;
    const expiryMs = how.sessionExpiryS * 1_000;
    const willAtMs =
      session.will === undefined ? undefined : nowMs + Math.min(session.will.delayMs, expiryMs);
    this.#away.set(serialNumber, { session, expiresAtMs: nowMs + expiryMs, willAtMs });
    this.sweep(nowMs);
  }

  /** Publishes wills that are due and forgets sessions that are over. */
  sweep(nowMs: number): void {
    for (const [serialNumber, away] of this.#away) {
      if (away.willAtMs !== undefined && away.willAtMs <= nowMs) {
        away.willAtMs = undefined;
        const { will } = away.session;
        away.session.will = undefined;
        if (will !== undefined) this.#publishWill(serialNumber, will);
      }
      if (away.expiresAtMs <= nowMs) this.#away.delete(serialNumber);
    }
  }
}
