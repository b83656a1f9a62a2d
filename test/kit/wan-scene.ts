/** The set-up of the WAN side on a bench: a disk that answers, a device, and every effect with its moment. */
import type { WanAsk, WanRecord, WanSetting } from '../../agent/model/wan.ts';
import type { WanEffect, WanEvent } from '../../agent/state/wan/wan-events.ts';
import { WanSetup } from '../../agent/state/wan/wan-setup.ts';
import type { KernelChange } from '../../firmware-shim/kernel/types.ts';
import { advance } from './advance.ts';
import { config } from './branch.ts';

export const FOUND = { address: '10.91.1.2', prefixLength: 24 };
export const STATIC: WanSetting = {
  uplink: 'wan1',
  ipType: 'STATIC',
  address: '203.0.113.2',
  prefixLength: 24,
  gateway: '203.0.113.1',
  nameServers: ['203.0.113.53'],
};
export const DHCP: WanSetting = { uplink: 'wan1', ipType: 'DHCP' };
export const LEASE = {
  address: '198.51.100.7',
  prefixLength: 24,
  gateway: '198.51.100.1',
  nameServers: ['198.51.100.53'],
};
/** Found in whatever must not carry it. */
export const CANARY = 'canary-9f3c-"\\quoted';
export const PPPOE: WanSetting = {
  uplink: 'wan1',
  ipType: 'PPPOE',
  user: 'branch@isp',
  password: CANARY,
};
const WAN1 = 3;

type Of<Type extends WanEffect['type']> = Extract<WanEffect, { readonly type: Type }>;

export class WanScene {
  readonly core = new WanSetup(config);
  readonly seen: WanEffect[] = [];
  disk: WanRecord | undefined;
  diskRefuses = false;
  nowMs = 0;

  hear(event: WanEvent): void {
    for (const effect of this.core.handle(event, this.nowMs)) this.#see(effect);
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    const timed = advance(this.core, this.nowMs, untilMs);
    this.nowMs = untilMs;
    for (const { effect } of timed) this.#see(effect);
  }

  /** A branch that is registered over the address it was found with. */
  start(record?: WanRecord): void {
    this.hear({ type: 'wanRestored', record });
    const link = { index: WAN1, name: 'wan1', adminUp: true, carrier: true, mtu: 1_500 };
    this.kernel({ type: 'linkChanged', link });
    this.address('addressAdded', FOUND);
    this.register(true);
  }

  kernel(...events: readonly KernelChange[]): void {
    this.hear({ type: 'kernelChanged', events });
  }

  address(type: 'addressAdded' | 'addressRemoved', of: typeof FOUND): void {
    const { address, prefixLength } = of;
    this.kernel({ type, address: { address, prefixLength, deviceIndex: WAN1, family: 'ipv4' } });
  }

  register(registered: boolean): void {
    this.hear({ type: 'registrationChanged', registered });
  }

  ask(ask: WanAsk): Of<'wanAnswered'> | undefined {
    this.hear({ type: 'wanAsked', requestId: 'r', ask });
    return this.of('wanAnswered').at(-1);
  }

  /** As the reconciler does it. */
  obey(): void {
    const [line] = this.lines;
    for (const address of line?.addresses ?? []) this.address('addressAdded', address);
    if (line?.addresses !== undefined) this.address('addressRemoved', FOUND);
  }

  get lines(): Of<'wanChanged'>['lines'] {
    return this.of('wanChanged').at(-1)?.lines ?? [];
  }

  get notes(): readonly string[] {
    return this.of('noted').map(({ note }) => note.code);
  }

  of<Type extends WanEffect['type']>(type: Type): readonly Of<Type>[] {
    return this.seen.filter((effect) => effect.type === type) as Of<Type>[];
  }

  #see(effect: WanEffect): void {
    this.seen.push(effect);
    if (effect.type !== 'storePut') return;
    if (!this.diskRefuses) this.disk = JSON.parse(effect.value) as WanRecord;
    this.hear({ type: 'storeAnswered', key: effect.key, ok: !this.diskRefuses });
  }
}
