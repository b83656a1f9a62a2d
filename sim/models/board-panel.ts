/**
 * The physical side of a board: cables, LTE signal, sensors and LEDs. An MCU reboot touches
 * nothing of it but the LEDs.
 */
import type { Random } from '../../firmware-shim/base/random.ts';
import type {
  BoardReport,
  CommandResult,
  Led,
  LedMode,
  LteSignal,
  LteStrength,
  PortCarrier,
  PortDescription,
  Sensors,
} from '../../firmware-shim/wire/messages.ts';
import type { BoardType } from './board-catalogue.ts';

/** From these on a signal counts as High and Middle, in dBm. */
const HIGH_DBM = -70;
const MIDDLE_DBM = -85;
/** Sensors wander by at most this fraction of their value at rest. */
const WANDER = 0.01;

export class BoardPanel {
  readonly #type: BoardType;
  readonly #random: Random;
  readonly #plugged: Set<number>;
  readonly #leds = new Map<Led, LedMode>();
  #lteDbm: number | undefined;

  constructor(
    type: BoardType,
    ports: readonly PortDescription[],
    lteDbm: number | undefined,
    random: Random,
  ) {
    this.#type = type;
    this.#random = random;
    this.#plugged = new Set(ports.filter(({ role }) => role !== 'NONE').map(({ port }) => port));
    this.#lteDbm = lteDbm;
    this.resetLeds();
  }

  /** What the MCU shows before a host tells it anything. */
  resetLeds(): void {
    for (const led of this.#type.leds) this.#leds.set(led, led === 'PWR' ? 'on' : 'off');
  }

  get leds(): Readonly<Partial<Record<Led, LedMode>>> {
    return Object.fromEntries(this.#leds);
  }

  /** Moves a cable; undefined when it is that way already. */
  setCable(port: number, plugged: boolean): PortCarrier | undefined {
    if (this.#plugged.has(port) === plugged) return undefined;
    if (plugged) this.#plugged.add(port);
    else this.#plugged.delete(port);
    return this.carrier(port);
  }

  setLte(dBm: number | undefined): LteSignal {
    this.#lteDbm = dBm;
    return this.lteSignal();
  }

  setLed(led: Led, mode: LedMode): CommandResult {
    if (!this.#leds.has(led)) return 'unsupported';
    this.#leds.set(led, mode);
    return 'done';
  }

  carrier(port: number): PortCarrier {
    const carrier = this.#plugged.has(port);
    return {
      kind: 'portCarrier',
      port,
      carrier,
      speedMbps: carrier ? 1_000 : 0,
      duplex: carrier ? 'full' : 'unknown',
    };
  }

  lteSignal(): LteSignal {
    const dBm = this.#lteDbm;
    return {
      kind: 'lteSignal',
      present: true,
      simReady: true,
      registered: dBm !== undefined,
      ...(dBm === undefined ? {} : { dBm }),
      strength: strengthOf(dBm),
    };
  }

  sensors(): Sensors {
    const readings = this.#type.sensors.map((reading) => {
      const wander = 1 + WANDER * (2 * this.#random.next() - 1);
      return { ...reading, value: Math.round(reading.value * wander) };
    });
    return { kind: 'sensors', readings };
  }

  /** Everything a host that knows nothing must be told. */
  wholeState(ports: readonly PortDescription[]): readonly BoardReport[] {
    return [...ports.map(({ port }) => this.carrier(port)), this.lteSignal(), this.sensors()];
  }
}

function strengthOf(dBm: number | undefined): LteStrength {
  if (dBm === undefined) return 'Unavailable';
  if (dBm >= HIGH_DBM) return 'High';
  return dBm >= MIDDLE_DBM ? 'Middle' : 'Low';
}
