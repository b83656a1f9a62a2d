/**
 * Assertions for our own invariants.
 *
 * A broken invariant throws, the process ends and the supervisor restarts it (crash-only). What a peer, the
 * board or the kernel does wrong is never asserted: that is data, counted and noted.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantBroken(message);
}

/** Reached only when a switch over a union misses a case at run time. */
export function unreachable(value: never): never {
  throw new InvariantBroken(`unreachable case: ${JSON.stringify(value)}`);
}

/** Our own code is wrong; nobody may catch this to carry on. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}
