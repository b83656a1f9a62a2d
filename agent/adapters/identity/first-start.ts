/**
 * The first start of a device: gives the enrolment core a board, a channel and a disk, until there is a certificate.
 *
 * It stands before everything else, because without a serial number that somebody vouches for there is no topic to
 * speak on; a device that has enrolled never comes here again.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { liveClock, timeoutAlarm } from '../../../firmware-shim/adapters/live-clock.ts';
import { assert } from '../../../firmware-shim/base/assert.ts';
import { Driver } from '../../../firmware-shim/base/drive.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { openBoard } from '../../../firmware-shim/open-board.ts';
import type { Board, BoardEvent } from '../../../firmware-shim/ports.ts';
import { supports } from '../../../firmware-shim/wire/capability.ts';
import { Enrolment } from '../../access/enrolment.ts';
import type { EnrolmentEffect, EnrolmentEvent } from '../../access/enrolment-events.ts';
import { readAccessEvent } from '../../contract/access-intake.ts';
import type { IdentityPairs } from '../../durable/identity-pairs.ts';
import type { AgentConfig } from '../../model/config.ts';
import type { Note } from '../../model/note.ts';
import type { AccessEvent } from '../../ports.ts';
import { MqttChannel } from '../access/mqtt-channel.ts';
import { certificateRequest, enrolmentDigest, newKey } from './certificate-request.ts';
import { checkIssued, type Identity, readIdentity } from './identity.ts';

export interface FirstStartOptions {
  readonly config: AgentConfig;
  readonly ca: string;
  readonly pairs: IdentityPairs;
  readonly random: Random;
  readonly wallMs: () => number;
  readonly onNote: (note: Note) => void;
}

export type EnrolOptions = Omit<FirstStartOptions, 'ca'>;

/** A device whose certificate has ended asks for another one so long, and then lives without a gateway. */
const LATE_ENROLMENT_MS = 60_000;

/** The identity there is, or after however long it takes the one a gateway gives. */
export async function identityOf(options: EnrolOptions): Promise<Identity> {
  const { pairs, wallMs, config } = options;
  const { access } = config;
  const known = readIdentity(access, pairs);
  const isGiven = access.certificateFile !== undefined;
  if (known !== undefined && (isGiven || !hasEnded(known, wallMs()))) return known;
  const start = new FirstStart({ ...options, ca: readFileSync(access.caFile, 'utf8') });
  await (known === undefined ? start.done : within(LATE_ENROLMENT_MS, start.done));
  await start.close();
  const enrolled = readIdentity(access, pairs);
  assert(enrolled !== undefined, 'a device that has enrolled has an identity');
  return enrolled;
}

function hasEnded({ certificate }: Identity, atMs: number): boolean {
  return new X509Certificate(certificate).validToDate.getTime() < atMs;
}

async function within(waitMs: number, done: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, waitMs);
  await Promise.race([done, promise]);
  clearTimeout(timer);
}

export class FirstStart {
  readonly #options: FirstStartOptions;
  readonly #driver: Driver<EnrolmentEvent, EnrolmentEffect>;
  readonly #board: Board;
  readonly #done = Promise.withResolvers<void>();
  #channel: MqttChannel | undefined;
  #proofId: number | undefined;

  constructor(options: FirstStartOptions) {
    const { config, random } = options;
    const { gateways } = config.access;
    this.#options = options;
    this.#driver = new Driver({
      core: new Enrolment({ tenant: config.tenant, gateways, random }),
      clock: liveClock,
      alarm: timeoutAlarm,
      perform: (effect) => this.#perform(effect),
    });
    this.#board = openBoard({
      ...config.board,
      random,
      onEvent: (event) => this.#boardTold(event),
      onNote: options.onNote,
    });
  }

  /** Resolves when the pair is on disk; as long as nobody gives a certificate the device goes on asking. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Lets go of board and gateway, enrolled or not. */
  async close(): Promise<void> {
    this.#driver.stop();
    this.#channel?.close('drop');
    this.#board.close();
    await this.#channel?.closed();
  }

  #boardTold(event: BoardEvent): void {
    if (event.type === 'boardUp') {
      const { serialNumber, capabilities } = event.hello;
      const canProve = supports(capabilities, 'proveIdentity');
      this.#driver.post({ type: 'boardMet', serialNumber, canProve });
    }
    if (event.type !== 'boardCommandDone' || event.id !== this.#proofId) return;
    const { reply, code = 'EMCU_REFUSED' } = event;
    if (reply?.kind === 'identityProof') {
      const proof = Buffer.from(reply.proof).toString('base64');
      this.#driver.post({ type: 'proofMade', proof });
    } else {
      const text = 'the board gives no word of its factory key';
      this.#driver.post({ type: 'workFailed', code, text });
    }
  }

  #perform(effect: EnrolmentEffect): void {
    switch (effect.type) {
      case 'makeRequest':
        return this.#attempt(() => {
          const key = this.#options.pairs.waitingKey(newKey);
          return { type: 'requestMade', request: certificateRequest(effect.serialNumber, key) };
        });
      case 'openEnrolment':
        return this.#open(effect);
      case 'subscribe':
        return this.#channel?.subscribe(effect.topics);
      case 'publish':
        return this.#channel?.publish(effect.message);
      case 'closeAccess':
        return this.#channel?.close(effect.how);
      case 'askProof': {
        const { serialNumber, nonce, request } = effect;
        const digest = enrolmentDigest(serialNumber, nonce, request);
        this.#proofId = this.#board.command({ kind: 'proveIdentity', digest });
        return;
      }
      case 'keepPair':
        return this.#attempt(() => this.#keep(effect));
      case 'noted':
        return this.#options.onNote(effect.note);
      case 'enrolled':
        return this.#done.resolve();
    }
  }

  #open({ target, serialNumber }: Extract<EnrolmentEffect, { readonly type: 'openEnrolment' }>) {
    const { ca, config } = this.#options;
    const { keepAliveS } = config.access;
    const listener = (event: AccessEvent): void => this.#channelTold(event);
    this.#channel = new MqttChannel({
      ca,
      clientId: serialNumber,
      keepAliveS,
      crlFile: config.access.crlFile,
      trustedMs: this.#options.wallMs,
    });
    this.#channel.open(target, undefined, listener);
  }

  #channelTold(event: AccessEvent): void {
    const read = readAccessEvent(event);
    switch (read.type) {
      case 'channelOpened':
      case 'channelClosed':
      case 'publishAcknowledged':
      case 'identityAnswered':
      case 'messageRefused':
        return this.#driver.post(read);
      case 'commandReceived':
      case 'confirmReceived':
      case 'desiredReceived':
      case 'lifeReceived':
      case 'rebirthRequested':
        return undefined;
    }
  }

  #keep({
    serialNumber,
    certificate,
  }: Extract<EnrolmentEffect, { readonly type: 'keepPair' }>): EnrolmentEvent {
    const { ca, pairs, wallMs } = this.#options;
    const key = pairs.waitingKey(newKey);
    checkIssued({ serialNumber, certificate, key, ca }, wallMs());
    pairs.complete(certificate, key);
    return { type: 'pairKept' };
  }

  /** What a disk or OpenSSL will not do comes back as an event. */
  #attempt(work: () => EnrolmentEvent): void {
    try {
      this.#driver.post(work());
    } catch (error) {
      const { code, message } = error as Error & { readonly code?: unknown };
      const known = typeof code === 'string' ? code : 'EFAILED';
      this.#driver.post({ type: 'workFailed', code: known, text: message });
    }
  }
}
