/**
 * Decides what the gateway is told of uplinks and tunnels: which changes are SAG events, and what the reported
 * document says.
 *
 * It has no time of its own. `controllerState` and `vpnState` are two truths: one is about the gateway connection,
 * the other about the tunnels, and either may be well while the other is not.
 */
import { nothing } from '../../firmware-shim/base/core.ts';
import type { BoardEvent } from '../../firmware-shim/ports.ts';
import { ABSENCE_MS } from '../model/absence.ts';
import { type FastPathFact, type FastPathPlan, NOTHING_DESIRED } from '../model/fast-path.ts';
import {
  type DesiredHa,
  type HaRole,
  type HaRoleRecord,
  type HaState,
  haStateOf,
  isColdStandby,
  roleOf,
} from '../model/ha.ts';
import type { SagEvent, SagEventName } from '../model/sag-event.ts';
import type { TunnelId, TunnelState } from '../model/tunnel.ts';
import type { ActiveTunnelChange, ChangeCause } from '../model/tunnel-change.ts';
import type { Uplink, UplinkId, UplinkVerdict } from '../model/uplink.ts';

export interface Health {
  readonly controllerState: 'Normal' | 'Abnormal';
  readonly vpnState: 'Normal' | 'Abnormal';
  readonly haState?: HaState;
  readonly activeTunnel?: TunnelId;
  readonly tunnels: Readonly<Record<TunnelId, TunnelState>>;
}

export type Report =
  | {
      readonly type: 'eventRaised';
      readonly name: SagEventName;
      readonly content: SagEvent['content'];
      readonly atMs: number;
    }
  | { readonly type: 'linkChanged'; readonly uplink: UplinkId; readonly verdict: UplinkVerdict }
  | { readonly type: 'healthChanged' }
  /** What the next run must know of what was told. */
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    };

export const HA_ROLE_SHELF = 'ha-role';
const HA_ROLE_KEY = 'told';

/** The active tunnel was given up because it was lost, not because another was better or wanted. */
const LOSSES: readonly ChangeCause[] = ['carrier', 'silence', 'session-down', 'engine'];

const MISUSE_GAP_MS = 3_600_000;

type Changed<Type extends FastPathFact['type']> = Extract<FastPathFact, { readonly type: Type }>;

export class Reporter {
  readonly #uplinks: readonly Uplink[];
  readonly #verdicts = new Map<UplinkId, UplinkVerdict>();
  readonly #tunnels = new Map<TunnelId, TunnelState>();
  /** LAN ports and whether each has a link, as far as the board has said. */
  #lanPorts = new Map<number, boolean | undefined>();
  #uplinkOf: ReadonlyMap<TunnelId, UplinkId> = new Map();
  #active: TunnelId | undefined;
  #ha: DesiredHa | undefined;
  /** The one last told, in this run or the one before; undefined before the first document ever. */
  #role: HaRole | undefined;
  /** Outlives a time without any tunnel: the next one may be over another kind of uplink. */
  #lastUplink: UplinkId | undefined;
  #registered = false;
  /** When the last registration ended; before the first of a run the device was always away. */
  #awaySinceMs = Number.NEGATIVE_INFINITY;
  #misusedAtMs = Number.NEGATIVE_INFINITY;

  constructor(uplinks: readonly Uplink[]) {
    this.#uplinks = uplinks;
  }

  get health(): Health {
    return {
      controllerState: this.#registered ? 'Normal' : 'Abnormal',
      vpnState: this.#active === undefined ? 'Abnormal' : 'Normal',
      ...(this.#ha !== undefined && { haState: haStateOf(this.#ha) }),
      ...(this.#active === undefined ? {} : { activeTunnel: this.#active }),
      tunnels: Object.fromEntries(this.#tunnels),
    };
  }

  uplinkOf(tunnel: TunnelId): UplinkId | undefined {
    return this.#uplinkOf.get(tunnel);
  }

  /** Before the first plan. */
  roleRestored(record: HaRoleRecord | undefined): void {
    this.#role = record?.role;
  }

  planSent(plan: FastPathPlan, nowMs: number): readonly Report[] {
    const switched = this.#switched(plan, nowMs);
    this.#uplinkOf = new Map(plan.tunnels.map(({ id, uplink }) => [id, uplink]));
    for (const id of this.#tunnels.keys()) if (!this.#uplinkOf.has(id)) this.#tunnels.delete(id);
    for (const { id } of plan.tunnels) {
      if (!this.#tunnels.has(id)) this.#tunnels.set(id, 'absent');
    }
    return [...switched, { type: 'healthChanged' }];
  }

  /** The first registration of a run is a coming online, and so is one after an absence; a move is not. */
  registered(gateway: string, uplink: string, nowMs: number): readonly Report[] {
    this.#registered = true;
    const wasAway = nowMs - this.#awaySinceMs >= ABSENCE_MS;
    const content = { gateway, uplink };
    const cameOnline: readonly Report[] = wasAway
      ? [{ type: 'eventRaised', name: 'DeviceOnline', content, atMs: nowMs }]
      : nothing;
    return [...cameOnline, { type: 'healthChanged' }];
  }

  registrationEnded(nowMs: number): readonly Report[] {
    this.#registered = false;
    this.#awaySinceMs = nowMs;
    return [{ type: 'healthChanged' }];
  }

  /** Two devices with one identity disturb each other again and again: one event an hour tells it. */
  identityMisused(because: string, nowMs: number): readonly Report[] {
    if (nowMs - this.#misusedAtMs < MISUSE_GAP_MS) return nothing;
    this.#misusedAtMs = nowMs;
    return [{ type: 'eventRaised', name: 'DeviceHacked', content: { because }, atMs: nowMs }];
  }

  uplinkChanged({ uplink, verdict, atMs }: Changed<'uplinkChanged'>): readonly Report[] {
    if (verdict.state === 'down' && verdict.reason === 'not-observed-yet') return [];
    const before = this.#verdicts.get(uplink);
    this.#verdicts.set(uplink, verdict);
    const link: Report = { type: 'linkChanged', uplink, verdict };
    if (before?.state === verdict.state) return [link];
    if (verdict.state === 'down') {
      const content = { uplink, reason: verdict.reason };
      const down: Report = { type: 'eventRaised', name: 'DeviceWanLinkDown', content, atMs };
      const isLast = before !== undefined && this.#hasNoUplink();
      const offline: Report = { type: 'eventRaised', name: 'DeviceOffline', content, atMs };
      return [link, down, ...(isLast ? [offline] : nothing)];
    }
    if (before === undefined) return [link];
    const content = { uplink, address: verdict.address };
    return [link, { type: 'eventRaised', name: 'DeviceWanLinkUp', content, atMs }];
  }

  /** A LAN port lost its link while the board watched; one that never had any is nobody's trouble. */
  boardHeard(event: BoardEvent, nowMs: number): readonly Report[] {
    if (event.type === 'boardUp') {
      const lan = event.hello.ports.filter(({ role }) => role === 'LAN');
      this.#lanPorts = new Map(lan.map(({ port }) => [port, this.#lanPorts.get(port)]));
      return nothing;
    }
    if (event.type !== 'boardReported' || event.report.kind !== 'portCarrier') return nothing;
    const { port, carrier } = event.report;
    if (!this.#lanPorts.has(port)) return nothing;
    const before = this.#lanPorts.get(port);
    this.#lanPorts.set(port, carrier);
    if (carrier || before !== true) return nothing;
    return [{ type: 'eventRaised', name: 'DeviceLinkDown', content: { port }, atMs: nowMs }];
  }

  tunnelStateChanged({ tunnel, to }: Changed<'tunnelStateChanged'>): readonly Report[] {
    if (this.#tunnels.get(tunnel) === to) return [];
    this.#tunnels.set(tunnel, to);
    return [{ type: 'healthChanged' }];
  }

  activeTunnelChanged(change: ActiveTunnelChange): readonly Report[] {
    this.#active = change.to;
    const reports: Report[] = [{ type: 'healthChanged' }];
    const atMs = change.detectedAtMs;
    const wasLost = LOSSES.includes(change.cause);
    if (change.from !== undefined && change.to === undefined) {
      // A standby that holds off has lost nothing.
      if (isColdStandby(this.#ha)) return reports;
      const content = contentOf(change);
      reports.push({ type: 'eventRaised', name: 'ConnectionDisconnect', content, atMs });
    } else if (change.from !== undefined && wasLost) {
      const content = contentOf(change);
      reports.push({ type: 'eventRaised', name: 'AccessGatewayFailover', content, atMs });
    }
    const uplink = change.to === undefined ? undefined : this.#uplinkOf.get(change.to);
    if (uplink === undefined) return reports;
    if (this.#lastUplink !== undefined && this.#isLte(uplink) !== this.#isLte(this.#lastUplink)) {
      const content = { from: this.#lastUplink, to: uplink };
      reports.push({ type: 'eventRaised', name: 'DeviceWanLinkSwitched', content, atMs });
    }
    this.#lastUplink = uplink;
    return reports;
  }

  /** The document gives this device the other role. */
  #switched({ revision, ha }: FastPathPlan, atMs: number): readonly Report[] {
    const before = this.#role;
    const role = roleOf(ha);
    this.#ha = ha;
    if (revision === NOTHING_DESIRED || role === before) return nothing;
    this.#role = role;
    if (before === undefined) return [roleKept(role)];
    const content = { from: before, to: role, haType: ha?.type ?? 'no_backup', revision };
    // Asked for in one turn they are one write: after a power cut the disk has both or neither.
    return [roleKept(role), { type: 'eventRaised', name: 'DeviceSwitched', content, atMs }];
  }

  #hasNoUplink(): boolean {
    return this.#uplinks.every(({ id }) => this.#verdicts.get(id)?.state === 'down');
  }

  #isLte(uplink: UplinkId): boolean {
    return this.#uplinks.find(({ id }) => id === uplink)?.kind === 'lte';
  }
}

function contentOf(change: ActiveTunnelChange): SagEvent['content'] {
  const { from = '', to = '', cause, because, silentForMs, decideMs, installMs } = change;
  const { rule = '', rejected = [] } = change;
  const others = rejected.map(({ tunnel, why }) => `${tunnel}: ${why}`).join('; ');
  const words = { from, to, cause, because, rule, rejected: others.slice(0, REJECTED_CHARS_MAX) };
  return { ...words, silentForMs, decideMs, installMs };
}

function roleKept(role: HaRole): Report {
  const value = JSON.stringify({ v: 1, role } satisfies HaRoleRecord);
  return { type: 'storePut', shelf: HA_ROLE_SHELF, key: HA_ROLE_KEY, value };
}

/** What the contract lets one word of an event's content be. */
const REJECTED_CHARS_MAX = 1_024;
