/**
 * The MCU's end of the board line: answers `ask`, keeps one conversation, and forgets it when the host stops
 * acknowledging.
 *
 * It lives from one start of the MCU to the next; a reboot makes a new one with another boot epoch.
 */
import { OrderedReceiver } from '../../../firmware-shim/line/ordered-receiver.ts';
import { OrderedSender, type Outgoing } from '../../../firmware-shim/line/ordered-sender.ts';
import { CAPABLE_VERSION, decodeOffer } from '../../../firmware-shim/wire/capability.ts';
import { type Frame, type FrameKind, NO_PAYLOAD } from '../../../firmware-shim/wire/frame.ts';
import {
  decodeHostMessage,
  encodeBoardMessage,
} from '../../../firmware-shim/wire/message-codec.ts';
import type {
  BoardMessage,
  Capability,
  HostMessage,
} from '../../../firmware-shim/wire/messages.ts';

/** A whole present state is about ten messages; more than this waiting means the host is not reading. */
const MESSAGES_WAITING_MAX = 32;

export type UartOutcome =
  | { readonly type: 'send'; readonly frame: Frame }
  /** A new conversation has begun: the host knows nothing yet. */
  | { readonly type: 'met' }
  | { readonly type: 'commanded'; readonly message: HostMessage }
  | { readonly type: 'forgot'; readonly why: string };

export interface BoardUartOptions {
  readonly bootEpoch: number;
  /** What the board can do; absent for a board of version 1. */
  readonly capabilities: readonly Capability[] | undefined;
  /** The payload of a hello, with the capabilities agreed upon or without any. */
  readonly describe: (agreed: readonly Capability[] | undefined) => Uint8Array;
}

export class BoardUart {
  readonly #options: BoardUartOptions;
  readonly #bootEpoch: number;
  #agreed: readonly Capability[] | undefined;
  #conversation = 0;
  #sender = new OrderedSender(MESSAGES_WAITING_MAX);
  #receiver = new OrderedReceiver();
  #outcomes: UartOutcome[] = [];

  constructor(options: BoardUartOptions) {
    this.#options = options;
    this.#bootEpoch = options.bootEpoch;
  }

  /** Undefined while version 1 is spoken. */
  get agreed(): readonly Capability[] | undefined {
    return this.#agreed;
  }

  get repeatAtMs(): number | undefined {
    return this.#sender.repeatAtMs;
  }

  get talking(): boolean {
    return this.#conversation !== 0;
  }

  /** "I have just started." */
  announce(): readonly UartOutcome[] {
    this.#hello(undefined);
    return this.#taken();
  }

  /** Queues a message for the host, who hears nothing while there is no conversation. */
  say(message: BoardMessage, nowMs: number): readonly UartOutcome[] {
    if (this.#conversation === 0) return [];
    if (!this.#sender.offer(encodeBoardMessage(message))) this.#forget('the host reads nothing');
    return this.#rest(nowMs);
  }

  onFrame(frame: Frame, nowMs: number): readonly UartOutcome[] {
    if (frame.kind === 'ask') this.#onAsk(frame);
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

  #onAsk({ conversation, payload }: Frame): void {
    // The same ask again: only the answer was lost, and counting anew would lose messages.
    const fresh = conversation !== this.#conversation;
    if (fresh) {
      this.#begin(conversation);
      this.#agreed = this.#agree(payload);
    }
    this.#hello(this.#agreed);
    if (fresh && conversation !== 0) this.#outcomes.push({ type: 'met' });
  }

  #agree(payload: Uint8Array): readonly Capability[] | undefined {
    const offer = decodeOffer(payload);
    const own = this.#options.capabilities;
    if (own === undefined || !offer.ok || offer.message.versionHigh < CAPABLE_VERSION) {
      return undefined;
    }
    return offer.message.capabilities.filter((word) => own.includes(word));
  }

  #hello(agreed: readonly Capability[] | undefined): void {
    this.#send('hello', { sequence: 0, payload: this.#options.describe(agreed) });
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
