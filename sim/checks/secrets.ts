/**
 * I11: no secret leaves the device. Whatever is secret in a simulated run bears one mark, and no note, no message to the
 * gateway and no snapshot may hold it.
 */
import type { Note } from '../../agent/model/note.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import { CANARY_SECRET } from './canary-secret.ts';
import type { Broken, Invariant } from './invariant.ts';

const CANARY_BYTES = Buffer.from(CANARY_SECRET);
/** A snapshot is large; whatever was put into it stays there for longer. */
const LOOK_EVERY_MS = 60_000;

export class Secrets implements Invariant {
  readonly #broken: Broken;
  #nextLookMs = 0;

  constructor(broken: Broken) {
    this.#broken = broken;
  }

  onNote(note: Note): void {
    if (JSON.stringify(note).includes(CANARY_SECRET)) {
      this.#broken(`I11: a note of ${note.code} holds a secret`);
    }
  }

  onEffect(effect: ControlEffect): void {
    if (effect.type !== 'publish') return;
    const { topic, payload } = effect.message;
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    if (topic.includes(CANARY_SECRET) || bytes.includes(CANARY_BYTES)) {
      this.#broken(`I11: a message on ${topic} holds a secret`);
    }
  }

  look({ world, branch }: BranchWorld): void {
    if (world.nowMs < this.#nextLookMs) return;
    this.#nextLookMs = world.nowMs + LOOK_EVERY_MS;
    const shown = JSON.stringify([branch.snapshot(), branch.fastPathSnapshot()]);
    if (shown.includes(CANARY_SECRET)) this.#broken('I11: the snapshot holds a secret');
  }
}
