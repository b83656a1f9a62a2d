/**
 * Which access point somebody has decided for: the document, or a command after it (UpdateSmartAGAccessPoint).
 *
 * The later word counts. A command's word is on the disk, so that a restart does not forget it, and ends when a
 * document says something else than the one it was given under.
 */
import type { AccessChoiceRecord } from '../model/access-point.ts';
import { ACCESS_SHELF } from './life-line.ts';

export const CHOICE_KEY = 'choice';

export type ChoiceEffect =
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    }
  | { readonly type: 'storeRemove'; readonly shelf: string; readonly keys: readonly string[] };

export class AccessChoice {
  #document: string | undefined;
  #command: AccessChoiceRecord | undefined;

  get accessPoint(): string | undefined {
    return this.#command?.accessPoint ?? this.#document;
  }

  /** After the first `desired` of a run. */
  restored(record: AccessChoiceRecord | undefined): readonly ChoiceEffect[] {
    this.#command = record;
    return record === undefined || record.document === this.#document ? [] : this.#forget();
  }

  desired(document: string | undefined): readonly ChoiceEffect[] {
    const isAnother = document !== this.#document;
    this.#document = document;
    return isAnother && this.#command !== undefined ? this.#forget() : [];
  }

  commanded(accessPoint: string): readonly ChoiceEffect[] {
    const document = this.#document;
    this.#command = { v: 1, accessPoint, ...(document !== undefined && { document }) };
    const value = JSON.stringify(this.#command);
    return [{ type: 'storePut', shelf: ACCESS_SHELF, key: CHOICE_KEY, value }];
  }

  #forget(): readonly ChoiceEffect[] {
    this.#command = undefined;
    return [{ type: 'storeRemove', shelf: ACCESS_SHELF, keys: [CHOICE_KEY] }];
  }
}
