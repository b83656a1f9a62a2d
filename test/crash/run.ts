/**
 * Kills the agent again and again, at any moment, while its cables come and go and its gateway is killed as well; then
 * lets it run in peace and asks what became of every event that was ever on its disk.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OUTBOX_SHELF } from '../../agent/access/outbox.ts';
import { readStoreFile } from '../../agent/adapters/store/sqlite-store-file.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import { SqliteEventStore } from '../../sim/live/gateway/sqlite-event-store.ts';
import { CrashRoom, UPLINKS } from './room.ts';

/** The agent lives this long at most before it is killed: through start, registration and some events. */
const LIFE_MS_MAX = 3_000;
/** On a slow machine it lives longer, by how long its first event takes to the gateway. */
const LIVES_PER_FIRST_EVENT = 2;
const CHURN_MS_MAX = 300;
/** In each round of so many kills of the agent its gateway is killed while it runs, stays away, and comes back. */
const ROUND_KILLS = 5;
const GATEWAY_DIES_AT = 1;
const GATEWAY_RETURNS_AT = 3;
/** In peace everything that waits arrives, also on a busy machine. */
const PEACE_MS_MAX = 60_000;
const LOOK_MS = 100;

export interface CrashOptions {
  readonly kills: number;
  readonly seed: number;
  /** Fewer kills, but not more time than this. */
  readonly msMax?: number;
  readonly onProgress: (line: string) => void;
}

export interface CrashReport {
  readonly kills: number;
  readonly gatewayKills: number;
  /** Events that were on the disk of a killed agent. */
  readonly kept: number;
  readonly stored: number;
  /** Kept, or told to be stored, and not at the gateway in the end. */
  readonly lost: readonly string[];
  /** Came again and were kept once. */
  readonly duplicates: number;
  /** At the gateway more than once. */
  readonly doubled: number;
  /** Files that were found damaged, by anybody. */
  readonly corrupt: readonly string[];
  readonly tookMs: number;
}

export async function runCrash(options: CrashOptions): Promise<CrashReport> {
  const room = await CrashRoom.open(mkdtempSync(join(tmpdir(), 'sag-crash-')));
  const run = new CrashRun(room, options);
  try {
    return await run.through();
  } finally {
    run.endChurn();
    room.close();
  }
}

class CrashRun {
  readonly #room: CrashRoom;
  readonly #options: CrashOptions;
  readonly #random: SeededRandom;
  readonly #kept = new Set<string>();
  #gateway: ChildProcess | undefined;
  #kills = 0;
  #gatewayKills = 0;
  #churns = true;
  #lifeMsMax = LIFE_MS_MAX;

  constructor(room: CrashRoom, options: CrashOptions) {
    this.#room = room;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#gateway = room.startGateway();
  }

  endChurn(): void {
    this.#churns = false;
  }

  async through(): Promise<CrashReport> {
    const startMs = performance.now();
    const { kills, msMax = Number.POSITIVE_INFINITY, onProgress } = this.#options;
    const churned = this.#churn();
    await this.#killFirst();
    while (this.#kills < kills && performance.now() - startMs < msMax) {
      await this.#killOnce();
      if (this.#kills % 10 === 0) {
        const told = `${this.#kept.size} events were on its disk, ${this.#stored().length} are stored`;
        onProgress(`${this.#kills} of ${kills} kills: ${told}`);
      }
    }
    this.endChurn();
    await churned;
    await this.#peace();
    return this.#report(performance.now() - startMs);
  }

  /** The first lives until an event of its has arrived. */
  async #killFirst(): Promise<void> {
    const bornMs = performance.now();
    const agent = this.#room.startAgent();
    while (this.#stored().length === 0 && performance.now() - bornMs < PEACE_MS_MAX) {
      await sleep(LOOK_MS);
    }
    const firstEventMs = performance.now() - bornMs;
    this.#lifeMsMax = Math.max(LIFE_MS_MAX, firstEventMs * LIVES_PER_FIRST_EVENT);
    await this.#kill(agent);
  }

  async #killOnce(): Promise<void> {
    const agent = this.#room.startAgent();
    const at = this.#kills % ROUND_KILLS;
    await sleep(this.#random.next() * this.#lifeMsMax);
    if (at === GATEWAY_DIES_AT) await this.#killGateway();
    if (at === GATEWAY_RETURNS_AT) this.#gateway ??= this.#room.startGateway();
    if (at === GATEWAY_DIES_AT || at === GATEWAY_RETURNS_AT) {
      await sleep(this.#random.next() * this.#lifeMsMax);
    }
    await this.#kill(agent);
  }

  async #kill(agent: ChildProcess): Promise<void> {
    await this.#end(agent, 'SIGKILL');
    // Each stands for a power cut: a row of kills on a machine that stays up would be crashes, and end in safe mode.
    this.#room.emptyRunDirectory();
    this.#kills += 1;
    this.#look();
  }

  async #killGateway(): Promise<void> {
    if (this.#gateway === undefined) return;
    await this.#end(this.#gateway, 'SIGKILL');
    this.#gateway = undefined;
    this.#gatewayKills += 1;
  }

  /** What a killed agent left on its disk must reach the gateway some day. */
  #look(): void {
    for (const { shelf, key } of readStoreFile(this.#room.stateDirectory) ?? []) {
      if (shelf === OUTBOX_SHELF) this.#kept.add(key);
    }
  }

  async #churn(): Promise<void> {
    while (this.#churns) {
      const uplink = UPLINKS[this.#random.next() < 0.25 ? 0 : 1];
      this.#room.setCable(uplink, false);
      await sleep(this.#random.next() * CHURN_MS_MAX);
      this.#room.setCable(uplink, true);
      await sleep(this.#random.next() * CHURN_MS_MAX);
    }
  }

  async #peace(): Promise<void> {
    const untilMs = performance.now() + PEACE_MS_MAX;
    this.#gateway ??= this.#room.startGateway();
    const agent = this.#room.startAgent();
    while (this.#missing().length > 0 && performance.now() < untilMs) await sleep(LOOK_MS);
    await this.#end(agent, 'SIGTERM');
  }

  /** Nobody ends before being told to: that would be a crash of their own. */
  async #end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`ended by itself: ${this.#log().slice(-1_000)}`);
    }
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  #missing(): readonly string[] {
    const stored = new Set(this.#stored());
    return [...this.#kept, ...this.#acknowledged()].filter((id) => !stored.has(id));
  }

  #stored(): readonly string[] {
    if (!existsSync(this.#room.eventsFile)) return [];
    const store = new SqliteEventStore(this.#room.eventsFile);
    const ids = store.all().map(({ event }) => event.id);
    store.close();
    return ids;
  }

  /** What an agent forgot because it was told that it is stored, by its own log. */
  #acknowledged(): readonly string[] {
    return [...this.#log().matchAll(/has stored event ([\w-]+)/g)].map(([, id = '']) => id);
  }

  #log(): string {
    return existsSync(this.#room.logFile) ? readFileSync(this.#room.logFile, 'utf8') : '';
  }

  #report(tookMs: number): CrashReport {
    const stored = this.#stored();
    const { stateDirectory, gatewayLog } = this.#room;
    const duplicates = readFileSync(gatewayLog, 'utf8').split('duplicate\n').length - 1;
    return {
      kills: this.#kills,
      gatewayKills: this.#gatewayKills,
      kept: this.#kept.size,
      stored: stored.length,
      lost: this.#missing(),
      duplicates,
      doubled: stored.length - new Set(stored).size,
      corrupt: readdirSync(stateDirectory, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.includes('.damaged'),
      ),
      tookMs,
    };
  }
}
