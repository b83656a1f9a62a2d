/**
 * The MQTT 5 reason codes this endpoint uses (MQTT 5, section 2.4), by their published names.
 */
export const REASON = {
  success: 0x00,
  disconnectWithWill: 0x04,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationSpecificError: 0x83,
  unsupportedProtocolVersion: 0x84,
  clientIdentifierNotValid: 0x85,
  notAuthorized: 0x87,
  serverShuttingDown: 0x8b,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  payloadFormatInvalid: 0x99,
  qosNotSupported: 0x9b,
  useAnotherServer: 0x9c,
  sharedSubscriptionsNotSupported: 0x9e,
} as const;

/** Return code of a CONNACK before MQTT 5 (MQTT 3.1.1, section 3.2.2.3). */
export const UNACCEPTABLE_PROTOCOL_VERSION = 0x01;

/** Why a packet or connection is refused: the code for the peer, the sentence for people. */
export interface ReasonRefusal {
  readonly reasonCode: number;
  readonly sentence: string;
}

export function refusal(reasonCode: number, sentence: string): ReasonRefusal {
  return { reasonCode, sentence };
}
