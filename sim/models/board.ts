/**
 * A SAG-1000 or SAG-100WM as seen from its serial port: bytes in, bytes out, and a person who pulls cables.
 *
 * It is a core: the deterministic world drives it in virtual time and the pty board in real time.
 */
import type { Core, Deadline } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import { encodeFrame, type Frame } from '../../firmware-shim/wire/frame.ts';
import { FrameDecoder } from '../../firmware-shim/wire/frame-decoder.ts';
import { encodeHello } from '../../firmware-shim/wire/hello-codec.ts';
import type {
  BoardModel as BoardModelName,
  HostMessage,
  PortDescription,
} from '../../firmware-shim/wire/messages.ts';
import type { BoardAction } from './board-action.ts';
import { type BoardBehaviour, duplicates, losesAcks, silentUntil } from './board-behaviour.ts';
import { BOARD_TYPES } from './board-catalogue.ts';
import { BoardPanel } from './board-panel.ts';
import { BoardUart, type UartOutcome } from './board-uart.ts';

/** The MCU is up again this long after a reset. */
const BOOT_MS = 400;
const SENSORS_MS = 10_000;
/** Time for the answer to leave before the MCU resets itself. */
const RESET_DELAY_MS = 20;
/** An ordinary indoor signal. */
const LTE_DBM = -71;

export interface BoardModelOptions {
  readonly model: BoardModelName;
  readonly serialNumber: string;
  readonly random: Random;
  /** Replaces the catalogue's port list: numbers, roles, copper. */
  readonly ports?: readonly PortDescription[];
  readonly firmwareVersion?: string;
}

export type BoardModelEvent =
  | { readonly type: 'powered' }
  | { readonly type: 'bytesArrived'; readonly bytes: Uint8Array }
  | { readonly type: 'actionAsked'; readonly action: BoardAction }
  | { readonly type: 'behaviourAdded'; readonly behaviour: BoardBehaviour };

export type BoardModelEffect =
  | { readonly type: 'writeBytes'; readonly bytes: Uint8Array }
  /** One sentence for the log of whoever watches. */
  | { readonly type: 'log'; readonly text: string };

export class BoardModel implements Core<BoardModelEvent, BoardModelEffect> {
  readonly ports: readonly PortDescription[];
  readonly #options: BoardModelOptions;
  readonly #panel: BoardPanel;
  readonly #hello: Uint8Array;
  readonly #timers = new Timers<'booted' | 'reset' | 'repeat' | 'sensors'>();
  readonly #decoder = new FrameDecoder();
  readonly #behaviours: BoardBehaviour[] = [];
  /** Absent while the MCU is off or starting. */
  #uart: BoardUart | undefined;
  #bootEpoch: number;
  #commandsDone = 0;
  #effects: BoardModelEffect[] = [];

  constructor(options: BoardModelOptions) {
    const type = BOARD_TYPES[options.model];
    this.#options = options;
    this.ports = options.ports ?? type.ports;
    this.#panel = new BoardPanel(type, this.ports, LTE_DBM, options.random);
    this.#hello = encodeHello({
      model: options.model,
      hardwareRevision: type.hardwareRevision,
      serialNumber: options.serialNumber,
      firmwareVersion: options.firmwareVersion ?? type.firmwareVersion,
      ports: this.ports,
    });
    this.#bootEpoch = options.random.u32();
  }

  handle(event: BoardModelEvent, nowMs: number): readonly BoardModelEffect[] {
    switch (event.type) {
      case 'powered':
        this.#reboot(nowMs);
        break;
      case 'bytesArrived':
        for (const frame of this.#decoder.push(event.bytes)) this.#onFrame(frame, nowMs);
        break;
      case 'actionAsked':
        this.#act(event.action, nowMs);
        break;
      case 'behaviourAdded':
        this.#behaviours.unshift(event.behaviour);
        break;
    }
    return this.#rest();
  }

  tick(nowMs: number): readonly BoardModelEffect[] {
    if (this.#timers.take('reset', nowMs)) this.#reboot(nowMs);
    if (this.#timers.take('booted', nowMs)) this.#boot(nowMs);
    if (this.#timers.take('repeat', nowMs)) this.#follow(this.#uart?.onTime(nowMs), nowMs);
    if (this.#timers.take('sensors', nowMs)) {
      this.#timers.set('sensors', nowMs + SENSORS_MS);
      this.#follow(this.#uart?.say(this.#panel.sensors(), nowMs), nowMs);
    }
    return this.#rest();
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** Plain JSON for whoever watches. */
  snapshot() {
    return {
      model: this.#options.model,
      serialNumber: this.#options.serialNumber,
      bootEpoch: this.#bootEpoch,
      running: this.#uart !== undefined,
      talking: this.#uart?.talking ?? false,
      ports: this.ports.map(({ port, role }) => ({
        port,
        role,
        carrier: this.#panel.carrier(port).carrier,
      })),
      lte: this.#panel.lteSignal(),
      leds: this.#panel.leds,
      commandsDone: this.#commandsDone,
      behaviours: this.#behaviours.map(({ name }) => name),
      decoder: this.#decoder.counters,
    };
  }

  #onFrame(frame: Frame, nowMs: number): void {
    this.#dropOver(nowMs);
    if (this.#behaviours.some((behaviour) => behaviour.hears(frame))) return;
    this.#follow(this.#uart?.onFrame(frame, nowMs), nowMs);
  }

  #follow(outcomes: readonly UartOutcome[] | undefined, nowMs: number): void {
    for (const outcome of outcomes ?? []) {
      switch (outcome.type) {
        case 'send':
          this.#speak(outcome.frame, nowMs);
          break;
        case 'met':
          this.#log('a host asked for hello');
          for (const report of this.#panel.wholeState(this.ports)) {
            this.#follow(this.#uart?.say(report, nowMs), nowMs);
          }
          break;
        case 'commanded':
          this.#carryOut(outcome.message, nowMs);
          break;
        case 'forgot':
          this.#log(`the conversation is over: ${outcome.why}`);
          break;
      }
    }
  }

  #carryOut({ id, command }: HostMessage, nowMs: number): void {
    this.#commandsDone += 1;
    let result: 'done' | 'unsupported' | 'refused' = 'done';
    if (command.kind === 'ledSet') {
      result = this.#panel.setLed(command.led, command.mode);
      this.#log(`command ${id}: LED ${command.led} ${command.mode}: ${result}`);
    } else {
      this.#timers.set('reset', nowMs + RESET_DELAY_MS);
      this.#log(`command ${id}: reset`);
    }
    this.#follow(this.#uart?.say({ kind: 'commandAnswer', id, result }, nowMs), nowMs);
  }

  #act(action: BoardAction, nowMs: number): void {
    switch (action.do) {
      case 'pull':
      case 'plug': {
        const carrier = this.#panel.setCable(action.port, action.do === 'plug');
        this.#log(`port ${action.port}: ${action.do}`);
        if (carrier !== undefined) this.#follow(this.#uart?.say(carrier, nowMs), nowMs);
        return;
      }
      case 'lte':
        this.#log(`LTE signal: ${action.dBm === undefined ? 'gone' : `${action.dBm} dBm`}`);
        return this.#follow(this.#uart?.say(this.#panel.setLte(action.dBm), nowMs), nowMs);
      case 'reboot':
        this.#log('the MCU restarts');
        return this.#reboot(nowMs);
      case 'garbage':
        return this.#makeNoise(action.bytes);
      case 'silence':
        this.#behaviours.unshift(silentUntil(nowMs + action.ms));
        return;
      case 'loseAcks':
        this.#behaviours.unshift(losesAcks(action.count));
        return;
      case 'duplicate':
        this.#behaviours.unshift(duplicates(action.count));
        return;
      case 'button': {
        const pressed = { kind: 'button', button: 'RESET', heldMs: action.heldMs } as const;
        return this.#follow(this.#uart?.say(pressed, nowMs), nowMs);
      }
    }
  }

  #makeNoise(bytes: number): void {
    this.#log(`${bytes} bytes of noise`);
    const noise = Uint8Array.from({ length: bytes }, () => this.#options.random.u32() & 0xff);
    this.#effects.push({ type: 'writeBytes', bytes: noise });
  }

  /** Off at once; back after the time a start takes. */
  #reboot(nowMs: number): void {
    this.#uart = undefined;
    this.#panel.resetLeds();
    this.#decoder.restart();
    this.#timers.clearAll();
    this.#timers.set('booted', nowMs + BOOT_MS);
  }

  #boot(nowMs: number): void {
    // Zero would say "no epoch", and one of the last lives again would look late.
    this.#bootEpoch = (this.#bootEpoch + 1) >>> 0 || 1;
    this.#uart = new BoardUart(this.#bootEpoch, this.#hello);
    this.#timers.set('sensors', nowMs + SENSORS_MS);
    this.#follow(this.#uart.announce(), nowMs);
  }

  #speak(frame: Frame, nowMs: number): void {
    this.#dropOver(nowMs);
    let frames: readonly Frame[] = [frame];
    for (const behaviour of this.#behaviours) {
      frames = frames.flatMap((each) => behaviour.speaks(each) ?? [each]);
    }
    for (const each of frames) this.#effects.push({ type: 'writeBytes', bytes: encodeFrame(each) });
  }

  #dropOver(nowMs: number): void {
    for (let index = this.#behaviours.length - 1; index >= 0; index -= 1) {
      if (this.#behaviours[index]?.over(nowMs) === true) this.#behaviours.splice(index, 1);
    }
  }

  #log(text: string): void {
    this.#effects.push({ type: 'log', text });
  }

  #rest(): readonly BoardModelEffect[] {
    const repeatAtMs = this.#uart?.repeatAtMs;
    if (repeatAtMs === undefined) this.#timers.clear('repeat');
    else this.#timers.set('repeat', repeatAtMs);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
