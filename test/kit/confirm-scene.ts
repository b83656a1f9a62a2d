/** Commit-confirm on a bench: a disk that answers, a gateway that may be cut off, and every effect with its moment. */
import type { HashedDocument, TrialRecord } from '../../agent/model/desired.ts';
import { CommitConfirm } from '../../agent/state/commit-confirm.ts';
import type { ConfirmEffect, ConfirmEvent } from '../../agent/state/confirm-events.ts';
import { advance } from './advance.ts';
import { BOOT_ID, config, up } from './branch.ts';

type Of<Type extends ConfirmEffect['type']> = Extract<ConfirmEffect, { readonly type: Type }>;

export class ConfirmScene {
  readonly core = new CommitConfirm(config, BOOT_ID);
  readonly disk = new Map<string, string>();
  readonly seen: { readonly atMs: number; readonly effect: ConfirmEffect }[] = [];
  diskRefuses = false;
  /** The disk answers only when it is let to. */
  diskWaits = false;
  /** The gateway gives nonces back. */
  echoes = true;
  /** Steps are taken as soon as a document is adopted. */
  settles = true;
  nowMs = 0;
  readonly #written: { readonly key: string; readonly value: string }[] = [];

  hear(event: ConfirmEvent): void {
    for (const effect of this.core.handle(event, this.nowMs)) this.#see(effect, this.nowMs);
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let next = this.core.deadline(); next !== undefined && next.atMs <= untilMs; ) {
      const dueMs = Math.max(this.nowMs, next.atMs);
      const timed = advance(this.core, this.nowMs, dueMs);
      this.nowMs = dueMs;
      for (const { effect, atMs } of timed) this.#see(effect, atMs);
      next = this.core.deadline();
    }
    this.nowMs = untilMs;
  }

  start(confirmed?: HashedDocument, trial?: TrialRecord): void {
    this.hear({ type: 'restored', confirmed, trial });
    this.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    this.register(true);
  }

  register(registered: boolean): void {
    this.hear({ type: 'registrationChanged', registered });
  }

  /** The disk is through with the oldest of what it was given. */
  answer(): void {
    const oldest = this.#written.shift();
    if (oldest === undefined) return;
    const { key, value } = oldest;
    if (!this.diskRefuses) this.disk.set(key, value);
    this.hear({ type: 'storeAnswered', key, ok: !this.diskRefuses });
  }

  of<Type extends ConfirmEffect['type']>(type: Type): readonly Of<Type>[] {
    return this.seen.flatMap(({ effect }) => (effect.type === type ? [effect as Of<Type>] : []));
  }

  /** The revisions that were in force, in order; 0 for none. */
  get adopted(): readonly number[] {
    return this.of('adopt').map(({ document }) => document?.revision ?? 0);
  }

  get notes(): readonly string[] {
    return this.of('noted').map(({ note }) => note.code);
  }

  #see(effect: ConfirmEffect, atMs: number): void {
    this.seen.push({ atMs, effect });
    switch (effect.type) {
      case 'storePut': {
        this.#written.push(effect);
        if (!this.diskWaits) this.answer();
        break;
      }
      case 'storeRemove':
        for (const key of effect.keys) this.disk.delete(key);
        break;
      case 'adopt':
        if (this.settles) this.hear({ type: 'settled' });
        break;
      case 'askConfirmation':
        if (this.echoes) this.hear({ type: 'confirmReceived', nonce: effect.nonce });
        break;
      default:
        break;
    }
  }
}
