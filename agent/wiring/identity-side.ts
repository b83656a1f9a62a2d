/** Who hears what about the device's certificate and the time it is judged by: translation only. */
import { type Core, type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import { supports } from '../../firmware-shim/wire/capability.ts';
import { EnrolmentWays } from '../access/enrolment-ways.ts';
import { CONNACK_PROPERTIES } from '../access/payloads.ts';
import { Renewal } from '../access/renewal.ts';
import type { RenewalEffect, RenewalEvent } from '../access/renewal-events.ts';
import { type TimeEffect, type TimeEvent, TrustedTime } from '../access/trusted-time.ts';
import type { IdentityWork } from '../model/certificate.ts';
import type { ControlEvent, IdentityEvent, WiredEffect } from './control-events.ts';
import type { ControlOptions } from './control-options.ts';

type Effects = readonly WiredEffect[];
type TellGateway = (event: { readonly type: 'trustChanged' }, nowMs: number) => Effects;

export function isIdentityEvent(event: ControlEvent): event is IdentityEvent {
  return ['identityAnswered', 'requestMade', 'pairKept', 'workFailed'].includes(event.type);
}

export class IdentitySide {
  readonly #time: TrustedTime;
  readonly #renewal: Renewal;
  readonly #ways: EnrolmentWays;

  readonly #tellGateway: TellGateway;

  constructor(
    { config, inventory, random, wall, identity }: ControlOptions,
    tellGateway: TellGateway,
  ) {
    this.#tellGateway = tellGateway;
    const {
      floorMs = 0,
      ceilingMs = Number.MAX_SAFE_INTEGER,
      pairs = [],
      renews = false,
    } = identity ?? {};
    const { tenant, uplinks } = config;
    this.#ways = new EnrolmentWays(uplinks);
    const { serialNumber } = inventory;
    this.#time = new TrustedTime({ floorMs, ceilingMs, systemMs: () => wall.wallMs() });
    this.#renewal = new Renewal({ tenant, serialNumber, pairs, renews, random });
  }

  /** The time certificates are judged by. */
  trustedMs(nowMs: number): number {
    return this.#time.wallMs(nowMs);
  }

  hear(event: ControlEvent, nowMs: number): Effects {
    if (event.type === 'pairKept') {
      this.#ways.ended();
      return [...this.#renew(event, nowMs), ...this.#tellGateway({ type: 'trustChanged' }, nowMs)];
    }
    if (isIdentityEvent(event)) return this.#renew(event, nowMs);
    switch (event.type) {
      case 'uplinkChanged':
        return this.#ways.observe(event.uplink, event.verdict).map(identityWork);
      case 'storeRestored':
        return this.#tell({ type: 'started' }, nowMs);
      case 'boardUp':
        return supports(event.hello.capabilities, 'clockGet')
          ? [{ type: 'boardCommand', command: { kind: 'clockGet' } }]
          : nothing;
      case 'boardCommandDone': {
        const { reply } = event;
        if (reply?.kind !== 'clock') return nothing;
        return this.#tell({ type: 'boardClockRead', wallMs: reply.unixSeconds * 1_000 }, nowMs);
      }
      case 'channelOpened': {
        const wallMs = Number(event.properties[CONNACK_PROPERTIES.timeMs]);
        return Number.isSafeInteger(wallMs)
          ? this.#tell({ type: 'gatewayTold', wallMs }, nowMs)
          : nothing;
      }
      case 'channelClosed': {
        const { chainBeginsMs: sinceMs } = event;
        return [
          ...(sinceMs === undefined
            ? nothing
            : this.#tell({ type: 'chainBegins', sinceMs }, nowMs)),
          ...this.#renew(event, nowMs),
        ];
      }
      default:
        return nothing;
    }
  }

  registration(isRegistered: boolean, nowMs: number): Effects {
    return isRegistered ? this.#renew({ type: 'registered' }, nowMs) : nothing;
  }

  tick(nowMs: number): Effects {
    return [
      ...this.#fromTime(this.#time.tick(nowMs), nowMs),
      ...this.#fromRenewal(this.#renewal.tick(nowMs)),
    ];
  }

  deadline(): Deadline | undefined {
    const cores: readonly Pick<Core<never, never>, 'deadline'>[] = [this.#time, this.#renewal];
    return cores.map((core) => core.deadline()).reduce(earlier, undefined);
  }

  #renew(event: RenewalEvent, nowMs: number): Effects {
    return this.#fromRenewal(this.#renewal.handle(event, nowMs));
  }

  /** A renewal asks for nothing the wiring has not got already. */
  #fromRenewal(effects: readonly RenewalEffect[]): Effects {
    return effects.flatMap((effect): Effects => {
      if (effect.type !== 'identityWork') return [effect];
      return this.#ways.follow(effect.work).map(identityWork);
    });
  }

  #tell(event: TimeEvent, nowMs: number): Effects {
    return this.#fromTime(this.#time.handle(event, nowMs), nowMs);
  }

  #fromTime(effects: readonly TimeEffect[], nowMs: number): Effects {
    return effects.flatMap((effect): Effects => {
      switch (effect.type) {
        case 'timeLearnt':
          return [
            ...this.#renew({ type: 'timeTold', wallMs: this.#time.wallMs(nowMs) }, nowMs),
            ...this.#tellGateway({ type: 'trustChanged' }, nowMs),
          ];
        case 'keepTime':
        case 'setSystemClock':
          return [identityWork({ what: effect.type, wallMs: effect.wallMs })];
        default:
          return [effect];
      }
    });
  }
}

function identityWork(work: IdentityWork): WiredEffect {
  return { type: 'identityWork', work };
}
