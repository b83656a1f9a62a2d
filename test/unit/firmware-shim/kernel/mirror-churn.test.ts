import { expect, test } from 'vitest';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import type { DeviceBinding } from '../../../../firmware-shim/kernel/device-book.ts';
import { KernelMirror } from '../../../../firmware-shim/kernel/mirror.ts';
import type { KernelDump, KernelOperation } from '../../../../firmware-shim/kernel/operations.ts';
import type { KernelEvent } from '../../../../firmware-shim/kernel/types.ts';
import { FakeKernel } from '../../../../sim/models/kernel/fake-kernel.ts';

const NAMES = ['wan1', 'wan2', 'wan3', 'lan1', 'lte0'];
const KINDS = ['links', 'addresses', 'nexthops', 'routes', 'rules'] as const;
const [WORLDS, OPERATIONS] = [50, 2_000];

/** A fake kernel under a mirror, and what is true of its devices without asking the mirror. */
class ChurnedKernel {
  readonly random: SeededRandom;
  readonly kernel: FakeKernel;
  readonly mirror: KernelMirror;
  readonly #later: (() => void)[] = [];
  readonly #timers: (() => void)[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.kernel = new FakeKernel({ defer: (run) => this.#later.push(run) });
    this.mirror = new KernelMirror({
      dump: (what, done) => this.kernel.dump(what, done),
      afterMs: (_, run) => this.#timers.push(run),
      tell: () => undefined,
    });
    this.kernel.listen((events) => this.mirror.hear(events));
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.random.u32() % items.length];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** Some of what is under way arrives: answers, events and looks meet the churn half-way. */
  arrive(): void {
    for (let left = this.random.u32() % 4; left > 0; left -= 1) this.#later.shift()?.();
    if (this.random.next() < 0.1) this.#timers.shift()?.();
  }

  rest(): void {
    while (this.#later.length + this.#timers.length > 0) {
      (this.#later.shift() ?? this.#timers.shift())?.();
    }
  }

  truth(dump: (typeof KINDS)[number]): readonly KernelEvent[] {
    let objects: readonly KernelEvent[] = [];
    const what: KernelDump = { dump };
    this.kernel.dump(what, (result) => (objects = result.ok ? result.objects : []));
    this.rest();
    return objects;
  }

  perform(operation: KernelOperation): void {
    this.kernel.perform(operation, () => undefined);
  }

  /** One thing happens, likely or not. */
  churn(): void {
    const name = this.pick(NAMES);
    const index = this.kernel.linkNamed(name)?.index;
    const at = NAMES.indexOf(name);
    if (index === undefined) return this.#appear(name, at);
    const actions: readonly (() => void)[] = [
      () => this.kernel.removeDevice(name),
      () => this.perform({ op: 'linkSet', index, name: this.pick([...NAMES, 'spare']) }),
      () => this.perform({ op: 'linkSet', index, adminUp: this.random.next() < 0.6 }),
      () => this.kernel.setCarrier(name, this.random.next() < 0.6),
      () => this.#addresses(index, at),
      () => this.#nexthops(index, at),
      () => this.#routes(index, at),
      () => this.#routes(index, at),
    ];
    if (this.random.next() < 0.01) this.kernel.overrun();
    this.pick(actions)();
  }

  /** A device comes, now and then with the index of one that went. */
  #appear(name: string, at: number): void {
    const free = 10 + (this.random.u32() % 6);
    const used = [...NAMES, 'spare'].some((one) => this.kernel.linkNamed(one)?.index === free);
    const addresses = [`10.${at}.0.1/24`, `fd0${at}::1/64`];
    this.kernel.addDevice({ name, addresses, ...(!used && { index: free }) });
  }

  #addresses(index: number, at: number): void {
    const text = this.pick([`10.${at}.0.1`, `10.${at}.1.1`, `fd0${at}::1`]);
    const [family, prefixLength] = text.includes(':')
      ? (['ipv6', 64] as const)
      : (['ipv4', 24] as const);
    const address = { deviceIndex: index, family, address: text, prefixLength };
    this.perform({ op: this.pick(['addressReplace', 'addressDelete'] as const), address });
  }

  #nexthops(deviceIndex: number, at: number): void {
    const own = { family: 'ipv4', protocol: 196 } as const;
    const id = at + 1;
    const members = [1, 2, 3].filter(() => this.random.next() < 0.5);
    this.perform(
      this.pick<KernelOperation>([
        { op: 'nexthopReplace', nexthop: { ...own, id, deviceIndex, gateway: `10.${at}.0.2` } },
        {
          op: 'nexthopReplace',
          nexthop: { ...own, id: 10 + id, group: members.map((one) => ({ id: one, weight: 1 })) },
        },
        { op: 'nexthopDelete', id: this.pick([id, 10 + id]) },
      ]),
    );
  }

  #routes(deviceIndex: number, at: number): void {
    const destination = `10.9${this.random.u32() % 4}.0.0/16`;
    const path = this.pick([
      { nexthopId: this.pick([1, 2, 11, 12, 13]) },
      { deviceIndex },
      { deviceIndex, source: `10.${at}.0.1` },
      { gateway: `10.${at}.0.2`, deviceIndex },
    ]);
    const route = {
      family: 'ipv4',
      destination,
      table: 254,
      protocol: 196,
      type: 'unicast',
      ...path,
    } as const;
    this.perform({ op: this.pick(['routeAdd', 'routeReplace', 'routeDelete'] as const), route });
  }
}

test(`in ${WORLDS * OPERATIONS} random operations no binding is stale, and at rest the mirror is the kernel`, () => {
  let [bindings, stale, losses] = [0, 0, 0];
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const churned = new ChurnedKernel(seed);
    churned.rest();
    /** Bindings held on to, with the hardware address that only the bound device has. */
    const held: {
      readonly binding: DeviceBinding;
      readonly hardwareAddress: string | undefined;
    }[] = [];
    for (let done = 1; done <= OPERATIONS; done += 1) {
      churned.churn();
      churned.arrive();
      const bound = churned.mirror.devices.bind(churned.pick(NAMES));
      const link = bound && churned.mirror.devices.link(bound);
      if (bound !== undefined)
        held.push({ binding: bound, hardwareAddress: link?.hardwareAddress });
      for (const { binding, hardwareAddress } of held.slice(-20)) {
        const now = churned.mirror.devices.link(binding);
        bindings += 1;
        if (now !== undefined && now.hardwareAddress !== hardwareAddress) stale += 1;
      }
      if (done % 100 !== 0) continue;
      churned.rest();
      expect(churned.mirror.isSure).toBe(true);
      for (const kind of KINDS) {
        const ours = churned.mirror
          .objects(kind)
          .map((one) => JSON.stringify(one))
          .sort();
        const truth = churned
          .truth(kind)
          .map((one) => JSON.stringify(one))
          .sort();
        expect({ seed, done, kind, ours }).toEqual({ seed, done, kind, ours: truth });
      }
      const present = new Set(
        churned
          .truth('links')
          .map((one) => (one.type === 'linkChanged' ? one.link.hardwareAddress : '')),
      );
      for (const { binding, hardwareAddress } of held.splice(0)) {
        const isBound = churned.mirror.devices.link(binding) !== undefined;
        if (isBound && !present.has(hardwareAddress)) stale += 1;
      }
    }
    losses += churned.mirror.counters.concluded;
  }
  expect(stale).toBe(0);
  expect(bindings).toBeGreaterThan(100_000);
  expect(losses).toBeGreaterThan(1_000);
}, 60_000);
