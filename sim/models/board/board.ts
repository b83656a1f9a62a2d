/**
 * A SAG-1000 or SAG-100WM as seen from its serial port: bytes in, bytes out, and a person who pulls cables.
 *
 * It is a core: the deterministic world drives it in virtual time and the pty board in real time.
 */
import { type Core, type Deadline, earlier } from '../../../firmware-shim/base/core.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { Timers } from '../../../firmware-shim/base/timers.ts';
import { supports } from '../../../firmware-shim/wire/capability.ts';
import type { Frame } from '../../../firmware-shim/wire/frame.ts';
import { FrameDecoder } from '../../../firmware-shim/wire/frame-decoder.ts';
import { encodeHello } from '../../../firmware-shim/wire/hello-codec.ts';
import type {
  BoardMessage,
  BoardModel as BoardModelName,
  Capability,
  HostMessage,
  PortDescription,
  StartCause,
} from '../../../firmware-shim/wire/messages.ts';
import type { BoardAction } from './board-action.ts';
import type { BoardBehaviour } from './board-behaviour.ts';
import { BOARD_TYPES } from './board-catalogue.ts';
import { BoardFlash } from './board-flash.ts';
import { BoardHand } from './board-hand.ts';
import { BoardMcu, type IdentityProver } from './board-mcu.ts';
import { BoardPanel } from './board-panel.ts';
import { actionSentence, commandSentence } from './board-sentence.ts';
import { BoardUart, type UartOutcome } from './board-uart.ts';
import { BoardWire } from './board-wire.ts';

/** The MCU is up again this long after a reset. */
const BOOT_MS = 400;
const SENSORS_MS = 10_000;
/** An ordinary indoor signal. */
const LTE_DBM = -71;

export interface BoardModelOptions {
  readonly model: BoardModelName;
  readonly serialNumber: string;
  readonly random: Random;
  /** Replaces the catalogue's port list: numbers, roles, copper. */
  readonly ports?: readonly PortDescription[];
  readonly firmwareVersion?: string;
  /** Those of the catalogue, unless given; `none` is a board of version 1 of the protocol. */
  readonly capabilities?: readonly Capability[] | 'none';
  /** Absent means that no factory key was written into this board. */
  readonly proveIdentity?: IdentityProver;
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
  readonly #mcu: BoardMcu;
  readonly #wire: BoardWire;
  readonly #hand: BoardHand;
  readonly #capabilities: readonly Capability[] | undefined;
  readonly #timers = new Timers<'booted' | 'repeat' | 'sensors'>();
  readonly #decoder = new FrameDecoder();
  /** Absent while the MCU is off or starting. */
  #uart: BoardUart | undefined;
  #startCause: StartCause = 'power';
  #bootEpoch: number;
  #commandsDone = 0;
  #effects: BoardModelEffect[] = [];

  constructor(options: BoardModelOptions) {
    const type = BOARD_TYPES[options.model];
    this.#options = options;
    this.ports = options.ports ?? type.ports;
    this.#panel = new BoardPanel(type, this.ports, LTE_DBM, options.random);
    const version = options.firmwareVersion ?? type.firmwareVersion;
    const flash = new BoardFlash(options.model, version, type.minimumVersion);
    this.#mcu = new BoardMcu(flash, this.#panel, options.proveIdentity);
    this.#wire = new BoardWire(options.random);
    this.#hand = new BoardHand(this.#panel, this.#wire, options.random);
    const capabilities = options.capabilities ?? type.capabilities;
    this.#capabilities = capabilities === 'none' ? undefined : capabilities;
    this.#bootEpoch = options.random.u32();
  }

  handle(event: BoardModelEvent, nowMs: number): readonly BoardModelEffect[] {
    switch (event.type) {
      case 'powered':
        this.#reboot('power', nowMs);
        break;
      case 'bytesArrived':
        for (const bytes of this.#wire.arrived(event.bytes, nowMs)) this.#onBytes(bytes, nowMs);
        break;
      case 'actionAsked':
        this.#act(event.action, nowMs);
        break;
      case 'behaviourAdded':
        this.#wire.add(event.behaviour);
        break;
    }
    return this.#rest(nowMs);
  }

  tick(nowMs: number): readonly BoardModelEffect[] {
    for (const bytes of this.#wire.tick(nowMs)) this.#onBytes(bytes, nowMs);
    const cause = this.#mcu.tick(nowMs);
    if (cause !== undefined) this.#reboot(cause, nowMs);
    if (this.#timers.take('booted', nowMs)) this.#boot(nowMs);
    if (this.#timers.take('repeat', nowMs)) this.#follow(this.#uart?.onTime(nowMs), nowMs);
    if (this.#timers.take('sensors', nowMs)) {
      this.#timers.set('sensors', nowMs + SENSORS_MS);
      this.#say(this.#panel.sensors(), nowMs);
    }
    return this.#rest(nowMs);
  }

  deadline(): Deadline | undefined {
    const wireMs = this.#wire.dueAtMs;
    const wire = wireMs === undefined ? undefined : { atMs: wireMs, why: 'wire' };
    return earlier(earlier(this.#timers.deadline(), this.#mcu.deadline()), wire);
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
      ...this.#mcu.snapshot(),
      ...this.#wire.snapshot(),
      decoder: this.#decoder.counters,
    };
  }

  #onBytes(bytes: Uint8Array, nowMs: number): void {
    for (const frame of this.#decoder.push(bytes)) this.#onFrame(frame, nowMs);
  }

  #onFrame(frame: Frame, nowMs: number): void {
    if (this.#wire.takesAway(frame, nowMs)) return;
    if (frame.kind !== 'reset') this.#follow(this.#uart?.onFrame(frame, nowMs), nowMs);
    else if (frame.bootEpoch === this.#bootEpoch && this.#uart !== undefined) {
      this.#log('the host resets the MCU past its program');
      this.#reboot('commanded', nowMs);
    }
  }

  #say(message: BoardMessage, nowMs: number): void {
    this.#follow(this.#uart?.say(message, nowMs), nowMs);
  }

  #follow(outcomes: readonly UartOutcome[] | undefined, nowMs: number): void {
    for (const outcome of outcomes ?? []) {
      switch (outcome.type) {
        case 'send':
          this.#wire.speak(outcome.frame, nowMs);
          break;
        case 'met':
          this.#log('a host asked for hello');
          this.#tellWholeState(nowMs);
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

  #tellWholeState(nowMs: number): void {
    const agreed = this.#uart?.agreed ?? [];
    if (agreed.includes('startReport')) {
      this.#say({ kind: 'boardStarted', cause: this.#startCause }, nowMs);
    }
    for (const report of this.#panel.wholeState(this.ports)) this.#say(report, nowMs);
  }

  #carryOut({ id, command }: HostMessage, nowMs: number): void {
    const rebootWhen = this.#hand.takeReboot();
    if (rebootWhen === 'before') return this.#reboot('fault', nowMs);
    this.#commandsDone += 1;
    const known = supports(this.#uart?.agreed, command.kind);
    const { result, reply } = known
      ? this.#mcu.carryOut(command, nowMs)
      : { result: 'unsupported' as const, reply: undefined };
    this.#log(`command ${id}: ${commandSentence(command)}: ${result}`);
    if (rebootWhen === 'after') return this.#reboot('fault', nowMs);
    this.#say(
      reply === undefined
        ? { kind: 'commandAnswer', id, result }
        : { kind: 'commandReply', id, reply },
      nowMs,
    );
  }

  #act(action: BoardAction, nowMs: number): void {
    this.#log(actionSentence(action));
    switch (action.do) {
      case 'reboot':
        return this.#reboot('fault', nowMs);
      case 'powerCut':
        return this.#reboot('power', nowMs);
      case 'button':
        return this.#press(action.heldMs, nowMs);
      default: {
        const report = this.#hand.act(action, nowMs);
        if (report !== undefined) this.#say(report, nowMs);
      }
    }
  }

  /** A locked press is only told to a host that can tell it from one that counts. */
  #press(heldMs: number, nowMs: number): void {
    const pressed = { kind: 'button', button: 'RESET', heldMs } as const;
    if (!this.#mcu.flash.resetLocked) return this.#say(pressed, nowMs);
    const agreed = this.#uart?.agreed ?? [];
    if (agreed.includes('resetLock')) this.#say({ ...pressed, refused: true }, nowMs);
  }

  /** Off at once; back after the time a start takes. */
  #reboot(cause: StartCause, nowMs: number): void {
    this.#uart = undefined;
    this.#panel.resetLeds();
    this.#decoder.restart();
    this.#wire.restarted();
    this.#timers.clearAll();
    this.#timers.set('booted', nowMs + BOOT_MS);
    this.#startCause = this.#mcu.booted(cause, nowMs);
    if (this.#startCause !== 'power') this.#log(`the MCU starts again: ${this.#startCause}`);
  }

  #boot(nowMs: number): void {
    // Zero would say "no epoch", and one of the last lives again would look late.
    this.#bootEpoch = (this.#bootEpoch + 1) >>> 0 || 1;
    if (this.#startCause === 'activation' && this.#hand.takeBadImage()) {
      return this.#log('the new image hangs at its start');
    }
    this.#uart = new BoardUart({
      bootEpoch: this.#bootEpoch,
      capabilities: this.#capabilities,
      describe: (agreed) => this.#describe(agreed),
    });
    this.#timers.set('sensors', nowMs + SENSORS_MS);
    this.#follow(this.#uart.announce(), nowMs);
  }

  #describe(agreed: readonly Capability[] | undefined): Uint8Array {
    return encodeHello({
      model: this.#options.model,
      hardwareRevision: BOARD_TYPES[this.#options.model].hardwareRevision,
      serialNumber: this.#options.serialNumber,
      firmwareVersion: this.#mcu.flash.version,
      ports: this.ports,
      ...(agreed === undefined ? {} : { capabilities: agreed }),
    });
  }

  #log(text: string): void {
    this.#effects.push({ type: 'log', text });
  }

  #rest(nowMs: number): readonly BoardModelEffect[] {
    const repeatAtMs = this.#uart?.repeatAtMs;
    this.#timers.arrange('repeat', repeatAtMs);
    for (const bytes of this.#wire.takeWritten(nowMs)) {
      this.#effects.push({ type: 'writeBytes', bytes });
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
