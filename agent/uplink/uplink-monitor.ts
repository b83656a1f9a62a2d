/**
 * Decides for each uplink whether it can be used: board and kernel together, one verdict.
 *
 * Down follows from either witness at once. Up needs both to agree, an address, and a moment of calm, so that
 * a cable that is just being pushed in does not count five times. While the board is lost, or has said
 * nothing about a port, the kernel alone is asked.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import { DeviceView } from '../model/device-view.ts';
import type { Note } from '../model/note.ts';
import type { Uplink, UplinkDownReason, UplinkId, UplinkVerdict } from '../model/uplink.ts';

export type UplinkEvent =
  | { readonly type: 'uplinksPlanned'; readonly uplinks: readonly Uplink[] }
  | { readonly type: 'portCarrierChanged'; readonly port: number; readonly carrier: boolean }
  | { readonly type: 'lteRegistrationChanged'; readonly registered: boolean }
  | { readonly type: 'boardLost' }
  | { readonly type: 'kernelChanged'; readonly events: readonly KernelEvent[] };

export type UplinkEffect =
  | {
      readonly type: 'uplinkChanged';
      readonly uplink: UplinkId;
      readonly verdict: UplinkVerdict;
    }
  | { readonly type: 'note'; readonly note: Note };

/** A plug bounces for some ten milliseconds; after this long without a change it counts as in. */
export const UP_DEBOUNCE_MS = 200;

/** What the witnesses say at one moment. */
type Evidence =
  | { readonly usable: true; readonly address: string }
  | { readonly usable: false; readonly reason: UplinkDownReason };

export class UplinkMonitor implements Core<UplinkEvent, UplinkEffect> {
  readonly #devices = new DeviceView();
  readonly #timers = new Timers<UplinkId>();
  readonly #portCarrier = new Map<number, boolean>();
  readonly #verdicts = new Map<UplinkId, UplinkVerdict>();
  #lteRegistered: boolean | undefined;
  #uplinks: readonly Uplink[] = [];

  handle(event: UplinkEvent, nowMs: number): readonly UplinkEffect[] {
    switch (event.type) {
      case 'uplinksPlanned':
        this.#plan(event.uplinks);
        break;
      case 'portCarrierChanged':
        this.#portCarrier.set(event.port, event.carrier);
        break;
      case 'lteRegistrationChanged':
        this.#lteRegistered = event.registered;
        break;
      case 'boardLost':
        this.#portCarrier.clear();
        this.#lteRegistered = undefined;
        break;
      case 'kernelChanged':
        this.#devices.apply(event.events);
        break;
    }
    return this.#uplinks.flatMap((uplink) => this.#judge(uplink, nowMs));
  }

  tick(nowMs: number): readonly UplinkEffect[] {
    return this.#uplinks.flatMap((uplink) => {
      if (!this.#timers.take(uplink.id, nowMs)) return nothing;
      const evidence = this.#evidence(uplink);
      return evidence.usable ? this.#become(uplink, evidence, nowMs) : nothing;
    });
  }

  deadline(): Deadline | undefined {
    const next = this.#timers.deadline();
    return next && { atMs: next.atMs, why: `uplink ${next.why} is up for good` };
  }

  snapshot(): readonly (Uplink & { readonly verdict: UplinkVerdict })[] {
    return this.#uplinks.map((uplink) => ({ ...uplink, verdict: this.#verdictOf(uplink.id) }));
  }

  #plan(uplinks: readonly Uplink[]): void {
    this.#uplinks = uplinks;
    const kept = new Set(uplinks.map((uplink) => uplink.id));
    for (const id of this.#verdicts.keys()) {
      if (kept.has(id)) continue;
      this.#verdicts.delete(id);
      this.#timers.clear(id);
    }
  }

  #verdictOf(id: UplinkId): UplinkVerdict {
    return this.#verdicts.get(id) ?? { state: 'down', sinceMs: 0, reason: 'not-observed-yet' };
  }

  #judge(uplink: Uplink, nowMs: number): readonly UplinkEffect[] {
    const evidence = this.#evidence(uplink);
    const verdict = this.#verdictOf(uplink.id);
    if (!evidence.usable) {
      this.#timers.clear(uplink.id);
      const known = verdict.state === 'down' && verdict.reason === evidence.reason;
      return known ? nothing : this.#become(uplink, evidence, nowMs);
    }
    if (verdict.state === 'up') {
      return verdict.address === evidence.address ? nothing : this.#become(uplink, evidence, nowMs);
    }
    // What was never seen down cannot be bouncing: a start does not wait.
    if (verdict.reason === 'not-observed-yet') return this.#become(uplink, evidence, nowMs);
    if (this.#timers.at(uplink.id) === undefined) {
      this.#timers.set(uplink.id, nowMs + UP_DEBOUNCE_MS);
    }
    return nothing;
  }

  #become(uplink: Uplink, evidence: Evidence, nowMs: number): readonly UplinkEffect[] {
    const id = uplink.id;
    const before = this.#verdictOf(id);
    const verdict: UplinkVerdict = evidence.usable
      ? {
          state: 'up',
          sinceMs: before.state === 'up' ? before.sinceMs : nowMs,
          address: evidence.address,
        }
      : {
          state: 'down',
          sinceMs: this.#verdicts.has(id) && before.state === 'down' ? before.sinceMs : nowMs,
          reason: evidence.reason,
        };
    this.#verdicts.set(id, verdict);
    const note: Note =
      verdict.state === 'up'
        ? { code: 'uplinkUp', level: 'notice', uplink: id, address: verdict.address }
        : { code: 'uplinkDown', level: 'notice', uplink: id, reason: verdict.reason };
    return [
      { type: 'uplinkChanged', uplink: id, verdict },
      { type: 'note', note },
    ];
  }

  #evidence(uplink: Uplink): Evidence {
    const reason = this.#boardObjection(uplink) ?? this.#kernelObjection(uplink);
    if (reason !== undefined) return { usable: false, reason };
    const link = this.#devices.linkByName(uplink.deviceName);
    const address = link && this.#devices.usableAddress(link.index);
    return address === undefined
      ? { usable: false, reason: 'no-address' }
      : { usable: true, address };
  }

  #boardObjection(uplink: Uplink): UplinkDownReason | undefined {
    if (uplink.kind === 'lte' && this.#lteRegistered === false) return 'lte-not-registered';
    const carrier = uplink.port === undefined ? undefined : this.#portCarrier.get(uplink.port);
    return carrier === false ? 'no-carrier-board' : undefined;
  }

  #kernelObjection(uplink: Uplink): UplinkDownReason | undefined {
    if (!this.#devices.observed) return 'not-observed-yet';
    const link = this.#devices.linkByName(uplink.deviceName);
    if (link === undefined) return 'device-missing';
    if (!link.adminUp) return 'device-admin-down';
    return link.carrier ? undefined : 'no-carrier-kernel';
  }
}
