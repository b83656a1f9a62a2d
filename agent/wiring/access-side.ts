/**
 * Who hears what between the two cores of our place among the gateways: access points and the registration, which
 * may be moving from one to another.
 */
import { type Core, type Deadline, earlier } from '../../firmware-shim/base/core.ts';
import {
  AccessPoints,
  type AccessPointsEffect,
  type AccessPointsEvent,
} from '../access/access-points.ts';
import { AccessSwitch } from '../access/access-switch.ts';
import type { AccessSwitchEffect, AccessSwitchEvent } from '../access/access-switch-events.ts';
import type { DesiredAccessPoints } from '../model/access-point.ts';
import type { RegistrationSnapshot } from '../model/snapshot.ts';
import type { ControlOptions } from './control-options.ts';

export type AccessSideEvent =
  | Exclude<AccessSwitchEvent, { readonly type: 'accessPointsRanked' | 'accessPointChosen' }>
  | Extract<AccessPointsEvent, { readonly type: 'pathProbed' | 'probeRequested' }>
  | { readonly type: 'accessPointsDesired'; readonly accessPoints: DesiredAccessPoints };
export type AccessSideEffect =
  | AccessSwitchEffect
  | Exclude<AccessPointsEffect, { readonly type: 'accessPointsRanked' }>;
type Effects = readonly AccessSideEffect[];

export class AccessSide implements Core<AccessSideEvent, AccessSideEffect> {
  readonly #points: AccessPoints;
  readonly #registration: AccessSwitch;

  constructor(options: ControlOptions) {
    this.#points = new AccessPoints(options.config, options.random);
    this.#registration = new AccessSwitch(options);
  }

  handle(event: AccessSideEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'restored':
        return [
          ...this.#registration.handle(event, nowMs),
          ...this.#fromPoints(this.#points.handle({ type: 'started' }, nowMs), nowMs),
        ];
      case 'accessPointsDesired': {
        const { candidates, chosen: accessPoint } = event.accessPoints;
        const narrowed = this.#points.handle({ type: 'candidatesDesired', candidates }, nowMs);
        return [
          ...this.#fromPoints(narrowed, nowMs),
          ...this.#registration.handle({ type: 'accessPointChosen', accessPoint }, nowMs),
        ];
      }
      case 'uplinkChanged':
        return [
          ...this.#fromPoints(this.#points.handle(event, nowMs), nowMs),
          ...this.#registration.handle(event, nowMs),
        ];
      case 'pathProbed':
      case 'probeRequested':
        return this.#fromPoints(this.#points.handle(event, nowMs), nowMs);
      default:
        return this.#registration.handle(event, nowMs);
    }
  }

  tick(nowMs: number): Effects {
    return [
      ...this.#fromPoints(this.#points.tick(nowMs), nowMs),
      ...this.#registration.tick(nowMs),
    ];
  }

  deadline(): Deadline | undefined {
    return earlier(this.#points.deadline(), this.#registration.deadline());
  }

  snapshot(): RegistrationSnapshot {
    return { ...this.#registration.snapshot(), accessPoints: this.#points.snapshot() };
  }

  #fromPoints(effects: readonly AccessPointsEffect[], nowMs: number): Effects {
    return effects.flatMap(
      (effect): Effects =>
        effect.type === 'accessPointsRanked' ? this.#registration.handle(effect, nowMs) : [effect],
    );
  }
}
