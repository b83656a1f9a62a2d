/**
 * Where the agent is killed: a network namespace with two uplinks whose cables come and go, an access gateway that is
 * killed as well, and the files of both.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfig } from '../../agent/model/config.ts';
import { insideNetns } from '../../sim/lab/command.ts';
import { createAuthority, writeCertificate } from '../../sim/live/certificates.ts';
import { type ScratchNetns, scratchNetns } from '../kit/scratch-netns.ts';

const AGENT = new URL('../../agent/main.ts', import.meta.url).pathname;
const SERIAL_NUMBER = 'sag-crash-1';
const SERVER_NAME = 'gwa';
const GATEWAY = { address: '10.93.99.1', port: 8443 };
export const UPLINKS = ['wan1', 'wan2'] as const;

/** What the gateway's process is told. */
export interface CrashPlaces {
  readonly netnsPath: string;
  readonly address: string;
  readonly port: number;
  readonly eventsFile: string;
  readonly gatewayCertificate: string;
  readonly gatewayKey: string;
  readonly caFile: string;
}

export class CrashRoom {
  readonly netns: ScratchNetns;
  readonly stateDirectory: string;
  readonly eventsFile: string;
  readonly logFile: string;
  readonly controlSocket: string;
  readonly #directory: string;
  readonly #configFile: string;
  readonly #places: CrashPlaces;
  readonly #running = new Set<ChildProcess>();

  static async open(directory: string): Promise<CrashRoom> {
    const authority = await createAuthority();
    const gateway = await authority.issueGateway({
      name: SERVER_NAME,
      addresses: [GATEWAY.address],
    });
    const device = await authority.issueDevice({ serialNumber: SERIAL_NUMBER });
    const written = await writeCertificate(directory, 'gateway', gateway);
    const { certificateFile, keyFile } = await writeCertificate(directory, 'device', device);
    const caFile = join(directory, 'ca.crt');
    writeFileSync(caFile, authority.certificatePem);
    return new CrashRoom(directory, {
      gatewayCertificate: written.certificateFile,
      gatewayKey: written.keyFile,
      certificateFile,
      keyFile,
      caFile,
    });
  }

  private constructor(
    directory: string,
    files: Pick<CrashPlaces, 'gatewayCertificate' | 'gatewayKey' | 'caFile'> & {
      readonly certificateFile: string;
      readonly keyFile: string;
    },
  ) {
    this.#directory = directory;
    this.stateDirectory = join(directory, 'state');
    this.eventsFile = join(directory, 'events.sqlite');
    this.logFile = join(directory, 'agent.log');
    this.controlSocket = join(directory, 'agent.sock');
    this.netns = scratchNetns();
    this.#layCables();
    const { certificateFile, keyFile, ...gatewayFiles } = files;
    const { caFile } = files;
    const { eventsFile } = this;
    this.#places = { netnsPath: this.netns.path, ...GATEWAY, eventsFile, ...gatewayFiles };
    this.#configFile = join(directory, 'agent.yaml');
    mkdirSync(this.stateDirectory, { mode: 0o700 });
    const config = this.#config({ certificateFile, keyFile, caFile });
    writeFileSync(this.#configFile, JSON.stringify(config));
  }

  /** `main` may be the agent with a fault put into it. */
  startAgent(main = AGENT): ChildProcess {
    const log = openSync(this.logFile, 'a');
    return this.#start([main, '--config', this.#configFile], log, this.netns.path);
  }

  startGateway(): ChildProcess {
    const main = new URL('gateway-process.ts', import.meta.url).pathname;
    const log = openSync(join(this.#directory, 'gateway.log'), 'a');
    return this.#start([main, JSON.stringify(this.#places)], log);
  }

  /** As a machine that starts anew finds it. */
  emptyRunDirectory(): void {
    rmSync(`${this.controlSocket}.run`, { force: true });
  }

  get gatewayLog(): string {
    return join(this.#directory, 'gateway.log');
  }

  /** Pulls or plugs the far end of an uplink's cable. */
  setCable(uplink: string, plugged: boolean): void {
    this.netns.ip('link', 'set', `${uplink}-far`, plugged ? 'up' : 'down');
  }

  close(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    this.netns.remove();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #start(argv: readonly string[], log: number, netnsPath?: string): ChildProcess {
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', ...argv];
    const [file = '', ...rest] = insideNetns(node, netnsPath);
    const cache = join(this.#directory, 'compile-cache');
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    const child = spawn(file, rest, { stdio: ['ignore', log, log], env });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }

  #layCables(): void {
    const uplinks = UPLINKS.flatMap((name, at) => [
      `link add ${name} type veth peer name ${name}-far`,
      `address add 10.93.${at + 1}.2/24 dev ${name}`,
      `link set ${name} up`,
      `link set ${name}-far up`,
    ]);
    this.netns.ipBatch(['link set lo up', `address add ${GATEWAY.address}/32 dev lo`, ...uplinks]);
  }

  #config(files: Pick<AgentConfig['access'], 'certificateFile' | 'keyFile' | 'caFile'>) {
    const config: AgentConfig = {
      tenant: 'acme',
      area: 'Mainland China',
      stateDirectory: this.stateDirectory,
      controlSocket: this.controlSocket,
      // There is no board: the agent looks for one all the time.
      board: { path: join(this.#directory, 'no-board'), baudRate: 115_200 },
      uplinks: UPLINKS.map((id, at) => ({
        id,
        kind: 'wired',
        deviceName: id,
        priority: at + 1,
        weight: 100,
        use: 'data',
        gateway: `10.93.${at + 1}.1`,
      })),
      lanPrefixes: ['192.168.93.0/24'],
      access: {
        ...files,
        keepAliveS: 5,
        gateways: [{ id: 'gwa', ...GATEWAY, serverName: SERVER_NAME }],
      },
      logLevel: 'debug',
    };
    return config;
  }
}
