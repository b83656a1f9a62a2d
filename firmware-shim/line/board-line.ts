/**
 * The host's end of the board line: opens the port, meets the board, notices when it is gone or was born
 * again, and comes back.
 *
 * A conversation is begun by the host with a number it draws; frames of another one, or of another boot
 * epoch, are late and ignored. Commands live and die with their conversation: none is ever sent in a second
 * one, so none acts twice.
 */
import { assert } from '../base/assert.ts';
import { type Core, type Deadline, earlier } from '../base/core.ts';
import type { Random } from '../base/random.ts';
import { Timers } from '../base/timers.ts';
import type { BoardEvent } from '../ports.ts';
import type { MessageRefusal } from '../wire/field-reader.ts';
import type { Frame } from '../wire/frame.ts';
import type { BoardCommand, Hello } from '../wire/messages.ts';
import { BoardLives } from './board-lives.ts';
import { Conversation, type ConversationEffect, type ConversationEnd } from './conversation.ts';
import type { LineNote } from './line-note.ts';
import { Greeting, type GreetingOutcome } from './greeting.ts';
import { worthTelling, zeroCounters } from './line-counters.ts';
import { LINE_MOVES, type LineEffect, type LineEvent, type LineState } from './line-state.ts';
import { RefusedCommands } from './refused-commands.ts';
import { Reopening } from './reopening.ts';

export interface BoardLineOptions {
  readonly random: Random;
  /** Path of the serial port, for notes. */
  readonly portName: string;
}

export class BoardLine implements Core<LineEvent, LineEffect> {
  readonly #random: Random;
  readonly #portName: string;
  readonly #timers = new Timers<'reopen'>();
  readonly #reopening: Reopening;
  readonly #counters = zeroCounters();
  readonly #lives = new BoardLives();
  readonly #refusals = new RefusedCommands();
  #state: LineState = { state: 'idle' };
  #sinceMs = 0;
  /** Whether the program above knows that the board is lost. */
  #toldLost = false;
  #effects: LineEffect[] = [];
  #nowMs = 0;

  constructor({ random, portName }: BoardLineOptions) {
    this.#random = random;
    this.#portName = portName;
    this.#reopening = new Reopening(random, portName);
  }

  handle(event: LineEvent, nowMs: number): readonly LineEffect[] {
    this.#nowMs = nowMs;
    this.#hear(event);
    return this.#taken();
  }

  tick(nowMs: number): readonly LineEffect[] {
    this.#nowMs = nowMs;
    this.#tellAll(this.#refusals.take());
    if (this.#timers.take('reopen', nowMs)) this.#open('trying again');
    const state = this.#state;
    if (state.state === 'greeting') this.#greeted(state.greeting.tick(nowMs));
    if (state.state === 'talking') this.#follow(state.talk.tick(nowMs));
    return this.#taken();
  }

  deadline(): Deadline | undefined {
    const state = this.#state;
    const own = earlier(this.#timers.deadline(), this.#refusals.deadline());
    if (state.state === 'greeting') return earlier(own, state.greeting.deadline());
    return state.state === 'talking' ? earlier(own, state.talk.deadline()) : own;
  }

  snapshot() {
    const state = this.#state;
    return {
      state: state.state,
      sinceMs: this.#sinceMs,
      port: this.#portName,
      ...(state.state === 'waiting' ? { why: state.why } : {}),
      ...(this.#lives.hello === undefined ? {} : { hello: this.#lives.hello }),
      ...(state.state === 'talking' ? state.talk.snapshot() : {}),
      counters: { ...this.#counters },
    };
  }

  #hear(event: LineEvent): void {
    const state = this.#state;
    switch (event.type) {
      case 'started':
        if (state.state === 'idle') this.#open('started');
        return;
      case 'pipeOpened':
        if (state.state === 'opening') this.#greet('the port is open');
        return;
      case 'pipeClosed':
        return this.#onPipeClosed(event.why, event.text ?? `the port is closed: ${event.why}`);
      case 'frameReceived':
        return this.#onFrame(event.frame);
      case 'foreignVersionHeard':
        return this.#onForeignVersion(event.version);
      case 'commandGiven':
        return this.#onCommand(event.id, event.command);
      case 'wokeLate':
        this.#counters.wokeLate += 1;
        if (state.state !== 'talking') return;
        return this.#follow(state.talk.onWokeLate(event.lateMs, this.#nowMs));
      case 'closeAsked':
        return this.#stop();
    }
  }

  #onFrame(frame: Frame): void {
    this.#counters.framesReceived += 1;
    const state = this.#state;
    if (state.state === 'talking') this.#follow(state.talk.onFrame(frame, this.#nowMs));
    else if (state.state === 'greeting') this.#greeted(state.greeting.onFrame(frame, this.#nowMs));
    else this.#counters.stale += 1;
  }

  #greeted(outcome: GreetingOutcome | undefined): void {
    switch (outcome?.type) {
      case undefined:
        return;
      case 'sendFrame':
        return this.#push(outcome);
      case 'met':
        return this.#meet(outcome.hello);
      case 'refused':
        return this.#refuse(outcome.refusal);
      case 'stale':
        this.#counters.stale += 1;
        return;
      case 'unanswered':
        this.#push({ type: 'closePipe' });
        return this.#wait('no-hello', 'the port is open but no board says hello');
    }
  }

  #meet(hello: Hello): void {
    assert(this.#state.state === 'greeting', 'a board is met by greeting it');
    this.#counters.conversations += 1;
    this.#lives.met(hello);
    const talk = new Conversation({
      conversation: this.#state.greeting.conversation,
      hello,
      formerEpochs: this.#lives.formerEpochs,
      counters: this.#counters,
      nowMs: this.#nowMs,
    });
    this.#become({ state: 'talking', talk }, 'the board said hello');
    this.#reopening.met();
    this.#toldLost = false;
    this.#push({ type: 'tell', event: { type: 'boardUp', hello } });
  }

  #follow(effects: readonly ConversationEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'refused') this.#refuse(effect.refusal);
      else if (effect.type === 'ended') this.#onConversationEnded(effect.end);
      else this.#push(effect);
    }
  }

  #onConversationEnded(end: ConversationEnd): void {
    switch (end.how) {
      case 'silent':
        this.#push({ type: 'closePipe' });
        return this.#wait('silent', 'the board has not answered three heartbeats');
      case 'unacknowledged':
        this.#push({ type: 'closePipe' });
        return this.#wait('unacknowledged', 'the board does not acknowledge what it is sent');
      case 'forgotten':
        this.#lose('conversation-lost');
        return this.#greet('the board forgot the conversation');
      case 'reborn':
        this.#counters.reboots += 1;
        this.#lose('mcu-reboot', end.bootEpoch);
        return this.#greet('the MCU started again');
    }
  }

  #onPipeClosed(why: string, text: string): void {
    const { state } = this.#state;
    if (state === 'opening' || state === 'greeting' || state === 'talking') this.#wait(why, text);
  }

  #open(because: string): void {
    this.#counters.opens += 1;
    this.#become({ state: 'opening' }, because);
    this.#effects.push({ type: 'openPipe' });
  }

  #greet(because: string): void {
    // Zero stands for "no conversation" on the wire.
    const greeting = new Greeting(this.#random.u32() || 1, this.#nowMs);
    this.#become({ state: 'greeting', greeting }, because);
    this.#greeted(greeting.tick(this.#nowMs));
  }

  /** Waits for the next attempt to open; whatever was going on is over. */
  #wait(why: string, text: string): void {
    const talkedMs = this.#state.state === 'talking' ? this.#nowMs - this.#sinceMs : 0;
    const { retryInMs, note } = this.#reopening.closed(why, text, talkedMs);
    this.#lose(why);
    this.#timers.set('reopen', this.#nowMs + retryInMs);
    this.#become({ state: 'waiting', why }, text);
    if (note !== undefined) this.#note(note);
  }

  /** Ends the conversation, if there is one, and tells once that the board is lost. */
  #lose(why: string, rebornAs?: number): void {
    if (this.#state.state === 'talking') {
      const { talk } = this.#state;
      if (rebornAs !== undefined) {
        const { pendingCommands } = talk;
        this.#note({
          code: 'boardRebooted',
          level: 'warning',
          bootEpoch: rebornAs,
          pendingCommands,
        });
      }
      const ended = talk.endCommands(rebornAs === undefined ? 'EMCU_LOST' : 'EMCU_REBOOT');
      this.#tellAll(ended);
    }
    if (this.#toldLost) return;
    this.#toldLost = true;
    this.#push({ type: 'tell', event: { type: 'boardLost', why } });
  }

  #onCommand(id: number, command: BoardCommand): void {
    const state = this.#state;
    if (state.state === 'talking' && !state.talk.busy) {
      this.#follow(state.talk.onCommand(id, command, this.#nowMs));
      return;
    }
    const code = state.state === 'talking' ? 'EMCU_BUSY' : 'EMCU_LOST';
    this.#refusals.add(id, code, this.#nowMs);
  }

  #onForeignVersion(version: number): void {
    this.#counters.foreignVersions += 1;
    const times = this.#counters.foreignVersions;
    this.#noteRarely({ code: 'boardVersionUnknown', level: 'warning', version, times });
  }

  #refuse({ code: reason, field }: MessageRefusal): void {
    this.#counters.messagesRefused += 1;
    const times = this.#counters.messagesRefused;
    this.#noteRarely({ code: 'boardMessageRefused', level: 'warning', reason, field, times });
  }

  #stop(): void {
    if (this.#state.state === 'stopped') return;
    this.#lose('closed');
    this.#timers.clear('reopen');
    this.#tellAll(this.#refusals.take());
    this.#become({ state: 'stopped' }, 'closed');
    this.#push({ type: 'closePipe' });
  }

  #become(next: LineState, because: string): void {
    const from = this.#state.state;
    assert(LINE_MOVES[from].includes(next.state), `board line from ${from} to ${next.state}`);
    this.#state = next;
    this.#sinceMs = this.#nowMs;
    this.#note({ code: 'lineStateChanged', level: 'debug', from, to: next.state, because });
  }

  #tellAll(events: readonly BoardEvent[]): void {
    for (const event of events) this.#push({ type: 'tell', event });
  }

  #noteRarely(note: LineNote & { readonly times: number }): void {
    if (worthTelling(note.times)) this.#note(note);
  }

  #note(note: LineNote): void {
    this.#effects.push({ type: 'note', note });
  }

  #push(effect: LineEffect): void {
    if (effect.type === 'sendFrame') this.#counters.framesSent += 1;
    this.#effects.push(effect);
  }

  #taken(): readonly LineEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
