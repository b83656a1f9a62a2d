/** The addresses of LAN ports, on a kernel that keeps them as Linux does. */
import { expect, test } from 'vitest';
import { lanSteps } from '../../../../agent/state/lan-steps.ts';
import { nextSteps } from '../../../../agent/state/next-steps.ts';
import { ObservedState } from '../../../../agent/state/observed-state.ts';
import type { KernelChange } from '../../../../firmware-shim/kernel/types.ts';
import { FakeKernel } from '../../../../sim/models/kernel/fake-kernel.ts';

const port = (address: string) => ({ id: 'lan0', deviceName: 'lan0', address });

class Lan {
  readonly kernel: FakeKernel;
  readonly observed = new ObservedState();
  readonly #deferred: (() => void)[] = [];

  constructor(...addresses: readonly string[]) {
    this.kernel = new FakeKernel({ defer: (run) => this.#deferred.push(run) });
    this.kernel.addDevice({ name: 'lan0', addresses });
    this.kernel.listen((events) => this.observed.applyKernel(events as readonly KernelChange[]));
    this.#settle();
  }

  /** Takes the first step until there is none, as the reconciler does. */
  reach(address: string): readonly string[] {
    const taken: string[] = [];
    for (;;) {
      const [step] = lanSteps([port(address)], this.observed);
      if (step === undefined || taken.length > 10) return taken;
      taken.push(step.sentence);
      if (step.action.do === 'kernel') this.kernel.perform(step.action.operation, () => undefined);
      this.#settle();
    }
  }

  #settle(): void {
    for (let run = this.#deferred.shift(); run !== undefined; run = this.#deferred.shift()) run();
  }
}

test('a port without an address gets it, and there is nothing more to do', () => {
  const lan = new Lan();
  expect(lan.reach('192.168.10.1/24')).toEqual(['Give LAN port lan0 the address 192.168.10.1/24.']);
  expect(lan.reach('192.168.10.1/24')).toEqual([]);
});

test('a move to another network: the new address is there before the old one goes', () => {
  expect(new Lan('192.168.10.1/24').reach('192.168.30.1/24')).toEqual([
    'Give LAN port lan0 the address 192.168.30.1/24.',
    'Take the address 192.168.10.1/24 off LAN port lan0.',
  ]);
});

test('a move within a network: the old one goes first, as the kernel would take the new one along', () => {
  expect(new Lan('192.168.10.1/24').reach('192.168.10.9/24')).toEqual([
    'Take the address 192.168.10.1/24 off LAN port lan0.',
    'Give LAN port lan0 the address 192.168.10.9/24.',
  ]);
});

test('another length is another address', () => {
  expect(new Lan('192.168.10.1/24').reach('192.168.10.1/25')).toHaveLength(2);
});

test('IPv6 addresses and devices that are no LAN port are not touched', () => {
  const lan = new Lan('fd00::1/64', '192.168.10.1/24');
  lan.kernel.addDevice({ name: 'mgt0', addresses: ['192.168.88.1/24'] });
  expect(lan.reach('192.168.10.1/24')).toEqual([]);
});

test('a port whose device is not there waits for it', () => {
  expect(
    lanSteps([{ ...port('192.168.10.1/24'), deviceName: 'lan7' }], new Lan().observed),
  ).toEqual([]);
});

test('what was configured is kept without any document, and no tunnel is touched meanwhile', () => {
  const { observed } = new Lan();
  const steps = nextSteps(
    { uplinks: [], tunnels: undefined, lan: [port('192.168.10.1/24')] },
    observed,
  );
  expect(steps.map(({ key }) => key)).toEqual(['address lan0 192.168.10.1/24']);
});
