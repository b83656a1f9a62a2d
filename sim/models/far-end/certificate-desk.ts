/**
 * The desk that renews a device's certificate over its connection, and what a gateway makes of a certificate that is
 * shown to it. A desk that is closed says so, or says nothing.
 */
import type { IdentityAnswer, IdentityAsk } from '../../../agent/access/identity-payloads.ts';
import { topicsOf } from '../../../agent/access/topics.ts';
import { TENANT } from '../../lab/branch-config.ts';
import type { World } from '../../world/world.ts';
import { SERIAL_NUMBER } from '../branch/branch-site.ts';
import type { GatewayStore } from './gateway-store.ts';

const DAY_MS = 86_400_000;
export const CERTIFICATE_LIFE_MS = 90 * DAY_MS;
/** Signing, and a moment of waiting for somebody else's signature. */
const SIGN_MS = 20;
/** Between the clocks of the cloud. */
const SKEW_MS = 1_000;

export interface SimCertificate {
  /** The public half. */
  readonly key: string;
  readonly fromMs: number;
  readonly endMs: number;
}

export class CertificateDesk {
  readonly #world: World;
  readonly #store: GatewayStore;
  closed: 'busy' | 'silent' | undefined;

  constructor(world: World, store: GatewayStore) {
    this.#world = world;
    this.#store = store;
  }

  hear(topic: string, payload: Uint8Array): void {
    const { identityAsk, identityAnswer } = topicsOf(TENANT, SERIAL_NUMBER);
    if (topic !== identityAsk || this.closed === 'silent') return;
    const ask = JSON.parse(new TextDecoder().decode(payload)) as IdentityAsk;
    if (ask.kind !== 'renew') return;
    const answer = this.#answer(ask.request);
    this.#world.after(SIGN_MS, 'certificate desk', () => {
      const bytes = new TextEncoder().encode(JSON.stringify(answer));
      this.#store.publish({ topic: identityAnswer, payload: bytes, retain: false });
    });
  }

  /** Whether a gateway lets whoever shows this in. */
  takes(certificate: SimCertificate | undefined): boolean {
    const { trueWallMs } = this.#world;
    if (certificate === undefined) return false;
    return certificate.fromMs <= trueWallMs + SKEW_MS && trueWallMs < certificate.endMs;
  }

  #answer(key: string): IdentityAnswer {
    if (this.closed === 'busy') {
      return { v: 1, kind: 'refused', code: 'EENROL_BUSY', sentence: 'Too much at once.' };
    }
    const fromMs = this.#world.trueWallMs;
    const issued: SimCertificate = { key, fromMs, endMs: fromMs + CERTIFICATE_LIFE_MS };
    return { v: 1, kind: 'issued', certificate: JSON.stringify(issued) };
  }
}
