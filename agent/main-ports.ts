/**
 * What stands below the wiring of the agent from its first moment on: store, kernel, engines, channels, identity.
 *
 * A device that has no identity yet gets it here, however long that takes; somebody is behind its doors meanwhile.
 */

import { readFileSync, statSync } from 'node:fs';
import { assert } from '../firmware-shim/base/assert.ts';
import type { SeededRandom } from '../firmware-shim/base/random.ts';
import { openKernel } from '../firmware-shim/open-kernel.ts';
import { MqttChannel } from './adapters/access/mqtt-channel.ts';
import { AwaitedEngine } from './adapters/engine/awaited-engine.ts';
import { EngineRack } from './adapters/engine/engine-rack.ts';
import { readHost } from './adapters/host/host-inventory.ts';
import { FirstStart } from './adapters/identity/first-start.ts';
import { OwnIdentity, openIdentityShelf } from './adapters/identity/own-identity.ts';
import { IpsecEngine, type IpsecOptions } from './adapters/ipsec/ipsec-engine.ts';
import { GatewayFinder } from './adapters/names/gateway-finder.ts';
import { DirectoryFiles } from './adapters/store/directory-files.ts';
import { SqliteStore } from './adapters/store/sqlite-store.ts';
import { WireGuardEngine } from './adapters/wireguard/wireguard-engine.ts';
import type { FrontDesk } from './main-doors.ts';
import type { AgentConfig } from './model/config.ts';
import type { Inventory } from './model/inventory.ts';
import type { Note } from './model/note.ts';
import type { TimedNote } from './model/snapshot.ts';

/** Carries our version; and no moment of this release can be earlier than it. */
const PACKAGE = new URL('../package.json', import.meta.url);

export interface Ports {
  readonly store: SqliteStore;
  readonly kernel: ReturnType<typeof openKernel>;
  readonly engine: EngineRack;
  /** One in use, one where the next access point is tried. */
  readonly channels: readonly [MqttChannel, MqttChannel];
  readonly own: OwnIdentity;
  readonly finder: GatewayFinder;
  readonly inventory: Inventory;
  readonly publicKey: string;
  /** Told before there was anybody to hear them. */
  readonly notes: readonly Note[];
}

export interface PortsOptions {
  readonly config: AgentConfig;
  readonly random: SeededRandom;
  readonly onNote: (timed: TimedNote) => void;
  readonly desk: FrontDesk;
}

export async function openPorts(options: PortsOptions): Promise<Ports> {
  const { config } = options;
  const { access, stateDirectory } = config;
  const notes: Note[] = [];
  const store = new SqliteStore({
    directory: stateDirectory,
    onQuarantine: (path, because) =>
      notes.push({ code: 'storeQuarantined', level: 'error', path, because }),
    onVolatile: (path, because) =>
      notes.push({ code: 'storeVolatile', level: 'error', path, because }),
  });
  const finder = new GatewayFinder({ files: new DirectoryFiles(stateDirectory) });
  const own = await ownIdentity(options, { store, finder });
  const { identity } = own;
  const { serialNumber, certificate, key, ca } = identity;
  const { crlFile, keepAliveS } = access;
  const shown = {
    certificate,
    key,
    ca,
    clientId: serialNumber,
    keepAliveS,
    crlFile,
    trustedMs: () => own.trustedMs(),
    finder,
  };
  const channels = [new MqttChannel(shown), new MqttChannel(shown)] as const;
  const kernel = openKernel();
  const [engine, host] = await Promise.all([
    openEngines({ stateDirectory, kernel, identity }),
    readHost(),
  ]);
  const inventory = { serialNumber, agentVersion: ownVersion(), host };
  const publicKey = await engine.publicKey();
  return { store, kernel, engine, channels, own, finder, inventory, publicKey, notes };
}

/** The identity there is, or after however long it takes the one a gateway gives. */
async function ownIdentity(
  { config, random, onNote, desk }: PortsOptions,
  ports: Pick<Ports, 'store' | 'finder'>,
): Promise<OwnIdentity> {
  const shelf = openIdentityShelf(config.stateDirectory, statSync(PACKAGE).mtimeMs);
  const { finder } = ports;
  const enrols = { config, random: random.fork('enrolment'), finder };
  const known = OwnIdentity.read(shelf, enrols);
  if (known !== undefined) return known;
  const { pairs, floorMs } = shelf;
  const agentVersion = ownVersion();
  const first = new FirstStart({ ...enrols, ...ports, pairs, floorMs, agentVersion, onNote });
  await desk.open(first);
  await first.done;
  await first.close();
  const enrolled = OwnIdentity.read(shelf, enrols);
  assert(enrolled !== undefined, 'a device that has enrolled has an identity');
  return enrolled;
}

/** Each is looked for by itself: a missing one costs only its own tunnels. */
async function openEngines(options: IpsecOptions): Promise<EngineRack> {
  return new EngineRack(
    await Promise.all([
      AwaitedEngine.open('ipsec', async () => IpsecEngine.open(options)),
      AwaitedEngine.open('wireguard', async () => WireGuardEngine.open(options)),
    ]),
  );
}

function ownVersion(): string {
  const text = readFileSync(PACKAGE, 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
