/**
 * Room for many liveness sessions: two namespaces joined by one wire, with a pair of addresses for each session.
 *
 * Neighbours are told once and for all, because the kernel's table of learnt ones is bounded for all namespaces
 * together (`neigh.gc_thresh3`) and a thousand sessions would overrun it.
 */
import type { BfdTimers, TunnelPlan } from '../../agent/model/tunnel.ts';
import { runCommand } from './command.ts';

/** The device has the same name at both ends. */
export const FIELD_DEVICE = 'field0';
const MACS = { near: '02:00:00:00:00:01', far: '02:00:00:00:00:02' } as const;
export type FieldSide = keyof typeof MACS;
/** Second byte of the IPv4 addresses; IPv6 carries it in its first word. */
const NETWORKS = { near: 77, far: 78 } as const;
export type FieldFamily = 'ipv4' | 'ipv6';

let made = 0;

export class SessionField {
  readonly count: number;
  readonly familyOf: (index: number) => FieldFamily;
  readonly #name: string;

  private constructor(count: number, familyOf: (index: number) => FieldFamily) {
    this.count = count;
    this.familyOf = familyOf;
    made += 1;
    this.#name = `sagf-${process.pid}-${made}`;
  }

  static async open(
    count: number,
    familyOf: (index: number) => FieldFamily = () => 'ipv4',
  ): Promise<SessionField> {
    const field = new SessionField(count, familyOf);
    try {
      await field.#build();
    } catch (error) {
      await field.close();
      throw error;
    }
    return field;
  }

  netnsName(side: FieldSide): string {
    return `${this.#name}-${side}`;
  }

  netnsPath(side: FieldSide): string {
    return `/run/netns/${this.netnsName(side)}`;
  }

  address(side: FieldSide, index: number): string {
    return this.familyOf(index) === 'ipv4'
      ? `10.${NETWORKS[side]}.${index >> 8}.${index & 255}`
      : `fd${NETWORKS[side]}::1:${(index + 1).toString(16)}`;
  }

  /** The sessions as tunnels of one side. */
  tunnels(side: FieldSide, timersOf: (index: number) => BfdTimers): readonly TunnelPlan[] {
    const other = side === 'near' ? 'far' : 'near';
    return Array.from({ length: this.count }, (_, index) => ({
      id: `s${index}`,
      uplink: 'field',
      gateway: 'field',
      deviceName: FIELD_DEVICE,
      innerLocal: this.address(side, index),
      innerRemote: this.address(other, index),
      bfd: timersOf(index),
      gatewayOrder: 1,
    }));
  }

  async ip(side: FieldSide, ...words: readonly string[]): Promise<string> {
    return runCommand(['ip', '-n', this.netnsName(side), ...words]);
  }

  /** Many commands of ip(8) in one process. */
  async ipBatch(side: FieldSide, lines: readonly string[]): Promise<void> {
    const argv = ['ip', '-n', this.netnsName(side), '-batch', '-'];
    await runCommand(argv, { input: `${lines.join('\n')}\n` });
  }

  /** Statements of nft(8) in a side's own namespace. */
  async nft(side: FieldSide, statements: readonly string[]): Promise<void> {
    const netnsPath = this.netnsPath(side);
    await runCommand(['nft', '-f', '-'], { netnsPath, input: `${statements.join('\n')}\n` });
  }

  async close(): Promise<void> {
    for (const side of ['near', 'far'] as const) {
      await runCommand(['ip', 'netns', 'del', this.netnsName(side)]).catch(() => undefined);
    }
  }

  async #build(): Promise<void> {
    for (const side of ['near', 'far'] as const) {
      await runCommand(['ip', 'netns', 'add', this.netnsName(side)]);
    }
    const veth = ['link', 'add', FIELD_DEVICE, 'address', MACS.near, 'type', 'veth', 'peer'];
    const peer = ['name', FIELD_DEVICE, 'address', MACS.far, 'netns', this.netnsName('far')];
    await this.ip('near', ...veth, ...peer);
    for (const side of ['near', 'far'] as const) {
      await this.ipBatch(side, this.#lines(side));
    }
  }

  #lines(side: FieldSide): readonly string[] {
    const other = side === 'near' ? 'far' : 'near';
    const lines = ['link set lo up', `link set ${FIELD_DEVICE} up`];
    for (let index = 0; index < this.count; index += 1) {
      const isV4 = this.familyOf(index) === 'ipv4';
      const own = `${this.address(side, index)}/${isV4 ? 32 : 128}`;
      lines.push(
        `addr add ${own} dev ${FIELD_DEVICE}${isV4 ? '' : ' nodad'}`,
        `neigh add ${this.address(other, index)} lladdr ${MACS[other]} nud permanent dev ${FIELD_DEVICE}`,
      );
    }
    lines.push(
      `route add 10.${NETWORKS[other]}.0.0/16 dev ${FIELD_DEVICE}`,
      `route add fd${NETWORKS[other]}::/64 dev ${FIELD_DEVICE}`,
    );
    return lines;
  }
}
