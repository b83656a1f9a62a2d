/**
 * The desk behind the doors for people: control socket and page open once, and stay open when whoever answers behind
 * them changes, from the first start of a device to the agent it becomes.
 */

import { assert } from '../firmware-shim/base/assert.ts';
import type { Board } from '../firmware-shim/ports.ts';
import { CheckDesk } from './adapters/check/check-desk.ts';
import { type DiagDoors, openDiagDoors } from './adapters/diag/diag-doors.ts';
import { DiagTools } from './adapters/diag/diag-tools.ts';
import { UpdateDesk } from './adapters/host/board-update.ts';
import type { NoteLog } from './adapters/note-log.ts';
import type { Done } from './diag/control-answer.ts';
import type { AgentConfig } from './model/config.ts';
import type { Note } from './model/note.ts';
import type { AgentSnapshot, TimedNote } from './model/snapshot.ts';
import type { WanAnswer, WanAsk } from './model/wan.ts';

/** Who answers: the agent, or the first start of a device that is nobody yet. */
interface Inside {
  snapshot(): Promise<AgentSnapshot>;
  switchTo(tunnel: string): Promise<Done>;
  rekey(tunnel: string): Promise<Done>;
  blink(durationMs: number): Promise<Done>;
  wan(ask: WanAsk): Promise<WanAnswer>;
  note(note: Note): void;
}

export interface FrontDeskOptions {
  readonly config: AgentConfig;
  readonly configFile: string;
  readonly log: NoteLog;
}

const SECOND_MS = 1_000;

export class FrontDesk {
  readonly checks: CheckDesk;
  readonly updates = new UpdateDesk({
    board: () => this.board,
    onNote: (note) => this.#now.note(note),
  });
  /** Undefined before the line is open. */
  board: Board | undefined;
  readonly #options: FrontDeskOptions;
  #inside: Inside | undefined;
  #doors: DiagDoors | undefined;

  constructor(options: FrontDeskOptions) {
    this.#options = options;
    this.checks = new CheckDesk(options.config, async () => this.#now.snapshot());
  }

  /** From now on this one answers; the doors open the first time. */
  async open(inside: Inside): Promise<void> {
    this.#inside = inside;
    this.#doors ??= await this.#openDoors();
  }

  noted(timed: TimedNote): void {
    this.#doors?.noted(timed);
  }

  async close(): Promise<void> {
    await this.#doors?.close();
  }

  get #now(): Inside {
    assert(this.#inside !== undefined, 'nobody asks before the doors are open');
    return this.#inside;
  }

  async #openDoors(): Promise<DiagDoors> {
    const { config, configFile, log } = this.#options;
    const snapshot = async (): Promise<AgentSnapshot> => this.#now.snapshot();
    return openDiagDoors({
      config,
      snapshot,
      check: async (onRungs) => this.checks.run(onRungs),
      bundle: async (level) => this.checks.bundle(configFile, level),
      onSwitch: async (tunnel) => this.#now.switchTo(tunnel),
      rekey: async (tunnel) => this.#now.rekey(tunnel),
      wan: async (ask) => this.#now.wan(ask),
      blink: async (seconds) => this.#now.blink(seconds * SECOND_MS),
      logLevel: (level, seconds) => {
        log.levelFor(level, seconds * SECOND_MS);
        return { ok: true, because: `the log level is ${level} for ${seconds} s` };
      },
      tools: new DiagTools(config.lanPrefixes, snapshot),
      updates: this.updates,
      log: (note) => this.#now.note(note),
    });
  }
}
