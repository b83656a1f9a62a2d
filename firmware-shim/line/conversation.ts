/**
 * One conversation with one life of the board: messages in order and once, commands and their answers,
 * heartbeats, and the ways it can end.
 *
 * It is made when the board has said hello and thrown away when it ends, so nothing of it can leak into the
 * next.
 */
import type { Deadline } from '../base/core.ts';
import { Timers } from '../base/timers.ts';
import type { BoardEvent } from '../ports.ts';
import { supports } from '../wire/capability.ts';
import type { MessageRefusal } from '../wire/field-reader.ts';
import { type Frame, type FrameKind, NO_PAYLOAD } from '../wire/frame.ts';
import { decodeBoardMessage, encodeHostMessage } from '../wire/message-codec.ts';
import type { BoardCommand, BoardMessage, Hello } from '../wire/messages.ts';
import type { LineCounters } from './line-counters.ts';
import { OrderedReceiver } from './ordered-receiver.ts';
import { OrderedSender, type Outgoing } from './ordered-sender.ts';
import { COMMANDS_MAX, PendingCommands } from './pending-commands.ts';

const HEARTBEAT_MS = 1_000;
/** An unanswered heartbeat is repeated at this pace, so that a noisy line is not taken for a dead board. */
const HEARTBEAT_REPEAT_MS = 250;
/** Three heartbeats missed, and what an answer to the last may take on a slow line. */
const SILENCE_MS = 3 * HEARTBEAT_MS + 100;

export type ConversationEnd =
  | { readonly how: 'silent' | 'unacknowledged' | 'forgotten' }
  | { readonly how: 'reborn'; readonly bootEpoch: number };

export type ConversationEffect =
  | { readonly type: 'sendFrame'; readonly frame: Frame }
  | { readonly type: 'tell'; readonly event: BoardEvent }
  | { readonly type: 'refused'; readonly refusal: MessageRefusal }
  /** Always the last of its answer; the conversation must not be used after it. */
  | { readonly type: 'ended'; readonly end: ConversationEnd };

export interface ConversationOptions {
  readonly conversation: number;
  readonly hello: Hello;
  /** Boot epochs this board had before; one of them in a frame means the frame is late. */
  readonly formerEpochs: readonly number[];
  readonly counters: LineCounters;
  readonly nowMs: number;
}

export class Conversation {
  readonly #options: ConversationOptions;
  readonly #timers = new Timers<'heartbeat' | 'silence' | 'repeat' | 'commandAnswer'>();
  readonly #sender = new OrderedSender(COMMANDS_MAX);
  readonly #receiver = new OrderedReceiver();
  readonly #commands = new PendingCommands();
  #heartbeatUnanswered = false;
  #effects: ConversationEffect[] = [];

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#timers.set('heartbeat', options.nowMs + HEARTBEAT_MS);
    this.#timers.set('silence', options.nowMs + SILENCE_MS);
  }

  get busy(): boolean {
    return this.#commands.full;
  }

  /** Whether the board has agreed to understand such a command. */
  supports(kind: BoardCommand['kind']): boolean {
    return supports(this.#options.hello.capabilities, kind);
  }

  get pendingCommands(): number {
    return this.#commands.size;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  onFrame(frame: Frame, nowMs: number): readonly ConversationEffect[] {
    const end = this.#endIn(frame);
    if (end !== undefined) return [{ type: 'ended', end }];
    if (this.#belongs(frame)) this.#onFrame(frame, nowMs);
    else this.#options.counters.stale += 1;
    return this.#rest(nowMs);
  }

  onCommand(id: number, command: BoardCommand, nowMs: number): readonly ConversationEffect[] {
    this.#commands.add(id, command);
    this.#sender.offer(encodeHostMessage({ id, command }));
    return this.#rest(nowMs);
  }

  /** The loop slept for `lateMs`: what the board said meanwhile lies unread, so the time is not its silence. */
  onWokeLate(lateMs: number, nowMs: number): readonly ConversationEffect[] {
    this.#timers.set('silence', (this.#timers.at('silence') ?? nowMs) + lateMs);
    this.#commands.postpone(lateMs);
    return this.#rest(nowMs);
  }

  tick(nowMs: number): readonly ConversationEffect[] {
    if (this.#timers.take('silence', nowMs)) return [{ type: 'ended', end: { how: 'silent' } }];
    if (this.#timers.take('repeat', nowMs)) {
      const outgoing = this.#sender.onTime(nowMs);
      if (outgoing === 'exhausted') return [{ type: 'ended', end: { how: 'unacknowledged' } }];
      if (outgoing !== undefined) this.#send('message', outgoing);
    }
    if (this.#timers.take('commandAnswer', nowMs)) {
      for (const done of this.#commands.expire(nowMs)) this.#tell(done);
    }
    if (this.#timers.take('heartbeat', nowMs)) {
      this.#heartbeatUnanswered = true;
      this.#timers.set('heartbeat', nowMs + HEARTBEAT_REPEAT_MS);
      this.#send('heartbeat');
    }
    return this.#rest(nowMs);
  }

  /** How the commands end that are still pending. */
  endCommands(code: 'EMCU_REBOOT' | 'EMCU_LOST'): readonly BoardEvent[] {
    return this.#commands.endAll(code);
  }

  snapshot() {
    return {
      pendingCommands: this.#commands.size,
      roundTripMs: this.#sender.roundTripMs ?? null,
      repeats: this.#sender.repeats,
    };
  }

  /** The board says in this frame that the conversation is over for it. */
  #endIn({ kind, bootEpoch, conversation }: Frame): ConversationEnd | undefined {
    const { hello, formerEpochs } = this.#options;
    const reborn =
      bootEpoch !== 0 && bootEpoch !== hello.bootEpoch && !formerEpochs.includes(bootEpoch);
    const unasked = kind === 'hello' && conversation === 0;
    const unknown = kind === 'unknownConversation' && conversation === this.#options.conversation;
    if (reborn && (unasked || unknown)) return { how: 'reborn', bootEpoch };
    return unknown && bootEpoch === hello.bootEpoch ? { how: 'forgotten' } : undefined;
  }

  #belongs({ kind, bootEpoch, conversation }: Frame): boolean {
    if (conversation !== this.#options.conversation) return false;
    if (bootEpoch !== this.#options.hello.bootEpoch) return false;
    return kind === 'message' || kind === 'ack' || kind === 'heartbeatAnswer';
  }

  #onFrame(frame: Frame, nowMs: number): void {
    this.#timers.set('silence', nowMs + SILENCE_MS);
    if (this.#heartbeatUnanswered) {
      this.#heartbeatUnanswered = false;
      this.#timers.set('heartbeat', nowMs + HEARTBEAT_MS);
    }
    if (this.#sender.acknowledged(frame.acknowledgement, nowMs) !== undefined) {
      this.#commands.acknowledged(nowMs);
    }
    if (frame.kind === 'message') this.#onMessage(frame);
  }

  #onMessage({ sequence, payload }: Frame): void {
    const arrival = this.#receiver.take(sequence);
    const { counters } = this.#options;
    if (arrival === 'outOfOrder') {
      counters.outOfOrder += 1;
      return;
    }
    // Also a duplicate: its first acknowledgement may be what was lost.
    this.#send('ack');
    if (arrival === 'duplicate') {
      counters.duplicates += 1;
      return;
    }
    const decoded = decodeBoardMessage(payload);
    if (decoded.ok) this.#deliver(decoded.message);
    else this.#effects.push({ type: 'refused', refusal: decoded.refusal });
  }

  #deliver(message: BoardMessage): void {
    if (message.kind !== 'commandAnswer' && message.kind !== 'commandReply') {
      this.#tell({ type: 'boardReported', report: message });
      return;
    }
    const done =
      message.kind === 'commandReply'
        ? this.#commands.replied(message.id, message.reply)
        : this.#commands.answered(message.id, message.result);
    if (done === undefined) this.#options.counters.unexpectedAnswers += 1;
    else this.#tell(done);
  }

  #send(kind: FrameKind, outgoing: Outgoing = { sequence: 0, payload: NO_PAYLOAD }): void {
    const frame: Frame = {
      kind,
      sequence: outgoing.sequence,
      acknowledgement: this.#receiver.acknowledgement,
      bootEpoch: this.#options.hello.bootEpoch,
      conversation: this.#options.conversation,
      payload: outgoing.payload,
    };
    this.#effects.push({ type: 'sendFrame', frame });
  }

  #tell(event: BoardEvent): void {
    this.#effects.push({ type: 'tell', event });
  }

  /** Sends what may go, sets the timers by what is now awaited, and hands out the effects. */
  #rest(nowMs: number): readonly ConversationEffect[] {
    const outgoing = this.#sender.next(nowMs);
    if (outgoing !== undefined) this.#send('message', outgoing);
    this.#timers.arrange('repeat', this.#sender.repeatAtMs);
    this.#timers.arrange('commandAnswer', this.#commands.answerByMs);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
