/**
 * The body of the agent: opens every port, joins them to the control wiring, and closes them again in good order.
 *
 * The order of opening matters little, because every event waits in the driver; the order of closing is: goodbye to
 * the gateway, then the fast path, then the engine, which leaves its tunnels standing unless told otherwise.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { liveClock } from '../firmware-shim/adapters/live-clock.ts';
import { SeededRandom } from '../firmware-shim/base/random.ts';
import { openBoard } from '../firmware-shim/open-board.ts';
import { openKernel } from '../firmware-shim/open-kernel.ts';
import type { Board, Kernel } from '../firmware-shim/ports.ts';
import { MqttChannel } from './adapters/access/mqtt-channel.ts';
import { TcpProber } from './adapters/access/tcp-prober.ts';
import { giveBackAll, keepBook, prepareStart } from './adapters/agent-start.ts';
import { CheckDesk } from './adapters/check/check-desk.ts';
import { ControlDriver } from './adapters/control-driver.ts';
import type { ControlPorts } from './adapters/control-ports.ts';
import { type DiagDoors, openDiagDoors } from './adapters/diag/diag-doors.ts';
import { DiagTools } from './adapters/diag/diag-tools.ts';
import { AwaitedEngine } from './adapters/engine/awaited-engine.ts';
import { EngineRack } from './adapters/engine/engine-rack.ts';
import { type FastPathThread, startFastPath } from './adapters/fast-path/fast-path-worker.ts';
import { UpdateDesk } from './adapters/host/board-update.ts';
import { machineBootId, readHost } from './adapters/host/host-inventory.ts';
import { type HostWatch, watchHost } from './adapters/host/host-watch.ts';
import { PacketFilter } from './adapters/host/packet-filter.ts';
import { readCommandKey } from './adapters/identity/command-key.ts';
import { OwnIdentity } from './adapters/identity/own-identity.ts';
import { IpsecEngine, type IpsecOptions } from './adapters/ipsec/ipsec-engine.ts';
import { type NoteLog, openNoteLog } from './adapters/note-log.ts';
import { SqliteStore } from './adapters/store/sqlite-store.ts';
import { WireGuardEngine } from './adapters/wireguard/wireguard-engine.ts';
import type { AgentConfig } from './model/config.ts';
import type { Inventory } from './model/inventory.ts';
import type { Note } from './model/note.ts';
import type { TimedNote } from './model/snapshot.ts';
import type { CommandVerifier } from './ports.ts';
import { PACKET_TABLE } from './state/packet-rules.ts';
import { ControlWiring } from './wiring/control-wiring.ts';

type StartAnew = Parameters<ControlPorts['onStartAnew']>[0];

const SECOND_MS = 1_000;
/** Carries our version; and no moment of this release can be earlier than it. */
const PACKAGE = new URL('../package.json', import.meta.url);

const wall = { wallMs: () => Date.now() };

/** What stands below the wiring from the first moment on. */
interface Ports {
  readonly store: SqliteStore;
  readonly kernel: Kernel;
  readonly engine: EngineRack;
  /** One in use, one where the next access point is tried. */
  readonly channels: readonly [MqttChannel, MqttChannel];
  readonly own: OwnIdentity;
  readonly inventory: Inventory;
  readonly publicKey: string;
  /** Told before there was anybody to hear them. */
  readonly notes: readonly Note[];
}

export class AgentBody {
  readonly #config: AgentConfig;
  readonly #ports: Ports;
  readonly #random: SeededRandom;
  readonly #log: NoteLog;
  readonly #endAnew: () => void;
  readonly #checks: CheckDesk;
  readonly #driver: ControlDriver;
  readonly #fastPath: FastPathThread;
  readonly #updates = new UpdateDesk({
    board: () => this.#board,
    onNote: (note) => this.#driver.note(note),
  });
  readonly #left = Promise.withResolvers<void>();
  #board: Board | undefined;
  #doors: DiagDoors | undefined;
  #host: HostWatch | undefined;

  /** Rejects with an error that carries a code when something needed is missing. */
  static async open(
    config: AgentConfig,
    configFile: string,
    onAnew: () => void,
  ): Promise<AgentBody> {
    const random = new SeededRandom(randomInt(2 ** 32));
    const log = openNoteLog(config.logLevel);
    const body = new AgentBody(config, await openPorts(config, random, log), random, log, onAnew);
    await body.#start(configFile);
    return body;
  }

  private constructor(
    config: AgentConfig,
    ports: Ports,
    random: SeededRandom,
    log: NoteLog,
    onAnew: () => void,
  ) {
    const { inventory, publicKey, channels, engine, kernel, own, store } = ports;
    this.#config = config;
    this.#ports = ports;
    this.#random = random;
    this.#log = log;
    this.#endAnew = onAnew;
    this.#checks = new CheckDesk(config, async () => this.#driver.snapshot());
    const bootId = randomUUID();
    const draws = random.fork('control');
    const wiring = new ControlWiring({
      config,
      bootId,
      machineBootId: machineBootId(),
      inventory,
      publicKey,
      random: draws,
      wall,
      identity: own.facts,
    });
    own.join({
      show: (identity) => {
        for (const channel of channels) channel.use(identity);
      },
      trustedMs: () => wiring.identity.trustedMs(liveClock.nowMs()),
      onNote: (note) => this.#driver.note(note),
    });
    this.#driver = new ControlDriver(wiring, {
      board: { command: (command) => this.#board?.command(command) },
      kernel,
      channels,
      prober: new TcpProber(config.lanPrefixes),
      identity: own,
      verifyCommand: commandKeyOf(config),
      hands: {
        diagnosis: this.#checks,
        logLevelFor: (level, durationMs) => log.levelFor(level, durationMs),
      },
      engine,
      filter: new PacketFilter(PACKET_TABLE),
      store,
      orderFastPath: (order) => this.#fastPath.order(order),
      wall,
      onNote: (timed) => this.#note(timed),
      onCrashBook: (book) => keepBook(config.stateDirectory, book),
      onStartAnew: (how) => void this.#startAnew(how),
      onStopped: () => this.#left.resolve(),
    });
    this.#fastPath = startFastPath({ onFact: (fact) => this.#driver.fastPathTold(fact) });
  }

  /** Says goodbye, closes everything and resolves when nothing of it is left. */
  async stop(tunnels: 'keep' | 'remove'): Promise<void> {
    const { channels, engine, kernel, store } = this.#ports;
    this.#driver.requestStop();
    await this.#left.promise;
    await Promise.all(channels.map(async (channel) => channel.closed()));
    await this.#fastPath.stop();
    this.#host?.close();
    await this.#driver.boardSettled();
    this.#driver.halt();
    this.#board?.close();
    await this.#doors?.close();
    await engine.close(tunnels);
    kernel.close();
    await store.close();
    this.#log.flush();
  }

  async #start(configFile: string): Promise<void> {
    const driver = this.#driver;
    const snapshot = async () => driver.snapshot();
    this.#doors = await openDiagDoors({
      config: this.#config,
      snapshot,
      check: async () => this.#checks.run(),
      bundle: async (level) => this.#checks.bundle(configFile, level),
      onSwitch: async (tunnel) => driver.switchTo(tunnel),
      blink: async (seconds) => driver.blink(seconds * SECOND_MS),
      logLevel: (level, seconds) => {
        this.#log.levelFor(level, seconds * SECOND_MS);
        return { ok: true, because: `the log level is ${level} for ${seconds} s` };
      },
      tools: new DiagTools(this.#config.lanPrefixes, snapshot),
      updates: this.#updates,
      log: (note) => driver.note(note),
    });
    const { store, inventory, notes } = this.#ports;
    for (const note of notes) driver.note(note);
    const { stateDirectory } = this.#config;
    await driver.start(await prepareStart(store, stateDirectory, inventory.agentVersion));
    this.#ports.engine.watch({
      onNote: (note) => driver.note(note),
      onFound: (publicKey) => void driver.engineFound(publicKey),
    });
    this.#board = openBoard({
      ...this.#config.board,
      random: this.#random.fork('board'),
      onEvent: (event) => {
        driver.boardTold(event);
        this.#updates.hear(event);
      },
      onNote: (note) => driver.note(note),
    });
    this.#host = watchHost({
      uplinks: this.#config.uplinks,
      diskPath: this.#config.stateDirectory,
      onSample: (metrics) => driver.hostSampled(metrics),
    });
  }

  /** What goes back is on the disk before the book says so: a crash in between keeps it set aside. */
  async #startAnew({ book, givesBack }: StartAnew): Promise<void> {
    if (givesBack) await giveBackAll(this.#ports.store).catch(() => undefined);
    keepBook(this.#config.stateDirectory, book);
    this.#endAnew();
  }

  #note(timed: TimedNote): void {
    this.#log.log(timed);
    this.#doors?.noted(timed);
  }
}

function commandKeyOf({ access }: AgentConfig): CommandVerifier | undefined {
  const { commandKeyFile } = access;
  return commandKeyFile === undefined ? undefined : readCommandKey(commandKeyFile);
}

async function openPorts(config: AgentConfig, random: SeededRandom, log: NoteLog): Promise<Ports> {
  const { access, stateDirectory } = config;
  const notes: Note[] = [];
  const store = new SqliteStore({
    directory: stateDirectory,
    onQuarantine: (path, because) =>
      notes.push({ code: 'storeQuarantined', level: 'error', path, because }),
    onVolatile: (path, because) =>
      notes.push({ code: 'storeVolatile', level: 'error', path, because }),
  });
  const own = await OwnIdentity.open(
    {
      config,
      random: random.fork('enrolment'),
      wallMs: wall.wallMs,
      onNote: (note) => log.log({ atMs: liveClock.nowMs(), wallMs: wall.wallMs(), note }),
    },
    statSync(PACKAGE).mtimeMs,
  );
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
  };
  const channels = [new MqttChannel(shown), new MqttChannel(shown)] as const;
  const kernel = openKernel();
  const [engine, host] = await Promise.all([
    openEngines({ stateDirectory, kernel, identity }),
    readHost(),
  ]);
  const inventory = { serialNumber, agentVersion: ownVersion(), host };
  const publicKey = await engine.publicKey();
  return { store, kernel, engine, channels, own, inventory, publicKey, notes };
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
