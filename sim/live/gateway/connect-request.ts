/**
 * A CONNECT packet, checked: what the device asks for, or the reason code it is refused with.
 *
 * The client id must be the CN of the certificate; a will may only be the device's own last word about itself.
 */
import type { IConnectPacket } from 'mqtt-packet';
import { SESSION_EXPIRY_S_MAX, WILL_DELAY_S_MAX } from './limits.ts';
import { REASON, type ReasonRefusal, refusal } from './reason-codes.ts';
import { isDeviceId, type TopicAcl } from './topic-acl.ts';

export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  readonly delayMs: number;
}

export interface ConnectRequest {
  readonly serialNumber: string;
  readonly cleanStart: boolean;
  readonly keepAliveS: number;
  readonly sessionExpiryS: number;
  /** What the device can take: messages in flight and bytes of one packet. */
  readonly receiveMaximum: number;
  readonly packetBytesMax: number;
  readonly will: Will | undefined;
}

export type ConnectVerdict =
  | { readonly ok: true; readonly request: ConnectRequest }
  | ({ readonly ok: false } & ReasonRefusal);

export function checkConnect(packet: IConnectPacket, cn: string, acl: TopicAcl): ConnectVerdict {
  const { clientId, properties = {} } = packet;
  const wrong = checkIdentity(clientId, cn) ?? checkWill(packet, cn, acl);
  if (wrong !== undefined) return { ok: false, ...wrong };
  const receiveMaximum = numberOr(properties.receiveMaximum, 65_535);
  const packetBytesMax = numberOr(properties.maximumPacketSize, 0xffff_ffff);
  const sessionExpiryS = numberOr(properties.sessionExpiryInterval, 0);
  const figures = [receiveMaximum, packetBytesMax, sessionExpiryS];
  if (figures.includes(Number.NaN) || receiveMaximum === 0 || packetBytesMax === 0) {
    const why = 'A CONNECT property is zero or given twice.';
    return { ok: false, ...refusal(REASON.protocolError, why) };
  }
  return {
    ok: true,
    request: {
      serialNumber: cn,
      cleanStart: packet.clean === true,
      keepAliveS: packet.keepalive ?? 0,
      sessionExpiryS: Math.min(sessionExpiryS, SESSION_EXPIRY_S_MAX),
      receiveMaximum,
      packetBytesMax,
      will: willOf(packet),
    },
  };
}

function checkIdentity(clientId: string, cn: string): ReasonRefusal | undefined {
  if (!isDeviceId(clientId)) {
    return refusal(REASON.clientIdentifierNotValid, 'The client id is not a serial number.');
  }
  if (clientId !== cn) {
    return refusal(
      REASON.notAuthorized,
      `Client id ${clientId} is not the CN of the certificate, ${cn}.`,
    );
  }
  return undefined;
}

function checkWill({ will }: IConnectPacket, cn: string, acl: TopicAcl): ReasonRefusal | undefined {
  if (will === undefined) return undefined;
  if ((will.qos ?? 0) > 1) return refusal(REASON.qosNotSupported, 'A will has QoS 0 or 1.');
  if (acl.publishable(cn, will.topic)?.kind !== 'life') {
    return refusal(REASON.notAuthorized, `A will to ${will.topic} is not this device's.`);
  }
  return undefined;
}

function willOf({ will }: IConnectPacket): Will | undefined {
  if (will === undefined) return undefined;
  const delayS = numberOr(will.properties?.willDelayInterval, 0);
  return {
    topic: will.topic,
    payload: Uint8Array.from(Buffer.from(will.payload)),
    retain: will.retain === true,
    delayMs: Math.min(Number.isNaN(delayS) ? 0 : delayS, WILL_DELAY_S_MAX) * 1_000,
  };
}

/** NaN for a property given more than once, which the parser hands over as a list. */
function numberOr(value: unknown, absent: number): number {
  if (value === undefined) return absent;
  return typeof value === 'number' ? value : Number.NaN;
}
