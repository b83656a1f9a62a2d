/**
 * The control wiring in a small world where documents have consequences: packets to the gateway need the right next
 * hop, tunnels carry traffic only when both ends mean the same one.
 *
 * Time moves from moment to moment; nothing of the far side happens at once.
 */
import { readAccessEvent } from '../../agent/contract/access-intake.ts';
import type { FastPathPlan } from '../../agent/model/fast-path.ts';
import type { TunnelSpec } from '../../agent/model/tunnel.ts';
import type { AccessPublish } from '../../agent/ports.ts';
import type { ControlEffect, ControlEvent } from '../../agent/wiring/control-events.ts';
import { ControlWiring } from '../../agent/wiring/control-wiring.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import type { KernelChange } from '../../firmware-shim/kernel/types.ts';
import {
  addressAdded,
  BOOT_ID,
  config,
  device,
  inventory,
  PUBLIC_KEY,
  up,
  uplinksPresent,
} from './branch.ts';

const ROUND_TRIP_MS = 40;
/** Of a connection whose path went silent. */
const SILENCE_MS = 45_000;
/** Of a session, and of the choice that follows. */
const DETECT_MS = 300;
const TABLE_BASE = 19_600;
const REMOTE_PORT = 51_820;
const TOPIC = 'sag/v1/acme/sag00001/state/desired';
const LAN_ADDRESS = '192.168.10.1';
/** Of both access gateways' area the one that is used; packets to an address of this box never leave it. */
const GATEWAY_ADDRESS = '10.92.1.1';
const ADDRESSES: readonly string[] = ['10.91.1.2', '10.91.2.2'];

export class ReachScene {
  readonly #wiring = new ControlWiring({
    config,
    bootId: BOOT_ID,
    inventory,
    publicKey: PUBLIC_KEY,
    random: new SeededRandom(5),
    wall: { wallMs: () => 1_000_000 + this.nowMs },
  });
  readonly #later: { readonly atMs: number; readonly run: () => void }[] = [];
  /** Next hop of each uplink's own table. */
  readonly #nextHops = new Map<number, string>();
  readonly #tunnels = new Map<string, TunnelSpec>();
  #plan: FastPathPlan | undefined;
  #active: string | undefined;
  #retained: Uint8Array | undefined;
  /** The uplink of the connection, by number, and which connection it is. */
  #channel: { readonly uplink: number; isOpen: boolean } | undefined;
  /** Addresses of the LAN port. */
  readonly lan = new Set([LAN_ADDRESS]);
  nowMs = 0;

  start(): void {
    this.#hear({ type: 'tunnelsFound', tunnels: [] });
    const nothing = { bdSeq: undefined, desired: undefined, events: [], commands: [], refused: [] };
    this.#hear({ type: 'storeRestored', ...nothing });
    const lan = [device(4, 'lan0'), addressAdded(4, LAN_ADDRESS)];
    this.#hear({ type: 'kernelChanged', events: [...uplinksPresent, ...lan] });
    config.uplinks.forEach(({ id: uplink }, at) => {
      const verdict = up(ADDRESSES[at] ?? '');
      this.#hear({ type: 'uplinkChanged', uplink, verdict, atMs: 0 });
    });
  }

  /** The gateway keeps it and hands it out to whoever can be reached. */
  publish(document: object): void {
    this.#retained = new TextEncoder().encode(JSON.stringify(document));
    this.#deliver();
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const due = this.#wiring.deadline()?.atMs ?? Infinity;
      const [next] = this.#later.toSorted((a, b) => a.atMs - b.atMs);
      const atMs = Math.min(due, next?.atMs ?? Infinity);
      if (atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, atMs);
      if (next !== undefined && next.atMs <= due) {
        this.#later.splice(this.#later.indexOf(next), 1);
        next.run();
      } else this.#see(this.#wiring.tick(this.nowMs));
    }
    this.nowMs = untilMs;
  }

  snapshot() {
    return this.#wiring.snapshot(this.nowMs);
  }

  get active(): string | undefined {
    return this.#active;
  }

  #reaches(uplink: number): boolean {
    if (this.lan.has(GATEWAY_ADDRESS)) return false;
    return this.#nextHops.get(TABLE_BASE + uplink) === config.uplinks[uplink]?.gateway;
  }

  #hear(event: ControlEvent): void {
    this.#see(this.#wiring.handle(event, this.nowMs));
  }

  #after(ms: number, run: () => void): void {
    this.#later.push({ atMs: this.nowMs + ms, run });
  }

  #see(effects: readonly ControlEffect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ControlEffect): void {
    switch (effect.type) {
      case 'storePut': {
        const { shelf, key } = effect;
        return this.#after(1, () => this.#hear({ type: 'storeAnswered', shelf, key, ok: true }));
      }
      case 'openAccess':
        return this.#open(ADDRESSES.indexOf(effect.target.sourceAddress ?? ''));
      case 'closeAccess':
        this.#channel = undefined;
        return undefined;
      case 'subscribe':
        return this.#deliver();
      case 'publish':
        return this.#carry(effect.message);
      case 'orderFastPath':
        if (effect.order.type !== 'planReceived') return undefined;
        this.#plan = effect.order.plan;
        return this.#after(DETECT_MS, () => this.#choose());
      case 'ensureTunnel':
      case 'moveTunnel':
        this.#tunnels.set(effect.spec.id, effect.spec);
        return this.#answer(effect.stepId);
      case 'removeTunnel':
        this.#tunnels.delete(effect.tunnel);
        return this.#answer(effect.stepId);
      case 'applyRules':
      case 'checkRules':
        return this.#answer(effect.stepId);
      case 'performKernel':
        return this.#answer(effect.stepId, this.#change(effect.operation));
      default:
        return undefined;
    }
  }

  #answer(stepId: number, events: readonly KernelChange[] = []): void {
    this.#after(1, () => {
      this.#hear({ type: 'stepAnswered', stepId, result: { ok: true } });
      if (events.length > 0) this.#hear({ type: 'kernelChanged', events });
      this.#after(DETECT_MS, () => this.#choose());
    });
  }

  #change(operation: KernelOperation): readonly KernelChange[] {
    switch (operation.op) {
      case 'routeReplace': {
        const { route } = operation;
        if (route.gateway !== undefined) this.#nextHops.set(route.table, route.gateway);
        return [{ type: 'routeAdded', route }];
      }
      case 'addressReplace':
        this.lan.add(operation.address.address);
        return [{ type: 'addressAdded', address: operation.address }];
      case 'addressDelete':
        this.lan.delete(operation.address.address);
        return [{ type: 'addressRemoved', address: operation.address }];
      case 'ruleAdd':
        return [{ type: 'ruleAdded', rule: operation.rule }];
      case 'ruleDelete':
        return [{ type: 'ruleRemoved', rule: operation.rule }];
      default:
        return [];
    }
  }

  /** Traffic takes the first tunnel that works, if any does. */
  #choose(): void {
    const works = this.#plan?.tunnels.find(({ id, uplink }) => {
      const spec = this.#tunnels.get(id);
      const at = config.uplinks.findIndex((each) => each.id === uplink);
      const forwards = this.#plan?.uplinks[at]?.priority !== -1;
      return (
        forwards &&
        this.#reaches(at) &&
        spec?.remote.port === REMOTE_PORT &&
        spec.remotePublicKey === PUBLIC_KEY
      );
    });
    if (works?.id === this.#active) return;
    const figures = { detectedAtMs: this.nowMs, silentForMs: 0, decideMs: 0, installMs: 0 };
    const shared = { cause: 'silence', because: 'as it works', ...figures } as const;
    const change = {
      ...(this.#active !== undefined && { from: this.#active }),
      ...(works !== undefined && { to: works.id }),
      ...shared,
    };
    this.#active = works?.id;
    this.#hear({
      type: 'activeTunnelChanged',
      change: { from: undefined, to: undefined, ...change },
    });
  }

  #open(uplink: number): void {
    const channel = { uplink, isOpen: false };
    this.#channel = channel;
    this.#after(ROUND_TRIP_MS, () => {
      if (this.#channel !== channel || !this.#reaches(uplink)) return;
      channel.isOpen = true;
      const properties = { 'ccn-area': 'Mainland China' };
      this.#hear({ type: 'channelOpened', sessionPresent: false, properties });
    });
  }

  #carry({ topic, payload, publishId }: AccessPublish): void {
    const channel = this.#channel;
    this.#after(ROUND_TRIP_MS, () => {
      if (channel === undefined || this.#channel !== channel) return;
      if (!this.#reaches(channel.uplink)) return this.#hangUp(channel);
      this.#hear({ type: 'publishAcknowledged', publishId, reasonCode: 0 });
      const isOwn = topic.endsWith('/life') || topic.endsWith('/state/confirm');
      if (!isOwn) return;
      this.#hear(readAccessEvent({ type: 'messageArrived', topic, payload, retained: false }));
    });
  }

  #hangUp(channel: object): void {
    this.#after(SILENCE_MS, () => {
      if (this.#channel !== channel) return;
      this.#channel = undefined;
      this.#hear({ type: 'channelClosed', code: 'EKEEPALIVE', text: 'silent' });
    });
  }

  #deliver(): void {
    const channel = this.#channel;
    const payload = this.#retained;
    if (channel?.isOpen !== true || payload === undefined) return;
    this.#after(ROUND_TRIP_MS, () => {
      if (this.#channel !== channel || !this.#reaches(channel.uplink)) return;
      const message = { topic: TOPIC, payload, retained: true } as const;
      this.#hear(readAccessEvent({ type: 'messageArrived', ...message }));
    });
  }
}
