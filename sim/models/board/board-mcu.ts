/**
 * What the MCU does on command besides LEDs: its watchdog, its clock, find-me, and firmware updates.
 */
import type { Deadline } from '../../../firmware-shim/base/core.ts';
import { Timers } from '../../../firmware-shim/base/timers.ts';
import type {
  BoardCommand,
  CommandReply,
  CommandResult,
  StartCause,
} from '../../../firmware-shim/wire/messages.ts';
import type { BoardFlash } from './board-flash.ts';
import type { BoardPanel } from './board-panel.ts';

/** Time for the answer to leave before the MCU resets itself. */
const RESET_DELAY_MS = 20;
/** An image on trial that nobody confirms is given up. */
export const TRIAL_MS = 30_000;

export interface CommandOutcome {
  readonly result: CommandResult;
  readonly reply?: CommandReply;
}

/** The factory key's word on a digest. */
export type IdentityProver = (digest: Uint8Array) => Uint8Array;

const DONE: CommandOutcome = { result: 'done' };
const REFUSED: CommandOutcome = { result: 'refused' };

export class BoardMcu {
  readonly flash: BoardFlash;
  readonly #panel: BoardPanel;
  readonly #prove: IdentityProver | undefined;
  readonly #timers = new Timers<'reset' | 'watchdog' | 'findMe' | 'trial'>();
  #watchdogMs: number | undefined;
  /** The clock runs on a battery; 0 until somebody sets it. */
  #clock = { unixSeconds: 0, setAtMs: 0 };
  #resetCause: StartCause = 'commanded';

  constructor(flash: BoardFlash, panel: BoardPanel, prove?: IdentityProver) {
    this.#prove = prove;
    this.flash = flash;
    this.#panel = panel;
  }

  /** Everything in memory is gone; what the flash decides about the start is its cause. */
  booted(cause: StartCause, nowMs: number): StartCause {
    this.#timers.clearAll();
    this.#watchdogMs = undefined;
    this.#panel.findMe(false);
    const decided = this.flash.boot() ?? cause;
    if (this.flash.onTrial) this.#timers.set('trial', nowMs + TRIAL_MS);
    return decided;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** The cause of a start that is now due. */
  tick(nowMs: number): StartCause | undefined {
    if (this.#timers.take('findMe', nowMs)) this.#panel.findMe(false);
    if (this.#timers.take('reset', nowMs)) return this.#resetCause;
    if (this.#timers.take('watchdog', nowMs)) return 'watchdog';
    return this.#timers.take('trial', nowMs) ? 'fallback' : undefined;
  }

  snapshot() {
    return {
      firmware: this.flash.reply,
      resetLocked: this.flash.resetLocked,
      watchdogMs: this.#watchdogMs ?? null,
      findMe: this.#timers.at('findMe') !== undefined,
    };
  }

  carryOut(command: BoardCommand, nowMs: number): CommandOutcome {
    switch (command.kind) {
      case 'ledSet':
        return { result: this.#panel.setLed(command.led, command.mode) };
      case 'boardReset':
        return this.#resetSoon('commanded', nowMs);
      case 'findMe':
        return this.#findMe(command.durationMs, nowMs);
      case 'resetLockSet':
        this.flash.resetLocked = command.locked;
        return DONE;
      case 'watchdogArm':
        this.#watchdogMs = command.timeoutMs;
        return this.#kick(nowMs);
      case 'watchdogKick':
        return this.#kick(nowMs);
      case 'watchdogDisarm':
        this.#watchdogMs = undefined;
        this.#timers.clear('watchdog');
        return DONE;
      case 'clockGet':
        return { result: 'done', reply: { kind: 'clock', unixSeconds: this.#unixSeconds(nowMs) } };
      case 'clockSet':
        this.#clock = { unixSeconds: command.unixSeconds, setAtMs: nowMs };
        return DONE;
      case 'proveIdentity':
        return this.#identityProof(command.digest);
      case 'firmwareQuery':
        return { result: 'done', reply: this.flash.reply };
      default:
        return this.#update(command, nowMs);
    }
  }

  #update(
    command: Extract<BoardCommand, { readonly kind: `update${string}` }>,
    nowMs: number,
  ): CommandOutcome {
    const reply = this.flash.carryOut(command);
    if (reply.kind === 'update' && reply.status === 'activating') {
      this.#resetSoon('activation', nowMs);
    }
    if (!this.flash.onTrial) this.#timers.clear('trial');
    return { result: 'done', reply };
  }

  #identityProof(digest: Uint8Array): CommandOutcome {
    if (this.#prove === undefined) return REFUSED;
    return { result: 'done', reply: { kind: 'identityProof', proof: this.#prove(digest) } };
  }

  #resetSoon(cause: StartCause, nowMs: number): CommandOutcome {
    this.#resetCause = cause;
    this.#timers.set('reset', nowMs + RESET_DELAY_MS);
    return DONE;
  }

  #findMe(durationMs: number, nowMs: number): CommandOutcome {
    this.#panel.findMe(durationMs > 0);
    if (durationMs > 0) this.#timers.set('findMe', nowMs + durationMs);
    else this.#timers.clear('findMe');
    return DONE;
  }

  #kick(nowMs: number): CommandOutcome {
    if (this.#watchdogMs === undefined) return REFUSED;
    this.#timers.set('watchdog', nowMs + this.#watchdogMs);
    return DONE;
  }

  #unixSeconds(nowMs: number): number {
    const { unixSeconds, setAtMs } = this.#clock;
    if (unixSeconds === 0) return 0;
    return (unixSeconds + Math.floor((nowMs - setAtMs) / 1_000)) >>> 0;
  }
}
