/**
 * The commands that have not ended yet, oldest first, and how each ends: exactly once.
 */
import type { BoardEvent } from '../ports.ts';
import type { BoardCommand, CommandReply, CommandResult } from '../wire/messages.ts';

/** LEDs and a reset: more than this at once is a caller in a loop. */
export const COMMANDS_MAX = 16;
/** From acknowledgement to answer. The board's slowest command writes its flash within one second. */
const ANSWER_MS_MAX = 3_000;

type Done = Extract<BoardEvent, { readonly type: 'boardCommandDone' }>;

interface Pending {
  readonly id: number;
  readonly kind: BoardCommand['kind'];
  /** Absent until the board acknowledged it. */
  readonly answerByMs?: number;
}

const CODE_OF_RESULT: Readonly<Record<Exclude<CommandResult, 'done'>, string>> = {
  unsupported: 'EMCU_UNSUPPORTED',
  refused: 'EMCU_REFUSED',
};

export class PendingCommands {
  readonly #pending = new Map<number, Pending>();

  get size(): number {
    return this.#pending.size;
  }

  get full(): boolean {
    return this.#pending.size >= COMMANDS_MAX;
  }

  add(id: number, command: BoardCommand): void {
    this.#pending.set(id, { id, kind: command.kind });
  }

  /** The board took the oldest command that was not yet acknowledged. */
  acknowledged(nowMs: number): void {
    for (const pending of this.#pending.values()) {
      if (pending.answerByMs !== undefined) continue;
      this.#pending.set(pending.id, { ...pending, answerByMs: nowMs + ANSWER_MS_MAX });
      return;
    }
  }

  /** The moment the oldest acknowledged command gives up. */
  get answerByMs(): number | undefined {
    for (const { answerByMs } of this.#pending.values()) return answerByMs;
    return undefined;
  }

  /** We were asleep for `lateMs`: the answer may lie unread, so that time does not count. */
  postpone(lateMs: number): void {
    for (const pending of this.#pending.values()) {
      if (pending.answerByMs === undefined) continue;
      this.#pending.set(pending.id, { ...pending, answerByMs: pending.answerByMs + lateMs });
    }
  }

  /** Ends a command by the board's answer; undefined when nobody waits for it. */
  answered(id: number, result: CommandResult): Done | undefined {
    if (!this.#pending.delete(id)) return undefined;
    return result === 'done' ? succeeded(id) : failed(id, CODE_OF_RESULT[result]);
  }

  /** Ends a command by what it asked for; undefined when nobody waits for it. */
  replied(id: number, reply: CommandReply): Done | undefined {
    if (!this.#pending.delete(id)) return undefined;
    return { ...succeeded(id), reply };
  }

  /** Ends what the board acknowledged and never answered. */
  expire(nowMs: number): readonly Done[] {
    const done: Done[] = [];
    for (const { id, answerByMs } of this.#pending.values()) {
      if (answerByMs === undefined || answerByMs > nowMs) continue;
      this.#pending.delete(id);
      done.push(failed(id, 'EMCU_TIMEOUT'));
    }
    return done;
  }

  /** Ends everything: the board is lost or began a new life. A reset that came about is a success. */
  endAll(code: 'EMCU_REBOOT' | 'EMCU_LOST'): readonly Done[] {
    const done: Done[] = [];
    for (const { id, kind, answerByMs } of this.#pending.values()) {
      const carriedOut =
        code === 'EMCU_REBOOT' && kind === 'boardReset' && answerByMs !== undefined;
      done.push(carriedOut ? succeeded(id) : failed(id, code));
    }
    this.#pending.clear();
    return done;
  }
}

function succeeded(id: number): Done {
  return { type: 'boardCommandDone', id, ok: true };
}

function failed(id: number, code: string): Done {
  return { type: 'boardCommandDone', id, ok: false, code };
}
