/**
 * The first start of a device: a board and an enrolment, the uplinks as somebody at the box sets them up, and answers
 * for whoever stands at the doors meanwhile.
 *
 * It stands before everything else, because without a serial number that somebody vouches for there is no topic to
 * speak on. A device that has enrolled once never comes here again: when its certificate has ended it asks for another
 * one as the agent it is.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { liveClock, timeoutAlarm } from '../../../firmware-shim/adapters/live-clock.ts';
import { Driver } from '../../../firmware-shim/base/drive.ts';
import { openBoard } from '../../../firmware-shim/open-board.ts';
import type { Board, BoardEvent } from '../../../firmware-shim/ports.ts';
import { supports } from '../../../firmware-shim/wire/capability.ts';
import { type TimeEffect, type TimeEvent, TrustedTime } from '../../access/trusted-time.ts';
import type { Done } from '../../diag/control-answer.ts';
import { NOTHING_DESIRED } from '../../model/fast-path.ts';
import type { Note } from '../../model/note.ts';
import type { AgentSnapshot, TimedNote } from '../../model/snapshot.ts';
import type { WanAnswer, WanAsk } from '../../model/wan.ts';
import { ControlSnapshot } from '../../wiring/control-snapshot.ts';
import { FirstWan, type FirstWanOptions } from '../wan/first-wan.ts';
import { Enroller, type EnrollerOptions } from './enroller.ts';
import { setMachineClock } from './machine-clock.ts';
import { clockCeiling } from './own-identity.ts';

export interface FirstStartOptions
  extends Omit<
      EnrollerOptions,
      'command' | 'finder' | 'onChainBegins' | 'onNote' | 'onReached' | 'trustedMs'
    >,
    Pick<FirstWanOptions, 'finder' | 'store'> {
  readonly agentVersion: string;
  /** The time below which it cannot be. */
  readonly floorMs: number;
  readonly onNote: (timed: TimedNote) => void;
}

const SECOND_MS = 1_000;
const NOTHING_LOST = { full: 0, expired: 0, refused: 0, unreadable: 0 } as const;

const NO_TUNNEL: Done = {
  ok: false,
  because: 'the device is enrolling and has no tunnel yet',
};

export class FirstStart {
  readonly #options: FirstStartOptions;
  readonly #enroller: Enroller;
  readonly #wan: FirstWan;
  readonly #time: TrustedTime;
  readonly #clock: Driver<TimeEvent, TimeEffect>;
  readonly #board: Board;
  readonly #seen: ControlSnapshot;
  readonly #bootId = randomUUID();
  readonly #startedAtMs = liveClock.nowMs();

  constructor(options: FirstStartOptions) {
    const { config, random } = options;
    this.#options = options;
    this.#seen = new ControlSnapshot(config.uplinks);
    const onNote = (note: Note): void => this.note(note);
    const { floorMs, finder } = options;
    finder.join(onNote);
    const ceilingMs = clockCeiling(readFileSync(config.access.caFile, 'utf8'));
    this.#time = new TrustedTime({ floorMs, ceilingMs, systemMs: () => Date.now() });
    this.#clock = new Driver({
      core: this.#time,
      clock: liveClock,
      alarm: timeoutAlarm,
      perform: (effect) => this.#keepTime(effect),
    });
    this.#clock.post({ type: 'started' });
    this.#enroller = new Enroller({
      ...options,
      trustedMs: () => this.#time.wallMs(liveClock.nowMs()),
      command: (command) => this.#board.command(command),
      onReached: (uplink) => this.#wan.reached(uplink),
      onChainBegins: (sinceMs) => this.#clock.post({ type: 'chainBegins', sinceMs }),
      onNote,
    });
    this.#wan = new FirstWan({
      ...options,
      onPaths: (paths) => this.#enroller.takePaths(paths),
      onNote,
    });
    this.#board = openBoard({
      ...config.board,
      random,
      onEvent: (event) => {
        this.#seen.board(event, liveClock.nowMs());
        this.#hearClock(event);
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
    this.#clock.stop();
    this.#board.close();
    await this.#enroller.close();
    await this.#wan.close();
  }

  note(note: Note): void {
    const atMs = liveClock.nowMs();
    const wallMs = Date.now();
    this.#seen.note(note, atMs, wallMs);
    this.#options.onNote({ atMs, wallMs, note });
  }

  async snapshot(): Promise<AgentSnapshot> {
    const nowMs = liveClock.nowMs();
    const { agentVersion, config, finder } = this.#options;
    const startedAtMs = this.#startedAtMs;
    const run = { config, inventory: { agentVersion }, bootId: this.#bootId, startedAtMs };
    const none = {
      registration: { state: 'idle', sinceMs: startedAtMs, attempts: 0 },
      desired: { revision: NOTHING_DESIRED, prefixes: [], pendingSteps: [] },
      wan: this.#wan.snapshot(),
      outbox: { pending: 0, dropped: 0, losses: NOTHING_LOST },
    } as const;
    const snapshot = this.#seen.whole({ ...run, engines: new Map() }, none, nowMs);
    const gatewayNames = finder.snapshot();
    return {
      ...snapshot,
      enrolment: this.#enroller.snapshot(),
      ...(gatewayNames.length > 0 && { gatewayNames }),
    };
  }

  async switchTo(): Promise<Done> {
    return NO_TUNNEL;
  }

  async rekey(): Promise<Done> {
    return NO_TUNNEL;
  }

  /** A technician at the box sets how an uplink gets its address. */
  async wan(ask: WanAsk): Promise<WanAnswer> {
    return this.#wan.ask(ask);
  }

  async blink(durationMs: number): Promise<Done> {
    this.#board.command({ kind: 'findMe', durationMs });
    return { ok: true, because: 'the board was told to let its lamps blink' };
  }

  #hearClock(event: BoardEvent): void {
    if (event.type === 'boardUp' && supports(event.hello.capabilities, 'clockGet')) {
      this.#board.command({ kind: 'clockGet' });
    }
    if (event.type !== 'boardCommandDone' || event.reply?.kind !== 'clock') return;
    // Nobody corrects a battery clock before a gateway has: it is asked only where there is nothing better.
    if (this.#time.source !== 'floor') return;
    this.#clock.post({ type: 'boardClockRead', wallMs: event.reply.unixSeconds * SECOND_MS });
  }

  #keepTime(effect: TimeEffect): void {
    switch (effect.type) {
      case 'noted':
        return this.note(effect.note);
      case 'setSystemClock': {
        const problem = setMachineClock(effect.wallMs);
        return problem && this.note(problem);
      }
      case 'boardCommand':
      case 'keepTime':
      case 'timeLearnt':
        // What only a gateway's word brings; an attempt that failed by the clock is repeated soon by itself.
        return undefined;
    }
  }
}
