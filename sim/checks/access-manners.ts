/**
 * F-14: the device connects to nobody outside its list, wherever a gateway sends it. F-15: two boxes with one identity
 * take over from each other at most four times in five minutes.
 */
import type { Note } from '../../agent/model/note.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import { SITE_CONFIG } from '../models/branch/branch-site.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import { TAKEN_OVER } from '../models/far-end/gateway-model.ts';
import type { Broken, Invariant } from './invariant.ts';

const TAKEOVERS_MAX = 4;
const WITHIN_MS = 300_000;

export class AccessManners implements Invariant {
  readonly #broken: Broken;
  /** In either direction; a connection that the branch has left open behind it is no session of its own. */
  readonly #takeoversAtMs: number[] = [];
  #fromClone = 0;

  constructor(broken: Broken) {
    this.#broken = broken;
  }

  onEffect(effect: ControlEffect): void {
    if (effect.type !== 'openAccess') return;
    const { gateway, address, port, serverName } = effect.target;
    const isListed = SITE_CONFIG.access.gateways.some(
      (each) =>
        each.id === gateway &&
        each.address === address &&
        each.port === port &&
        each.serverName === serverName,
    );
    if (!isListed) this.#broken(`F-14: ${address}:${port} (${gateway}) is not in the list`);
  }

  onNote(note: Note, nowMs: number): void {
    if (note.code === 'registrationLost' && note.because.startsWith(TAKEN_OVER))
      this.#takenOver(nowMs);
  }

  look({ clone }: BranchWorld): void {
    const { takenOverAtMs } = clone;
    for (const atMs of takenOverAtMs.slice(this.#fromClone)) this.#takenOver(atMs);
    this.#fromClone = takenOverAtMs.length;
  }

  #takenOver(atMs: number): void {
    this.#takeoversAtMs.push(atMs);
    const lately = this.#takeoversAtMs.filter((each) => atMs - each < WITHIN_MS).length;
    if (lately > TAKEOVERS_MAX) this.#broken(`F-15: ${lately} takeovers within five minutes`);
  }
}
