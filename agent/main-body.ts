/**
 * The body of the agent: opens every port, joins them to the control wiring, and closes them again in good order.
 *
 * The order of opening matters little, because every event waits in the driver; the order of closing is: goodbye to
 * the gateway, then the fast path, then the engine, which leaves its tunnels standing unless told otherwise.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { liveClock } from '../firmware-shim/adapters/live-clock.ts';
import { SeededRandom } from '../firmware-shim/base/random.ts';
import { openBoard } from '../firmware-shim/open-board.ts';
import { IcmpProber } from './adapters/access/icmp-prober.ts';
import { TcpProber } from './adapters/access/tcp-prober.ts';
import { giveBackAll, keepBook, prepareStart } from './adapters/agent-start.ts';
import { ControlDriver } from './adapters/control-driver.ts';
import type { ControlPorts } from './adapters/control-ports.ts';
import { type FastPathThread, startFastPath } from './adapters/fast-path/fast-path-worker.ts';
import { DhcpDaemon } from './adapters/host/dhcp-daemon.ts';
import { machineBootId } from './adapters/host/host-inventory.ts';
import { type HostWatch, watchHost } from './adapters/host/host-watch.ts';
import { sweepKernel } from './adapters/host/kernel-sweep.ts';
import { PacketFilter } from './adapters/host/packet-filter.ts';
import { RebootRequest } from './adapters/host/reboot-request.ts';
import { commandKeyOf } from './adapters/identity/command-key.ts';
import { type NoteLog, openNoteLog } from './adapters/note-log.ts';
import { WanClients } from './adapters/wan/wan-clients.ts';
import { FrontDesk } from './main-doors.ts';
import { openPorts, type Ports } from './main-ports.ts';
import type { AgentConfig } from './model/config.ts';
import type { TimedNote } from './model/snapshot.ts';
import { FLOW_TABLE } from './state/flow-rules.ts';
import { PACKET_TABLE } from './state/packet-rules.ts';
import { ControlWiring } from './wiring/control-wiring.ts';

type StartAnew = Parameters<ControlPorts['onStartAnew']>[0];

const wall = { wallMs: () => Date.now() };

interface Parts {
  readonly config: AgentConfig;
  readonly ports: Ports;
  readonly random: SeededRandom;
  readonly log: NoteLog;
  readonly desk: FrontDesk;
  readonly onNote: (timed: TimedNote) => void;
  readonly onAnew: () => void;
}

export class AgentBody {
  readonly #parts: Parts;
  readonly #filter = new PacketFilter([PACKET_TABLE, FLOW_TABLE]);
  readonly #dhcp: DhcpDaemon;
  readonly #driver: ControlDriver;
  readonly #fastPath: FastPathThread;
  readonly #wan: WanClients;
  readonly #left = Promise.withResolvers<void>();
  #host: HostWatch | undefined;

  /** Rejects with an error that carries a code when something needed is missing. */
  static async open(
    config: AgentConfig,
    configFile: string,
    onAnew: () => void,
  ): Promise<AgentBody> {
    const random = new SeededRandom(randomInt(2 ** 32));
    const log = openNoteLog(config.logLevel);
    const desk = new FrontDesk({ config, configFile, log });
    const onNote = (timed: TimedNote): void => {
      log.log(timed);
      desk.noted(timed);
    };
    const ports = await openPorts({ config, random, onNote, desk });
    const body = new AgentBody({ config, ports, random, log, desk, onNote, onAnew });
    await body.#start();
    return body;
  }

  private constructor(parts: Parts) {
    const { config, ports, random, log, desk } = parts;
    const { inventory, publicKey, channels, engine, finder, kernel, own, store } = ports;
    this.#parts = parts;
    const { controlSocket } = config;
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
      command: (command) => desk.board?.command(command),
      onNote: (note) => this.#driver.note(note),
    });
    this.#wan = this.#wanClients();
    this.#dhcp = new DhcpDaemon({ directory: config.stateDirectory });
    this.#driver = new ControlDriver(wiring, {
      board: { command: (command) => desk.board?.command(command) },
      kernel,
      channels,
      wan: this.#wan,
      prober: new TcpProber(finder),
      echoes: new IcmpProber(),
      identity: own,
      finder,
      verifyCommand: commandKeyOf(config.access),
      hands: {
        diagnosis: desk.checks,
        logLevelFor: (level, durationMs) => log.levelFor(level, durationMs),
        reboot: new RebootRequest({ controlSocket, isUpdating: () => desk.updates.isRunning }).ask,
      },
      engine,
      filter: this.#filter,
      dhcp: this.#dhcp,
      store,
      orderFastPath: (order) => this.#fastPath.order(order),
      wall,
      onNote: parts.onNote,
      onCrashBook: (book) => keepBook(config.stateDirectory, book),
      onStartAnew: (how) => void this.#startAnew(how),
      onStopped: () => this.#left.resolve(),
    });
    finder.join((note) => this.#driver.note(note));
    this.#fastPath = startFastPath({ onFact: (fact) => this.#driver.fastPathTold(fact) });
  }

  /** Says goodbye, closes everything and resolves when nothing of it is left. */
  async stop(tunnels: 'keep' | 'remove'): Promise<void> {
    const { ports, desk, log } = this.#parts;
    const { channels, engine, finder, kernel, own, store } = ports;
    this.#driver.requestStop();
    await this.#left.promise;
    await own.close();
    await Promise.all(channels.map(async (channel) => channel.closed()));
    finder.close();
    await this.#fastPath.stop();
    this.#host?.close();
    await Promise.all([this.#driver.boardSettled(), this.#wan.close()]);
    this.#driver.halt();
    desk.board?.close();
    await desk.close();
    await engine.close(tunnels);
    await this.#filter.close(tunnels);
    await this.#dhcp.close(tunnels);
    if (tunnels === 'remove') await sweepKernel(kernel);
    kernel.close();
    await store.close();
    log.flush();
  }

  async #start(): Promise<void> {
    const driver = this.#driver;
    const { config, ports, random, desk } = this.#parts;
    const { store, inventory, notes, engine, own } = ports;
    const { stateDirectory, uplinks } = config;
    await desk.open(driver);
    for (const note of notes) driver.note(note);
    await driver.start(await prepareStart(store, stateDirectory, inventory.agentVersion));
    engine.watch({
      onNote: (note) => driver.note(note),
      onFound: (publicKey) => void driver.engineFound(publicKey),
    });
    desk.board = openBoard({
      ...config.board,
      random: random.fork('board'),
      onEvent: (event) => {
        driver.boardTold(event);
        desk.updates.hear(event);
        own.hear(event);
      },
      onNote: (note) => driver.note(note),
    });
    this.#host = watchHost({
      uplinks,
      diskPath: stateDirectory,
      onSample: (metrics) => driver.hostSampled(metrics),
    });
  }

  #wanClients(): WanClients {
    const { config, random, ports } = this.#parts;
    return new WanClients({
      ...config,
      random: random.fork('wan'),
      names: ports.finder,
      onTold: (uplink, told) => this.#driver.wanTold(uplink, told),
    });
  }

  /** What goes back is on the disk before the book says so: a crash in between keeps it set aside. */
  async #startAnew({ book, givesBack }: StartAnew): Promise<void> {
    const { config, ports, onAnew } = this.#parts;
    if (givesBack) await giveBackAll(ports.store).catch(() => undefined);
    keepBook(config.stateDirectory, book);
    onAnew();
  }
}
