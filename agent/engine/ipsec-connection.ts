/**
 * What charon is told of one tunnel: its connection, as `load-conn` wants it.
 *
 * Route-based: everything may go through the tunnel and our routes decide. Times that strongSwan leaves to itself
 * (the random share of a rekey, the overlap of old and new) stay its own.
 */
import type { IpsecParameters } from '../model/ipsec.ts';
import type { TunnelSpec } from '../model/tunnel.ts';
import type { ViciTree } from './vici-message.ts';

/** PEM texts that are no secret. */
export interface PublicCertificates {
  readonly certificate: string;
  readonly ca: string;
}

export interface ConnectionContext {
  /** `if_id` of the tunnel's xfrm device; undefined where a TUN device carries it. */
  readonly interfaceId: number | undefined;
  /** Port our charon speaks from. */
  readonly localPort: number;
  /** Undefined for a pre-shared key. */
  readonly certificates: PublicCertificates | undefined;
  /** CA certificates of the identity accepted beside it, while one rotates. */
  readonly acceptedCa: readonly string[];
}

const IKE_PROPOSALS = ['aes256gcm16-prfsha256-x25519', 'aes256gcm16-prfsha384-ecp384'];
const ESP_PROPOSALS = ['aes256gcm16-x25519', 'aes256gcm16-ecp384', 'aes256gcm16'];
const IKE_REKEY_S = 14_400;
const CHILD_REKEY_S = 3_600;
/**
 * Packets that may be behind and are still taken (RFC 4303 section 3.4.3): strongSwan's 32 are less than a millisecond of
 * a full line, so a path that reorders would lose what it only delays. The kernel keeps a bit for each, at most 4096;
 * libipsec has a window of its own.
 */
const REPLAY_WINDOW_PACKETS = 2_048;
/** Both families, whatever the outer one is. */
const EVERYTHING = ['0.0.0.0/0', '::/0'];

/** `unload-conn`, `initiate` and events know it by the tunnel's id; so does its only child. */
export function connectionTree(
  spec: TunnelSpec,
  ipsec: IpsecParameters,
  context: ConnectionContext,
): ViciTree {
  const isInitiator = ipsec.role !== 'responder';
  const { certificates, acceptedCa, localPort } = context;
  const auth = certificates === undefined ? 'psk' : 'pubkey';
  return {
    [spec.id]: {
      version: '2',
      local_addrs: [ipsec.localAddress ?? '%any'],
      // Whoever proves to be the far end may come from anywhere: a branch gets new addresses all the time.
      remote_addrs: isInitiator ? [spec.remote.address] : ['%any'],
      local_port: `${localPort}`,
      remote_port: `${spec.remote.port}`,
      proposals: ipsec.ikeProposals ?? IKE_PROPOSALS,
      rekey_time: `${ipsec.ikeRekeyS ?? IKE_REKEY_S}s`,
      mobike: ipsec.localAddress === undefined ? 'yes' : 'no',
      encap: 'yes',
      unique: 'replace',
      dpd_delay: '2s',
      // Never gives up: an uplink may be away for a week.
      keyingtries: '0',
      local: {
        auth,
        id: ipsec.localIdentity,
        ...(certificates === undefined ? {} : { certs: [certificates.certificate] }),
      },
      remote: {
        auth,
        id: ipsec.remoteIdentity,
        ...(certificates === undefined ? {} : { cacerts: [certificates.ca, ...acceptedCa] }),
      },
      children: { [spec.id]: childTree(ipsec, isInitiator, context.interfaceId, spec.fwmark) },
    },
  };
}

function childTree(
  ipsec: IpsecParameters,
  isInitiator: boolean,
  interfaceId: number | undefined,
  fwmark: number,
): ViciTree {
  return {
    local_ts: EVERYTHING,
    remote_ts: EVERYTHING,
    esp_proposals: ipsec.espProposals ?? ESP_PROPOSALS,
    rekey_time: `${ipsec.childRekeyS ?? CHILD_REKEY_S}s`,
    mode: 'tunnel',
    start_action: 'none',
    // Only the end that can call sets the tunnel up again.
    dpd_action: isInitiator ? 'start' : 'clear',
    close_action: 'none',
    ...(interfaceId === undefined ? {} : inKernel(interfaceId, fwmark)),
  };
}

/** The mark on the encrypted packets keeps them on their uplink: one charon's sockets serve all uplinks. */
function inKernel(interfaceId: number, fwmark: number): ViciTree {
  return {
    replay_window: `${REPLAY_WINDOW_PACKETS}`,
    if_id_in: `${interfaceId}`,
    if_id_out: `${interfaceId}`,
    ...(fwmark === 0 ? {} : { set_mark_out: `${fwmark}` }),
  };
}

/** The same for the same tunnel, another for another: two devices of one charon must not share it. */
export function interfaceIdOf(listenPort: number): number {
  return INTERFACE_ID_BASE + listenPort;
}

/** Far from the small numbers people give by hand. */
const INTERFACE_ID_BASE = 0x5a_0000;
