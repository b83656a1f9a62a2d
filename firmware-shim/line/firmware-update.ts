/**
 * One update of the board's firmware over the board line.
 *
 * It always begins by asking the board what it runs and what its spare slot holds, after every loss anew, and goes on
 * from what the board says: so a lost reply, a reboot of the MCU and a power cut need no case of their own. The
 * board keeps the former image until this core has watched the new one answer for a while and confirmed it.
 */
import { assert } from '../base/assert.ts';
import { type Core, type Deadline, nothing } from '../base/core.ts';
import { Timers } from '../base/timers.ts';
import type { BoardEvent } from '../ports.ts';
import { supports } from '../wire/capability.ts';
import type { FirmwareImage } from '../wire/firmware-image.ts';
import { CHUNK_BYTES_MAX } from '../wire/limits.ts';
import type { BoardCommand, CommandReply, Hello } from '../wire/messages.ts';
import { failureOf, type UpdateJudgement } from './update-failure.ts';
import type { UpdateFailure, UpdateNote, UpdateOutcome } from './update-note.ts';
import { UPDATE_MOVES, type UpdateState } from './update-state.ts';

export type UpdateEvent =
  /** `hello` when the board is up already. */
  | { readonly type: 'updateAsked'; readonly hello?: Hello }
  /** The id that `giveCommand` was given. */
  | { readonly type: 'commandGiven'; readonly id: number }
  | { readonly type: 'abortAsked' }
  | BoardEvent;

export type UpdateEffect =
  /** One at a time; answered by `commandGiven` and later by the board's `boardCommandDone`. */
  | { readonly type: 'giveCommand'; readonly command: BoardCommand }
  | { readonly type: 'note'; readonly note: UpdateNote }
  /** The last effect of an update. */
  | { readonly type: 'ended'; readonly outcome: UpdateOutcome };

/** A megabyte at 115200 baud takes under three minutes; a fifth of the line lost, under fifteen. */
const UPDATE_MS_MAX = 1_800_000;
/** Longer than a trial takes to be given up, and the board is back by itself. */
const LOST_MS_MAX = 90_000;
/** A new image that answers this long is not one that fails right after its start. */
const WATCH_MS = 3_000;
/** After a command that was not carried out, so that a busy line empties. */
const AGAIN_MS = 500;
/** Looking anew this often without one more byte taken is a board that does not follow. */
const FRUITLESS_LOOKS_MAX = 20;
/** Progress is told for each tenth. */
const PROGRESS_STEPS = 10;

export class FirmwareUpdate implements Core<UpdateEvent, UpdateEffect> {
  readonly #image: FirmwareImage;
  readonly #timers = new Timers<'overall' | 'lost' | 'again' | 'watched'>();
  #state: UpdateState = 'idle';
  #startedMs = 0;
  /** The command that waits for its end; undefined while its id is not known. */
  #awaited: { readonly id: number | undefined } | undefined;
  #sentBytes = 0;
  #mostBytes = 0;
  #fruitlessLooks = 0;
  #activated = false;
  #effects: UpdateEffect[] = [];
  #nowMs = 0;

  constructor(image: FirmwareImage) {
    this.#image = image;
  }

  handle(event: UpdateEvent, nowMs: number): readonly UpdateEffect[] {
    if (this.#state === 'ended') return nothing;
    this.#nowMs = nowMs;
    this.#hear(event);
    return this.#taken();
  }

  tick(nowMs: number): readonly UpdateEffect[] {
    if (this.#state === 'ended') return nothing;
    this.#nowMs = nowMs;
    if (this.#timers.take('overall', nowMs)) this.#fail('EFW_LOST', 'the update took too long');
    else if (this.#timers.take('lost', nowMs))
      this.#fail('EFW_LOST', 'the board did not come back');
    else if (this.#timers.take('again', nowMs)) this.#look('trying again');
    else if (this.#timers.take('watched', nowMs)) {
      this.#become('confirming', 'the new image goes on answering');
      this.#give({ kind: 'updateConfirm' });
    }
    return this.#taken();
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  snapshot() {
    const { version, bytes } = this.#image;
    const sizeBytes = bytes.length;
    return { state: this.#state, version, sentBytes: this.#sentBytes, sizeBytes };
  }

  #hear(event: UpdateEvent): void {
    switch (event.type) {
      case 'updateAsked':
        return this.#start(event.hello);
      case 'commandGiven':
        if (this.#awaited !== undefined) this.#awaited = { id: event.id };
        return;
      case 'boardUp':
        if (this.#state === 'waiting') this.#meet(event.hello);
        return;
      case 'boardLost':
        return this.#lose(`the board is lost: ${event.why}`);
      case 'boardCommandDone':
        return this.#onDone(event);
      case 'boardReported':
        return;
      case 'abortAsked':
        // Best effort: a board that misses it keeps what it has and begins anew with the next image.
        if (this.#state === 'sending') this.#give({ kind: 'updateAbort' });
        return this.#fail('EFW_REFUSED', 'the update was called off');
    }
  }

  #start(hello: Hello | undefined): void {
    assert(this.#state === 'idle', 'an update is begun once');
    this.#startedMs = this.#nowMs;
    this.#timers.set('overall', this.#nowMs + UPDATE_MS_MAX);
    if (hello !== undefined) return this.#meet(hello);
    this.#become('waiting', 'there is no board yet');
    this.#timers.set('lost', this.#nowMs + LOST_MS_MAX);
  }

  #meet(hello: Hello): void {
    this.#timers.clear('lost');
    if (hello.model !== this.#image.model) {
      return this.#fail('EFW_MODEL', `the image is for a ${this.#image.model}`);
    }
    const { capabilities } = hello;
    if (!supports(capabilities, 'updateBegin') || !supports(capabilities, 'firmwareQuery')) {
      return this.#fail('EFW_UNSUPPORTED', 'the board has no update over its line');
    }
    this.#look('the board is up');
  }

  #lose(because: string): void {
    const state = this.#state;
    if (state === 'idle' || state === 'waiting') return;
    this.#awaited = undefined;
    this.#timers.clear('again');
    this.#timers.clear('watched');
    this.#timers.set('lost', this.#nowMs + LOST_MS_MAX);
    this.#become('waiting', because);
  }

  #onDone(done: Extract<BoardEvent, { readonly type: 'boardCommandDone' }>): void {
    if (this.#awaited === undefined || this.#awaited.id !== done.id) return;
    this.#awaited = undefined;
    if (done.reply?.kind === 'firmware' && this.#state === 'looking')
      return this.#onFirmware(done.reply);
    if (done.reply?.kind === 'update') return this.#onUpdate(done.reply);
    if (done.code === 'EMCU_REFUSED' || done.code === 'EMCU_UNSUPPORTED') {
      return this.#fail('EFW_REFUSED', `the board declines: ${done.code}`);
    }
    // Busy, or nobody knows whether it was carried out: what the board says of itself decides.
    this.#timers.set('again', this.#nowMs + AGAIN_MS);
  }

  #onFirmware(reply: Extract<CommandReply, { readonly kind: 'firmware' }>): void {
    const { version, bytes, imageCrc, model } = this.#image;
    if (reply.imageCrc === imageCrc && reply.version === version) {
      if (!reply.trial) return this.#succeed();
      this.#timers.set('watched', this.#nowMs + WATCH_MS);
      return this.#become('watching', 'the new image answers');
    }
    if (this.#activated && reply.spare === 'failed') {
      return this.#fail('EFW_FELL_BACK', `the board runs ${reply.version} again`);
    }
    this.#become('beginning', `the board runs ${reply.version}`);
    this.#give({ kind: 'updateBegin', model, version, sizeBytes: bytes.length, imageCrc });
  }

  #onUpdate({ status, offset }: Extract<CommandReply, { readonly kind: 'update' }>): void {
    const refusal: UpdateJudgement | undefined = failureOf(status);
    if (refusal !== undefined) return this.#fail(refusal.code, refusal.text);
    const state = this.#state;
    if (status === 'ready' && (state === 'beginning' || state === 'sending')) this.#send(offset);
    else if (status === 'verified' && state === 'verifying') {
      this.#activated = true;
      this.#become('activating', 'the image is intact');
      this.#give({ kind: 'updateActivate' });
    } else if (status === 'activating' && state === 'activating') {
      // The board resets now; its loss is the next thing heard, and its hello the one after.
      this.#timers.set('again', this.#nowMs + LOST_MS_MAX);
    } else if (status === 'confirmed' && state === 'confirming') this.#succeed();
    // Not in the order we believed: look again.
    else this.#timers.set('again', this.#nowMs + AGAIN_MS);
  }

  /** The next part, from where the board says it is. */
  #send(offset: number): void {
    const { bytes } = this.#image;
    this.#sentBytes = offset;
    if (offset > this.#mostBytes) {
      const steps = (at: number): number => Math.floor((at * PROGRESS_STEPS) / bytes.length);
      if (steps(offset) > steps(this.#mostBytes)) this.#noteProgress('another part is written');
      this.#mostBytes = offset;
      this.#fruitlessLooks = 0;
    }
    if (offset >= bytes.length) {
      this.#become('verifying', 'the board has the whole image');
      return this.#give({ kind: 'updateVerify' });
    }
    if (this.#state !== 'sending') this.#become('sending', `from byte ${offset}`);
    const part = bytes.slice(offset, offset + CHUNK_BYTES_MAX);
    this.#give({ kind: 'updateChunk', offset, bytes: part });
  }

  #look(because: string): void {
    this.#fruitlessLooks += 1;
    if (this.#fruitlessLooks > FRUITLESS_LOOKS_MAX) {
      return this.#fail('EFW_REFUSED', 'the board does not get any further');
    }
    this.#become('looking', because);
    this.#give({ kind: 'firmwareQuery' });
  }

  #give(command: BoardCommand): void {
    this.#awaited = { id: undefined };
    this.#effects.push({ type: 'giveCommand', command });
  }

  #succeed(): void {
    const { version } = this.#image;
    this.#end({ ok: true, version }, `the board runs ${version} and keeps it`);
  }

  #fail(code: UpdateFailure, text: string): void {
    this.#end({ ok: false, code, text }, text);
  }

  #end(outcome: UpdateOutcome, text: string): void {
    this.#timers.clearAll();
    this.#become('ended', text);
    this.#note({
      code: 'firmwareUpdateEnded',
      level: outcome.ok ? 'notice' : 'error',
      version: this.#image.version,
      tookMs: this.#nowMs - this.#startedMs,
      ...(outcome.ok ? {} : { failure: outcome.code }),
      text,
    });
    this.#effects.push({ type: 'ended', outcome });
  }

  #become(state: UpdateState, because: string): void {
    const from = this.#state;
    assert(UPDATE_MOVES[from].includes(state), `firmware update from ${from} to ${state}`);
    this.#state = state;
    if (state !== 'idle' && state !== 'ended') this.#noteProgress(because);
  }

  #noteProgress(because: string): void {
    const state = this.#state;
    assert(state !== 'idle' && state !== 'ended', 'progress is told while there is some');
    this.#note({
      code: 'firmwareUpdateProgress',
      level: 'notice',
      stage: state,
      version: this.#image.version,
      sentBytes: this.#sentBytes,
      sizeBytes: this.#image.bytes.length,
      because,
    });
  }

  #note(note: UpdateNote): void {
    this.#effects.push({ type: 'note', note });
  }

  #taken(): readonly UpdateEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
