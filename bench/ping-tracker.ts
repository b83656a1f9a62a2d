/**
 * The peer of the failover suite: a tuned ping tracker, the approach of mwan3 and of many branch scripts.
 *
 * One `ping` per tunnel; so many consecutive misses take the tunnel out, so many answers bring it back; the
 * first tunnel that lives carries the prefix by `ip route replace`. Its stock timing is 10 s and five misses;
 * here it gets 50 ms and three, which is what our sessions get.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { insideNetns, runCommand } from '../sim/lab/command.ts';

export interface TrackedTunnel {
  readonly deviceName: string;
  /** Pinged through the tunnel. */
  readonly remote: string;
}

export interface PingTrackerOptions {
  readonly netnsPath: string;
  readonly prefix: string;
  /** The best first. */
  readonly tunnels: readonly TrackedTunnel[];
  readonly intervalMs: number;
  readonly missesMax: number;
  readonly answersMin: number;
  /** Told after the route has moved. */
  readonly onMoved?: (tunnel: TrackedTunnel) => Promise<void>;
}

interface Track {
  readonly tunnel: TrackedTunnel;
  readonly child: ChildProcess;
  misses: number;
  answers: number;
  alive: boolean;
}

export class PingTracker {
  readonly #options: PingTrackerOptions;
  readonly #tracks: readonly Track[];
  #carrier: TrackedTunnel | undefined;
  #moving: Promise<void> = Promise.resolve();

  constructor(options: PingTrackerOptions) {
    this.#options = options;
    this.#tracks = options.tunnels.map((tunnel) => this.#track(tunnel));
  }

  /** The place of the tunnel the prefix goes over; -1 before there is one. */
  get place(): number {
    return this.#tracks.findIndex(({ tunnel }) => tunnel === this.#carrier);
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#tracks.map(
        async ({ child }) =>
          new Promise<void>((resolve) => {
            if (child.exitCode !== null) return resolve();
            child.once('close', () => resolve());
            child.kill('SIGKILL');
          }),
      ),
    );
    await this.#moving;
  }

  #track(tunnel: TrackedTunnel): Track {
    const { netnsPath, intervalMs } = this.#options;
    const seconds = (intervalMs / 1000).toFixed(3);
    const argv = ['ping', '-O', '-n', '-i', seconds, '-I', tunnel.deviceName, tunnel.remote];
    const [file = 'ping', ...rest] = insideNetns(argv, netnsPath);
    const env = { ...process.env, LC_ALL: 'C' };
    const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'ignore'], env });
    const track: Track = { tunnel, child, misses: 0, answers: 0, alive: false };
    createInterface({ input: child.stdout }).on('line', (line) => this.#onLine(track, line));
    return track;
  }

  #onLine(track: Track, line: string): void {
    const { missesMax, answersMin } = this.#options;
    if (line.includes('no answer yet')) {
      track.misses += 1;
      track.answers = 0;
    } else if (line.includes(' bytes from ')) {
      track.answers += 1;
      track.misses = 0;
    }
    if (track.misses >= missesMax) track.alive = false;
    if (track.answers >= answersMin) track.alive = true;
    this.#choose();
  }

  #choose(): void {
    const best = this.#tracks.find((track) => track.alive)?.tunnel;
    if (best === undefined || best === this.#carrier) return;
    this.#carrier = best;
    this.#moving = this.#moving.then(async () => this.#move(best));
  }

  async #move(tunnel: TrackedTunnel): Promise<void> {
    const { netnsPath, prefix, onMoved } = this.#options;
    await runCommand(['ip', 'route', 'replace', prefix, 'dev', tunnel.deviceName], { netnsPath });
    await onMoved?.(tunnel);
  }
}
