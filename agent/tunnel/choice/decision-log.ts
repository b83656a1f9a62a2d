/**
 * The decisions about the active tunnel, newest last: kept when the answer or the rule behind it changes.
 */
import { BoundedQueue } from '../../../firmware-shim/base/bounded-queue.ts';
import type { DecisionRecord } from '../../model/decision.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import type { Evidence } from './change-evidence.ts';
import type { Choice } from './tunnel-choice.ts';

/** A bad night's worth, at about 2 kB each. */
const DECISIONS_KEPT = 32;

export class DecisionLog {
  readonly #records = new BoundedQueue<DecisionRecord>(DECISIONS_KEPT);
  #before: string | undefined;

  decided(from: TunnelId | undefined, choice: Choice, evidence: Evidence, nowMs: number): void {
    const { tunnel: to, members, rule, because, candidates } = choice;
    const answer = `${to} ${rule} ${members.map((each) => each.tunnel).join(' ')}`;
    if (answer === this.#before) return;
    this.#before = answer;
    this.#records.push({
      atMs: nowMs,
      cause: evidence.cause,
      evidence: evidence.because,
      from,
      to,
      members,
      rule,
      because,
      candidates,
    });
  }

  records(): readonly DecisionRecord[] {
    return this.#records.toArray();
  }
}
