/**
 * What must hold at every moment of a simulated run, whatever is broken: the invariants of the fault model, each in a
 * file of its own, and that traffic does not stand still while a tunnel that works is there.
 *
 * A note of level `error` says that the agent itself is broken, or sounds an alarm about what was really done to it;
 * without such a cause it fails the run as well.
 */
import type { FastPathFact } from '../../agent/model/fast-path.ts';
import type { Note } from '../../agent/model/note.ts';
import { renderNote } from '../../agent/report/render-note.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import type { BranchWatcher } from '../models/branch/branch-model.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { Fault } from '../world/faults/fault.ts';
import type { World } from '../world/world.ts';
import { AccessManners } from './access-manners.ts';
import { Commands } from './commands.ts';
import { ConfirmedState } from './confirmed-state.ts';
import { DeadEnds } from './dead-ends.ts';
import { EventLedger } from './event-ledger.ts';
import type { Broken, Invariant } from './invariant.ts';
import { KeptAddresses } from './kept-addresses.ts';
import { Processes } from './processes.ts';
import { PublishBudget } from './publish-budget.ts';
import { Queues } from './queues.ts';
import { ReferenceChoice } from './reference-choice.ts';
import { Secrets } from './secrets.ts';
import { TrafficWatch } from './traffic.ts';

/** Notes of level `error` that are right once one of these has struck. */
const ALARMS: Readonly<Partial<Record<Note['code'], readonly Fault['kind'][]>>> = {
  storeRefused: ['diskRefused', 'diskFlushFailed'],
  kernelRefused: ['kernelRefused'],
  // As far as a device can know whose clock was moved by years before it heard a better one.
  certificateEnded: ['wallClockJumped'],
  certificateEndsSoon: ['wallClockJumped'],
  safeModeEntered: ['inputPoisoned'],
  identityInUseTwice: ['cloneAppeared'],
};

export class SafetyBroken extends Error {
  override readonly name = 'SafetyBroken';
}

export class SafetyWatch implements BranchWatcher {
  readonly #world: World;
  readonly #traffic = new TrafficWatch();
  readonly #deadEnds: DeadEnds;
  readonly #invariants: readonly Invariant[];
  readonly reference = new ReferenceChoice();
  readonly events: EventLedger;
  readonly #notes: Note[] = [];
  readonly #struck = new Set<Fault['kind']>();

  constructor(world: World) {
    this.#world = world;
    const broken: Broken = (sentence) => this.#broken(sentence);
    this.events = new EventLedger(world, broken);
    this.#deadEnds = new DeadEnds(broken);
    this.#invariants = [
      this.events,
      this.#deadEnds,
      new ConfirmedState(broken),
      new Queues(broken),
      new Processes(broken),
      new Secrets(broken),
      new PublishBudget(broken),
      new AccessManners(broken),
      new KeptAddresses(broken),
      new Commands(broken),
    ];
  }

  /** Every note of the run so far. */
  get notes(): readonly Note[] {
    return this.#notes;
  }

  readonly onStarted = (): void => {
    this.#world.tell('story', 'branch', 'the agent starts');
    this.#traffic.agentStarted();
    this.reference.agentStarted();
    for (const each of this.#invariants) each.onStarted?.(this.#world.nowMs);
  };

  readonly onNote = (note: Note): void => {
    this.#notes.push(note);
    if (note.level !== 'debug') this.#world.tell('note', 'branch', renderNote(note));
    if (note.level === 'error' && !this.#isRight(note.code))
      this.#broken(`the agent says it is broken: ${renderNote(note)}`);
    for (const each of this.#invariants) each.onNote?.(note, this.#world.nowMs);
  };

  readonly onFact = (fact: FastPathFact): void => {
    this.#traffic.hear(fact);
    this.reference.hear(fact);
    this.#deadEnds.onFact(fact);
  };

  readonly onEffect = (effect: ControlEffect): void => {
    this.reference.ordered(effect);
    this.#traffic.ordered(effect, this.#world.nowMs);
    for (const each of this.#invariants) each.onEffect?.(effect, this.#world.nowMs);
  };

  readonly onKept = (shelf: string, key: string): void => {
    this.events.onKept(shelf, key);
  };

  /** Something was broken on purpose. */
  struck({ kind }: Fault): void {
    this.#struck.add(kind);
  }

  /** An alarm about what was really broken. */
  #isRight(code: Note['code']): boolean {
    return ALARMS[code]?.some((kind) => this.#struck.has(kind)) ?? false;
  }

  afterStep(cast: BranchWorld): void {
    for (const each of this.#invariants) each.look?.(cast);
    const standstill = this.#traffic.look(cast);
    if (standstill !== undefined) this.#broken(standstill);
  }

  #broken(sentence: string): never {
    this.#world.tell('check', 'world', sentence);
    throw new SafetyBroken(sentence);
  }
}
