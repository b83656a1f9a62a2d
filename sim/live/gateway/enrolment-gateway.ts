/**
 * The door for devices that have no certificate yet: MQTT 5 over TLS, on a port of its own.
 *
 * A client proves nothing by being here, so it can do nothing but ask for a certificate: it publishes to and hears
 * from two topics under its own client id, a few times, for half a minute.
 */
import type { Duplex } from 'node:stream';
import type { IConnectPacket, IPublishPacket, ISubscribePacket, Packet } from 'mqtt-packet';
import type { IdentityAnswer } from '../../../agent/access/identity-payloads.ts';
import { type DeviceTopics, topicsOf } from '../../../agent/access/topics.ts';
import type { Challenge, IdentityDesk } from '../identity-desk.ts';
import { type ListenAt, listenTls, type TlsMaterial } from './listen-tls.ts';
import { encodePacket, PacketReader } from './packet-codec.ts';
import { readIdentityAsk } from './payload-schemas.ts';
import { REASON } from './reason-codes.ts';
import { isDeviceId } from './topic-acl.ts';

export interface EnrolmentGatewayOptions {
  readonly tenant: string;
  readonly tls: TlsMaterial;
  readonly listen: ListenAt;
  readonly desk: IdentityDesk;
}

export interface EnrolmentGateway {
  readonly port: number;
  close(): Promise<void>;
}

/** A street of new devices at once; whoever comes too many tries again. */
const CONNECTIONS_MAX = 64;
/** Enrolment takes two; a few more are an honest device that was interrupted. */
const ASKS_MAX = 8;
const LIFE_MS = 30_000;

export async function startEnrolmentGateway({
  tenant,
  tls,
  listen,
  desk,
}: EnrolmentGatewayOptions): Promise<EnrolmentGateway> {
  const open = new Set<Duplex>();
  const listener = await listenTls(tls, listen, 'anonymous', {
    onDevice: (stream) => {
      if (open.size >= CONNECTIONS_MAX) return stream.destroy();
      open.add(stream);
      const end = setTimeout(() => stream.destroy(), LIFE_MS);
      stream.on('close', () => {
        clearTimeout(end);
        open.delete(stream);
      });
      new Applicant(stream, tenant, desk).listen();
      return undefined;
    },
    onRefused: () => undefined,
  });
  return {
    port: listener.port,
    close: async () => {
      for (const stream of open) stream.destroy();
      await listener.close();
    },
  };
}

interface Who {
  readonly serialNumber: string;
  readonly topics: DeviceTopics;
}

class Applicant {
  readonly #stream: Duplex;
  readonly #tenant: string;
  readonly #desk: IdentityDesk;
  readonly #reader = new PacketReader();
  #who: Who | undefined;
  #challenge: Challenge | undefined;
  #asks = 0;
  #answers = 0;

  constructor(stream: Duplex, tenant: string, desk: IdentityDesk) {
    this.#stream = stream;
    this.#tenant = tenant;
    this.#desk = desk;
  }

  listen(): void {
    this.#stream.on('error', () => this.#stream.destroy());
    this.#stream.on('data', (chunk: Buffer) => {
      const wrong = this.#reader.read(chunk, (packet) => this.#handle(packet));
      if (wrong !== undefined) this.#refuse(wrong.reasonCode);
    });
  }

  #handle(packet: Packet): void {
    if (this.#stream.writableEnded) return;
    if (this.#who === undefined) {
      if (packet.cmd === 'connect') this.#connect(packet);
      else this.#stream.destroy();
      return;
    }
    switch (packet.cmd) {
      case 'subscribe':
        return this.#subscribe(packet, this.#who.topics);
      case 'publish':
        return this.#publish(packet, this.#who);
      case 'puback':
        return undefined;
      case 'pingreq':
        return this.#send({ cmd: 'pingresp' });
      case 'disconnect':
        this.#stream.end();
        return undefined;
      default:
        return this.#refuse(REASON.protocolError);
    }
  }

  #connect({ protocolVersion, clientId, will }: IConnectPacket): void {
    if (protocolVersion !== 5) return this.#refuse(REASON.unsupportedProtocolVersion);
    if (!isDeviceId(clientId)) return this.#refuse(REASON.clientIdentifierNotValid);
    if (will !== undefined) return this.#refuse(REASON.notAuthorized);
    this.#who = { serialNumber: clientId, topics: topicsOf(this.#tenant, clientId) };
    return this.#send({ cmd: 'connack', reasonCode: REASON.success, sessionPresent: false });
  }

  #subscribe({ subscriptions, messageId }: ISubscribePacket, topics: DeviceTopics): void {
    const granted = subscriptions.map(({ topic }) =>
      topic === topics.identityAnswer ? 1 : REASON.notAuthorized,
    );
    this.#send({ cmd: 'suback', granted, ...(messageId === undefined ? {} : { messageId }) });
  }

  #publish(
    { topic, payload, qos, messageId }: IPublishPacket,
    { serialNumber, topics }: Who,
  ): void {
    this.#asks += 1;
    if (topic !== topics.identityAsk || qos !== 1) return this.#refuse(REASON.notAuthorized);
    if (this.#asks > ASKS_MAX) return this.#refuse(REASON.quotaExceeded);
    const read = readIdentityAsk(Uint8Array.from(Buffer.from(payload)));
    const reasonCode = read.ok ? REASON.success : REASON.payloadFormatInvalid;
    this.#send({ cmd: 'puback', reasonCode, ...(messageId === undefined ? {} : { messageId }) });
    if (!read.ok) return undefined;
    const ask = read.value;
    if (ask.kind === 'enrol') void this.#begin(serialNumber, ask.request);
    if (ask.kind === 'prove') void this.#prove(ask.proof);
    return undefined;
  }

  async #begin(serialNumber: string, request: string): Promise<void> {
    const begun = await this.#desk.begin(serialNumber, request);
    if ('kind' in begun) return this.#answer(begun);
    this.#challenge = begun;
    return this.#answer({ v: 1, kind: 'challenge', nonce: begun.nonce });
  }

  async #prove(proof: string): Promise<void> {
    const challenge = this.#challenge;
    // A nonce is good for one proof, right or wrong.
    this.#challenge = undefined;
    if (challenge === undefined) return this.#refuse(REASON.protocolError);
    return this.#answer(await this.#desk.prove(challenge, proof));
  }

  #answer(answer: IdentityAnswer): void {
    if (this.#who === undefined || this.#stream.writableEnded) return;
    this.#answers += 1;
    this.#send({
      cmd: 'publish',
      topic: this.#who.topics.identityAnswer,
      payload: JSON.stringify(answer),
      qos: 1,
      messageId: this.#answers,
      retain: false,
      dup: false,
    });
  }

  #refuse(reasonCode: number): void {
    if (this.#stream.writableEnded) return;
    const last: Packet =
      this.#who === undefined
        ? { cmd: 'connack', reasonCode, sessionPresent: false }
        : { cmd: 'disconnect', reasonCode };
    this.#stream.end(encodePacket(last));
  }

  #send(packet: Packet): void {
    this.#stream.write(encodePacket(packet));
  }
}
