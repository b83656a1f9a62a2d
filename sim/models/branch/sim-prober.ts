/**
 * The branch's probes in the simulated world, with the promises of `PathProber` and `EchoProber`: to an access gateway
 * over an uplink, to a host behind the gateways through whatever tunnel carries traffic, or through a named one.
 */
import type { AddressFinder } from '../../../agent/access/names/address-finder.ts';
import { familyOf } from '../../../agent/access/names/address-order.ts';
import type { EchoAnswer, EchoTarget } from '../../../agent/model/health-check.ts';
import type { ProbeAnswer, ProbeTarget } from '../../../agent/model/path-probe.ts';
import type { EchoProber, PathProber } from '../../../agent/ports.ts';
import { VPC_HOST } from '../../lab/topology.ts';
import type { World } from '../../world/world.ts';
import type { TunnelPath } from '../network/network-path.ts';
import type { AccessRoute } from './sim-access-channel.ts';

const ANSWER_MS = 1_000;
/** Inside tunnels; no probe of the product uses it. */
const PROBE_PORT = 9;
/** What arrives here is answered by the way it came; nor does this one. */
const ECHO_PORT = 11;

export interface SimProberOptions {
  readonly world: World;
  /** Who knows the addresses of gateways now. */
  readonly finder: () => AddressFinder | undefined;
  readonly routeTo: (target: Omit<ProbeTarget, 'port'>) => AccessRoute | undefined;
  readonly paths: readonly TunnelPath[];
  readonly pathOfDevice: (name: string) => TunnelPath | undefined;
  readonly branchEgress: () => TunnelPath | undefined;
  /** The way an answer takes. */
  readonly farEgress: () => TunnelPath | undefined;
}

export class SimProber implements PathProber, EchoProber {
  readonly #options: SimProberOptions;
  readonly #waiting = new Map<number, () => void>();
  #sent = 0;

  constructor(options: SimProberOptions) {
    this.#options = options;
    for (const path of options.paths) {
      path.listen('hub', PROBE_PORT, (bytes) =>
        options.farEgress()?.send('hub', PROBE_PORT, bytes),
      );
      path.listen('hub', ECHO_PORT, (bytes) => path.send('hub', ECHO_PORT, bytes));
      for (const port of [PROBE_PORT, ECHO_PORT])
        path.listen('branch', port, (bytes) => this.#waiting.get(numberIn(bytes))?.());
    }
  }

  probe(target: ProbeTarget, onAnswer: (answer: ProbeAnswer) => void): void {
    const id = this.#await(ANSWER_MS, onAnswer);
    if (target.sourceAddress === undefined)
      this.#send(this.#options.branchEgress(), PROBE_PORT, id);
    else this.#knock(target, id);
  }

  echo(target: EchoTarget, onAnswer: (answer: EchoAnswer) => void): void {
    const { pathOfDevice, branchEgress } = this.#options;
    const id = this.#await(target.timeoutMs, onAnswer);
    if (target.deviceName !== undefined) this.#send(pathOfDevice(target.deviceName), ECHO_PORT, id);
    else if (target.address === VPC_HOST) this.#send(branchEgress(), PROBE_PORT, id);
    else this.#knock(target, id);
  }

  #await(waitMs: number, onAnswer: (answer: ProbeAnswer) => void): number {
    const { world } = this.#options;
    const id = this.#sent;
    this.#sent += 1;
    const startedAtMs = world.nowMs;
    const late = world.after(waitMs, 'probe time-out', () => {
      this.#waiting.delete(id);
      onAnswer({ ok: false, because: 'no answer in time' });
    });
    this.#waiting.set(id, () => {
      this.#waiting.delete(id);
      world.cancel(late);
      onAnswer({ ok: true, rttMs: world.nowMs - startedAtMs });
    });
    return id;
  }

  #send(path: TunnelPath | undefined, port: number, id: number): void {
    path?.send('branch', port, bytesOf(id));
  }

  /** An access point may be given by its name. */
  #knock({ address: name, sourceAddress }: Omit<ProbeTarget, 'port'>, id: number): void {
    const { world, finder } = this.#options;
    const over = sourceAddress === undefined ? {} : { sourceAddress };
    if (familyOf(name) !== undefined) return this.#knockAt({ address: name, ...over }, id);
    const dial = (address: string) => {
      this.#knockAt({ address, ...over }, id);
      return () => undefined;
    };
    const hands = { dial, onFailed: () => undefined };
    const leave = finder()?.find({ name, ...over, inHaste: true }, hands);
    if (leave !== undefined) world.after(ANSWER_MS, 'probe is over', leave);
    return undefined;
  }

  /** A gateway that is down refuses the connection, which is an answer as well. */
  #knockAt(target: Omit<ProbeTarget, 'port'>, id: number): void {
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
