/**
 * What the tables of sentences are made of.
 */

/** A table with one sentence per code of a union of notes; leaving one out does not compile. */
export type Sentences<Notes extends { readonly code: string }> = {
  readonly [Code in Notes['code']]: (note: Extract<Notes, { readonly code: Code }>) => string;
};

/** `1 prefix`, `3 prefixes`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** ` at /tunnels/0`, or nothing when the whole document is meant. */
export function pointed(pointer: string): string {
  return pointer === '' ? '' : ` at ${pointer}`;
}

/** A sentence given by someone else, as part of ours: without its full stop. */
export function clause(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
