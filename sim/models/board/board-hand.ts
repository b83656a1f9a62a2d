/**
 * The hand that plays with a simulated board: cables, signals and sensors, and everything that goes wrong on its line.
 */
import type { Random } from '../../../firmware-shim/base/random.ts';
import type { BoardReport } from '../../../firmware-shim/wire/messages.ts';
import type { BoardAction } from './board-action.ts';
import {
  delaysFrames,
  duplicates,
  losesAcks,
  silentUntil,
  swapsFrames,
  wedged,
} from './board-behaviour.ts';
import type { BoardPanel } from './board-panel.ts';
import type { BoardWire } from './board-wire.ts';

type PanelAction = Extract<
  BoardAction,
  { readonly do: 'pull' | 'plug' | 'link' | 'lte' | 'sim' | 'lteModule' | 'sensor' }
>;
/** What is done to the line, or prepared for later. */
type LineAction = Exclude<
  BoardAction,
  PanelAction | { readonly do: 'reboot' | 'powerCut' | 'button' }
>;

export class BoardHand {
  readonly #panel: BoardPanel;
  readonly #wire: BoardWire;
  readonly #random: Random;
  #rebootWhen: 'before' | 'after' | undefined;
  #badImage = false;

  constructor(panel: BoardPanel, wire: BoardWire, random: Random) {
    this.#panel = panel;
    this.#wire = wire;
    this.#random = random;
  }

  /** The reboot that waits for the next command, once. */
  takeReboot(): 'before' | 'after' | undefined {
    const when = this.#rebootWhen;
    this.#rebootWhen = undefined;
    return when;
  }

  takeBadImage(): boolean {
    const bad = this.#badImage;
    this.#badImage = false;
    return bad;
  }

  /** What the board has to report about it. */
  act(action: PanelAction | LineAction, nowMs: number): BoardReport | undefined {
    switch (action.do) {
      case 'pull':
      case 'plug':
        return this.#panel.setCable(action.port, action.do === 'plug');
      case 'link':
        return this.#panel.setLink(action.port, action.speedMbps, action.duplex);
      case 'lte':
        return this.#panel.setLte(action.dBm);
      case 'sim':
        return this.#panel.setSim(action.ready === 1);
      case 'lteModule':
        return this.#panel.setLteModule(action.present === 1);
      case 'sensor':
        return this.#panel.setSensor(action.sensor, action.index, action.value);
      default:
        this.#spoil(action, nowMs);
        return undefined;
    }
  }

  #spoil(action: LineAction, nowMs: number): void {
    switch (action.do) {
      case 'rebootAtCommand':
        this.#rebootWhen = action.when;
        return;
      case 'badImage':
        this.#badImage = true;
        return;
      case 'garbage':
        return this.#wire.write(this.#noise(action.bytes), nowMs);
      case 'noise':
        return this.#wire.setNoise(action.ppm);
      case 'splits':
        return this.#wire.setSplits(action.bytes);
      case 'pace':
        return this.#wire.setBaudRate(action.baudRate);
      case 'silence':
        return this.#wire.add(silentUntil(nowMs + action.ms));
      case 'wedge':
        return this.#wire.add(wedged());
      case 'loseAcks':
        return this.#wire.add(losesAcks(action.count));
      case 'duplicate':
        return this.#wire.add(duplicates(action.count));
      case 'delay':
        return this.#wire.add(delaysFrames(action.count, action.ms));
      case 'swap':
        return this.#wire.add(swapsFrames(action.count));
    }
  }

  #noise(bytes: number): Uint8Array {
    return Uint8Array.from({ length: bytes }, () => this.#random.u32() & 0xff);
  }
}
