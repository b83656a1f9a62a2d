/** Kernel objects in few words, and a mirror whose surroundings are at hand. */
import { KernelMirror } from '../../../../firmware-shim/kernel/mirror.ts';
import type { MirrorNews } from '../../../../firmware-shim/kernel/mirror-news.ts';
import type { KernelDump, KernelDumpResult } from '../../../../firmware-shim/kernel/operations.ts';
import type {
  KernelAddress,
  KernelEvent,
  KernelLink,
  KernelNeighbour,
  KernelNexthop,
  KernelRoute,
} from '../../../../firmware-shim/kernel/types.ts';

export const link = (index: number, rest: Partial<KernelLink> = {}): KernelEvent => ({
  type: 'linkChanged',
  link: { index, name: `eth${index}`, adminUp: true, carrier: true, mtu: 1500, ...rest },
});
export const address = (deviceIndex: number, text: string): KernelAddress => ({
  deviceIndex,
  family: text.includes(':') ? 'ipv6' : 'ipv4',
  address: text,
  prefixLength: text.includes(':') ? 64 : 24,
});
export const route = (destination: string, rest: Partial<KernelRoute>): KernelRoute => ({
  family: destination.includes(':') ? 'ipv6' : 'ipv4',
  destination,
  table: 254,
  protocol: 196,
  type: 'unicast',
  ...rest,
});
export const added = (one: KernelRoute, replaces?: true): KernelEvent => ({
  type: 'routeAdded',
  route: one,
  ...(replaces && { replaces }),
});
export const nexthop = (id: number, rest: Partial<KernelNexthop>): KernelEvent => ({
  type: 'nexthopAdded',
  nexthop: { id, family: 'ipv4', protocol: 196, ...rest },
});
export const group = (id: number, ...members: readonly number[]): KernelEvent =>
  nexthop(id, { group: members.map((member) => ({ id: member, weight: 1 })) });
export const neighbour = (state: number, rest: Partial<KernelNeighbour> = {}): KernelEvent => ({
  type: 'neighbourChanged',
  neighbour: { deviceIndex: 2, family: 'ipv6', address: 'fe80::2', state, ...rest },
});

const FIRST_LETTERS = {
  links: 'link',
  addresses: 'address',
  routes: 'route',
  rules: 'rule',
  nexthops: 'nexthop',
  neighbours: 'neighbour',
};

export class MirrorScene {
  readonly asked: { what: KernelDump; done: (result: KernelDumpResult) => void }[] = [];
  readonly timers: (() => void)[] = [];
  readonly news: MirrorNews[] = [];
  readonly mirror: KernelMirror;

  constructor(protocol?: number) {
    const port = {
      dump: (what: KernelDump, done: (result: KernelDumpResult) => void) =>
        this.asked.push({ what, done }),
      afterMs: (_: number, run: () => void) => this.timers.push(run),
      tell: (one: MirrorNews) => this.news.push(one),
    };
    this.mirror = new KernelMirror(port, protocol === undefined ? {} : { protocol });
  }

  /** The look that is due starts. */
  startLook(): void {
    this.timers.shift()?.();
  }

  /** What was asked for is answered from `kernel`; which kinds these were. */
  answer(kernel: readonly KernelEvent[]): readonly string[] {
    const dumps = this.asked.splice(0);
    for (const { what, done } of dumps) {
      const objects = kernel.filter(({ type }) => type.startsWith(FIRST_LETTERS[what.dump]));
      done({ ok: true, objects });
    }
    return dumps.map(({ what }) => what.dump);
  }

  /** A whole look. */
  look(kernel: readonly KernelEvent[]): readonly string[] {
    this.startLook();
    return this.answer(kernel);
  }

  destinations(): readonly string[] {
    return this.mirror
      .routes()
      .map(({ destination }) => destination)
      .sort();
  }
}
