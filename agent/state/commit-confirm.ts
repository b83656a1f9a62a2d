/**
 * Keeps a desired document only when it has proved itself: commit-confirm.
 *
 * A new document is written down as being on trial before anything is done about it. Once its steps are taken, a
 * nonce is published and must come back, over a connection made anew where the document changes the way to the
 * gateway; and where a tunnel carried traffic before, one must carry it still. What does not prove itself within the
 * deadline is undone, and so is what a start of the agent finds unproved: a restart never prolongs a trial. An
 * outage that outlasts the undoing, and one of all uplinks, was not the document's fault: then it is tried again
 * when it comes again, a few times.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { AgentConfig } from '../model/config.ts';
import type { HashedDocument, Refusal, TrialRecord } from '../model/desired.ts';
import type { DesiredSnapshot } from '../model/snapshot.ts';
import type { ConfirmEffect, ConfirmEvent } from './confirm-events.ts';
import { refusedNote, stepNote, undoneNote } from './confirm-notes.ts';
import { checkMeaning, judgeDesired, type KnownRevision, knownAs } from './desired-check.ts';
import { DocumentTrial, type Reach } from './document-trial.ts';
import { isSpent, mayTryAgain, refusedBy, trialRecord } from './trial-record.ts';

export const DESIRED_SHELF = 'desired';
export const DESIRED_KEY = 'document';
export const TRIAL_KEY = 'trial';
/** How often a nonce is published, each time another. */
const ASK_EVERY_MS = 5_000;

type Effects = readonly ConfirmEffect[];

export class CommitConfirm implements Core<ConfirmEvent, ConfirmEffect> {
  readonly #config: AgentConfig;
  readonly #bootId: string;
  readonly #timers = new Timers<'deadline' | 'ask'>();
  /** Writes to the disk that have not been answered, by key. */
  readonly #unanswered = new Map<string, number>();
  readonly #uplinksUp = new Set<string>();
  #confirmed: HashedDocument | undefined;
  /** Being written down as on trial; nothing is done about it yet. */
  #next: HashedDocument | undefined;
  #trial: DocumentTrial | undefined;
  /** What the disk says of a document that did not prove itself. */
  #former: TrialRecord | undefined;
  #undoneAtMs = Number.POSITIVE_INFINITY;
  #refused: DesiredSnapshot['refused'];
  #reach: Reach = { registered: false, data: false };
  #nonces = 0;

  constructor(config: AgentConfig, bootId: string) {
    this.#config = config;
    this.#bootId = bootId;
  }

  handle(event: ConfirmEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'restored':
        return this.#restore(event.confirmed, event.trial, nowMs);
      case 'desiredReceived':
        return this.#judge({ document: event.document, hash: event.hash }, nowMs);
      case 'desiredUnreadable':
        return this.#refuse(event.revision ?? 0, event.refusal);
      case 'storeAnswered':
        return this.#onStored(event.key, event.ok, nowMs);
      case 'settled':
        return this.#onSettled(nowMs);
      case 'stepRefused': {
        // What is proved is as good as kept: its steps are tried on.
        if (this.#trial?.isKept === true) return nothing;
        const { pointer = '', sentence } = event;
        return this.#undo({ code: 'EDESIRED_STEP', pointer, sentence }, true, nowMs);
      }
      case 'registrationChanged':
        this.#reach = { ...this.#reach, registered: event.registered };
        if (event.registered) this.#trial?.registered();
        return this.#ask(nowMs);
      case 'confirmReceived':
        return this.#onEcho(event.nonce);
      case 'dataChanged':
        this.#reach = { ...this.#reach, data: event.carries };
        return this.#ask(nowMs);
      case 'uplinkChanged':
        if (event.verdict.state === 'up') this.#uplinksUp.add(event.uplink);
        else this.#uplinksUp.delete(event.uplink);
        return nothing;
    }
  }

  tick(nowMs: number): Effects {
    const effects: ConfirmEffect[] = [];
    if (this.#timers.take('deadline', nowMs)) effects.push(...this.#onDeadline(nowMs));
    if (this.#timers.take('ask', nowMs)) effects.push(...this.#ask(nowMs));
    return effects;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** What was refused or undone last, and what is on trial now. */
  get verdict(): Pick<DesiredSnapshot, 'refused' | 'trial'> {
    const untilMs = this.#timers.at('deadline');
    const revision = this.#trial?.revision;
    return {
      ...(this.#refused === undefined ? {} : { refused: this.#refused }),
      ...(revision === undefined || untilMs === undefined ? {} : { trial: { revision, untilMs } }),
    };
  }

  /** The configuration may have changed since the document was accepted: it is judged again. */
  #restore(
    confirmed: HashedDocument | undefined,
    record: TrialRecord | undefined,
    nowMs: number,
  ): Effects {
    const { document } = confirmed ?? {};
    const refusal = document === undefined ? undefined : checkMeaning(document, this.#config);
    if (refusal === undefined) this.#confirmed = confirmed;
    return [
      ...(refusal === undefined ? nothing : this.#refuse(document?.revision ?? 0, refusal)),
      ...this.#recall(record, confirmed?.hash, nowMs),
      { type: 'restore', document: this.#confirmed?.document },
    ];
  }

  #recall(record: TrialRecord | undefined, confirmed: string | undefined, nowMs: number): Effects {
    if (record === undefined) return nothing;
    // The proof came, and the power went before the record was removed.
    if (record.hash === confirmed) return [removeTrial()];
    if (record.state === 'undone') {
      this.#former = record;
      this.#refused = refusedBy(record);
      return nothing;
    }
    const counted = { ...record, interruptions: record.interruptions + 1 };
    const sentence = 'the agent was started anew while it was on trial';
    const refusal = { code: 'EDESIRED_INTERRUPTED', pointer: '', sentence };
    return this.#setAside(counted, refusal, isSpent(counted), nowMs);
  }

  #judge(received: HashedDocument, nowMs: number): Effects {
    const former = this.#former;
    if (former?.hash === received.hash && this.#next === undefined && this.#trial === undefined) {
      return mayTryAgain(former, this.#undoneAtMs, nowMs) ? this.#write(received) : nothing;
    }
    const verdict = judgeDesired(received, this.#known(), this.#config);
    if (verdict.is !== 'refused') return verdict.is === 'known' ? nothing : this.#write(received);
    return this.#refuse(received.document.revision, verdict.refusal);
  }

  #known(): readonly KnownRevision[] {
    const documents = [this.#confirmed, this.#trial?.hashed, this.#next];
    const known = documents.flatMap((each) => (each === undefined ? [] : [each]).map(knownAs));
    return this.#former === undefined ? known : [...known, this.#former];
  }

  /** Nothing is done before the disk says that a restart will know of it. */
  #write(received: HashedDocument): Effects {
    this.#next = received;
    const record = trialRecord(received, this.#interruptionsOf(received));
    return [{ type: 'takenUp', ...received }, this.#putTrial(record)];
  }

  #interruptionsOf({ hash }: HashedDocument): number {
    return this.#former?.hash === hash ? this.#former.interruptions : 0;
  }

  #onStored(key: string, ok: boolean, nowMs: number): Effects {
    const left = (this.#unanswered.get(key) ?? 1) - 1;
    this.#unanswered.set(key, left);
    if (left > 0) return nothing;
    if (key === DESIRED_KEY) return this.#onKept(ok, nowMs);
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) return nothing;
    if (ok) return this.#begin(next, nowMs);
    const sentence = 'the disk did not take it, so a restart could not undo it';
    return this.#refuse(next.document.revision, { code: 'ESTORAGE', pointer: '', sentence });
  }

  #begin(hashed: HashedDocument, nowMs: number): Effects {
    const { document } = hashed;
    this.#trial = new DocumentTrial(hashed, {
      data: this.#reach.data,
      former: this.#confirmed?.document,
      interruptions: this.#interruptionsOf(hashed),
    });
    this.#former = undefined;
    this.#refused = undefined;
    this.#timers.set('deadline', nowMs + this.#trial.confirmMs);
    this.#timers.clear('ask');
    return [
      stepNote('desiredAccepted', document.revision),
      { type: 'adopt', document },
      { type: 'progressed' },
    ];
  }

  #onSettled(nowMs: number): Effects {
    if (this.#trial?.settled(nowMs) !== true) return nothing;
    if (!this.#trial.changesPath) return this.#ask(nowMs);
    return [{ type: 'reconnect', because: 'the document changed the way to the gateway' }];
  }

  #ask(nowMs: number): Effects {
    const trial = this.#trial;
    const fromMs = trial?.askFromMs(this.#reach);
    if (trial === undefined || fromMs === undefined) return nothing;
    const isDue = nowMs >= fromMs;
    this.#timers.set('ask', isDue ? nowMs + ASK_EVERY_MS : fromMs);
    if (!isDue) return nothing;
    this.#nonces += 1;
    const nonce = `${this.#bootId}-${this.#nonces}`;
    trial.asked(nonce);
    return [{ type: 'askConfirmation', revision: trial.revision, nonce }];
  }

  /** A document that is already followed by another is not kept any more. */
  #onEcho(nonce: string): Effects {
    const trial = this.#trial;
    if (trial?.isProvedBy(nonce, this.#reach) !== true || this.#next !== undefined) return nothing;
    trial.isKept = true;
    this.#timers.clear('ask');
    return [this.#put(DESIRED_KEY, JSON.stringify(trial.hashed.document))];
  }

  #onKept(ok: boolean, nowMs: number): Effects {
    const trial = this.#trial;
    if (trial?.isKept !== true) return nothing;
    if (!ok) {
      const sentence = 'the disk did not take the confirmed document';
      return this.#undo({ code: 'ESTORAGE', pointer: '', sentence }, false, nowMs);
    }
    const { hashed, revision } = trial;
    this.#confirmed = hashed;
    this.#trial = undefined;
    this.#timers.clearAll();
    return [
      // A record of what follows may already be on its way to the disk.
      ...(this.#next === undefined ? [removeTrial()] : nothing),
      stepNote('desiredConfirmed', revision),
      { type: 'progressed' },
    ];
  }

  #onDeadline(nowMs: number): Effects {
    if (this.#trial === undefined || this.#trial.isKept) return nothing;
    const sentence = this.#trial.lacking(this.#reach);
    const isBlamed = this.#uplinksUp.size > 0;
    const code = isBlamed ? 'EDESIRED_UNCONFIRMED' : 'EDESIRED_INTERRUPTED';
    return this.#undo({ code, pointer: '', sentence }, isBlamed, nowMs);
  }

  #undo(refusal: Refusal, isBlamed: boolean, nowMs: number): Effects {
    const trial = this.#trial;
    if (trial === undefined) return nothing;
    const record = trialRecord(trial.hashed, trial.interruptions + 1);
    this.#trial = undefined;
    this.#timers.clearAll();
    const isCutOff = trial.changesPath || !this.#reach.registered;
    const because = 'a document was undone';
    return [
      { type: 'adopt', document: this.#confirmed?.document },
      ...(isCutOff ? [{ type: 'reconnect', because } as const] : nothing),
      ...this.#setAside(record, refusal, isBlamed, nowMs),
    ];
  }

  /** The disk learns of it, unless a later document is being written there. */
  #setAside(record: TrialRecord, refusal: Refusal, isBlamed: boolean, nowMs: number): Effects {
    const { code, pointer, sentence } = refusal;
    const former: TrialRecord = { ...record, state: isBlamed ? 'undone' : 'trial', code, pointer };
    this.#former = former;
    this.#undoneAtMs = nowMs;
    this.#refused = refusedBy(former);
    return [
      ...(this.#next === undefined ? [this.#putTrial(former)] : nothing),
      undoneNote(former, this.#confirmed?.document.revision ?? 0, sentence),
      { type: 'progressed' },
    ];
  }

  #refuse(revision: number, refusal: Refusal): Effects {
    const { code, pointer } = refusal;
    this.#refused = { revision, code, pointer };
    return [refusedNote(revision, refusal), { type: 'progressed' }];
  }

  #putTrial(record: TrialRecord): ConfirmEffect {
    return this.#put(TRIAL_KEY, JSON.stringify(record));
  }

  #put(key: string, value: string): ConfirmEffect {
    this.#unanswered.set(key, (this.#unanswered.get(key) ?? 0) + 1);
    return { type: 'storePut', shelf: DESIRED_SHELF, key, value };
  }
}

function removeTrial(): ConfirmEffect {
  return { type: 'storeRemove', shelf: DESIRED_SHELF, keys: [TRIAL_KEY] };
}
