/**
 * What a device remembers of the commands it was given, so that none is carried out twice, however often it comes.
 *
 * A command is forgotten only when it has expired; from then on nothing that ends at the same time or earlier is taken
 * any more, whatever the clock says later. While everything remembered could still be repeated nothing new is taken.
 */
import type { Command, CommandStatus, TaskState } from './payloads.ts';

export const COMMAND_SHELF = 'commands';
/** No id of a command begins with a dot. */
export const COMMAND_FLOOR_KEY = '.floor';
/** Commands are good for five minutes: more than these within five minutes is nobody's operation. */
export const REMEMBERED_MAX = 256;

/** What a former run knew of a command. */
export interface RestoredCommand {
  readonly id: string;
  readonly state: TaskState;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly nonce?: string;
  readonly expiresAtMs?: number;
  /** Of a reboot: the start of the machine that it was to end. */
  readonly machineBoot?: string;
}

export interface Task {
  readonly nonce: string | undefined;
  readonly expiresAtMs: number;
  readonly machineBoot: string | undefined;
  readonly command: Command | undefined;
  status: CommandStatus;
  /** Not yet acknowledged by the gateway. */
  isUntold: boolean;
  publishId: number | undefined;
  answerByMs: number | undefined;
}

const FRESH = { isUntold: false, publishId: undefined, answerByMs: undefined };

/** What speaks against a command. */
export interface Objection {
  readonly code: 'EREPLAYED' | 'ETOO_MANY';
  readonly because: string;
}

export class CommandMemory {
  /** By command id, oldest first. */
  readonly #tasks = new Map<string, Task>();
  #floorMs = 0;

  get(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  entries(): readonly (readonly [string, Task])[] {
    return [...this.#tasks];
  }

  get floorMs(): number {
    return this.#floorMs;
  }

  /** The floor a former run had reached. */
  restoreFloor(floorMs: number): void {
    this.#floorMs = Math.max(this.#floorMs, floorMs);
  }

  restore({ id, nonce, expiresAtMs = 0, machineBoot, ...status }: RestoredCommand): Task {
    const whole = { v: 1, id, ...status } as const;
    const task: Task = {
      command: undefined,
      status: whole,
      nonce,
      expiresAtMs,
      machineBoot,
      ...FRESH,
    };
    this.#tasks.set(id, task);
    return task;
  }

  add(command: Command, status: CommandStatus, machineBoot: string | undefined): void {
    const { id, nonce, expiresAtMs } = command;
    this.#tasks.set(id, { command, status, nonce, expiresAtMs, machineBoot, ...FRESH });
  }

  objectionTo({ nonce, expiresAtMs }: Command): Objection | undefined {
    if (expiresAtMs <= this.#floorMs) {
      return { code: 'EREPLAYED', because: 'it is older than commands that are forgotten already' };
    }
    if ([...this.#tasks.values()].some((task) => task.nonce === nonce)) {
      return { code: 'EREPLAYED', because: 'its nonce was used by another command' };
    }
    if (this.#tasks.size < REMEMBERED_MAX) return undefined;
    return { code: 'ETOO_MANY', because: `${REMEMBERED_MAX} commands are not over yet` };
  }

  /** Forgets what has expired, the oldest first, as far as room is needed for one more; answers with their ids. */
  makeRoom(wallMs: number): readonly string[] {
    const over = this.#tasks.size + 1 - REMEMBERED_MAX;
    if (over <= 0) return [];
    const expired = [...this.#tasks].filter(([, task]) => task.expiresAtMs < wallMs);
    const gone = expired.slice(0, over);
    for (const [id, { expiresAtMs }] of gone) {
      this.#tasks.delete(id);
      this.#floorMs = Math.max(this.#floorMs, expiresAtMs);
    }
    return gone.map(([id]) => id);
  }

  /** As it is kept on the disk. */
  record(id: string): string {
    const { status, nonce, expiresAtMs, machineBoot } = this.#tasks.get(id) ?? {};
    return JSON.stringify({ ...status, nonce, expiresAtMs, machineBoot });
  }
}
