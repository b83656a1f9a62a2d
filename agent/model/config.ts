/**
 * The agent's own configuration, as read from its file: what this box is, not what the gateway wants of it.
 */
import type { CcnArea } from './area.ts';
import type { LanPort } from './lan.ts';
import type { NoteLevel } from './note.ts';
import type { Uplink } from './uplink.ts';

export interface AgentConfig {
  readonly tenant: string;
  /** The CCN area this SAG was bought for; gateways of another area are refused. */
  readonly area: CcnArea;
  /** Keys, outbox and last desired document; mode 0700. */
  readonly stateDirectory: string;
  /** Unix socket `sagctl` talks to. */
  readonly controlSocket: string;
  readonly board: { readonly path: string; readonly baudRate: number };
  readonly uplinks: readonly Uplink[];
  /** Ports whose addresses the agent keeps; absent: the LAN's addresses are the operating system's business. */
  readonly lanPorts?: readonly LanPort[];
  readonly lanPrefixes: readonly string[];
  readonly access: AccessConfig;
  readonly page?: PageConfig;
  readonly diagnosis?: DiagnosisConfig;
  readonly logLevel: NoteLevel;
}

export interface AccessConfig {
  /** PEM files of this device's chain and key; both or none. Without them the device enrols and renews by itself. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** PEM file: the CCN's private CA. */
  readonly caFile: string;
  /** Its revocation list, PEM or DER. */
  readonly crlFile?: string;
  /** PEM file: Ed25519 public key of whoever may command this device; without it no command is obeyed. */
  readonly commandKeyFile?: string;
  readonly keepAliveS: number;
  /** In the order they are tried. */
  readonly gateways: readonly GatewayAddress[];
}

export interface GatewayAddress {
  readonly id: string;
  readonly address: string;
  readonly port: number;
  /** Name the gateway's certificate must carry. */
  readonly serverName: string;
  /** Where a device without a certificate gets one; absent where this gateway enrols nobody. */
  readonly enrolmentPort?: number;
  /** Absent: the device's own. A gateway of another area is never tried. */
  readonly area?: CcnArea;
}

export interface PageConfig {
  /** Nothing listens. */
  readonly off?: boolean;
  /** Where the page listens: a LAN address and port, a Unix socket, or both; none: where a SAG's local console is. */
  readonly address?: string;
  readonly port?: number;
  readonly unixSocket?: string;
  /** Values of the Host header that are answered, besides the address itself. */
  readonly hosts: readonly string[];
}

/** What `sagctl check` asks; each has a default that suits most branches. */
export interface DiagnosisConfig {
  /** Address that answers pings from everywhere. */
  readonly internetTarget?: string;
  /** A name that must resolve; by default that of an access gateway. */
  readonly name?: string;
  /** Name servers; by default those of /etc/resolv.conf. */
  readonly resolvers?: readonly string[];
  /** Hosts behind the CCN that must answer pings. */
  readonly endToEnd?: readonly string[];
}
