/**
 * The physical side of a board: cables, LTE signal, sensors and LEDs. An MCU reboot touches
 * nothing of it but the LEDs.
 */
import type { Random } from '../../../firmware-shim/base/random.ts';
import { lteStrength } from '../../../firmware-shim/wire/lte-strength.ts';
import type {
  BoardReport,
  CommandResult,
  Duplex,
  Led,
  LedMode,
  LteSignal,
  PortCarrier,
  PortDescription,
  SensorKind,
  SensorReading,
  Sensors,
} from '../../../firmware-shim/wire/messages.ts';
import type { BoardType } from './board-catalogue.ts';

const GIGABIT = { speedMbps: 1_000, duplex: 'full' } as const;
const NO_LINK = { speedMbps: 0, duplex: 'unknown' } as const;
/** Sensors wander by at most this fraction of their value at rest. */
const WANDER = 0.01;

export class BoardPanel {
  readonly #type: BoardType;
  readonly #random: Random;
  readonly #plugged: Set<number>;
  readonly #leds = new Map<Led, LedMode>();
  readonly #links = new Map<number, Pick<PortCarrier, 'speedMbps' | 'duplex'>>();
  readonly #readings: SensorReading[];
  #lteDbm: number | undefined;
  #simReady = true;
  #lteModule = true;
  #finding = false;

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
    this.#readings = [...type.sensors];
    this.resetLeds();
  }

  /** What the MCU shows before a host tells it anything. */
  resetLeds(): void {
    for (const led of this.#type.leds) this.#leds.set(led, led === 'PWR' ? 'on' : 'off');
  }

  get leds(): Readonly<Partial<Record<Led, LedMode>>> {
    if (!this.#finding) return Object.fromEntries(this.#leds);
    return Object.fromEntries([...this.#leds.keys()].map((led) => [led, 'blink']));
  }

  /** Every LED blinks; what each showed, or is told to show meanwhile, comes back afterwards. */
  findMe(finding: boolean): void {
    this.#finding = finding;
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

  setSim(ready: boolean): LteSignal {
    this.#simReady = ready;
    return this.lteSignal();
  }

  setLteModule(present: boolean): LteSignal {
    this.#lteModule = present;
    return this.lteSignal();
  }

  /** The far end of a cable can do something else. */
  setLink(port: number, speedMbps: number, duplex: Duplex): PortCarrier {
    this.#links.set(port, { speedMbps, duplex });
    return this.carrier(port);
  }

  setSensor(sensor: SensorKind, index: number, value: number): Sensors {
    const at = this.#readings.findIndex((each) => each.sensor === sensor && each.index === index);
    if (at >= 0) this.#readings[at] = { sensor, index, value };
    return this.sensors();
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
      ...(carrier ? (this.#links.get(port) ?? GIGABIT) : NO_LINK),
    };
  }

  lteSignal(): LteSignal {
    const dBm = this.#lteModule && this.#simReady ? this.#lteDbm : undefined;
    return {
      kind: 'lteSignal',
      present: this.#lteModule,
      simReady: this.#lteModule && this.#simReady,
      registered: dBm !== undefined,
      ...(dBm === undefined ? {} : { dBm }),
      strength: lteStrength(dBm),
    };
  }

  sensors(): Sensors {
    const readings = this.#readings.map((reading) => {
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
