/**
 * The desired document that cuts a branch off its gateway (F-38): what must be seen, in this order.
 *
 * The branch is out of reach while the document is on trial, undoes it at its deadline and not before, and within 10 s
 * of that is registered and reached again, with the document it had.
 */
import type { DesiredUplink } from '../../agent/model/desired.ts';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';
import type { DemoLab } from './demo-lab.ts';
import { LAN_HOST, UPLINKS } from './topology.ts';

/** From the deadline until packets come back. */
const RETURN_MS_MAX = 10_000;

/** Next hops that nobody has: every way out of the branch ends on its own wire. */
export const WAYS_TO_NOBODY: readonly DesiredUplink[] = UPLINKS.map(({ id, gateway }) => ({
  id,
  gateway: gateway.replace(/\d+$/, '99'),
}));

type Trial = NonNullable<AgentSnapshot['desired']['trial']>;

/** One such document, looked at from both sides until it is over. */
export class CutOff {
  readonly #lab: DemoLab;
  readonly #isReached: (address: string) => Promise<boolean>;
  /** Under which the branch was seen out of reach. */
  #trial: Trial | undefined;

  constructor(lab: DemoLab, isReached: (address: string) => Promise<boolean>) {
    this.#lab = lab;
    this.#isReached = isReached;
  }

  /** What is still lacking; undefined once the branch was cut off and has come back in time. */
  async look(): Promise<string | undefined> {
    const snapshot = await this.#lab.snapshot();
    if (snapshot === undefined) return 'the agent does not answer';
    return this.#trial === undefined
      ? this.#waitUntilCut(snapshot)
      : this.#waitUntilBack(snapshot, this.#trial);
  }

  async #waitUntilCut({ desired, registration }: AgentSnapshot): Promise<string> {
    if (desired.trial === undefined) return 'it was not seen on trial with the branch cut off';
    if (registration.state === 'registered') return 'the gateway is still reached under it';
    if (await this.#isReached(LAN_HOST)) return 'the LAN is still reached under it';
    this.#trial = desired.trial;
    return 'it is not undone';
  }

  async #waitUntilBack(
    { desired, registration, notes }: AgentSnapshot,
    { revision, untilMs }: Trial,
  ): Promise<string | undefined> {
    if (desired.trial !== undefined) return 'it is not undone';
    if (desired.revision >= revision) return `revision ${desired.revision} is in force`;
    const { refused } = desired;
    if (refused?.revision !== revision || refused.code !== 'EDESIRED_UNCONFIRMED')
      return `the last refusal is ${JSON.stringify(refused)}`;
    if (registration.state !== 'registered') return 'the gateway is not reached again';
    if (!(await this.#isReached(LAN_HOST))) return 'the LAN is not reached again';
    const backAfterMs = Math.round(this.#lab.nowMs() - untilMs);
    const undone = notes.find(
      ({ note }) => note.code === 'desiredUndone' && note.revision === revision,
    );
    if (undone === undefined || undone.atMs < untilMs) return 'it was undone before its deadline';
    return backAfterMs <= RETURN_MS_MAX
      ? undefined
      : `it was back only ${backAfterMs} ms after the deadline`;
  }
}
