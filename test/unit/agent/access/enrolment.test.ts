/** The enrolment core in virtual time: the exchange, and every way in which it goes wrong. */
import { describe, expect, it } from 'vitest';
import { Enrolment } from '../../../../agent/access/enrolment.ts';
import type {
  EnrolmentEffect,
  EnrolmentEvent,
  EnrolmentPath,
} from '../../../../agent/access/enrolment-events.ts';
import type {
  IdentityAnswer,
  IdentityRefusalCode,
} from '../../../../agent/access/identity-payloads.ts';
import type { GatewayAddress } from '../../../../agent/model/config.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { advance } from '../../../kit/advance.ts';

const gateway = (id: string, enrolmentPort?: number): GatewayAddress => ({
  id,
  address: '192.0.2.1',
  port: 8443,
  serverName: `${id}.ccn`,
  ...(enrolmentPort === undefined ? {} : { enrolmentPort }),
});
const GATEWAYS = [gateway('gwa', 8444), gateway('gwb'), gateway('gwc', 8445)];
const NONCE = Buffer.alloc(32, 7).toString('base64');
const OPENED: EnrolmentEvent = { type: 'channelOpened', sessionPresent: false, properties: {} };
const answered = (answer: IdentityAnswer, retained = false): EnrolmentEvent => ({
  type: 'identityAnswered',
  answer,
  retained,
});
const CHALLENGED = answered({ v: 1, kind: 'challenge', nonce: NONCE });
const ISSUED = answered({ v: 1, kind: 'issued', certificate: 'PEM' });
const refused = (code: IdentityRefusalCode): EnrolmentEvent =>
  answered({ v: 1, kind: 'refused', code, sentence: 'No.' });
const MET: EnrolmentEvent = { type: 'boardMet', serialNumber: 'SAG1', canProve: true };
const REQUEST: EnrolmentEvent = { type: 'requestMade', request: 'CSR' };
const PROOF: EnrolmentEvent = { type: 'proofMade', proof: 'HMAC' };

class Scene {
  readonly core = new Enrolment({
    tenant: 'acme',
    gateways: GATEWAYS,
    random: new SeededRandom(3),
  });
  nowMs = 0;

  hear(...events: readonly EnrolmentEvent[]): readonly EnrolmentEffect[] {
    return events.flatMap((event) => this.core.handle(event, this.nowMs));
  }

  /** Waits exactly as long as the core wants to, and tells what it does then. */
  wait(): readonly EnrolmentEffect[] {
    return this.pass((this.core.deadline()?.atMs ?? this.nowMs) - this.nowMs);
  }

  pass(ms: number): readonly EnrolmentEffect[] {
    const seen = advance(this.core, this.nowMs, this.nowMs + ms);
    this.nowMs += ms;
    return seen.map(({ effect }) => effect);
  }
}

const types = (effects: readonly EnrolmentEffect[]): readonly string[] =>
  effects.map((effect) => (effect.type === 'noted' ? effect.note.code : effect.type));
const said = (effects: readonly EnrolmentEffect[]): readonly unknown[] =>
  effects.flatMap((effect) =>
    effect.type === 'publish'
      ? [[effect.message.topic, JSON.parse(new TextDecoder().decode(effect.message.payload))]]
      : [],
  );
const failure = (effects: readonly EnrolmentEffect[]): unknown =>
  effects.flatMap((effect) =>
    effect.type === 'noted' && effect.note.code === 'enrolmentFailed' ? [effect.note] : [],
  )[0];

describe('a device that enrols', () => {
  it('asks, lets its board vouch for the nonce, proves and keeps what it is given', () => {
    const scene = new Scene();
    expect(types(scene.hear(MET))).toEqual(['enrolmentStarted', 'makeRequest']);
    expect(scene.hear(REQUEST)).toEqual([
      {
        type: 'openEnrolment',
        serialNumber: 'SAG1',
        target: { gateway: 'gwa', address: '192.0.2.1', port: 8444, serverName: 'gwa.ccn' },
      },
    ]);
    const ask = ['sag/v1/acme/SAG1/identity/ask', { v: 1, kind: 'enrol', request: 'CSR' }];
    expect(said(scene.hear(OPENED))).toEqual([ask]);
    expect(scene.hear(CHALLENGED)).toEqual([
      { type: 'askProof', serialNumber: 'SAG1', nonce: NONCE, request: 'CSR' },
    ]);
    expect(said(scene.hear(PROOF))).toEqual([[ask[0], { v: 1, kind: 'prove', proof: 'HMAC' }]]);
    expect(scene.hear(ISSUED)).toEqual([
      { type: 'closeAccess', how: 'bye' },
      { type: 'keepPair', serialNumber: 'SAG1', certificate: 'PEM' },
    ]);
    expect(types(scene.hear({ type: 'pairKept' }))).toEqual(['enrolled', 'enrolled']);
    expect(scene.core.deadline()).toBeUndefined();
  });

  it('says once that a board without a factory key cannot do it, and asks nobody', () => {
    const scene = new Scene();
    expect(types(scene.hear({ ...MET, canProve: false }))).toEqual(['enrolmentImpossible']);
    expect(scene.core.deadline()).toBeUndefined();
  });

  it('walks the gateways that enrol, and only those', () => {
    const scene = new Scene();
    scene.hear(MET);
    const asked = [1, 2, 3].map(() => {
      const [open] = scene.hear(REQUEST);
      scene.hear({ type: 'channelClosed', code: 'ECONNREFUSED', text: 'nobody' });
      scene.wait();
      return open?.type === 'openEnrolment' ? open.target.gateway : undefined;
    });
    expect(asked).toEqual(['gwa', 'gwc', 'gwa']);
  });
});

describe('a device whose ways out change', () => {
  const PATH = { uplink: 'wan1', sourceAddress: '203.0.113.2' };
  const paths = (...of: readonly EnrolmentPath[]): EnrolmentEvent => ({
    type: 'pathsChanged',
    paths: of,
  });
  const sources = (effects: readonly EnrolmentEffect[]): readonly unknown[] =>
    effects.flatMap((effect) =>
      effect.type === 'openEnrolment' ? [effect.target.sourceAddress] : [],
    );

  it('asks at once over the new one, whatever the pause', () => {
    const scene = new Scene();
    scene.hear(MET, REQUEST, { type: 'channelClosed', code: 'EUNREACHABLE', text: 'no route' });
    expect(types(scene.hear(paths(PATH)))).toEqual(['makeRequest']);
    expect(sources(scene.hear(REQUEST))).toEqual([PATH.sourceAddress]);
    expect(scene.hear(OPENED)[0]).toEqual({ type: 'gatewayReached', uplink: 'wan1' });
  });

  it('leaves an attempt over a way that is gone, and goes on with one over a way that stays', () => {
    const scene = new Scene();
    scene.hear(MET, REQUEST);
    expect(types(scene.hear(paths(PATH)))).toEqual(['closeAccess', 'makeRequest']);
    scene.hear(REQUEST, OPENED);
    expect(scene.hear(paths(PATH, undefined))).toEqual([]);
    expect(types(scene.hear(CHALLENGED))).toEqual(['askProof']);
  });

  it('tries every gateway over one way before the next', () => {
    const scene = new Scene();
    scene.hear(paths(PATH, undefined), MET);
    const asked = [1, 2, 3, 4, 5].flatMap(() => {
      const [source] = sources(scene.hear(REQUEST));
      scene.hear({ type: 'channelClosed', code: 'ECONNREFUSED', text: 'nobody' });
      scene.wait();
      return [source];
    });
    const own = PATH.sourceAddress;
    expect(asked).toEqual([own, own, undefined, undefined, own]);
  });
});

describe('an exchange that goes wrong', () => {
  const upTo = (...events: readonly EnrolmentEvent[]): Scene => {
    const scene = new Scene();
    scene.hear(MET, REQUEST, ...events);
    return scene;
  };

  it.each([
    ['connecting', []],
    ['asking', [OPENED]],
    ['proving', [OPENED, CHALLENGED]],
    ['claiming', [OPENED, CHALLENGED, PROOF]],
    ['keeping', [OPENED, CHALLENGED, PROOF, ISSUED]],
  ] as const)('never stands still: %s is given up after ten seconds', (step, events) => {
    const scene = upTo(...events);
    expect(failure(scene.pass(10_000))).toMatchObject({
      reason: 'ETIMEOUT',
      because: `${step} took over 10000 ms`,
    });
    expect(types(scene.wait())).toEqual(['makeRequest']);
  });

  it.each(['EENROL_PROOF', 'EENROL_CLONE', 'EENROL_ID', 'EENROL_REQUEST'] as const)(
    'asks again only after minutes when it is refused with %s',
    (code) => {
      const scene = upTo(OPENED, CHALLENGED, PROOF);
      const note = failure(scene.hear(refused(code))) as { readonly retryInMs: number };
      expect(note).toMatchObject({ reason: code, gateway: 'gwa' });
      expect(note.retryInMs).toBeGreaterThanOrEqual(60_000);
    },
  );

  it('asks again within a minute when the gateway was busy', () => {
    const scene = upTo(OPENED);
    const note = failure(scene.hear(refused('EENROL_BUSY'))) as { readonly retryInMs: number };
    expect(note.retryInMs).toBeLessThanOrEqual(60_000);
  });

  it('believes no certificate before it has proved anything, and none that was retained', () => {
    const scene = upTo(OPENED);
    expect(scene.hear(ISSUED)).toEqual([]);
    scene.hear(CHALLENGED, PROOF);
    expect(scene.hear({ ...ISSUED, retained: true } as EnrolmentEvent)).toEqual([]);
    expect(types(scene.hear(ISSUED))).toEqual(['closeAccess', 'keepPair']);
  });

  it('lets a second challenge change nothing', () => {
    const scene = upTo(OPENED, CHALLENGED);
    expect(scene.hear(CHALLENGED)).toEqual([]);
  });

  it('tries again when what was issued is not ours, without closing what is closed', () => {
    const scene = upTo(OPENED, CHALLENGED, PROOF, ISSUED);
    const text = 'the certificate is for another key';
    const effects = scene.hear({ type: 'workFailed', code: 'EIDENTITY_KEY', text });
    expect(types(effects)).toEqual(['enrolmentFailed']);
    expect(types(scene.wait())).toEqual(['makeRequest']);
  });

  it('says what it could not read', () => {
    const scene = upTo(OPENED);
    const refusal = { code: 'EPAYLOAD_JSON', pointer: '', sentence: 'not JSON' };
    const event = { topic: 't', about: 'other', refusal, retained: false } as const;
    expect(failure(scene.hear({ type: 'messageRefused', ...event }))).toMatchObject({
      reason: 'EPAYLOAD_JSON',
    });
  });
});
