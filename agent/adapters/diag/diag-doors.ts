/**
 * Opens the doors for people: the control socket, and the page where one is configured.
 *
 * A door that cannot open is noted and the agent goes on without it: field diagnostics must never decide
 * whether a branch has a network.
 */

import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import type { AgentConfig, PageConfig } from '../../model/config.ts';
import type { DoorNote } from '../../model/notes/door-note.ts';
import type { AgentSnapshot, TimedNote } from '../../model/snapshot.ts';
import type { ControlDesk } from '../control/control-desk.ts';
import { openControlSocket } from '../control/control-socket.ts';
import { DoorClosed } from '../control/control-socket-claim.ts';
import { PageCredentials } from '../page/page-credentials.ts';
import { openPageServer, type PageServerOptions } from '../page/page-server.ts';
import { DirectoryFiles } from '../store/directory-files.ts';

export interface DiagDoorsOptions extends ControlDesk {
  readonly config: Pick<
    AgentConfig,
    'controlSocket' | 'page' | 'stateDirectory' | 'uplinks' | 'lanPrefixes' | 'lanPorts'
  >;
  /** Makes a bundle for the page; absent where nobody can. */
  readonly bundle?: NonNullable<PageServerOptions['bundle']>;
  readonly historyStepMs?: NonNullable<PageServerOptions['historyStepMs']>;
  readonly headersWaitMs?: NonNullable<PageServerOptions['headersWaitMs']>;
  /** Of the page's sessions; by default the monotonic clock. */
  readonly nowMs?: () => number;
  readonly log: (note: DoorNote) => void;
}

export interface DiagDoors {
  /** Hands a note to everybody who follows. */
  noted(timed: TimedNote): void;
  close(): Promise<void>;
}

type Door = 'control' | 'page';

/** Without a word about the page: where technicians look for it, on a box that has such an address. */
const AT_CONSOLE: PageConfig = { hosts: [] };
/** Refusals of one kind are told at most this often, with their number: a scan must not fill the log. */
const REFUSAL_PAUSE_MS = 10_000;
/** A snapshot asks the fast path across threads; past this the asker is told that nobody answered. */
const SNAPSHOT_WAIT_MS = 2_000;

export async function openDiagDoors(options: DiagDoorsOptions): Promise<DiagDoors> {
  const { config, log, nowMs = () => liveClock.nowMs(), ...asked } = options;
  const desk = { ...asked, nowMs };
  const refusals = new Refusals(log);
  const snapshot = async (): Promise<AgentSnapshot> => inTime(options.snapshot());
  const control = await opened('control', [config.controlSocket], log, async () =>
    openControlSocket({
      ...desk,
      path: config.controlSocket,
      box: config,
      snapshot,
      acted: (what, { uid, pid }) =>
        log({ code: 'doorActed', level: 'notice', door: 'control', what, uid, pid }),
      refused: (code) => refusals.count('control', code),
    }),
  );
  const { page = AT_CONSOLE } = config;
  const places = [page.address, page.unixSocket].filter((place) => place !== undefined);
  const pageServer =
    page.off === true
      ? undefined
      : await opened('page', places, log, async () =>
          openPageServer({
            ...desk,
            page,
            box: config,
            snapshot,
            credentials: new PageCredentials(new DirectoryFiles(config.stateDirectory)),
            note: log,
            refused: (code) => refusals.count('page', code),
          }),
        );
  return {
    noted: (timed) => {
      control?.noted(timed);
      pageServer?.noted(timed);
    },
    close: async () => {
      refusals.stop();
      await Promise.all([control?.close(), pageServer?.close()]);
    },
  };
}

async function opened<Open extends { readonly places: readonly string[] }>(
  door: Door,
  places: readonly string[],
  log: (note: DoorNote) => void,
  open: () => Promise<Open>,
): Promise<Open | undefined> {
  try {
    const it = await open();
    const where = it.places.join(' and ');
    if (where !== '') log({ code: 'doorOpened', level: 'info', door, where });
    return it;
  } catch (error) {
    if (!(error instanceof DoorClosed)) throw error;
    const { code, message } = error;
    const where = places.join(' and ');
    log({ code: 'doorFailed', level: 'warning', door, where, reason: code, text: message });
    return undefined;
  }
}

async function inTime<Value>(promise: Promise<Value>): Promise<Value> {
  let late: NodeJS.Timeout | undefined;
  const lateness = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => reject(new Error('no snapshot in time')), SNAPSHOT_WAIT_MS);
  });
  try {
    return await Promise.race([promise, lateness]);
  } finally {
    clearTimeout(late);
  }
}

/** Counts refusals and tells them at once the first time, then bundled. */
class Refusals {
  readonly #log: (note: DoorNote) => void;
  readonly #waiting = new Map<string, { door: Door; reason: string; times: number }>();
  #pause: NodeJS.Timeout | undefined;

  constructor(log: (note: DoorNote) => void) {
    this.#log = log;
  }

  count(door: Door, reason: string): void {
    const key = `${door} ${reason}`;
    const entry = this.#waiting.get(key) ?? { door, reason, times: 0 };
    entry.times += 1;
    this.#waiting.set(key, entry);
    if (this.#pause === undefined) this.#tell();
  }

  stop(): void {
    clearTimeout(this.#pause);
  }

  #tell(): void {
    this.#pause = undefined;
    if (this.#waiting.size === 0) return;
    for (const { door, reason, times } of this.#waiting.values()) {
      this.#log({ code: 'doorRefused', level: 'warning', door, reason, times });
    }
    this.#waiting.clear();
    this.#pause = setTimeout(() => this.#tell(), REFUSAL_PAUSE_MS).unref();
  }
}
