/**
 * The branch's path probes in the simulated world, with the promises of `PathProber`: to an access gateway over an
 * uplink, or to a host behind the gateways through whatever tunnel carries traffic.
 */
import type { PathProber, ProbeAnswer, ProbeTarget } from '../../../agent/ports.ts';
import type { World } from '../../world/world.ts';
import type { TunnelPath } from '../network/network-path.ts';
import type { AccessRoute } from './sim-access-channel.ts';

const ANSWER_MS = 1_000;
/** Inside tunnels; no probe of the product uses it. */
const PROBE_PORT = 9;

export interface SimProberOptions {
  readonly world: World;
  readonly routeTo: (target: ProbeTarget) => AccessRoute | undefined;
  readonly paths: readonly TunnelPath[];
  readonly branchEgress: () => TunnelPath | undefined;
  /** The way an answer takes. */
  readonly farEgress: () => TunnelPath | undefined;
}

export class SimProber implements PathProber {
  readonly #options: SimProberOptions;
  readonly #waiting = new Map<number, () => void>();
  #sent = 0;

  constructor(options: SimProberOptions) {
    this.#options = options;
    for (const path of options.paths) {
      path.listen('hub', PROBE_PORT, (bytes) =>
        options.farEgress()?.send('hub', PROBE_PORT, bytes),
      );
      path.listen('branch', PROBE_PORT, (bytes) => this.#waiting.get(numberIn(bytes))?.());
    }
  }

  probe(target: ProbeTarget, onAnswer: (answer: ProbeAnswer) => void): void {
    const { world, branchEgress } = this.#options;
    const id = this.#sent;
    this.#sent += 1;
    const startedAtMs = world.nowMs;
    const late = world.after(ANSWER_MS, 'probe time-out', () => {
      this.#waiting.delete(id);
      onAnswer({ ok: false, because: 'no answer in time' });
    });
    this.#waiting.set(id, () => {
      this.#waiting.delete(id);
      world.cancel(late);
      onAnswer({ ok: true, rttMs: world.nowMs - startedAtMs });
    });
    if (target.sourceAddress === undefined) branchEgress()?.send('branch', PROBE_PORT, bytesOf(id));
    else this.#knock(target, id);
  }

  /** A gateway that is down refuses the connection, which is an answer as well. */
  #knock(target: ProbeTarget, id: number): void {
    const route = this.#options.routeTo(target);
    if (route === undefined || !route.uplinkCarries()) return;
    route.path.send('out', bytesOf(id), (bytes) =>
      route.path.send('in', bytes, () => {
        if (route.uplinkCarries()) this.#waiting.get(id)?.();
      }),
    );
  }
}

function bytesOf(id: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, id);
  return bytes;
}

function numberIn(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
}
