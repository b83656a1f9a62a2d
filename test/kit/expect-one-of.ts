/** Says where it happened when what was found is none of what may be found. */
import { expect } from 'vitest';

export function expectOneOf(found: unknown, allowed: readonly unknown[], at: string): void {
  const isAllowed = allowed.some((each) => JSON.stringify(each) === JSON.stringify(found));
  expect({ at, found, allowed, isAllowed }).toEqual({ at, found, allowed, isAllowed: true });
}
