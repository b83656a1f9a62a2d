/** A registration with its own clock, and everything it ever asked for. */
import { Registration } from '../../agent/access/registration.ts';
import type {
  RegistrationEffect,
  RegistrationEvent,
} from '../../agent/access/registration-events.ts';
import type { AccessEvent } from '../../agent/ports.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import { advance } from './advance.ts';
import { BOOT_ID, birthIn, config, inventory, PUBLIC_KEY, up } from './branch.ts';

export const AREA = { 'ccn-area': 'Mainland China', 'gateway-id': 'gwa' };

type Of<Type extends RegistrationEffect['type']> = Extract<
  RegistrationEffect,
  { readonly type: Type }
>;

export class Scene {
  readonly core: Registration;
  nowMs = 0;
  all: { readonly atMs: number; readonly effect: RegistrationEffect }[] = [];

  constructor(seed = 7) {
    const random = new SeededRandom(seed);
    const shared = { config, inventory, publicKey: PUBLIC_KEY, bootId: BOOT_ID };
    this.core = new Registration({ ...shared, random });
  }

  /** Passes the waits until the next attempt, whatever they are. */
  nextAttempt(): void {
    for (let { retryAtMs } = this.core.snapshot(); retryAtMs !== undefined; ) {
      this.pass(Math.ceil(retryAtMs) - this.nowMs);
      ({ retryAtMs } = this.core.snapshot());
    }
  }

  hear(event: RegistrationEvent): readonly RegistrationEffect[] {
    const effects = this.core.handle(event, this.nowMs);
    this.all.push(...effects.map((effect) => ({ atMs: this.nowMs, effect })));
    return effects;
  }

  pass(ms: number): readonly RegistrationEffect[] {
    const timed = advance(this.core, this.nowMs, this.nowMs + ms);
    this.nowMs += ms;
    this.all.push(...timed);
    return timed.map(({ effect }) => effect);
  }

  last<Type extends RegistrationEffect['type']>(type: Type): Of<Type> | undefined {
    const found = this.all.findLast(({ effect }) => effect.type === type);
    return found?.effect as Of<Type> | undefined;
  }

  count(type: RegistrationEffect['type']): number {
    return this.all.filter(({ effect }) => effect.type === type).length;
  }

  notes(code: string): number {
    return this.all.filter(({ effect }) => effect.type === 'noted' && effect.note.code === code)
      .length;
  }

  start(): void {
    this.hear({ type: 'restored', bdSeq: undefined });
    this.rank();
    this.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    this.hear({ type: 'uplinkChanged', uplink: 'wan2', verdict: up('10.91.2.2') });
  }

  rank(order: readonly string[] = ['gwa', 'gwb']): void {
    this.hear({ type: 'accessPointsRanked', order });
  }

  opened(properties: Record<string, string> = AREA): readonly RegistrationEffect[] {
    return this.hear({ type: 'channelOpened', sessionPresent: false, properties });
  }

  closed(event: Partial<Extract<AccessEvent, { type: 'channelClosed' }>> = {}): void {
    this.hear({ type: 'channelClosed', code: 'ECONNREFUSED', text: 'nobody', ...event });
  }

  /** The gateway keeps the birth and sends it back. */
  proveBirth(): void {
    const birth = this.lastBirth();
    const publishId = this.last('publish')?.message.publishId ?? -1;
    this.hear({ type: 'publishAcknowledged', publishId, reasonCode: 0 });
    this.hear({ type: 'lifeReceived', life: birth, retained: false });
  }

  lastBirth() {
    return birthIn(this.last('publish')?.message.payload ?? new Uint8Array());
  }

  register(): void {
    if (this.core.snapshot().state !== 'connecting') this.nextAttempt();
    this.opened();
    this.proveBirth();
  }

  get state(): string {
    return this.core.snapshot().state;
  }
}
