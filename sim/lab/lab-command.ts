/**
 * `sag-sim lab`: the network by itself, for looking around and for other programs.
 */
import { runEnclosed } from './enclosed-run.ts';
import { findEnclosure } from './enclosure.ts';

export async function runLabCommand(argv: readonly string[]): Promise<number> {
  const separator = argv.indexOf('--');
  const stray = separator === -1 ? argv : argv.slice(0, separator);
  if (stray.length > 0) {
    console.error(`sag-sim lab: EUSAGE: unknown argument ${stray[0]}; a command follows after --`);
    return 2;
  }
  const enclosure = await findEnclosure();
  if (!enclosure.possible) {
    console.error(`sag-sim lab: ENOLAB: no network lab on this machine: ${enclosure.why}`);
    return 1;
  }
  return runEnclosed(enclosure, {
    job: 'network',
    withPage: false,
    argv: separator === -1 ? [] : argv.slice(separator + 1),
  });
}
