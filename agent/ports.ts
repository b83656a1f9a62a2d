/**
 * The contracts of the agent: everything it reaches beyond its own memory, besides board and kernel
 * (`firmware-shim/ports.ts`) and the tunnel engines (`engine-port.ts`). Each has a real body in `agent/adapters` and a simulated one in `sim/models`.
 */

import type { SagDiagnosisReport } from './diag/check/sag-report.ts';
import type { IdentityDone, IdentityWork } from './model/certificate.ts';
import type { EchoAnswer, EchoTarget } from './model/health-check.ts';
import type { ProbeAnswer, ProbeTarget } from './model/path-probe.ts';
import type { EnrolmentSnapshot } from './model/snapshot.ts';

/** Keys, certificates and clocks, for the cores that decide about them. */
export interface IdentityPort {
  /** Never throws; `done` is called, at once, for work that has an answer, or could not be done; of `enrol` any time later. */
  perform(work: IdentityWork, done: (event: IdentityDone) => void): void;
  /** Undefined unless the device asks for a certificate as a new one would. */
  enrolment?(): EnrolmentSnapshot | undefined;
}

/** Whether `signature` (base64) over `bytes` is of the issuer whose key is pinned. */
export type CommandVerifier = (bytes: Uint8Array, signature: string) => boolean;

/** One connection attempt to an access gateway. */
export interface AccessTarget {
  readonly gateway: string;
  readonly address: string;
  readonly port: number;
  /** Name the gateway's certificate must carry. */
  readonly serverName: string;
  /** Bind to this source address, so that the attempt leaves over a chosen uplink. */
  readonly sourceAddress?: string;
}

export interface AccessWill {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly delayS: number;
}

/** Two connections may stand for a while, the next being made before the former is given up. */
export type AccessSlot = 0 | 1;

/** One message to the gateway. */
export interface AccessPublish {
  readonly publishId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly expiryS?: number;
}

/** What the channel tells, in order. After `channelClosed` nothing more comes from that attempt. */
export type AccessEvent =
  | {
      readonly type: 'channelOpened';
      readonly sessionPresent: boolean;
      readonly serverKeepAliveS?: number;
      readonly properties: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'channelClosed';
      /** Stable code: `ETLS_…`, `EMQTT_0x87`, `ECONNREFUSED`, `ETIMEOUT`, `EBYE`. */
      readonly code: string;
      readonly text: string;
      /** MQTT 5 reason code, where there was one. */
      readonly reasonCode?: number;
      /** The other server a 0x9C or 0x9D spoke of. */
      readonly serverReference?: string;
      /** The chain was a gateway's in every respect but that it begins only then. */
      readonly chainBeginsMs?: number;
    }
  | {
      readonly type: 'messageArrived';
      readonly topic: string;
      readonly payload: Uint8Array;
      readonly retained: boolean;
    }
  | {
      readonly type: 'publishAcknowledged';
      readonly publishId: number;
      readonly reasonCode: number;
    };

/**
 * MQTT 5 over mutual TLS, as a dumb transport: it never reconnects, retries or remembers by itself.
 *
 * `open` ends with exactly one `channelOpened` or `channelClosed`. A QoS 1 publish ends with
 * `publishAcknowledged` or with the channel's close. Nothing is called back while `open`, `publish`,
 * `subscribe` or `close` is on the stack. `close` is followed by one `channelClosed` with code `EBYE`, unless
 * the next `open` comes first: that silences the attempt before it for good.
 */
export interface AccessChannel {
  /** Without a will nothing is said when we fall silent: an enrolment is nobody's life. */
  open(
    target: AccessTarget,
    will: AccessWill | undefined,
    listener: (event: AccessEvent) => void,
  ): void;
  publish(message: AccessPublish): void;
  subscribe(topics: readonly string[]): void;
  /** With `bye` a DISCONNECT is sent, so that the will is discarded. */
  close(how: 'bye' | 'drop'): void;
}

/**
 * One TCP handshake as a measurement. Any answer of the far end, a refusal too, proves the way there and back.
 * `onAnswer` is called once and later, at most a second.
 */
export interface PathProber {
  probe(target: ProbeTarget, onAnswer: (answer: ProbeAnswer) => void): void;
}

/** One ICMP echo. `onAnswer` is called once and later, `timeoutMs` after the request at the latest. */
export interface EchoProber {
  echo(target: EchoTarget, onAnswer: (answer: EchoAnswer) => void): void;
}

/**
 * A UDP socket inside one tunnel: bound to the tunnel's own address and device, TTL 255 out, and with a
 * filter that drops every packet whose TTL is not 255 on its way in (GTSM, RFC 5082).
 */
export interface ProbeSocket {
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface ProbeSocketOptions {
  readonly deviceName: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Destination and bound port; BFD single hop is 3784 (RFC 5881 section 4). */
  readonly port: number;
  readonly onPacket: (bytes: Uint8Array) => void;
}

/** Durable storage of small records. A resolved promise means: on the disk, also after power loss. */
export interface Store {
  /** Everything kept in `shelf`, in the order it was put; or of it only what has these keys. */
  load(shelf: string, keys?: readonly string[]): Promise<readonly StoredRecord[]>;
  put(shelf: string, key: string, value: string): Promise<void>;
  remove(shelf: string, keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface StoredRecord {
  readonly key: string;
  readonly value: string;
}

/**
 * The small files below one directory of ours that do not belong into the store, as POSIX keeps them and no better.
 *
 * Paths are relative (`clock`, `identity.3/key.pem`). What `create` wrote is on the disk when it returns, the name of it,
 * as every other change of names, only after `flushNames` of its directory. Every call throws `FilesRefused` when the
 * disk will not have it.
 */
export interface Files {
  /** Undefined when there is none. */
  read(path: string): Uint8Array | undefined;
  /** Names in a directory, sorted; none when there is no such directory. */
  list(path: string): readonly string[];
  /**
   * A new file, for its owner alone, written and flushed as one. After a refusal nothing is known of its content: a
   * failed flush cannot be repeated, because the kernel forgets what it could not write. Try again under another name.
   */
  create(path: string, bytes: Uint8Array): void;
  makeDirectory(path: string): void;
  /** Within one directory; takes the place of a file of that name, never of a directory. */
  rename(from: string, to: string): void;
  /** After it the names in this directory survive a power cut. */
  flushNames(path: string): void;
  /** A file, or a directory with everything in it; nothing where there is none. */
  remove(path: string): void;
}

export class FilesRefused extends Error {
  override readonly name = 'FilesRefused';
  /** The system's: `ENOSPC`, `EROFS`, `EIO`, `EEXIST`, `EACCES`, … */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A quick diagnosis that the cloud asks for. */
export interface DiagnosisPort {
  /**
   * Reports twice: that it has begun, and within 5 s how it ended, in the shape the SAG API publishes. Never rejects;
   * what goes wrong is a report of its own. A second one that is asked for meanwhile shares the probes of the first.
   */
  startDiagnosis(diagnoseId: string, onReport: (report: SagDiagnosisReport) => void): Promise<void>;
}
