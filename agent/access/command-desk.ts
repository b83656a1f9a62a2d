/**
 * Decides what becomes of a command from the gateway: refused with a reason, or carried out at most once.
 *
 * The id of a command is on the disk before anything is done about it; the same id again is answered with what
 * became of it. A retained command and one past its time are never carried out: whoever sent them meant another
 * moment. States are those of SAG tasks.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import type { AccessNote } from '../model/notes/access-note.ts';
import type { AccessPublish } from '../ports.ts';
import {
  COMMAND_FLOOR_KEY,
  COMMAND_SHELF,
  CommandMemory,
  type RestoredCommand,
} from './command-memory.ts';
import { ANSWER_MS, GAP_MS, LIFETIME_MS_MAX, UNPROVED } from './command-rules.ts';
import { encodeJson } from './encode-json.ts';
import type { CommandProof } from './intake.ts';
import type { Command, CommandStatus, TaskState } from './payloads.ts';
import { publishIdOf } from './publish-lane.ts';
import type { DeviceTopics } from './topics.ts';

/** `ErrorCode` and `ErrorMessage` of a SAG task that went well. */
const FINE = { errorCode: '200', errorMessage: 'Successful' } as const;

export type CommandEvent =
  | {
      readonly type: 'restored';
      readonly commands: readonly RestoredCommand[];
      /** Nothing that ends before it is taken. */
      readonly floorMs?: number | undefined;
    }
  | {
      readonly type: 'commandReceived';
      readonly command: Command;
      readonly proof: CommandProof;
      readonly retained: boolean;
      readonly wallMs: number;
    }
  /** It could not even be read. */
  | {
      readonly type: 'commandUnreadable';
      readonly id: string;
      readonly code: string;
      readonly sentence: string;
      readonly retained: boolean;
    }
  | {
      readonly type: 'storeAnswered';
      readonly key: string;
      readonly ok: boolean;
      readonly wallMs: number;
    }
  /** What a command asked for has been done, or not. */
  | {
      readonly type: 'actionAnswered';
      readonly requestId: string;
      readonly ok: boolean;
      readonly code?: string;
      readonly because: string;
      /** Rightly asked, but what should do it is broken. */
      readonly fault?: 'hardware';
    }
  | { readonly type: 'publishingOpened' | 'publishingClosed' }
  | { readonly type: 'publishAcknowledged'; readonly publishId: number };

export type CommandEffect =
  | { readonly type: 'publish'; readonly message: AccessPublish }
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    }
  | { readonly type: 'storeRemove'; readonly shelf: string; readonly keys: readonly string[] }
  /** To be answered with `actionAnswered`. */
  | { readonly type: 'requestAction'; readonly command: Command }
  | { readonly type: 'noted'; readonly note: AccessNote };

type CommandReceived = Extract<CommandEvent, { readonly type: 'commandReceived' }>;

type Effects = readonly CommandEffect[];

export class CommandDesk implements Core<CommandEvent, CommandEffect> {
  readonly #topics: DeviceTopics;
  readonly #machineBoot: string;
  readonly #tasks = new CommandMemory();
  /** When a verb may be used again. */
  readonly #nextAtMs = new Map<Command['verb'], number>();
  #open = false;
  #serial = 0;

  /** `machineBoot` tells this start of the machine from every other. */
  constructor(topics: DeviceTopics, machineBoot: string) {
    this.#topics = topics;
    this.#machineBoot = machineBoot;
  }

  handle(event: CommandEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'restored':
        this.#tasks.restoreFloor(event.floorMs ?? 0);
        return event.commands.flatMap((command) => this.#restore(command, nowMs));
      case 'commandReceived':
        return this.#onCommand(event);
      case 'commandUnreadable':
        return this.#onUnreadable(event.id, event.code, event.sentence, event.retained);
      case 'storeAnswered':
        return this.#onStored(event.key, event.ok, event.wallMs, nowMs);
      case 'actionAnswered': {
        const { requestId, ok, code, because, fault } = event;
        if (this.#tasks.get(requestId)?.answerByMs === undefined) return nothing;
        if (ok) return this.#finish(requestId, 'Succeed', FINE.errorCode, because);
        const state = fault === 'hardware' ? 'HardwareError' : 'BuildRequestError';
        return this.#finish(requestId, state, code ?? 'EREFUSED', because);
      }
      case 'publishingOpened':
        this.#open = true;
        return this.#tasks.entries().flatMap(([id]) => this.#tell(id));
      case 'publishingClosed':
        this.#open = false;
        for (const [, task] of this.#tasks.entries()) task.publishId = undefined;
        return nothing;
      case 'publishAcknowledged':
        for (const [, task] of this.#tasks.entries()) {
          if (task.publishId === event.publishId) task.isUntold = false;
        }
        return nothing;
    }
  }

  tick(nowMs: number): Effects {
    const late = this.#tasks.entries().filter(([, task]) => (task.answerByMs ?? Infinity) <= nowMs);
    return late.flatMap(([id]) =>
      this.#finish(id, 'HardwareError', 'ETIMEOUT', 'nobody answered in time'),
    );
  }

  deadline(): Deadline | undefined {
    const atMs = Math.min(...this.#tasks.entries().map(([, task]) => task.answerByMs ?? Infinity));
    return Number.isFinite(atMs) ? { atMs, why: 'commandAnswer' } : undefined;
  }

  /** A command the former run was still at has an unknown outcome and is not tried again; but a reboot shows. */
  #restore(restored: RestoredCommand, nowMs: number): Effects {
    const { id, machineBoot, state } = restored;
    const task = this.#tasks.restore(restored);
    if (state !== 'Initialized' && state !== 'Processing') return nothing;
    if (machineBoot === undefined) {
      return this.#finish(id, 'HardwareError', 'EINTERRUPTED', 'the agent restarted meanwhile');
    }
    if (machineBoot !== this.#machineBoot) {
      return this.#finish(id, 'Succeed', FINE.errorCode, 'the machine has started anew');
    }
    // Our own end may be part of the machine's; if it stays up, the time limit tells.
    task.answerByMs = nowMs + ANSWER_MS.reboot;
    return nothing;
  }

  #onCommand({ command, proof, retained, wallMs }: CommandReceived): Effects {
    const { id } = command;
    const known = this.#tasks.get(id);
    if (known !== undefined) {
      known.isUntold = true;
      return this.#tell(id);
    }
    if (proof !== 'valid') return this.#reject(id, UNPROVED[proof].code, UNPROVED[proof].because);
    const room = this.#makeRoom(wallMs);
    const objection = this.#tasks.objectionTo(command);
    if (objection !== undefined) {
      return [...room, ...this.#reject(id, objection.code, objection.because)];
    }
    if (command.expiresAtMs > wallMs + LIFETIME_MS_MAX) {
      const because = 'a command is good for five minutes at most';
      return [...room, ...this.#reject(id, 'ETOO_LONG', because)];
    }
    const boot = command.verb === 'reboot' ? this.#machineBoot : undefined;
    this.#tasks.add(command, { v: 1, id, state: 'Initialized', ...FINE }, boot);
    if (retained) {
      const because = 'a command must not be retained';
      return [...room, ...this.#finish(id, 'OfflineNotConfiged', 'ERETAINED', because)];
    }
    return [...room, ...(wallMs > command.expiresAtMs ? this.#expire(id) : this.#put(id))];
  }

  /** Answered once and not remembered: what nobody vouches for must not push out what was really commanded. */
  #reject(
    id: string,
    errorCode: string,
    errorMessage: string,
    state: TaskState = 'BuildRequestError',
  ): Effects {
    const status: CommandStatus = { v: 1, id, state, errorCode, errorMessage };
    const why = { id, verb: '', state, errorCode, because: errorMessage };
    return [
      ...(this.#open ? [this.#publish(id, status).effect] : nothing),
      { type: 'noted', note: { code: 'commandAnswered', level: 'notice', ...why } },
    ];
  }

  #onUnreadable(id: string, code: string, sentence: string, retained: boolean): Effects {
    if (this.#tasks.get(id) !== undefined) return nothing;
    const state = code === 'EUNKNOWN' ? 'VersionNotSupport' : 'BuildRequestError';
    return this.#reject(id, code, sentence, retained ? 'OfflineNotConfiged' : state);
  }

  /** The id is kept: only now may anything happen. */
  #onStored(id: string, ok: boolean, wallMs: number, nowMs: number): Effects {
    const task = this.#tasks.get(id);
    if (task?.command === undefined || task.status.state !== 'Initialized') return nothing;
    if (!ok) {
      const because = 'the id could not be kept, so the command could run twice';
      return this.#finish(id, 'HardwareError', 'ESTORAGE', because);
    }
    const { verb, expiresAtMs } = task.command;
    if (wallMs > expiresAtMs) return this.#expire(id);
    if (nowMs < (this.#nextAtMs.get(verb) ?? nowMs)) {
      return this.#finish(id, 'BuildRequestError', 'ETOO_OFTEN', `${verb} was asked for just now`);
    }
    this.#nextAtMs.set(verb, nowMs + (GAP_MS[verb] ?? 0));
    task.status = { v: 1, id, state: 'Processing', ...FINE };
    task.isUntold = true;
    task.answerByMs = nowMs + ANSWER_MS[verb];
    return [...this.#tell(id), { type: 'requestAction', command: task.command }];
  }

  #expire(id: string): Effects {
    return this.#finish(id, 'OfflineNotConfiged', 'EEXPIRED', 'the command came after its time');
  }

  #finish(id: string, state: TaskState, errorCode: string, because: string): Effects {
    const task = this.#tasks.get(id);
    if (task === undefined) return nothing;
    const errorMessage = state === 'Succeed' ? FINE.errorMessage : because;
    task.status = { v: 1, id, state, errorCode, errorMessage };
    task.answerByMs = undefined;
    task.isUntold = true;
    const verb = task.command?.verb ?? '';
    const note: AccessNote = {
      code: 'commandAnswered',
      level: 'notice',
      id,
      verb,
      state,
      errorCode,
      because,
    };
    return [...this.#put(id), ...this.#tell(id), { type: 'noted', note }];
  }

  #put(id: string): Effects {
    const value = this.#tasks.record(id);
    return [{ type: 'storePut', shelf: COMMAND_SHELF, key: id, value }];
  }

  #tell(id: string): Effects {
    const task = this.#tasks.get(id);
    if (task === undefined || !this.#open || !task.isUntold) return nothing;
    const { publishId, effect } = this.#publish(id, task.status);
    task.publishId = publishId;
    return [effect];
  }

  #publish(id: string, status: CommandStatus) {
    const publishId = publishIdOf('command', this.#serial);
    this.#serial += 1;
    const topic = this.#topics.commandStatus(id);
    const message = {
      publishId,
      topic,
      payload: encodeJson(status),
      qos: 1,
      retain: false,
    } as const;
    return { publishId, effect: { type: 'publish', message } as const };
  }

  /** The floor is on the disk before what it stands for is gone. */
  #makeRoom(wallMs: number): Effects {
    const keys = this.#tasks.makeRoom(wallMs);
    if (keys.length === 0) return nothing;
    const value = JSON.stringify(this.#tasks.floorMs);
    return [
      { type: 'storePut', shelf: COMMAND_SHELF, key: COMMAND_FLOOR_KEY, value },
      { type: 'storeRemove', shelf: COMMAND_SHELF, keys },
    ];
  }
}
