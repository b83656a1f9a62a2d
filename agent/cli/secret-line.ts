/** One line that must not be seen: piped in, or typed without an echo. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

export async function readSecretLine(what: string): Promise<string> {
  const { stdin, stderr } = process;
  const isTyped = stdin.isTTY;
  if (isTyped) stderr.write(`${what}: `);
  const output = new Writable({ write: (_bytes, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output, terminal: isTyped });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
    if (isTyped) stderr.write('\n');
  }
}
