/**
 * What each packet of one connection leads to: one method per MQTT control packet.
 *
 * The first packet is CONNECT and there is no second; whatever breaks the protocol ends the connection with
 * its reason code. PUBACKs go out in the order the PUBLISHes came in, each when its message is safe.
 */
import type {
  IConnectPacket,
  IDisconnectPacket,
  IPublishPacket,
  ISubscribePacket,
  ISubscription,
  IUnsubscribePacket,
  Packet,
} from 'mqtt-packet';
import type { connackOf } from './connack.ts';
import { type ConnectRequest, checkConnect } from './connect-request.ts';
import type { DeviceMessages } from './device-messages.ts';
import { RECEIVE_MAXIMUM, SESSION_EXPIRY_S_MAX } from './limits.ts';
import { REASON } from './reason-codes.ts';
import type { RetainedMessages } from './retained.ts';
import type { Session } from './session.ts';
import { isTopicName, type TopicAcl } from './topic-acl.ts';

/** The connection, as far as packets need it. */
export interface PacketOutlet {
  readonly serialNumber: string;
  send(packet: Packet): boolean;
  /** Sends DISCONNECT (or a refusing CONNACK before the first) and closes. */
  refuse(reasonCode: number, sentence: string): void;
  /** The same without a complaint: the reason is not this device's doing. */
  farewell(reasonCode: number, properties: { readonly serverReference?: string }): void;
  close(): void;
  refused(reasonCode: number, sentence: string): void;
}

/** The gateway, as far as packets need it. */
export interface PacketPlace {
  readonly acl: TopicAcl;
  readonly retained: RetainedMessages;
  readonly messages: DeviceMessages;
  nowMs(): number;
  connackProperties(): ReturnType<typeof connackOf>;
  /** Admits the device: takes its former connection over and finds its session. */
  admit(request: ConnectRequest, outlet: PacketOutlet): Admission | undefined;
  attach(request: ConnectRequest, outlet: PacketOutlet): void;
}

export interface Admission {
  readonly session: Session;
  readonly present: boolean;
}

/** How the connection ends, as the device last said. */
export interface Farewell {
  readonly withWill: boolean;
  readonly sessionExpiryS: number;
}

type State =
  | { readonly is: 'awaitingConnect' }
  | {
      readonly is: 'connected';
      readonly request: ConnectRequest;
      readonly session: Session;
      readonly farewell: Farewell;
    };

const NO_SUBSCRIPTION_EXISTED = 0x11;
const BAD_AUTHENTICATION_METHOD = 0x8c;

export class PacketsIn {
  readonly #outlet: PacketOutlet;
  readonly #place: PacketPlace;
  #state: State = { is: 'awaitingConnect' };
  #unacknowledged = 0;
  #acknowledgements: Promise<void> = Promise.resolve();

  constructor(outlet: PacketOutlet, place: PacketPlace) {
    this.#outlet = outlet;
    this.#place = place;
  }

  /** What was agreed with the device; undefined before CONNECT. */
  get request(): ConnectRequest | undefined {
    return this.#state.is === 'connected' ? this.#state.request : undefined;
  }

  get farewell(): Farewell | undefined {
    return this.#state.is === 'connected' ? this.#state.farewell : undefined;
  }

  handle(packet: Packet): void {
    if (this.#state.is === 'awaitingConnect') {
      if (packet.cmd === 'connect') this.#connect(packet);
      else this.#outlet.close();
      return;
    }
    const { session } = this.#state;
    switch (packet.cmd) {
      case 'publish':
        this.#publish(packet);
        break;
      case 'subscribe':
        this.#subscribe(session, packet);
        break;
      case 'unsubscribe':
        this.#unsubscribe(session, packet);
        break;
      case 'puback':
        session.acknowledged(packet.messageId ?? 0, this.#place.nowMs());
        break;
      case 'pingreq':
        this.#outlet.send({ cmd: 'pingresp' });
        break;
      case 'disconnect':
        this.#disconnect(packet);
        break;
      default:
        this.#outlet.refuse(REASON.protocolError, `A client does not send ${packet.cmd} here.`);
    }
  }

  #connect(packet: IConnectPacket): void {
    if (packet.protocolVersion !== 5) {
      this.#outlet.refuse(REASON.unsupportedProtocolVersion, 'Only MQTT 5 is spoken here.');
      return;
    }
    if (packet.properties?.authenticationMethod !== undefined) {
      this.#outlet.refuse(BAD_AUTHENTICATION_METHOD, 'The certificate is the authentication.');
      return;
    }
    const verdict = checkConnect(packet, this.#outlet.serialNumber, this.#place.acl);
    if (!verdict.ok) {
      this.#outlet.refuse(verdict.reasonCode, verdict.sentence);
      return;
    }
    const { request } = verdict;
    const admission = this.#place.admit(request, this.#outlet);
    if (admission === undefined) {
      this.#outlet.refuse(REASON.quotaExceeded, 'This gateway has as many devices as it takes.');
      return;
    }
    const { sessionExpiryS } = request;
    const farewell = { withWill: true, sessionExpiryS };
    this.#state = { is: 'connected', request, session: admission.session, farewell };
    const { userProperties, ...properties } = this.#place.connackProperties();
    this.#outlet.send({
      cmd: 'connack',
      reasonCode: REASON.success,
      sessionPresent: admission.present,
      properties: { ...properties, sessionExpiryInterval: sessionExpiryS, userProperties },
    });
    this.#place.attach(request, this.#outlet);
  }

  #publish(packet: IPublishPacket): void {
    const { topic, qos, properties, messageId, retain } = packet;
    const { serialNumber } = this.#outlet;
    const refuse = (code: number, why: string) => this.#outlet.refuse(code, why);
    if (qos === 2) return refuse(REASON.qosNotSupported, 'Maximum QoS is 1.');
    if (qos === 1 && !messageId) return refuse(REASON.protocolError, 'Packet identifier 0.');
    if (properties?.topicAlias !== undefined) {
      return refuse(REASON.topicAliasInvalid, 'Topic Alias Maximum is 0.');
    }
    if (!isTopicName(topic)) return refuse(REASON.topicNameInvalid, 'The topic name is invalid.');
    if (this.#unacknowledged >= RECEIVE_MAXIMUM) {
      return refuse(REASON.receiveMaximumExceeded, `More than ${RECEIVE_MAXIMUM} in flight.`);
    }
    const meaning = this.#place.acl.publishable(serialNumber, topic);
    if (meaning === undefined) {
      this.#outlet.refused(REASON.notAuthorized, `${serialNumber} may not publish to ${topic}.`);
      this.#acknowledge(Promise.resolve(REASON.notAuthorized), messageId);
      return;
    }
    const payload = Uint8Array.from(Buffer.from(packet.payload));
    const message = { topic, meaning, payload, retain, by: 'device' } as const;
    this.#acknowledge(this.#place.messages.accept(serialNumber, message), messageId);
  }

  /** Waits for its turn, then for the message to be safe. A failed store is answered by no PUBACK at all. */
  #acknowledge(accepted: Promise<number>, messageId: number | undefined): void {
    this.#unacknowledged += 1;
    const settled = accepted.then(
      (reasonCode) => ({ reasonCode }),
      (error: unknown) => ({ failure: String(error) }),
    );
    this.#acknowledgements = this.#acknowledgements.then(async () => {
      const outcome = await settled;
      this.#unacknowledged -= 1;
      if ('failure' in outcome) {
        const why = `The message could not be stored: ${outcome.failure}.`;
        this.#outlet.refuse(REASON.implementationSpecificError, why);
      } else if (messageId !== undefined) {
        const { reasonCode } = outcome;
        this.#outlet.send({ cmd: 'puback', messageId, reasonCode });
      }
    });
  }

  #subscribe(session: Session, packet: ISubscribePacket): void {
    const { subscriptions, messageId, properties } = packet;
    if (subscriptions.length === 0 || properties?.subscriptionIdentifier !== undefined) {
      const why = 'A SUBSCRIBE has filters and no subscription identifier.';
      this.#outlet.refuse(REASON.protocolError, why);
      return;
    }
    const granted = subscriptions.map((one) => ({ one, ...this.#grant(session, one) }));
    const suback: Packet = { cmd: 'suback', granted: granted.map(({ code }) => code) };
    if (messageId !== undefined) suback.messageId = messageId;
    this.#outlet.send(suback);
    for (const { one, code, fresh } of granted) {
      const handling = one.rh ?? 0;
      if (code > 1 || handling === 2 || (handling === 1 && !fresh)) continue;
      const payload = this.#place.retained.get(session.serialNumber, one.topic);
      if (payload === undefined) continue;
      const message = { topic: one.topic, payload, retain: true };
      session.replay(message, code === 1 ? 1 : 0, this.#place.nowMs());
    }
  }

  #grant(session: Session, { topic, qos, rap, nl }: ISubscription) {
    const refused = (code: number) => {
      this.#outlet.refused(code, `${session.serialNumber} may not subscribe to ${topic}.`);
      return { code, fresh: false };
    };
    if (topic.startsWith('$share/')) return refused(REASON.sharedSubscriptionsNotSupported);
    if (topic === '') return refused(REASON.topicFilterInvalid);
    if (!this.#place.acl.subscribable(session.serialNumber, topic)) {
      return refused(REASON.notAuthorized);
    }
    const code = qos === 0 ? 0 : 1;
    const how = { qos: code, retainAsPublished: rap === true, noLocal: nl === true } as const;
    const known = session.subscribe(topic, how);
    return known === undefined ? refused(REASON.quotaExceeded) : { code, fresh: known === 'new' };
  }

  #unsubscribe(session: Session, { unsubscriptions, messageId }: IUnsubscribePacket): void {
    const granted = unsubscriptions.map((filter) =>
      session.unsubscribe(filter) ? REASON.success : NO_SUBSCRIPTION_EXISTED,
    );
    const unsuback: Packet = { cmd: 'unsuback', granted };
    if (messageId !== undefined) unsuback.messageId = messageId;
    this.#outlet.send(unsuback);
  }

  #disconnect({ reasonCode, properties }: IDisconnectPacket): void {
    if (this.#state.is !== 'connected') return;
    const before = this.#state.request.sessionExpiryS;
    const asked = properties?.sessionExpiryInterval ?? before;
    if (before === 0 && asked !== 0) {
      this.#outlet.refuse(REASON.protocolError, 'A session expiry of 0 cannot be raised.');
      return;
    }
    const sessionExpiryS = Math.min(asked, SESSION_EXPIRY_S_MAX);
    const farewell = { withWill: reasonCode !== REASON.success, sessionExpiryS };
    this.#state = { ...this.#state, farewell };
    this.#outlet.close();
  }
}
