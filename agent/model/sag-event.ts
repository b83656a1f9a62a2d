/**
 * The ten system events of a Smart Access Gateway, by their published names, codes and levels
 * (CloudMonitor, Appendix 2; SmartAG event protocols).
 */
export type SagEventName =
  | 'AccessGatewayFailover'
  | 'ConnectionDisconnect'
  | 'DeviceHacked'
  | 'DeviceLinkDown'
  | 'DeviceOffline'
  | 'DeviceOnline'
  | 'DeviceSwitched'
  | 'DeviceWanLinkDown'
  | 'DeviceWanLinkSwitched'
  | 'DeviceWanLinkUp';

export interface SagEventKind {
  readonly statusCode: string;
  readonly level: 'INFO' | 'CRITICAL';
  readonly type: 'Maintenance' | 'Exception' | 'StatusNotification';
}

export const SAG_EVENTS: Readonly<Record<SagEventName, SagEventKind>> = {
  AccessGatewayFailover: { statusCode: 'agwfailover', level: 'INFO', type: 'Maintenance' },
  ConnectionDisconnect: { statusCode: 'disconnect', level: 'CRITICAL', type: 'Exception' },
  DeviceHacked: { statusCode: 'hacked', level: 'CRITICAL', type: 'Exception' },
  DeviceLinkDown: { statusCode: 'linkdown', level: 'CRITICAL', type: 'Exception' },
  DeviceOffline: { statusCode: 'offline', level: 'CRITICAL', type: 'StatusNotification' },
  DeviceOnline: { statusCode: 'online', level: 'INFO', type: 'StatusNotification' },
  DeviceSwitched: { statusCode: 'switched', level: 'CRITICAL', type: 'Maintenance' },
  DeviceWanLinkDown: { statusCode: 'WanLinkDown', level: 'CRITICAL', type: 'Exception' },
  DeviceWanLinkSwitched: { statusCode: 'WanLinkSwitched', level: 'CRITICAL', type: 'Maintenance' },
  DeviceWanLinkUp: { statusCode: 'WanLinkUp', level: 'INFO', type: 'Exception' },
};

/** Why an event was never told: no room was left, it was too old, or the gateway would not have it. */
export type LossReason = 'full' | 'expired' | 'refused' | 'unreadable';
export type EventLosses = Readonly<Record<LossReason, number>>;

/** One event on its way to the gateway. `bootId` and `seq` make it unique; `atMs` orders it within a boot. */
export interface SagEvent {
  readonly id: string;
  readonly bootId: string;
  readonly seq: number;
  readonly name: SagEventName;
  /** Monotonic milliseconds of the device when it happened. */
  readonly atMs: number;
  /** Wall time as the device knew it, milliseconds since the epoch. */
  readonly wallMs: number;
  readonly content: Readonly<Record<string, string | number | boolean>>;
}
