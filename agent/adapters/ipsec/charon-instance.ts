/**
 * One running charon and our conversation with it: started or adopted, watched, and ended.
 *
 * A closed conversation means that it died, an unanswered question that it hangs: then it is killed, for a daemon that
 * does nothing is worse than none. Either way the listener is told once. Left alone it goes on without us.
 */
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { type IkeAssociation, readAssociations } from '../../engine/association-view.ts';
import { CHARON_EVENTS, type CharonEvent, readCharonEvent } from '../../engine/vici-event.ts';
import { EngineRefused } from '../../engine-port.ts';
import { EngineDaemon } from '../engine/engine-daemon.ts';
import { endProcess, isAlive, markOf, type ProcessMark } from './charon-process.ts';
import { ViciClient } from './vici-client.ts';

export interface CharonHome {
  readonly program: string;
  readonly configPath: string;
  readonly viciPath: string;
  readonly configText: string;
  readonly netnsPath: string | undefined;
}

export interface CharonListener {
  onEvent(event: CharonEvent): void;
  onLost(why: string): void;
}

/** Starting takes 30 ms, a busy machine some hundred. */
const READY_MS_MAX = 5_000;
const HEARTBEAT_MS = 1_000;
/** An exit is told a moment after the socket has closed; its reason is worth the wait. */
const REASON_WAIT_MS = 100;
/** `sun_path` without its closing zero. */
const SOCKET_PATH_MAX = 107;

export class CharonInstance {
  readonly home: CharonHome;
  readonly mark: ProcessMark;
  readonly vici: ViciClient;
  readonly #daemon: EngineDaemon | undefined;
  #listener: CharonListener | undefined;
  #heartbeat: NodeJS.Timeout;

  private constructor(
    home: CharonHome,
    mark: ProcessMark,
    vici: ViciClient,
    daemon: EngineDaemon | undefined,
    listener: CharonListener,
  ) {
    this.home = home;
    this.mark = mark;
    this.vici = vici;
    this.#daemon = daemon;
    this.#listener = listener;
    this.#heartbeat = setInterval(() => {
      // Its outcome is told by the conversation's end.
      vici.request('version').catch(() => undefined);
    }, HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  static async start(home: CharonHome, listener: CharonListener): Promise<CharonInstance> {
    if (Buffer.byteLength(home.viciPath) > SOCKET_PATH_MAX) {
      throw new EngineRefused('EENGINE_PATH', `${home.viciPath} is too long for a socket`);
    }
    await writeFile(home.configPath, home.configText, { mode: 0o600 });
    await unlink(home.viciPath).catch(() => undefined);
    const env = { PATH: process.env['PATH'], STRONGSWAN_CONF: home.configPath };
    const { netnsPath, program } = home;
    const daemon = EngineDaemon.start({ argv: [program], netnsPath, env }, () => undefined);
    try {
      await daemon.ready(async () => canConnect(home.viciPath), READY_MS_MAX);
      const mark = await markOf(daemon.pid ?? 0);
      if (mark === undefined) throw new EngineRefused('EENGINE_DIED', 'charon ended at once');
      return await CharonInstance.#converse(home, mark, daemon, listener);
    } catch (error) {
      await daemon.stop();
      throw error;
    }
  }

  /** Undefined when it is gone, hangs, or was started with another configuration. */
  static async adopt(
    home: CharonHome,
    mark: ProcessMark,
    listener: CharonListener,
  ): Promise<CharonInstance | undefined> {
    if (!(await isAlive(mark))) return undefined;
    const text = await readFile(home.configPath, 'utf8').catch(() => '');
    if (text !== home.configText) return undefined;
    return CharonInstance.#converse(home, mark, undefined, listener).catch(() => undefined);
  }

  static async #converse(
    home: CharonHome,
    mark: ProcessMark,
    daemon: EngineDaemon | undefined,
    listener: CharonListener,
  ): Promise<CharonInstance> {
    let instance: CharonInstance | undefined;
    const vici = await ViciClient.connect(home.viciPath, {
      onEvent: (name, message) => {
        const event = readCharonEvent(name, message);
        if (event !== undefined) instance?.hear(event);
      },
      onClosed: (code) => instance?.conversationEnded(code),
    });
    try {
      await vici.request('version');
      for (const event of CHARON_EVENTS) await vici.register(event);
    } catch (error) {
      vici.close();
      throw error;
    }
    instance = new CharonInstance(home, mark, vici, daemon, listener);
    return instance;
  }

  /** False from the moment the conversation has ended. */
  get isUsable(): boolean {
    return this.vici.closed === undefined;
  }

  async associations(connection: string): Promise<readonly IkeAssociation[]> {
    return readAssociations(await this.vici.stream('list-sas', 'list-sa', { ike: connection }));
  }

  /** It says goodbye to its peers and leaves nothing but what a TUN device's end leaves. */
  async stop(): Promise<void> {
    this.leave();
    this.#daemon?.leave();
    await endProcess(this.mark, 'gently');
    await unlink(this.home.configPath).catch(() => undefined);
    await unlink(this.home.viciPath).catch(() => undefined);
  }

  /** Lets it run and forgets it. */
  leave(): void {
    this.#listener = undefined;
    clearInterval(this.#heartbeat);
    this.#daemon?.leave();
    this.vici.close();
  }

  private hear(event: CharonEvent): void {
    this.#listener?.onEvent(event);
  }

  private conversationEnded(code: string): void {
    void this.#ended(code);
  }

  async #ended(code: string): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    clearInterval(this.#heartbeat);
    if (listener === undefined) return;
    const died = code === 'EVICI_CLOSED';
    if (died) await new Promise((resolve) => setTimeout(resolve, REASON_WAIT_MS));
    await endProcess(this.mark, 'at once');
    const reason = died ? (this.#daemon?.ended ?? 'charon is gone') : hangReason(code);
    listener.onLost(reason);
  }
}

function hangReason(code: string): string {
  return code === 'EVICI_TIMEOUT'
    ? 'charon did not answer in time and was killed'
    : `charon spoke nonsense (${code}) and was killed`;
}

async function canConnect(path: string): Promise<boolean> {
  try {
    const vici = await ViciClient.connect(path, {
      onEvent: () => undefined,
      onClosed: () => undefined,
    });
    vici.close();
    return true;
  } catch {
    return false;
  }
}
