/**
 * The listening socket of an access gateway: mutual TLS, on an address or on a descriptor opened elsewhere.
 *
 * A descriptor lets the socket live in another network namespace than this process. Only devices whose
 * certificate the private CA signed and whose dates hold get through; there is no way to turn that off.
 */
import type { Duplex } from 'node:stream';
import { createServer, type TLSSocket } from 'node:tls';
import { HANDSHAKE_MS } from './limits.ts';

/** PEM texts: the gateway's chain and key, and the CCN's private CA. */
export interface TlsMaterial {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

export type ListenAt = { readonly fd: number } | { readonly host: string; readonly port: number };

export interface TlsListener {
  readonly port: number;
  /** Resolves when the last connection is gone, by force after a second. */
  close(): Promise<void>;
}

interface TlsEvents {
  onDevice(stream: Duplex, commonName: string): void;
  /** A handshake failed: no certificate, a foreign one, an expired one, an old protocol. */
  onRefused(sentence: string): void;
}

/** Room for a whole fleet that comes back at once. */
const BACKLOG = 1_024;
const CLOSE_MS = 1_000;

export async function listenTls(
  { certificatePem, keyPem, caPem }: TlsMaterial,
  at: ListenAt,
  /** `anonymous` listens for devices that have no certificate yet; their stream comes without a name. */
  clients: 'certified' | 'anonymous',
  events: TlsEvents,
): Promise<TlsListener> {
  const open = new Set<TLSSocket>();
  const server = createServer({
    cert: certificatePem,
    key: keyPem,
    ca: caPem,
    requestCert: clients === 'certified',
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    handshakeTimeout: HANDSHAKE_MS,
    noDelay: true,
  });
  server.on('secureConnection', (socket) => {
    // Without a certificate there is no subject, whatever the types say.
    const { subject } = socket.getPeerCertificate() as {
      readonly subject?: { readonly CN: unknown };
    };
    const commonName = subject?.CN;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // A certificate with several CNs names nobody.
    events.onDevice(socket, typeof commonName === 'string' ? commonName : '');
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    // Devices measure how near this gateway is by a TCP handshake alone: who hangs up was refused nothing.
    if (error.code === 'ECONNRESET') return;
    events.onRefused(`TLS handshake failed: ${error.code ?? error.message}.`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen('fd' in at ? { fd: at.fd } : { ...at, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      const force = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, CLOSE_MS);
      await closed;
      clearTimeout(force);
    },
  };
}
