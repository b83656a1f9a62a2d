/**
 * A host, a simulated board and a transport between them, all in virtual time.
 *
 * Everything that waits is in one list of things due; a seed decides what is lost.
 */
import type { Alarm } from '../../firmware-shim/base/clock.ts';
import { Driver } from '../../firmware-shim/base/drive.ts';
import { type Random, SeededRandom } from '../../firmware-shim/base/random.ts';
import { connectBoard } from '../../firmware-shim/connect-board.ts';
import type { LineNote } from '../../firmware-shim/line/line-note.ts';
import type { Board, BoardEvent, BytePipeListener } from '../../firmware-shim/ports.ts';
import type { Hello } from '../../firmware-shim/wire/messages.ts';
import {
  BoardModel,
  type BoardModelEffect,
  type BoardModelEvent,
  type BoardModelOptions,
} from '../../sim/models/board/board.ts';

/** What becomes of one write: the chunks that arrive, each after its delay. */
export type Transport = (
  bytes: Uint8Array,
  random: Random,
) => readonly { readonly afterMs: number; readonly bytes: Uint8Array }[];

export const whole: Transport = (bytes) => [{ afterMs: 1, bytes }];

export const byteByByte: Transport = (bytes) =>
  [...bytes].map((byte, index) => ({
    afterMs: 0.09 * (index + 1),
    bytes: Uint8Array.of(byte),
  }));

/** One write in five never arrives. */
export const lossy: Transport = (bytes, random) =>
  random.next() < 0.2 ? [] : [{ afterMs: 2, bytes }];

/** Slow and uneven, so that later writes overtake earlier ones. */
export const delayed: Transport = (bytes, random) => [{ afterMs: 20 + 60 * random.next(), bytes }];

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void;
}

const UP_OR_LOST: readonly string[] = ['boardUp', 'boardLost'];

/** Far more than any story needs; reached when two parts never come to rest. */
const ACTS_MAX = 1_000_000;

export type LineWorldOptions = Partial<Pick<BoardModelOptions, 'model' | 'capabilities'>>;

export class LineWorld {
  readonly clock = { nowMs: (): number => this.#nowMs };
  readonly board: BoardModel;
  readonly host: Board;
  readonly events: { readonly atMs: number; readonly event: BoardEvent }[] = [];
  readonly notes: LineNote[] = [];
  /** What the board says it did. */
  readonly log: string[] = [];
  readonly #driver: Driver<BoardModelEvent, BoardModelEffect>;
  readonly #random: SeededRandom;
  readonly #transport: Transport;
  #due: Due[] = [];
  #order = 0;
  #nowMs = 0;
  #plugged = true;
  #listener: BytePipeListener | undefined;

  constructor(transport: Transport, seed = 1, options: LineWorldOptions = {}) {
    this.#random = new SeededRandom(seed);
    this.#transport = transport;
    this.board = new BoardModel({
      model: 'sag-1000',
      serialNumber: 'SAG1000-0001',
      random: this.#random.fork('board'),
      ...options,
    });
    const { clock } = this;
    const alarm = (onDue: () => void): Alarm => this.alarm(onDue);
    this.#driver = new Driver<BoardModelEvent, BoardModelEffect>({
      core: this.board,
      clock,
      alarm,
      perform: (effect) => {
        if (effect.type === 'log') this.log.push(effect.text);
        else this.#carry(effect.bytes, (bytes) => this.#listener?.onBytes(bytes));
      },
    });
    this.#driver.post({ type: 'powered' });
    this.host = connectBoard({
      pipe: {
        open: (listener) => this.#open(listener),
        write: (bytes) => this.#carry(bytes, (chunk) => this.ask(chunk)),
        close: () => this.#close('closed'),
      },
      clock,
      alarm,
      random: this.#random.fork('host'),
      onEvent: (event) => this.events.push({ atMs: this.#nowMs, event }),
      onNote: (note) => this.notes.push(note),
    });
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** The hello of the board that is up just now. */
  get upNow(): Hello | undefined {
    const last = this.events.findLast(({ event }) => UP_OR_LOST.includes(event.type))?.event;
    return last?.type === 'boardUp' ? last.hello : undefined;
  }

  /** Lets time pass until the board must be up. */
  passed(forMs: number): { readonly hello: Hello } {
    this.pass(forMs);
    const hello = this.upNow;
    if (hello === undefined) throw new Error('the board is not up');
    return { hello };
  }

  /** Bytes reach the host's port, whoever sent them. */
  hear(bytes: Uint8Array): void {
    this.#listener?.onBytes(bytes);
  }

  /** Bytes reach the board's UART. */
  ask(bytes: Uint8Array): void {
    this.#driver.post({ type: 'bytesArrived', bytes });
  }

  /** Something is done to the board. */
  act(event: BoardModelEvent): void {
    this.#driver.post(event);
  }

  unplug(): void {
    this.#plugged = false;
    this.#close('unplugged');
  }

  replug(): void {
    this.#plugged = true;
  }

  pass(forMs: number): void {
    const untilMs = this.#nowMs + forMs;
    for (let acts = 0; ; acts += 1) {
      if (acts > ACTS_MAX) throw new Error(`the line never comes to rest at ${this.#nowMs} ms`);
      const next = this.#next();
      if (next === undefined || next.atMs > untilMs) break;
      this.#due = this.#due.filter((due) => due !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.act();
    }
    this.#nowMs = untilMs;
  }

  #next(): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due) {
      if (
        first === undefined ||
        due.atMs < first.atMs ||
        (due.atMs === first.atMs && due.order < first.order)
      ) {
        first = due;
      }
    }
    return first;
  }

  #at(atMs: number, act: () => void): Due {
    this.#order += 1;
    const due = { atMs, order: this.#order, act };
    this.#due.push(due);
    return due;
  }

  alarm(onDue: () => void): Alarm {
    let armed: Due | undefined;
    const disarm = (): void => {
      this.#due = this.#due.filter((due) => due !== armed);
      armed = undefined;
    };
    return {
      armAt: (atMs) => {
        disarm();
        armed = this.#at(atMs, onDue);
      },
      disarm,
    };
  }

  #carry(bytes: Uint8Array, deliver: (chunk: Uint8Array) => void): void {
    for (const { afterMs, bytes: chunk } of this.#transport(bytes, this.#random)) {
      this.#at(this.#nowMs + afterMs, () => {
        if (this.#plugged) deliver(chunk);
      });
    }
  }

  #open(listener: BytePipeListener): void {
    this.#at(this.#nowMs + 1, () => {
      if (!this.#plugged) return listener.onClosed('missing');
      this.#listener = listener;
      listener.onOpen();
    });
  }

  #close(why: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener !== undefined) this.#at(this.#nowMs, () => listener.onClosed(why));
  }
}
