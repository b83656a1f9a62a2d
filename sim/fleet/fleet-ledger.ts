/**
 * The books of a fleet run: what every device raised, what the gateway stored, who is registered and since
 * when, and what follows from comparing them.
 */
import { percentile } from './percentile.ts';

export interface FleetResult {
  readonly devices: number;
  /** Devices that were born at least once. */
  readonly registered: number;
  /** Devices that reported the desired document in force and a tunnel that carries traffic. */
  readonly reported: number;
  /** Devices that came back after the gateway restarted. */
  readonly returned: number;
  /** Devices that said goodbye themselves. */
  readonly leftWithGoodbye: number;
  readonly eventsRaised: number;
  readonly eventsStored: number;
  /** Raised and never stored. */
  readonly eventsLost: number;
  /** Sent again and recognised; each is stored once. */
  readonly duplicates: number;
  /** From the moment the gateway listens again until a device is registered again. */
  readonly reconnectP95Ms: number;
  /** Memory of this process: all devices, the gateway and the hubs. */
  readonly residentMB: number;
  readonly tookMs: number;
  readonly ok: boolean;
}

interface Device {
  born: boolean;
  reported: boolean;
  returnedAfterMs: number | undefined;
  left: boolean;
}

export class FleetLedger {
  readonly #devices = new Map<string, Device>();
  readonly #raised = new Set<string>();
  readonly #stored = new Set<string>();
  #duplicates = 0;
  #restartedAtMs: number | undefined;

  constructor(serialNumbers: readonly string[]) {
    for (const serialNumber of serialNumbers) {
      const device = { born: false, reported: false, returnedAfterMs: undefined, left: false };
      this.#devices.set(serialNumber, device);
    }
  }

  born(serialNumber: string, nowMs: number): void {
    const device = this.#devices.get(serialNumber);
    if (device === undefined) return;
    device.born = true;
    if (this.#restartedAtMs !== undefined) device.returnedAfterMs ??= nowMs - this.#restartedAtMs;
  }

  reported(serialNumber: string): void {
    const device = this.#devices.get(serialNumber);
    if (device !== undefined) device.reported = true;
  }

  left(serialNumber: string): void {
    const device = this.#devices.get(serialNumber);
    if (device !== undefined) device.left = true;
  }

  /** Event ids hold the boot id, so they are unique over the fleet. */
  raised(eventId: string): void {
    this.#raised.add(eventId);
  }

  stored(eventId: string): void {
    this.#stored.add(eventId);
  }

  duplicated(): void {
    this.#duplicates += 1;
  }

  /** The gateway listens again after its restart. */
  gatewayRestarted(nowMs: number): void {
    this.#restartedAtMs = nowMs;
  }

  get lost(): readonly string[] {
    return [...this.#raised].filter((id) => !this.#stored.has(id));
  }

  count(what: (device: Readonly<Device>) => boolean): number {
    return [...this.#devices.values()].filter(what).length;
  }

  result(process: { readonly residentMB: number; readonly tookMs: number }): FleetResult {
    const devices = this.#devices.size;
    const returns = [...this.#devices.values()].flatMap(({ returnedAfterMs }) =>
      returnedAfterMs === undefined ? [] : [returnedAfterMs],
    );
    const registered = this.count(({ born }) => born);
    const reported = this.count((device) => device.reported);
    const leftWithGoodbye = this.count(({ left }) => left);
    const eventsLost = this.lost.length;
    const everyone = [registered, reported, returns.length, leftWithGoodbye];
    return {
      devices,
      registered,
      reported,
      returned: returns.length,
      leftWithGoodbye,
      eventsRaised: this.#raised.size,
      eventsStored: this.#stored.size,
      eventsLost,
      duplicates: this.#duplicates,
      reconnectP95Ms: Math.round(percentile(returns, 95)),
      ...process,
      ok: eventsLost === 0 && everyone.every((count) => count === devices),
    };
  }
}
