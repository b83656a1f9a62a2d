/**
 * The ways out for a device that has tunnels and uplinks, and asks for a certificate as a new one would: over each
 * uplink that is up, best first. They are told before it begins, and whenever they change until it has ended.
 */
import type { IdentityWork } from '../model/certificate.ts';
import type { Uplink, UplinkId, UplinkVerdict } from '../model/uplink.ts';
import { pathsOf } from './gateway-walk.ts';

export class EnrolmentWays {
  readonly #uplinks: readonly Uplink[];
  readonly #verdicts = new Map<UplinkId, UplinkVerdict>();
  #isEnrolling = false;

  constructor(uplinks: readonly Uplink[]) {
    this.#uplinks = uplinks;
  }

  observe(uplink: UplinkId, verdict: UplinkVerdict): readonly IdentityWork[] {
    this.#verdicts.set(uplink, verdict);
    return this.#isEnrolling ? [this.#ways()] : [];
  }

  /** The work, and before it what whoever does it must know. */
  follow(work: IdentityWork): readonly IdentityWork[] {
    if (work.what === 'leaveEnrolment') this.#isEnrolling = false;
    if (work.what !== 'enrol') return [work];
    this.#isEnrolling = true;
    return [this.#ways(), work];
  }

  ended(): void {
    this.#isEnrolling = false;
  }

  #ways(): IdentityWork {
    return { what: 'takeWays', paths: pathsOf(this.#uplinks, this.#verdicts) };
  }
}
