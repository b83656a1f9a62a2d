/**
 * A fleet of devices against one access gateway, from the first registration to the last goodbye.
 *
 * Every device registers, gets its desired document, brings its tunnels up and reports. Then every device
 * loses a cable and, while it tells, the gateway crashes; the cables come back while nobody can be told. All
 * must return, and no event may be lost. In the end every device says goodbye.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { doorTo } from '../ccn/network-door.ts';
import { type Authority, createAuthority } from '../live/certificates.ts';
import { type Cloud, startCloud } from '../live/cloud.ts';
import type { HubTunnel } from '../live/cloud-desired.ts';
import type { AccessGatewayListener } from '../live/gateway/device-messages.ts';
import type { EventStore } from '../live/gateway/event-store.ts';
import { SqliteEventStore } from '../live/gateway/sqlite-event-store.ts';
import { FleetDevice } from './fleet-device.ts';
import { FleetLedger, type FleetResult } from './fleet-ledger.ts';
import {
  configOf,
  FLEET_AREA,
  FLEET_DEVICES_MAX,
  FLEET_GATEWAY,
  FLEET_TENANT,
  type FleetMember,
  fleetBfd,
  fleetNetwork,
  memberOf,
} from './fleet-site.ts';
import { PacedWorld } from './paced-world.ts';

export interface FleetOptions {
  readonly devices: number;
  /** How long the fleet rests, registered, before the gateway restarts. */
  readonly seconds?: number;
  readonly seed?: number;
  /** One sentence on how far the run is. */
  readonly onProgress?: (line: string) => void;
}

/** The gateway is away this long: long enough for events to pile up. */
const OUTAGE_MS = 1_500;
/** Some devices have said what happened by then, some are saying it. */
const TELLING_MS = 250;
/** Handshakes a second that leave half of one core free (measured: 2.3 ms each for both ends). */
const CONNECTS_PER_S = 100;
/** Whatever takes longer than this, plus its share per device, is not coming. */
const PATIENCE_MS = 60_000;
const PATIENCE_PER_DEVICE_MS = 100;
const LOOK_MS = 100;
const PROGRESS_MS = 1_000;

export async function runFleet(options: FleetOptions): Promise<FleetResult> {
  const { devices, onProgress = () => undefined } = options;
  if (!Number.isInteger(devices) || devices < 1 || devices > FLEET_DEVICES_MAX) {
    throw new Error(
      `EFLEET_DEVICES: a fleet has 1 to ${FLEET_DEVICES_MAX} devices, not ${devices}`,
    );
  }
  const directory = await mkdtemp(join(tmpdir(), 'sag-fleet-'));
  const fleet = new Fleet(options, onProgress, new SqliteEventStore(join(directory, 'events.db')));
  try {
    return await fleet.run();
  } finally {
    await fleet.close();
    await rm(directory, { recursive: true });
  }
}

class Fleet {
  readonly #options: FleetOptions;
  readonly #tell: (line: string) => void;
  readonly #store: EventStore;
  readonly #members: readonly FleetMember[];
  readonly #ledger: FleetLedger;
  readonly #paced: PacedWorld;
  readonly #devices = new Map<string, FleetDevice>();
  readonly #hubTunnels = new Map<string, HubTunnel | undefined>();
  #cloud: Cloud | undefined;
  #failure: unknown;

  constructor(options: FleetOptions, tell: (line: string) => void, store: EventStore) {
    this.#options = options;
    this.#tell = tell;
    this.#store = store;
    this.#members = Array.from({ length: options.devices }, (_, index) => memberOf(index));
    this.#ledger = new FleetLedger(this.#members.map(({ serialNumber }) => serialNumber));
    this.#paced = new PacedWorld(options.seed ?? 1, (error) => {
      this.#failure = error;
    });
  }

  async run(): Promise<FleetResult> {
    const startedAtMs = performance.now();
    const count = this.#members.length;
    const authority = await createAuthority();
    const cloud = await this.#startCloud(authority);
    await this.#startDevices(authority, cloud);
    await this.#until('registered', count, () => this.#ledger.count(({ born }) => born));
    await this.#until('reported', count, () => this.#ledger.count(({ reported }) => reported));
    await delay((this.#options.seconds ?? 0) * 1_000);
    await this.#restartGateway(cloud);
    await this.#until('returned', count, () =>
      this.#ledger.count(({ returnedAfterMs }) => returnedAfterMs !== undefined),
    );
    await this.#until('with empty outbox', count, () => this.#emptyOutboxes());
    for (const device of this.#devices.values()) device.leave();
    await this.#until('left', count, () => this.#ledger.count(({ left }) => left));
    const residentMB = Math.round(process.memoryUsage().rss / 1e6);
    const tookMs = Math.round(performance.now() - startedAtMs);
    return this.#ledger.result({ residentMB, tookMs });
  }

  async close(): Promise<void> {
    for (const device of this.#devices.values()) device.stop();
    this.#paced.stop();
    await this.#cloud?.close();
    this.#store.close();
  }

  async #startCloud(authority: Authority): Promise<Cloud> {
    const issued = await authority.issueGateway({
      name: FLEET_GATEWAY,
      addresses: ['127.0.0.1'],
    });
    this.#cloud = await startCloud({
      door: doorTo(fleetNetwork(this.#members)),
      area: FLEET_AREA,
      tenant: FLEET_TENANT,
      gateways: [
        {
          id: FLEET_GATEWAY,
          tls: { ...issued, caPem: authority.certificatePem },
          listen: { host: '127.0.0.1', port: 0 },
          hub: { address: '10.91.11.2', publicKey: `${'S'.repeat(42)}A=` },
        },
      ],
      store: this.#countingStore(),
      settings: { bfd: fleetBfd(this.#members.length), mtu: 1_400 },
      limits: { spreadMs: Math.ceil((this.#members.length / CONNECTS_PER_S) * 1_000) },
      on: () => this.#listener(),
      onHubTunnels: (_gateway, tunnels) => this.#spreadHubTunnels(tunnels),
    });
    return this.#cloud;
  }

  async #startDevices(authority: Authority, cloud: Cloud): Promise<void> {
    const port = cloud.gateway(FLEET_GATEWAY)?.port ?? 0;
    const gateway = { id: FLEET_GATEWAY, address: '127.0.0.1', port, serverName: FLEET_GATEWAY };
    for (const member of this.#members) {
      const { serialNumber } = member;
      const issued = await authority.issueDevice({ serialNumber });
      const config = configOf(member, gateway);
      const device = new FleetDevice({
        paced: this.#paced,
        member,
        config,
        channel: {
          certificate: issued.certificatePem,
          key: issued.keyPem,
          ca: authority.certificatePem,
          clientId: serialNumber,
          keepAliveS: config.access.keepAliveS,
          trustedMs: () => Date.now(),
        },
        onNote: (note) => {
          if (note.code === 'eventRaised') this.#ledger.raised(note.id);
        },
      });
      this.#devices.set(serialNumber, device);
      await delay(1_000 / CONNECTS_PER_S);
    }
  }

  async #restartGateway(cloud: Cloud): Promise<void> {
    const port = cloud.gateway(FLEET_GATEWAY)?.port ?? 0;
    this.#tell('every device loses a cable, then the gateway crashes');
    this.#setCables(false);
    await delay(TELLING_MS);
    cloud.gateway(FLEET_GATEWAY)?.disconnectAll();
    await cloud.stopGateway(FLEET_GATEWAY);
    await delay(OUTAGE_MS);
    this.#setCables(true);
    this.#ledger.gatewayRestarted(performance.now());
    await cloud.startGateway(FLEET_GATEWAY, { host: '127.0.0.1', port });
    this.#tell('the gateway is back');
  }

  #setCables(plugged: boolean): void {
    this.#paced.catchUp();
    for (const device of this.#devices.values()) device.setCable('wan1', plugged);
  }

  #listener(): AccessGatewayListener {
    return {
      onBirth: ({ serialNumber }) => this.#ledger.born(serialNumber, performance.now()),
      onDeath: (serialNumber, { why }) => {
        if (why === 'bye') this.#ledger.left(serialNumber);
      },
      onReported: (serialNumber, { revision, vpnState }) => {
        const wanted = this.#cloud?.controller.documentOf(serialNumber)?.revision;
        if (revision === wanted && vpnState === 'Normal') this.#ledger.reported(serialNumber);
      },
      onEventStored: (_serialNumber, { id }) => this.#ledger.stored(id),
    };
  }

  #countingStore(): EventStore {
    const store = this.#store;
    return {
      append: async (entry) => {
        const appended = await store.append(entry);
        if (appended === 'duplicate') this.#ledger.duplicated();
        return appended;
      },
      all: () => store.all(),
      close: () => store.close(),
    };
  }

  /** Hands each device its own hub ends, if they changed. */
  #spreadHubTunnels(tunnels: readonly HubTunnel[]): void {
    const byDevice = Map.groupBy(tunnels, ({ serialNumber }) => serialNumber);
    this.#paced.catchUp();
    for (const [serialNumber, own] of byDevice) {
      // The controller makes new objects only for a device whose tunnels changed.
      if (this.#hubTunnels.get(serialNumber) === own[0]) continue;
      this.#hubTunnels.set(serialNumber, own[0]);
      this.#devices.get(serialNumber)?.expectTunnels(own);
    }
  }

  #emptyOutboxes(): number {
    const devices = [...this.#devices.values()];
    return devices.filter((device) => device.snapshot().outbox.pending === 0).length;
  }

  /** Waits, bounded; what is missing shows in the result and not as an error. */
  async #until(what: string, wanted: number, count: () => number): Promise<void> {
    const untilMs = performance.now() + PATIENCE_MS + PATIENCE_PER_DEVICE_MS * wanted;
    let toldAtMs = performance.now();
    while (count() < wanted && performance.now() < untilMs) {
      await delay(LOOK_MS);
      if (this.#failure !== undefined) throw this.#failure;
      if (performance.now() - toldAtMs < PROGRESS_MS) continue;
      toldAtMs = performance.now();
      this.#tell(`${count()} of ${wanted} ${what}`);
    }
    this.#tell(`${count()} of ${wanted} ${what}`);
  }
}
