/**
 * One conversation with one charon over its VICI socket.
 *
 * Replies come in the order of the requests, so one request is on its way at a time and the others wait in a bounded
 * queue. A charon that does not answer in time is not asked again over this connection: a late reply would be taken
 * for the answer to the next question.
 */
import { createConnection, type Socket } from 'node:net';
import { BoundedQueue } from '../../../firmware-shim/base/bounded-queue.ts';
import {
  encodeViciPacket,
  ViciDecoder,
  type ViciPacket,
  type ViciSent,
} from '../../engine/vici-codec.ts';
import type { ViciSection, ViciTree } from '../../engine/vici-message.ts';
import { textAt } from '../../engine/vici-read.ts';
import { EngineRefused } from '../../engine-port.ts';

export interface ViciListener {
  onEvent(name: string, message: ViciSection): void;
  /** Once; `code` is `EVICI_CLOSED`, `EVICI_TIMEOUT` or what was wrong with the bytes. */
  onClosed(code: string): void;
}

interface Waiting {
  readonly sent: ViciSent;
  readonly what: string;
  readonly waitMs: number;
  readonly resolve: (answer: ViciPacket) => void;
  readonly reject: (error: EngineRefused) => void;
}

/** charon answers within a millisecond or two; only one that hangs or swaps needs longer. */
const ANSWER_MS_MAX = 3_000;
const GRACE_MS = 100;
const CONNECT_MS_MAX = 1_000;
/** More questions than this at once means that nobody waits for the answers. */
const QUEUE_MAX = 64;
/** A box has tens of tunnels; a stream that goes on for longer is no list of SAs. */
const STREAM_ITEMS_MAX = 10_000;

export class ViciClient {
  readonly #socket: Socket;
  readonly #listener: ViciListener;
  readonly #decoder = new ViciDecoder();
  readonly #queue = new BoundedQueue<Waiting>(QUEUE_MAX);
  readonly #streams = new Map<string, ViciSection[]>();
  /** One stream at a time: its items carry no mark of the request they answer. */
  #streaming: Promise<unknown> = Promise.resolve();
  #flying: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed: string | undefined;

  private constructor(socket: Socket, listener: ViciListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on('data', (bytes) => this.#heard(bytes));
    socket.on('error', () => this.#end('EVICI_CLOSED'));
    socket.on('close', () => this.#end('EVICI_CLOSED'));
  }

  /** Rejects with `EVICI_CONNECT` when nobody listens at `path`. */
  static async connect(path: string, listener: ViciListener): Promise<ViciClient> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path);
      const refuse = (why: string): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(new EngineRefused('EVICI_CONNECT', `charon does not listen at ${path}: ${why}`));
      };
      const timer = setTimeout(() => refuse('no answer'), CONNECT_MS_MAX);
      const onError = (error: NodeJS.ErrnoException): void => refuse(error.code ?? error.message);
      socket.once('error', onError);
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.off('error', onError);
        resolve(new ViciClient(socket, listener));
      });
    });
  }

  /** Why it is of no more use; undefined while it is. */
  get closed(): string | undefined {
    return this.#closed;
  }

  /** Rejects with `EVICI_REFUSED` and charon's own words when it says no. */
  async request(command: string, message: ViciTree = {}): Promise<ViciSection> {
    const answer = await this.#ask({ type: 'request', command, message }, command);
    if (answer.type !== 'response') {
      throw new EngineRefused('EVICI_COMMAND', `charon does not know ${command}`);
    }
    if (textAt(answer.message, 'success') === 'no') {
      const words = textAt(answer.message, 'errmsg') ?? 'it does not say why';
      throw new EngineRefused('EVICI_REFUSED', `charon refused ${command}: ${words}`);
    }
    return answer.message;
  }

  /** A command that answers by one event for each object, such as `list-sas` with `list-sa`. */
  async stream(
    command: string,
    event: string,
    message: ViciTree = {},
  ): Promise<readonly ViciSection[]> {
    const result = this.#streaming.then(async () => this.#stream(command, event, message));
    this.#streaming = result.catch(() => undefined);
    return result;
  }

  async #stream(
    command: string,
    event: string,
    message: ViciTree,
  ): Promise<readonly ViciSection[]> {
    const items: ViciSection[] = [];
    await this.register(event);
    this.#streams.set(event, items);
    try {
      await this.request(command, message);
    } finally {
      this.#streams.delete(event);
    }
    return items;
  }

  async register(event: string): Promise<void> {
    const answer = await this.#ask({ type: 'registerEvent', event }, event);
    if (answer.type === 'eventConfirmed') return;
    throw new EngineRefused('EVICI_EVENT', `charon does not know the event ${event}`);
  }

  close(): void {
    this.#end('EVICI_CLOSED');
  }

  async #ask(sent: ViciSent, what: string): Promise<ViciPacket> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(gone(what, this.#closed));
      const waiting = { sent, what, waitMs: ANSWER_MS_MAX, resolve, reject };
      if (!this.#queue.offer(waiting)) {
        return reject(new EngineRefused('EVICI_BUSY', `too many questions wait before ${what}`));
      }
      this.#next();
    });
  }

  #next(): void {
    if (this.#flying !== undefined || this.#closed !== undefined) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#flying = next;
    this.#timer = setTimeout(() => this.#late(next), next.waitMs);
    this.#socket.write(encodeViciPacket(next.sent));
  }

  /** Judged only after reading: when this process itself was asleep the answer may lie in the socket. */
  #late(waiting: Waiting): void {
    this.#timer = setTimeout(() => {
      if (this.#flying === waiting) this.#end('EVICI_TIMEOUT');
    }, GRACE_MS);
  }

  #heard(bytes: Uint8Array): void {
    for (const packet of this.#decoder.push(bytes)) {
      if (packet.type === 'event') this.#tell(packet.name, packet.message);
      else this.#answered(packet);
    }
    const { fault } = this.#decoder;
    if (fault !== undefined) this.#end(fault.code);
  }

  #tell(name: string, message: ViciSection): void {
    const items = this.#streams.get(name);
    if (items === undefined) return this.#listener.onEvent(name, message);
    items.push(message);
    if (items.length > STREAM_ITEMS_MAX) this.#end('EVICI_SIZE');
  }

  #answered(packet: ViciPacket): void {
    const flying = this.#flying;
    // An answer nobody asked for: the two ends no longer agree on what is answered by what.
    if (flying === undefined) return this.#end('EVICI_TYPE');
    clearTimeout(this.#timer);
    this.#flying = undefined;
    flying.resolve(packet);
    this.#next();
  }

  #end(code: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = code;
    clearTimeout(this.#timer);
    this.#socket.destroy();
    const flying = this.#flying;
    this.#flying = undefined;
    flying?.reject(gone(flying.what, code));
    for (let each = this.#queue.shift(); each !== undefined; each = this.#queue.shift()) {
      each.reject(gone(each.what, 'EVICI_CLOSED'));
    }
    this.#listener.onClosed(code);
  }
}

function gone(what: string, code: string): EngineRefused {
  const why =
    code === 'EVICI_TIMEOUT'
      ? 'charon did not answer in time'
      : 'the conversation with charon ended';
  return new EngineRefused(code, `${what}: ${why}`);
}
