/**
 * A box that boots in 1970: its clock is read off the board and really set, and then TLS takes the gateway.
 *
 * OpenSSL judges certificates by the machine's clock, so the same handshake fails before and succeeds after.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { TrustedTime } from '../../../agent/access/trusted-time.ts';
import { setMachineClock } from '../../../agent/adapters/identity/machine-clock.ts';
import { GUEST_PKI, type GuestPki, SERVER_NAME } from '../guest-line.ts';
import { tell } from './tell.ts';

/** Half a day after an empty clock began to count: a machine that has run for longer cannot be set to less. */
const BOOT_MS = 43_200_000;

export async function clockStory(): Promise<void> {
  const pki = JSON.parse(readFileSync(GUEST_PKI, 'utf8')) as GuestPki;
  const { builtMs, boardMs, ceilingMs } = pki;
  set(BOOT_MS);
  const server = createServer({ cert: pki.certificate, key: pki.key });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const before = await handshake(port, pki.ca);
  const bootMs = Date.now();

  const time = new TrustedTime({ floorMs: builtMs, ceilingMs, systemMs: () => Date.now() });
  const nowMs = performance.now();
  const told = [
    ...time.handle({ type: 'started' }, nowMs),
    ...time.handle({ type: 'boardClockRead', wallMs: boardMs }, nowMs),
  ];
  for (const effect of told) if (effect.type === 'setSystemClock') set(effect.wallMs);

  const after = await handshake(port, pki.ca);
  server.close();
  const source = time.source;
  tell({ step: 'clockSet', bootMs, before, source, offMs: Date.now() - boardMs, after });
}

function set(wallMs: number): void {
  const problem = setMachineClock(wallMs);
  if (problem !== undefined) throw new Error(JSON.stringify(problem));
}

/** `connected`, or the code OpenSSL refuses with. */
async function handshake(port: number, ca: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ca, servername: SERVER_NAME });
  return new Promise((resolve) => {
    socket.once('secureConnect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
