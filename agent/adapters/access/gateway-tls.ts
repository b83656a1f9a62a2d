/**
 * TLS to access gateways: 1.2 or later, the CCN's own CA and nothing else, the gateway's name checked, and sessions kept
 * per address so that returning is cheap for both. There is no way to switch a check off.
 */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { AccessTarget } from '../../ports.ts';
import { GatewayTrust, peerChain } from './gateway-trust.ts';

export interface TlsPair {
  /** PEM: our chain and our key; a device that enrols has none yet. */
  readonly certificate?: string;
  readonly key?: string;
  /** PEM: the only CA we trust. */
  readonly ca: string;
}

export interface GatewayTlsOptions extends TlsPair {
  /** The CA's revocation list, where there is one. */
  readonly crlFile?: string | undefined;
  /** The time certificates are judged by, besides the machine's own; see `GatewayTrust`. */
  readonly trustedMs: () => number;
}

interface KeptSession {
  readonly ticket: Buffer;
  readonly chain: readonly X509Certificate[];
}

/** One gateway at several addresses has as many sessions; the one that was kept first goes. */
const SESSIONS_MAX = 64;

export class GatewayTls {
  readonly #options: GatewayTlsOptions;
  #context: SecureContext;
  #trust: GatewayTrust;
  /** Kept with the chain they stand for: whoever resumes shows no certificate again. */
  readonly #sessions = new Map<string, KeptSession>();
  #resumptions = 0;

  /** Throws what OpenSSL says when certificate and key are not a pair. */
  constructor(options: GatewayTlsOptions) {
    this.#options = options;
    const { ca, crlFile, trustedMs } = options;
    this.#trust = new GatewayTrust({ ca, crlFile, trustedMs });
    this.#context = contextOf(options);
  }

  /** How many handshakes were spared by a session kept from before. */
  get resumptions(): number {
    return this.#resumptions;
  }

  /** From the next connection on this pair is shown. Sessions of the other one are not resumed. */
  use(pair: TlsPair): void {
    this.#context = contextOf(pair);
    this.#trust = new GatewayTrust({ ...this.#options, ca: pair.ca });
    this.#sessions.clear();
  }

  /** A connection to the gateway at one of its addresses; `secureConnect` says that it has proved itself. */
  connect(address: string, { port, serverName, sourceAddress }: AccessTarget): TLSSocket {
    const key = `${address} ${port} ${serverName}`;
    const kept = this.#sessions.get(key);
    const session =
      kept && this.#trust.objection(kept.chain) === undefined ? kept.ticket : undefined;
    let chain: readonly X509Certificate[] = kept?.chain ?? [];
    const socket = connect({
      host: address,
      port,
      secureContext: this.#context,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      // RFC 6066 knows no addresses as server names.
      servername: isIP(serverName) === 0 ? serverName : '',
      checkServerIdentity: (_host, certificate) => {
        chain = peerChain(certificate as DetailedPeerCertificate);
        return checkServerIdentity(serverName, certificate) ?? this.#trust.objection(chain);
      },
      ...(sourceAddress === undefined ? {} : { localAddress: sourceAddress }),
      ...(session === undefined ? {} : { session }),
    });
    socket.setNoDelay(true);
    socket.once('secureConnect', () => {
      if (socket.isSessionReused()) this.#resumptions += 1;
    });
    socket.on('session', (ticket) => this.#keep(key, { ticket, chain }));
    socket.once('error', () => this.#sessions.delete(key));
    return socket;
  }

  #keep(key: string, session: KeptSession): void {
    this.#sessions.set(key, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > SESSIONS_MAX && oldest !== undefined) this.#sessions.delete(oldest);
  }
}

function contextOf({ certificate, key, ca }: TlsPair) {
  const own = certificate === undefined ? {} : { cert: certificate, key };
  return createSecureContext({ ...own, ca, minVersion: 'TLSv1.2' });
}
