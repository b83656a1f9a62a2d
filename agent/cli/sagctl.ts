/**
 * The program `sagctl`: hands arguments and terminal to `runSagctl` and exits with its code.
 */
import { runSagctl } from './run-sagctl.ts';

/** As shells report an end by SIGPIPE: the reader of our output has gone. */
const EXIT_READER_GONE = 141;

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
process.stdout.on('error', () => process.exit(EXIT_READER_GONE));

const exitCode = await runSagctl(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  // https://no-color.org
  colour: process.stdout.isTTY && !process.env['NO_COLOR'],
  secret: async (what) => (await import('./secret-line.ts')).readSecretLine(what),
  stop: stop.signal,
});

// What a command has begun and no longer waits for holds nobody at the terminal: the system's resolver asks dead servers for
// a quarter of a minute. The write is the end of the queue of what was said.
process.stdout.write('', () => process.exit(exitCode));
