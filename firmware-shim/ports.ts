/**
 * The contracts of the floor: what the program above may rely on, whatever stands below.
 *
 * Each has a real body (serialport, rtnetlink) and a simulated one that keeps the same promises.
 */

import type { MirrorNews, MirrorOptions } from './kernel/mirror-news.ts';
import type {
  KernelDump,
  KernelDumpResult,
  KernelOperation,
  KernelResult,
} from './kernel/operations.ts';
import type { KernelEvent } from './kernel/types.ts';
import type { BoardCommand, BoardReport, CommandReply, Hello } from './wire/messages.ts';

/**
 * A byte stream that can be lost and opened again: a serial line or its simulation.
 *
 * `open` is called once per attempt and answers through the listener: `onOpen` or `onClosed`, never both.
 * After `onClosed` nothing more arrives until the next `open`. `write` on a closed pipe is dropped: the line
 * above retransmits what matters. `close` is idempotent and is itself answered by `onClosed`.
 */
export interface BytePipe {
  open(listener: BytePipeListener): void;
  write(bytes: Uint8Array): void;
  close(): void;
}

export interface BytePipeListener {
  onOpen(): void;
  onBytes(bytes: Uint8Array): void;
  /** `why` is a short stable word such as `unplugged`, `missing`, `locked`, `closed`; `text` a sentence for people. */
  onClosed(why: string, text?: string): void;
}

/** What the board tells the program above, in order and each thing once. */
export type BoardEvent =
  | { readonly type: 'boardUp'; readonly hello: Hello }
  | { readonly type: 'boardReported'; readonly report: BoardReport }
  | { readonly type: 'boardLost'; readonly why: string }
  | {
      readonly type: 'boardCommandDone';
      readonly id: number;
      readonly ok: boolean;
      readonly code?: string;
      /** What the command asked for, where it asked for something. */
      readonly reply?: CommandReply;
    };

/**
 * The board's MCU, through our reliable line.
 *
 * Commands are acted on at most once; each ends with exactly one `boardCommandDone`, never while `command` is
 * on the stack, with code `EMCU_REBOOT`, `EMCU_LOST`, `EMCU_BUSY`, `EMCU_TIMEOUT` (taken, never answered),
 * `EMCU_UNSUPPORTED` (also when the board has not the capability: it is then never sent) or `EMCU_REFUSED` (the
 * board's own) when it failed. After `boardUp` the board reports its
 * whole present state without being asked.
 */
export interface Board {
  /** Returns the id that `boardCommandDone` will carry. */
  command(command: BoardCommand): number;
  /** Plain JSON: line state, counters, last hello. */
  snapshot(): unknown;
  close(): void;
}

export type KernelListener = (events: readonly KernelEvent[]) => void;

/** How good a mirror's picture is at present. */
export interface KernelPicture {
  /** Nothing is in doubt: the picture is what the kernel held when it sent its last message. */
  readonly isSure: boolean;
}

/**
 * The kernel's network stack of one network namespace.
 *
 * `perform` sends at once; callbacks come in the order of the calls. Events are delivered only while a
 * listener is set and never while `perform` is on the stack. After `overrun` the listener receives the whole
 * current state again, as a dump would give it.
 */
export interface Kernel {
  /** Starts the events; the whole present state comes first, as one batch. At most one listener. */
  listen(listener: KernelListener): void;
  /**
   * Listens, and tells an exact picture's changes in place of the events: also what the kernel takes away without a
   * word, and after an overrun only what became different, with one note. It costs dumps of what is in doubt, at
   * most four times a second while devices go down, so it is not for whoever moves traffic.
   */
  mirror(tell: (news: MirrorNews) => void, options?: MirrorOptions): KernelPicture;
  perform(operation: KernelOperation, done: (result: KernelResult) => void): void;
  dump(what: KernelDump, done: (result: KernelDumpResult) => void): void;
  close(): void;
}
