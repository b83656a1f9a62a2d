/**
 * Gets a certificate for a device that has none, or none that is still valid: gives the enrolment core a board, a
 * channel and a disk, for as long as it takes.
 */
import { readFileSync } from 'node:fs';
import { liveClock, timeoutAlarm } from '../../../firmware-shim/adapters/live-clock.ts';
import { Driver } from '../../../firmware-shim/base/drive.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import type { BoardEvent } from '../../../firmware-shim/ports.ts';
import { supports } from '../../../firmware-shim/wire/capability.ts';
import type { BoardCommand } from '../../../firmware-shim/wire/messages.ts';
import { Enrolment } from '../../access/enrolment.ts';
import type {
  EnrolmentEffect,
  EnrolmentEvent,
  EnrolmentPath,
} from '../../access/enrolment-events.ts';
import type { AddressFinder } from '../../access/names/address-finder.ts';
import { readAccessEvent } from '../../contract/access-intake.ts';
import type { IdentityPairs } from '../../durable/identity-pairs.ts';
import type { AgentConfig } from '../../model/config.ts';
import type { Note } from '../../model/note.ts';
import type { EnrolmentSnapshot } from '../../model/snapshot.ts';
import type { UplinkId } from '../../model/uplink.ts';
import type { AccessEvent } from '../../ports.ts';
import { MqttChannel } from '../access/mqtt-channel.ts';
import { certificateRequest, enrolmentDigest, newKey } from './certificate-request.ts';
import { checkIssued } from './identity.ts';

export interface EnrollerOptions {
  readonly config: AgentConfig;
  readonly pairs: IdentityPairs;
  readonly random: Random;
  /** What certificates are judged by. */
  readonly trustedMs: () => number;
  /** Undefined while there is no board to hear it. */
  readonly command: (command: BoardCommand) => number | undefined;
  /** Who knows what is behind the names of gateways. */
  readonly finder: AddressFinder;
  /** A gateway has answered; over that uplink, where one was chosen. */
  readonly onReached?: (uplink: UplinkId | undefined) => void;
  /** A gateway showed a chain that was refused because it begins only then, and for nothing else. */
  readonly onChainBegins?: (sinceMs: number) => void;
  readonly onNote: (note: Note) => void;
}

export class Enroller {
  readonly #options: EnrollerOptions;
  readonly #ca: string;
  readonly #core: Enrolment;
  readonly #driver: Driver<EnrolmentEvent, EnrolmentEffect>;
  readonly #done = Promise.withResolvers<void>();
  #channel: MqttChannel | undefined;
  #proofId: number | undefined;

  constructor(options: EnrollerOptions) {
    const { config, random } = options;
    const { gateways, caFile } = config.access;
    this.#options = options;
    this.#ca = readFileSync(caFile, 'utf8');
    this.#core = new Enrolment({ tenant: config.tenant, gateways, random });
    this.#driver = new Driver({
      core: this.#core,
      clock: liveClock,
      alarm: timeoutAlarm,
      perform: (effect) => this.#perform(effect),
    });
  }

  /** Resolves when the pair is on disk; as long as nobody gives a certificate the device goes on asking. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  snapshot(): EnrolmentSnapshot {
    return this.#core.snapshot();
  }

  /** Lets go of the gateway, enrolled or not. */
  async close(): Promise<void> {
    this.#driver.stop();
    this.#channel?.close('drop');
    await this.#channel?.closed();
  }

  /** What leads out of the box from now on, best first. */
  takePaths(paths: readonly EnrolmentPath[]): void {
    this.#driver.post({ type: 'pathsChanged', paths });
  }

  /** Every event of the board. */
  hear(event: BoardEvent): void {
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
      case 'gatewayReached':
        return this.#options.onReached?.(effect.uplink);
      case 'subscribe':
        return this.#channel?.subscribe(effect.topics);
      case 'publish':
        return this.#channel?.publish(effect.message);
      case 'closeAccess':
        return this.#channel?.close(effect.how);
      case 'askProof': {
        const { serialNumber, nonce, request } = effect;
        const digest = enrolmentDigest(serialNumber, nonce, request);
        this.#proofId = this.#options.command({ kind: 'proveIdentity', digest });
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
    const { config, trustedMs, finder } = this.#options;
    const { keepAliveS, crlFile } = config.access;
    const ca = this.#ca;
    const channel = new MqttChannel({
      ca,
      clientId: serialNumber,
      keepAliveS,
      crlFile,
      trustedMs,
      finder,
    });
    this.#channel = channel;
    // The end of one that was dropped for another way says nothing of the next.
    channel.open(target, undefined, (event) => {
      if (channel === this.#channel) this.#channelTold(event);
    });
  }

  #channelTold(event: AccessEvent): void {
    const read = readAccessEvent(event);
    switch (read.type) {
      case 'channelClosed':
        if (read.chainBeginsMs !== undefined) this.#options.onChainBegins?.(read.chainBeginsMs);
        return this.#driver.post(read);
      case 'channelOpened':
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
    const { pairs, trustedMs } = this.#options;
    const key = pairs.waitingKey(newKey);
    checkIssued({ serialNumber, certificate, key, ca: this.#ca }, trustedMs());
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
