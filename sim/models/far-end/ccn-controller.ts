/**
 * The cloud side of one branch: the CCN rules, and what they make each party do.
 *
 * A birth tells the device's key and uplinks; from then on the hubs expect its tunnels and the desired
 * document names them. Both are derived by the rules of the live gateways, anew whenever a binding changed;
 * the revision grows only if the document differs.
 */
import type { Birth, Reported } from '../../../agent/access/payloads.ts';
import { topicsOf } from '../../../agent/access/topics.ts';
import type { DesiredDocument } from '../../../agent/model/desired.ts';
import type { HealthCheck } from '../../../agent/model/health-check.ts';
import { CloudNetwork } from '../../ccn/cloud-network.ts';
import type { Refusal } from '../../ccn/outcome.ts';
import { TENANT } from '../../lab/branch-config.ts';
import { GATEWAYS, LAN_PREFIX, VPC_HOST } from '../../lab/topology.ts';
import {
  type CloudView,
  desiredFor,
  type HubTunnel,
  hubTunnelsFor,
  type TunnelSettings,
} from '../../live/cloud-desired.ts';
import { BFD, CCN_ID, FRANKFURT, SERIAL_NUMBER, SHANGHAI } from '../branch/branch-site.ts';
import type { GatewayStore } from './gateway-store.ts';

const UNDONE: readonly string[] = ['EDESIRED_UNCONFIRMED', 'EDESIRED_INTERRUPTED'];
const TUNNEL_MTU = 1_420;
/** Changes members of a document; what comes out need not be one. */
type Amend = (document: DesiredDocument) => object;

/** Any 32 bytes will do where nothing is encrypted, as long as both ends have the same. */
export const HUB_KEY = `${'S'.repeat(42)}A=`;

export interface CcnControllerOptions {
  readonly store: GatewayStore;
  /** What the hubs must have ready for the branch. */
  readonly onHubTunnels: (tunnels: readonly HubTunnel[]) => void;
}

export class CcnController {
  readonly network = new CloudNetwork();
  readonly #options: CcnControllerOptions;
  #settings: TunnelSettings = {
    bfd: BFD,
    mtu: TUNNEL_MTU,
    endToEnd: { address: VPC_HOST, port: 9 },
  };
  /** What somebody has written into the document by hand. */
  #amend: Amend | undefined;
  #published: DesiredDocument | undefined;
  #lastRevision = 0;
  #birth: Birth | undefined;

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

  get #view(): CloudView {
    return {
      network: this.network,
      hubs: GATEWAYS.map(({ id, address }) => ({ gateway: id, address, publicKey: HUB_KEY })),
      settings: this.#settings,
    };
  }

  /** What is wanted of the branch; undefined before its first birth. */
  get document(): DesiredDocument | undefined {
    return this.#published;
  }

  get revision(): number {
    return this.#published?.revision ?? this.#lastRevision;
  }

  onPublished(topic: string, payload: Uint8Array): void {
    const topics = topicsOf(TENANT, SERIAL_NUMBER);
    if (topic === topics.reported) this.#hearReport(payload);
    if (topic !== topics.life) return;
    const life = JSON.parse(new TextDecoder().decode(payload)) as Birth;
    if (life.state !== 'online') return;
    this.#birth = life;
    this.publish();
  }

  /** What was undone through no fault of its own is still wanted: it is published again, as the next revision. */
  #hearReport(payload: Uint8Array): void {
    const { refused } = JSON.parse(new TextDecoder().decode(payload)) as Reported;
    if (refused === undefined || refused.revision !== this.revision) return;
    if (!UNDONE.includes(refused.code)) return;
    this.#published = undefined;
    this.#lastRevision = refused.revision;
    this.publish();
  }

  /** Offers a CEN that holds only a VPC of another CEN area; what the rules say to it. */
  offerForeignCen(): Refusal | undefined {
    const outcome = this.network.bindCen(CCN_ID, 'cen-frankfurt');
    this.publish();
    return outcome.ok ? undefined : outcome;
  }

  /** Hosts the branch shall check, from the next document on. */
  checkHealth(healthChecks: readonly HealthCheck[]): void {
    this.set({ healthChecks });
  }

  set(settings: Partial<TunnelSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.publish();
  }

  /** From now on every document is changed so, whether that makes sense or not; undefined: as the rules have it. */
  amend(amend: Amend | undefined): void {
    this.#amend = amend;
    this.publish();
  }

  /** Whoever listens hears an older revision than the last, or another document with the same. */
  sayAgain(how: 'older' | 'forked'): void {
    const document = this.#published;
    if (document === undefined) return;
    const revision = how === 'older' ? Math.max(1, document.revision - 1) : document.revision;
    this.garble(JSON.stringify({ ...document, revision, prefixes: ['172.30.0.0/16'] }));
  }

  /** Whoever listens hears something that is no document; what is retained stays. */
  garble(text: string): void {
    const topic = topicsOf(TENANT, SERIAL_NUMBER).desired;
    const payload = new TextEncoder().encode(text);
    this.#options.store.publish({ topic, payload, retain: false });
  }

  publish(): void {
    if (this.#birth === undefined) return;
    const device = { birth: this.#birth, slot: 0 };
    this.#options.onHubTunnels(hubTunnelsFor(this.#view, device));
    const wanted = desiredFor(this.#view, device, this.revision + 1);
    const document: DesiredDocument = { ...wanted, ...this.#amend?.(wanted) };
    if (this.#published !== undefined && sameButRevision(this.#published, document)) return;
    this.#published = document;
    const payload = new TextEncoder().encode(JSON.stringify(document));
    const topic = topicsOf(TENANT, SERIAL_NUMBER).desired;
    this.#options.store.publish({ topic, payload, retain: true });
  }
}

function sameButRevision(a: DesiredDocument, b: DesiredDocument): boolean {
  return JSON.stringify({ ...a, revision: 0 }) === JSON.stringify({ ...b, revision: 0 });
}
