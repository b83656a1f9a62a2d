/** The body of a request to the page, within its bound. */
import type { IncomingMessage } from 'node:http';

/** A role, a password and their names. */
const BODY_BYTES_MAX = 4 * 1024;

/** Undefined when it is too long, which is then not read to its end, or breaks off. */
export async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
      else resolve(void request.pause());
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
}
