/**
 * What a gateway declares in its CONNACK: the MQTT 5 features it lacks, its bounds, and who it is.
 */
import { CONNACK_PROPERTIES } from '../../../agent/access/payloads.ts';
import type { CcnArea } from '../../../agent/model/area.ts';
import { type GatewayLimits, PACKET_BYTES_MAX, RECEIVE_MAXIMUM } from './limits.ts';

export interface GatewayIdentity {
  readonly id: string;
  readonly area: CcnArea;
}

/** Wildcards stay available for one filter, `cmd/+`; every other one is refused in the SUBACK. */
export function connackOf({ id, area }: GatewayIdentity, limits: GatewayLimits) {
  return {
    receiveMaximum: RECEIVE_MAXIMUM,
    maximumQoS: 1,
    retainAvailable: true,
    maximumPacketSize: PACKET_BYTES_MAX,
    topicAliasMaximum: 0,
    wildcardSubscriptionAvailable: true,
    subscriptionIdentifiersAvailable: false,
    sharedSubscriptionAvailable: false,
    serverKeepAlive: limits.keepAliveS,
    userProperties: {
      [CONNACK_PROPERTIES.area]: area,
      [CONNACK_PROPERTIES.gateway]: id,
      [CONNACK_PROPERTIES.spreadMs]: String(limits.spreadMs),
      [CONNACK_PROPERTIES.timeMs]: String(Date.now()),
    },
  };
}
