/**
 * The cloud side of one branch: the CCN rules, and what they make each party do.
 *
 * A birth tells the device's key; from then on the hubs expect it and the desired document names every
 * tunnel. The document is derived anew whenever a binding changed, and its revision grows only if it differs.
 */
import type { Birth } from '../../agent/access/payloads.ts';
import { topicsOf } from '../../agent/access/topics.ts';
import type { DesiredDocument } from '../../agent/model/desired.ts';
import { CloudNetwork } from '../ccn/cloud-network.ts';
import type { Refusal } from '../ccn/outcome.ts';
import { GATEWAYS, LAN_PREFIX } from '../lab/topology.ts';
import {
  BFD,
  CCN_ID,
  FRANKFURT,
  SERIAL_NUMBER,
  SHANGHAI,
  SITE_TUNNELS,
  TENANT,
} from './branch-site.ts';
import type { GatewayStore } from './gateway-store.ts';

const TUNNEL_MTU = 1_420;
const WIREGUARD_PORT = 51_820;
/** Any 32 bytes will do where nothing is encrypted. */
const HUB_KEY = `${'S'.repeat(42)}A=`;

export interface CcnControllerOptions {
  readonly store: GatewayStore;
  /** The hubs may now expect this device. */
  readonly onKeyKnown: (publicKey: string) => void;
}

export class CcnController {
  readonly network = new CloudNetwork();
  readonly #options: CcnControllerOptions;
  #published: DesiredDocument | undefined;
  #born = false;

  constructor(options: CcnControllerOptions) {
    this.#options = options;
    const { network } = this;
    network.createSag({ serialNumber: SERIAL_NUMBER, area: 'Mainland China', cidrs: [LAN_PREFIX] });
    network.createCcn({ id: CCN_ID, name: 'simulated', area: 'Mainland China' });
    network.createCen({ id: 'cen-shanghai' });
    network.attachVpc('cen-shanghai', SHANGHAI);
    network.createCen({ id: 'cen-frankfurt' });
    network.attachVpc('cen-frankfurt', FRANKFURT);
    network.bindSag(SERIAL_NUMBER, CCN_ID);
    network.bindCen(CCN_ID, 'cen-shanghai');
  }

  get revision(): number {
    return this.#published?.revision ?? 0;
  }

  onPublished(topic: string, payload: Uint8Array): void {
    const topics = topicsOf(TENANT, SERIAL_NUMBER);
    if (topic !== topics.life) return;
    const life = JSON.parse(new TextDecoder().decode(payload)) as Birth;
    if (life.state !== 'online') return;
    this.#born = true;
    this.#options.onKeyKnown(life.tunnelPublicKey);
    this.publish();
  }

  /** Offers a CEN that holds only a VPC of another CEN area; what the rules say to it. */
  offerForeignCen(): Refusal | undefined {
    const outcome = this.network.bindCen(CCN_ID, 'cen-frankfurt');
    this.publish();
    return outcome.ok ? undefined : outcome;
  }

  publish(): void {
    if (!this.#born) return;
    const wanted = this.#derive();
    const former = this.#published;
    if (former !== undefined && sameButRevision(former, wanted)) return;
    const document = { ...wanted, revision: this.revision + 1 };
    this.#published = document;
    const payload = new TextEncoder().encode(JSON.stringify(document));
    const topic = topicsOf(TENANT, SERIAL_NUMBER).desired;
    this.#options.store.publish({ topic, payload, retain: true });
  }

  #derive(): DesiredDocument {
    const sag = this.network.sag(SERIAL_NUMBER);
    const ccn = sag?.ccnId === undefined ? undefined : this.network.ccn(sag.ccnId);
    return {
      v: 1,
      revision: 0,
      ...(ccn !== undefined && { ccn: { id: ccn.id, name: ccn.name, area: ccn.area } }),
      prefixes: this.network.publishedPrefixes(SERIAL_NUMBER),
      tunnels: SITE_TUNNELS.map((tunnel) => ({
        id: tunnel.id,
        engine: 'wireguard',
        uplink: tunnel.uplink,
        gateway: tunnel.gateway,
        gatewayOrder: tunnel.gatewayOrder,
        remote: { address: addressOf(tunnel.gateway), port: WIREGUARD_PORT },
        remotePublicKey: HUB_KEY,
        innerLocal: tunnel.branchAddress,
        innerRemote: tunnel.hubAddress,
        innerPrefixLength: 30,
        mtu: TUNNEL_MTU,
        bfd: BFD,
      })),
    };
  }
}

function addressOf(gateway: string): string {
  return GATEWAYS.find(({ id }) => id === gateway)?.address ?? '';
}

function sameButRevision(a: DesiredDocument, b: DesiredDocument): boolean {
  return JSON.stringify({ ...a, revision: 0 }) === JSON.stringify({ ...b, revision: 0 });
}
