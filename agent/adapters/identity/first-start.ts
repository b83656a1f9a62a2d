/**
 * The first start of a device: a board and an enrolment, and answers for whoever stands at the doors meanwhile.
 *
 * It stands before everything else, because without a serial number that somebody vouches for there is no topic to
 * speak on. A device that has enrolled once never comes here again: when its certificate has ended it asks for another
 * one as the agent it is.
 */
import { randomUUID } from 'node:crypto';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import { openBoard } from '../../../firmware-shim/open-board.ts';
import type { Board } from '../../../firmware-shim/ports.ts';
import type { Done } from '../../diag/control-answer.ts';
import { NOTHING_DESIRED } from '../../model/fast-path.ts';
import type { Note } from '../../model/note.ts';
import type { AgentSnapshot, TimedNote } from '../../model/snapshot.ts';
import { ControlSnapshot } from '../../wiring/control-snapshot.ts';
import { Enroller, type EnrollerOptions } from './enroller.ts';

export interface FirstStartOptions extends Omit<EnrollerOptions, 'command' | 'onNote'> {
  readonly agentVersion: string;
  readonly onNote: (timed: TimedNote) => void;
}

const NOTHING_LOST = { full: 0, expired: 0, refused: 0 } as const;

const NO_TUNNEL: Done = {
  ok: false,
  because: 'the device is enrolling and has no tunnel yet',
};

export class FirstStart {
  readonly #options: FirstStartOptions;
  readonly #enroller: Enroller;
  readonly #board: Board;
  readonly #seen: ControlSnapshot;
  readonly #bootId = randomUUID();
  readonly #startedAtMs = liveClock.nowMs();

  constructor(options: FirstStartOptions) {
    const { config, random } = options;
    this.#options = options;
    this.#seen = new ControlSnapshot(config.uplinks);
    const onNote = (note: Note): void => this.note(note);
    this.#enroller = new Enroller({
      ...options,
      command: (command) => this.#board.command(command),
      onNote,
    });
    this.#board = openBoard({
      ...config.board,
      random,
      onEvent: (event) => {
        this.#seen.board(event, liveClock.nowMs());
        this.#enroller.hear(event);
      },
      onNote,
    });
  }

  /** Resolves when the pair is on disk; as long as nobody gives a certificate the device goes on asking. */
  get done(): Promise<void> {
    return this.#enroller.done;
  }

  /** Lets go of board and gateway, enrolled or not. */
  async close(): Promise<void> {
    this.#board.close();
    await this.#enroller.close();
  }

  note(note: Note): void {
    const atMs = liveClock.nowMs();
    const wallMs = Date.now();
    this.#seen.note(note, atMs, wallMs);
    this.#options.onNote({ atMs, wallMs, note });
  }

  async snapshot(): Promise<AgentSnapshot> {
    const nowMs = liveClock.nowMs();
    const { agentVersion, config } = this.#options;
    const startedAtMs = this.#startedAtMs;
    const run = { config, inventory: { agentVersion }, bootId: this.#bootId, startedAtMs };
    const none = {
      registration: { state: 'idle', sinceMs: startedAtMs, attempts: 0 },
      desired: { revision: NOTHING_DESIRED, prefixes: [], pendingSteps: [] },
      outbox: { pending: 0, dropped: 0, losses: NOTHING_LOST },
    } as const;
    const snapshot = this.#seen.whole({ ...run, engines: new Map() }, none, nowMs);
    return { ...snapshot, enrolment: this.#enroller.snapshot() };
  }

  async switchTo(): Promise<Done> {
    return NO_TUNNEL;
  }

  async rekey(): Promise<Done> {
    return NO_TUNNEL;
  }

  async blink(durationMs: number): Promise<Done> {
    this.#board.command({ kind: 'findMe', durationMs });
    return { ok: true, because: 'the board was told to let its lamps blink' };
  }
}
