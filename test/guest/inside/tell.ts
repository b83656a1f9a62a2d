/**
 * Says a line on the guest's console, at once: the machine may be switched off right after.
 */
import { writeSync } from 'node:fs';
import type { GuestLine } from '../guest-line.ts';

export function tell(line: GuestLine): void {
  writeSync(1, `@guest ${JSON.stringify(line)}\n`);
}
