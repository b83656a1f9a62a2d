/**
 * The control wiring on a bench: its effects are kept, and answered by a world that says yes to everything.
 */
import { readAccessEvent } from '../../agent/contract/access-intake.ts';
import type { IdentityFacts } from '../../agent/model/certificate.ts';
import type { AgentStart } from '../../agent/model/restart.ts';
import type { ControlEffect, ControlEvent } from '../../agent/wiring/control-events.ts';
import { ControlWiring } from '../../agent/wiring/control-wiring.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import {
  BOOT_ID,
  birthIn,
  config,
  decode,
  hello,
  inventory,
  PUBLIC_KEY,
  up,
  uplinksPresent,
} from './branch.ts';

type Of<Type extends ControlEffect['type']> = Extract<ControlEffect, { readonly type: Type }>;
export const PREFIX = 'sag/v1/acme/sag00001';

/** The wiring with a disk, an engine and a kernel that say yes, and a gateway that keeps everything. */
export class ControlScene {
  readonly wiring: ControlWiring;
  /** What the machine's clock says. */
  wallMs = 1_000_000;
  readonly seen: ControlEffect[] = [];
  /** The gateway takes nonces and gives none back. */
  isMute = false;
  nowMs = 0;

  constructor(identity?: IdentityFacts) {
    this.wiring = new ControlWiring({
      config,
      bootId: BOOT_ID,
      inventory,
      publicKey: PUBLIC_KEY,
      random: new SeededRandom(3),
      wall: { wallMs: () => this.wallMs },
      ...(identity !== undefined && { identity }),
    });
  }

  hear(event: ControlEvent): void {
    this.#see(this.wiring.handle(event, this.nowMs));
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let next = this.wiring.deadline(); next !== undefined && next.atMs <= untilMs; ) {
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.#see(this.wiring.tick(this.nowMs));
      next = this.wiring.deadline();
    }
    this.nowMs = untilMs;
  }

  of<Type extends ControlEffect['type']>(type: Type): readonly Of<Type>[] {
    return this.seen.filter((effect): effect is Of<Type> => effect.type === type);
  }

  published(topic: string): readonly unknown[] {
    return this.of('publish')
      .filter(({ message }) => message.topic === `${PREFIX}/${topic}`)
      .map(({ message }) => decode(message.payload));
  }

  orders(type: string): readonly Of<'orderFastPath'>[] {
    return this.of('orderFastPath').filter(({ order }) => order.type === type);
  }

  leds(): readonly string[] {
    return this.of('boardCommand').map(({ command }) =>
      command.kind === 'ledSet' ? `${command.led} ${command.mode}` : command.kind,
    );
  }

  start(start?: AgentStart): void {
    this.hear({ type: 'tunnelsFound', tunnels: [] });
    const nothing = { bdSeq: undefined, desired: undefined, events: [], commands: [], refused: [] };
    this.hear({ type: 'storeRestored', ...nothing, ...(start !== undefined && { start }) });
    this.hear({ type: 'kernelChanged', events: uplinksPresent });
    this.hear({ type: 'boardUp', hello });
    this.uplink('wan1', up('10.91.1.2'));
    this.uplink('wan2', up('10.91.2.2'));
    // The access points are measured before one is chosen.
    this.pass(100);
  }

  uplink(uplink: string, verdict: ReturnType<typeof up>): void {
    this.hear({ type: 'uplinkChanged', uplink, verdict, atMs: this.nowMs });
  }

  register(): void {
    const properties = { 'ccn-area': 'Mainland China' };
    this.hear({ type: 'channelOpened', sessionPresent: false, properties });
    const birth = this.of('publish').findLast(({ message }) => message.topic.endsWith('/life'));
    const life = birthIn(birth?.message.payload ?? new Uint8Array());
    this.hear({ type: 'lifeReceived', life, retained: false });
  }

  #see(effects: readonly ControlEffect[]): void {
    for (const effect of effects) {
      this.seen.push(effect);
      switch (effect.type) {
        case 'storePut':
          this.hear({ type: 'storeAnswered', shelf: effect.shelf, key: effect.key, ok: true });
          break;
        case 'publish': {
          const { publishId, topic, payload } = effect.message;
          this.hear({ type: 'publishAcknowledged', publishId, reasonCode: 0 });
          if (topic !== `${PREFIX}/state/confirm` || this.isMute) break;
          this.hear(readAccessEvent({ type: 'messageArrived', topic, payload, retained: false }));
          break;
        }
        case 'probePath': {
          const { of, probeId } = effect;
          const answer = { ok: true, rttMs: 10 } as const;
          this.hear({ type: 'pathProbed', of, probeId, answer });
          break;
        }
        case 'ensureTunnel':
        case 'removeTunnel':
        case 'applyRules':
        case 'checkRules':
        case 'performKernel':
          this.hear({ type: 'stepAnswered', stepId: effect.stepId, result: { ok: true } });
          break;
        default:
          break;
      }
    }
  }
}
