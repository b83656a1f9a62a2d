/**
 * Readers with faults on purpose, so that the harness can be seen to find each.
 */
import { type FuzzTarget, hold } from '../target.ts';

const kept: Uint8Array[] = [];
const LEAK_BYTES = 1_024;

/** Throws, lies and hangs, at words its corpus holds. */
export const planted: FuzzTarget = {
  bytesMax: 64,
  seeds: () => ['throw', 'lie', 'hang', 'harmless'].map((word) => new TextEncoder().encode(word)),
  check: (input) => {
    const text = new TextDecoder().decode(input);
    while (text.includes('hang')) if (text === '') break;
    hold(!text.includes('lie'), 'the reader lied');
    if (text.includes('throw')) throw new TypeError('the reader threw');
    return 'accepted';
  },
};

/** Keeps something of every input for ever. */
export const leaky: FuzzTarget = {
  bytesMax: 64,
  seeds: () => [new TextEncoder().encode('some')],
  check: () => {
    kept.push(new Uint8Array(LEAK_BYTES));
    return 'accepted';
  },
};
