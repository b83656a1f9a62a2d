/**
 * A document that was refused only because the disk would not have it is taken up again while it is the last that was taken
 * up: the gateway does not send it twice, and a disk that was full has room again (F-25). What was refused for what it
 * says does not take its place, be it no document at all, an older one or another one with the same revision.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { HashedDocument, Refusal } from '../model/desired.ts';

/** F-25: all is as it should be within this after space returns. */
const AGAIN_MS = 5_000;
/** The disk's fault and not the document's. */
const DISK_REFUSED = 'ESTORAGE';

type Received = { readonly type: 'desiredReceived' } & HashedDocument;

export type PatienceEvent =
  | ({ readonly type: 'takenUp' } & HashedDocument)
  /** What commit-confirm last refused or undid; undefined when that is settled. */
  | { readonly type: 'judged'; readonly code: Refusal['code'] | undefined };

export class DiskPatience implements Core<PatienceEvent, Received> {
  readonly #timers = new Timers<'again'>();
  #last: Received | undefined;

  handle(event: PatienceEvent, nowMs: number): readonly Received[] {
    if (event.type === 'takenUp') {
      this.#last = { ...event, type: 'desiredReceived' };
      this.#timers.clear('again');
    } else if (event.code === DISK_REFUSED) this.#timers.set('again', nowMs + AGAIN_MS);
    else if (event.code === undefined) this.#timers.clear('again');
    return nothing;
  }

  tick(nowMs: number): readonly Received[] {
    return this.#timers.take('again', nowMs) && this.#last !== undefined ? [this.#last] : nothing;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }
}
