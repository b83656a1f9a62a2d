/**
 * The cloud side of the lab: the control plane with the instances and bindings of the story, two access gateways
 * behind mutual TLS in their own namespaces, and a store on disk for what they acknowledge.
 *
 * The control plane is the file that the commands of the console work on: what an operator binds or unbinds there
 * while the lab runs reaches the branch.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadNative } from '../../firmware-shim/adapters/native.ts';
import type { CloudNetwork } from '../ccn/cloud-network.ts';
import { ControlPlane } from '../ccn/control-plane.ts';
import { done, type Outcome } from '../ccn/outcome.ts';
import type { Authority } from '../live/certificates.ts';
import { type Cloud, type CloudGatewayOptions, startCloud } from '../live/cloud.ts';
import type { OnHubTunnels } from '../live/cloud-controller.ts';
import type { CloudHub } from '../live/cloud-desired.ts';
import type { AccessGatewayListener } from '../live/gateway/device-messages.ts';
import type { TlsMaterial } from '../live/gateway/listen-tls.ts';
import { SqliteEventStore } from '../live/gateway/sqlite-event-store.ts';
import { TENANT } from './branch-config.ts';
import { LabFailed } from './command.ts';
import { enginesByUplink, type LabEngine } from './lab-engines.ts';
import {
  BEHIND_PREFIX,
  GATEWAYS,
  LAN_PREFIX,
  type LabGateway,
  MOVED_PREFIX,
  netnsPath,
  VPC_HOST,
  VPC_PREFIX,
} from './topology.ts';

/** One of the TCP ports a SAG's site must permit; 1883 and 8883 are not among them. */
export const GATEWAY_PORT = 8443;
export const CCN_ID = 'ccn-mainland';
/** Three packets 50 ms apart: silence is noticed within 150 ms. */
export const LAB_BFD = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 } as const;
export const LAB_DETECT_MS = LAB_BFD.requiredMinRxMs * LAB_BFD.detectMult;
/** The usual five seconds would only make the story longer. */
export const LAB_FAILBACK_HOLD_MS = 1_000;
/** Fits both engines over a path of 1,500 bytes: WireGuard takes 80 at most, ESP in UDP over IPv4 some 65. */
const TUNNEL_MTU = 1_420;

const DISCARD_PORT = 9;
const CONTROL_PLANE_FILE = 'demo-ccn.sqlite';
/** Of the SAG instance: the branch cannot publish others. */
const LAB_CIDRS = [LAN_PREFIX, BEHIND_PREFIX, MOVED_PREFIX];
/** An operator at another terminal sees the branch follow at once. */
const LOOK_EVERY_MS = 500;

export interface LabCloudOptions {
  readonly directory: string;
  /** Where the control plane is kept, also after the run. */
  readonly planeDirectory: string;
  readonly serialNumber: string;
  readonly authority: Authority;
  readonly gatewayTls: ReadonlyMap<string, TlsMaterial>;
  readonly hubs: ReadonlyMap<string, Pick<CloudHub, 'publicKey' | 'ipsecPort'>>;
  readonly engine: LabEngine;
  readonly on: (gateway: string) => AccessGatewayListener;
  readonly onHubTunnels: OnHubTunnels;
}

export interface LabCloud {
  readonly authority: Authority;
  readonly cloud: Cloud;
  readonly store: SqliteEventStore;
  close(): Promise<void>;
}

export async function startLabCloud(options: LabCloudOptions): Promise<LabCloud> {
  const { authority } = options;
  const store = new SqliteEventStore(join(options.directory, 'gateway-events.sqlite'));
  const plane = await freshPlane(join(options.planeDirectory, CONTROL_PLANE_FILE));
  must(plane.change((network) => makeBranch(network, options.serialNumber)));
  const cloud = await startCloud({
    door: plane,
    area: 'Mainland China',
    tenant: TENANT,
    gateways: GATEWAYS.map((gateway) => gatewayOf(gateway, options)),
    store,
    settings: {
      bfd: LAB_BFD,
      mtu: TUNNEL_MTU,
      engines: enginesByUplink(options.engine),
      // The VPC host has nothing there and says so: an answer.
      endToEnd: { address: VPC_HOST, port: DISCARD_PORT },
      policy: { failbackHoldMs: LAB_FAILBACK_HOLD_MS },
    },
    on: options.on,
    onHubTunnels: options.onHubTunnels,
  });
  const look = setInterval(() => {
    if (plane.refresh()) cloud.controller.bindingsChanged();
  }, LOOK_EVERY_MS);
  const close = async (): Promise<void> => {
    clearInterval(look);
    await cloud.close();
    store.close();
    plane.close();
  };
  return { authority, cloud, store, close };
}

/** Every run begins with nothing bought. */
async function freshPlane(path: string): Promise<ControlPlane> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true });
  return new ControlPlane(path);
}

/** What an operator would click together: a CCN instance, the SAG bound to it, and a CEN with a Shanghai VPC. */
function makeBranch(network: CloudNetwork, serialNumber: string): Outcome {
  const area = 'Mainland China';
  must(network.createCcn({ id: CCN_ID, area, name: 'Hangzhou and friends' }));
  must(network.createSag({ serialNumber, area, cidrs: LAB_CIDRS }));
  must(network.bindSag(serialNumber, CCN_ID));
  must(network.createCen({ id: 'cen-shanghai' }));
  const vpc = { id: 'vpc-shanghai', regionId: 'cn-shanghai', cidr: VPC_PREFIX };
  must(network.attachVpc('cen-shanghai', vpc));
  must(network.bindCen(CCN_ID, 'cen-shanghai'));
  return done();
}

/** Offers the CCN a CEN whose only VPC is in Frankfurt. */
export function offerFrankfurt({ cloud }: LabCloud): Outcome {
  const { controller } = cloud;
  must(controller.change((network) => network.createCen({ id: 'cen-frankfurt' })));
  const vpc = { id: 'vpc-frankfurt', regionId: 'eu-central-1', cidr: '10.20.0.0/16' };
  must(controller.change((network) => network.attachVpc('cen-frankfurt', vpc)));
  return controller.change((network) => network.bindCen(CCN_ID, 'cen-frankfurt'));
}

function must(outcome: Outcome<unknown>): void {
  if (!outcome.ok) throw new LabFailed(`the story does not fit the rules: ${outcome.sentence}`);
}

function gatewayOf(
  gateway: LabGateway,
  { gatewayTls, hubs }: LabCloudOptions,
): CloudGatewayOptions {
  const tls = gatewayTls.get(gateway.id);
  const hub = hubs.get(gateway.id);
  if (tls === undefined || hub === undefined) throw new LabFailed(`${gateway.id} is not there`);
  return {
    id: gateway.id,
    tls,
    listen: { fd: listenAt(gateway) },
    hub: { ...hub, address: gateway.address },
  };
}

/** The certificate of a gateway, for its MQTT and its IPsec alike. */
export async function tlsOf(
  authority: Authority,
  { id, address }: LabGateway,
): Promise<TlsMaterial> {
  const issued = await authority.issueGateway({ name: id, addresses: [address] });
  return { ...issued, caPem: authority.certificatePem };
}

/** The listening socket lives in the gateway's namespace, its program in this process. */
function listenAt({ namespace, address }: LabGateway): number {
  return loadNative().tcpListen({
    netnsPath: netnsPath(namespace),
    address,
    port: GATEWAY_PORT,
  });
}
