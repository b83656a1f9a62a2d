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
import type { Frame } from '../wire/frame.ts';
import type { BoardCommand, Hello } from '../wire/messages.ts';
import { BoardLives } from './board-lives.ts';
import { Conversation, type ConversationEffect, type ConversationEnd } from './conversation.ts';
import { Greeting, type GreetingOutcome, PATIENCE_MS } from './greeting.ts';
import { zeroCounters } from './line-counters.ts';
import type { LineNote } from './line-note.ts';
import { LINE_MOVES, type LineEffect, type LineEvent, type LineState } from './line-state.ts';
import { foreignVersionNote, refusalNote } from './rare-notes.ts';
import { Recovery } from './recovery.ts';
import type { Evidence, RecoveryStage } from './recovery-ladder.ts';
import { RefusedCommands } from './refused-commands.ts';

export interface BoardLineOptions {
  readonly random: Random;
  /** Path of the serial port, for notes. */
  readonly portName: string;
}

export class BoardLine implements Core<LineEvent, LineEffect> {
  readonly #random: Random;
  readonly #portName: string;
  readonly #timers = new Timers<'reopen'>();
  readonly #recovery: Recovery;
  readonly #counters = zeroCounters();
  readonly #lives = new BoardLives();
  readonly #refusals = new RefusedCommands();
  #state: LineState = { state: 'idle' };
  #sinceMs = 0;
  #effects: LineEffect[] = [];
  #nowMs = 0;

  constructor({ random, portName }: BoardLineOptions) {
    this.#random = random;
    this.#portName = portName;
    this.#recovery = new Recovery(random, portName);
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
      recovery: this.#recovery.stage,
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
        if (state.state === 'opening') this.#greet(PATIENCE_MS.meeting, 'the port is open');
        return;
      case 'pipeClosed':
        return this.#onPipeClosed(event.why, event.text ?? `the port is closed: ${event.why}`);
      case 'frameReceived':
        return this.#onFrame(event.frame);
      case 'foreignVersionHeard':
        return this.#note(foreignVersionNote(this.#counters, event.version));
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
        // With every question, since one may be lost; the life it names can end only once.
        if (this.#recovery.stage === 'softReset') this.#resetMcu(outcome.frame);
        return this.#push(outcome);
      case 'met':
        return this.#meet(outcome.hello);
      case 'refused':
        return this.#note(refusalNote(this.#counters, outcome.refusal));
      case 'stale':
        this.#counters.stale += 1;
        return;
      case 'unanswered':
        return this.#recover('no-hello', 'the port is open but no board says hello');
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
    this.#note(this.#recovery.met(this.#nowMs).note);
    this.#push({ type: 'tell', event: { type: 'boardUp', hello } });
  }

  #follow(effects: readonly ConversationEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'refused') this.#note(refusalNote(this.#counters, effect.refusal));
      else if (effect.type === 'ended') this.#onConversationEnded(effect.end);
      else this.#push(effect);
    }
  }

  #onConversationEnded(end: ConversationEnd): void {
    switch (end.how) {
      case 'silent':
        return this.#recover('silent', 'the board has not answered three heartbeats');
      case 'unacknowledged':
        return this.#recover('unacknowledged', 'the board does not acknowledge what it is sent');
      case 'forgotten':
        return this.#recover('conversation-lost', 'the board forgot the conversation');
      case 'reborn':
        this.#counters.reboots += 1;
        this.#lives.reborn(end.bootEpoch);
        this.#noteReboot(end.bootEpoch);
        return this.#recover('mcu-reboot', 'the MCU started again');
    }
  }

  /** The board is lost on an open port, or has not come back by what was tried last: the next rung. */
  #recover(why: string, text: string): void {
    this.#lose(why);
    switch (this.#climb({ portClosed: false, epochKnown: this.#lives.epochKnown }, text)) {
      case 'resync': {
        const heardJustNow = why === 'mcu-reboot' || why === 'conversation-lost';
        return this.#greet(heardJustNow ? PATIENCE_MS.meeting : PATIENCE_MS.resync, text);
      }
      case 'softReset':
        this.#counters.softResets += 1;
        return this.#greet(PATIENCE_MS.reset, text);
      default:
        this.#push({ type: 'closePipe' });
        return this.#wait(why, text);
    }
  }

  #onPipeClosed(why: string, text: string): void {
    const { state } = this.#state;
    if (state !== 'opening' && state !== 'greeting' && state !== 'talking') return;
    this.#lose(why);
    this.#climb({ portClosed: true, epochKnown: false }, text);
    this.#wait(why, text);
  }

  #open(because: string): void {
    this.#counters.opens += 1;
    this.#become({ state: 'opening' }, because);
    this.#effects.push({ type: 'openPipe' });
  }

  #greet(patienceMs: number, because: string): void {
    // Zero stands for "no conversation" on the wire.
    const greeting = new Greeting(this.#random.u32() || 1, patienceMs, this.#nowMs);
    this.#become({ state: 'greeting', greeting }, because);
    this.#greeted(greeting.tick(this.#nowMs));
  }

  /** Waits for the next attempt to open. */
  #wait(why: string, text: string): void {
    const { retryInMs, note } = this.#recovery.reopen(why, text);
    this.#timers.set('reopen', this.#nowMs + retryInMs);
    this.#become({ state: 'waiting', why }, text);
    this.#note(note);
  }

  #noteReboot(bootEpoch: number): void {
    assert(this.#state.state === 'talking', 'a reboot is noticed while talking');
    const { pendingCommands } = this.#state.talk;
    this.#note({ code: 'boardRebooted', level: 'warning', bootEpoch, pendingCommands });
  }

  /** Ends the conversation, if there is one, and tells once that the board is lost. */
  #lose(why: string): void {
    if (this.#state.state === 'talking') {
      const code = why === 'mcu-reboot' ? 'EMCU_REBOOT' : 'EMCU_LOST';
      this.#tellAll(this.#state.talk.endCommands(code));
      this.#recovery.talked(this.#nowMs - this.#sinceMs);
    }
    if (!this.#recovery.lost(this.#nowMs)) return;
    this.#push({ type: 'tell', event: { type: 'boardLost', why } });
  }

  #onCommand(id: number, command: BoardCommand): void {
    const state = this.#state;
    if (state.state !== 'talking') return this.#refusals.add(id, 'EMCU_LOST', this.#nowMs);
    const { talk } = state;
    if (!talk.supports(command.kind)) this.#refusals.add(id, 'EMCU_UNSUPPORTED', this.#nowMs);
    else if (talk.busy) this.#refusals.add(id, 'EMCU_BUSY', this.#nowMs);
    else this.#follow(talk.onCommand(id, command, this.#nowMs));
  }

  #climb(evidence: Evidence, because: string): RecoveryStage {
    const { stage, note } = this.#recovery.climb(evidence, because, this.#nowMs);
    this.#note(note);
    return stage;
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

  #note(note: LineNote | undefined): void {
    if (note !== undefined) this.#effects.push({ type: 'note', note });
  }

  #resetMcu({ conversation }: Frame): void {
    this.#push({ type: 'sendFrame', frame: this.#lives.resetFrame(conversation) });
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
