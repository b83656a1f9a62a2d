/**
 * The MCU's end of the board line: answers `ask`, keeps one conversation, and forgets it when the host stops
 * acknowledging.
 *
 * It lives from one start of the MCU to the next; a reboot makes a new one with another boot epoch.
 */
import { OrderedReceiver } from '../../firmware-shim/line/ordered-receiver.ts';
import { OrderedSender, type Outgoing } from '../../firmware-shim/line/ordered-sender.ts';
import { type Frame, type FrameKind, NO_PAYLOAD } from '../../firmware-shim/wire/frame.ts';
import { decodeHostMessage, encodeBoardMessage } from '../../firmware-shim/wire/message-codec.ts';
import type { BoardMessage, HostMessage } from '../../firmware-shim/wire/messages.ts';

/** A whole present state is about ten messages; more than this waiting means the host is not reading. */
const MESSAGES_WAITING_MAX = 32;

export type UartOutcome =
  | { readonly type: 'send'; readonly frame: Frame }
  /** A new conversation has begun: the host knows nothing yet. */
  | { readonly type: 'met' }
  | { readonly type: 'commanded'; readonly message: HostMessage }
  | { readonly type: 'forgot'; readonly why: string };

export class BoardUart {
  readonly #bootEpoch: number;
  readonly #hello: Uint8Array;
  #conversation = 0;
  #sender = new OrderedSender(MESSAGES_WAITING_MAX);
  #receiver = new OrderedReceiver();
  #outcomes: UartOutcome[] = [];

  constructor(bootEpoch: number, hello: Uint8Array) {
    this.#bootEpoch = bootEpoch;
    this.#hello = hello;
  }

  get repeatAtMs(): number | undefined {
    return this.#sender.repeatAtMs;
  }

  get talking(): boolean {
    return this.#conversation !== 0;
  }

  /** "I have just started." */
  announce(): readonly UartOutcome[] {
    this.#send('hello', { sequence: 0, payload: this.#hello });
    return this.#taken();
  }

  /** Queues a message for the host, who hears nothing while there is no conversation. */
  say(message: BoardMessage, nowMs: number): readonly UartOutcome[] {
    if (this.#conversation === 0) return [];
    if (!this.#sender.offer(encodeBoardMessage(message))) this.#forget('the host reads nothing');
    return this.#rest(nowMs);
  }

  onFrame(frame: Frame, nowMs: number): readonly UartOutcome[] {
    if (frame.kind === 'ask') this.#onAsk(frame.conversation);
    else if (frame.conversation !== this.#conversation || this.#conversation === 0) {
      this.#sendIn(frame.conversation, 'unknownConversation');
    } else this.#onTalk(frame, nowMs);
    return this.#rest(nowMs);
  }

  onTime(nowMs: number): readonly UartOutcome[] {
    const outgoing = this.#sender.onTime(nowMs);
    if (outgoing === 'exhausted') this.#forget('the host acknowledges nothing');
    else if (outgoing !== undefined) this.#send('message', outgoing);
    return this.#rest(nowMs);
  }

  #onAsk(conversation: number): void {
    // The same ask again: only the answer was lost, and counting anew would lose messages.
    const fresh = conversation !== this.#conversation;
    if (fresh) this.#begin(conversation);
    this.#send('hello', { sequence: 0, payload: this.#hello });
    if (fresh && conversation !== 0) this.#outcomes.push({ type: 'met' });
  }

  #onTalk({ kind, acknowledgement, sequence, payload }: Frame, nowMs: number): void {
    this.#sender.acknowledged(acknowledgement, nowMs);
    if (kind === 'heartbeat') this.#send('heartbeatAnswer');
    if (kind !== 'message') return;
    const arrival = this.#receiver.take(sequence);
    if (arrival === 'outOfOrder') return;
    this.#send('ack');
    if (arrival === 'duplicate') return;
    const decoded = decodeHostMessage(payload);
    if (decoded.ok) this.#outcomes.push({ type: 'commanded', message: decoded.message });
  }

  #begin(conversation: number): void {
    this.#conversation = conversation;
    this.#sender = new OrderedSender(MESSAGES_WAITING_MAX);
    this.#receiver = new OrderedReceiver();
  }

  #forget(why: string): void {
    this.#begin(0);
    this.#outcomes.push({ type: 'forgot', why });
  }

  #send(kind: FrameKind, outgoing?: Outgoing): void {
    this.#sendIn(this.#conversation, kind, outgoing);
  }

  #sendIn(conversation: number, kind: FrameKind, outgoing?: Outgoing): void {
    const frame: Frame = {
      kind,
      sequence: outgoing?.sequence ?? 0,
      acknowledgement: this.#receiver.acknowledgement,
      bootEpoch: this.#bootEpoch,
      conversation,
      payload: outgoing?.payload ?? NO_PAYLOAD,
    };
    this.#outcomes.push({ type: 'send', frame });
  }

  #rest(nowMs: number): readonly UartOutcome[] {
    const outgoing = this.#sender.next(nowMs);
    if (outgoing !== undefined) this.#send('message', outgoing);
    return this.#taken();
  }

  #taken(): readonly UartOutcome[] {
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    return outcomes;
  }
}
