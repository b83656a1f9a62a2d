/** What can go wrong at the control side of the access gateways. */
import { type Draw, pick } from './draw.ts';

export type GatewayFault =
  | { readonly kind: 'gatewayRestarted'; readonly gateway: string; readonly downMs: number }
  /** The gateway ends the connection with an MQTT reason code (0x8B shutting down, 0x97 quota, …). */
  | { readonly kind: 'gatewayKicked'; readonly gateway: string; readonly reasonCode: number }
  /** It sends the device to another one, of the list or not. */
  | {
      readonly kind: 'gatewayRedirected';
      readonly gateway: string;
      readonly reasonCode: number;
      readonly to: string;
    }
  /** Another box with the same identity connects, stays for a while and goes, with or without a goodbye. */
  | {
      readonly kind: 'cloneAppeared';
      readonly gateway: string;
      readonly forMs: number;
      readonly goes: 'bye' | 'lost';
    }
  /** The desk that renews certificates is busy, or does not answer. */
  | { readonly kind: 'deskClosed'; readonly how: 'busy' | 'silent'; readonly forMs: number }
  /** Something on the desired topic that is no document. */
  | { readonly kind: 'desiredGarbled'; readonly text: string };

/** Shutting down, use another server without saying which, keep alive time-out, administrative action. */
const KICKS = [0x8b, 0x9c, 0x8d, 0x98];
/** Use another server, server moved. */
const REDIRECTS = [0x9c, 0x9d];
/** None of them is in the list of the device. */
const STRANGERS = ['198.51.100.7:8443', 'agw.example.net', '', '*', 'agw-hangzhou-a.example.net'];
/** Not JSON, nothing, too deep, of no known version, a key twice, and a document that takes everything away. */
const GARBLED = [
  'neither here nor there',
  '',
  `${'['.repeat(100)}${']'.repeat(100)}`,
  '{"v":99,"revision":4000000000}',
  '{"v":1,"v":1,"revision":4000000001}',
  '{"v":1,"revision":-1,"tunnels":[]}',
];

export const GATEWAY_DRAWS: readonly Draw<GatewayFault>[] = [
  (random, { gateways }, forMs) => ({
    kind: 'gatewayRestarted',
    gateway: pick(random, gateways),
    downMs: forMs,
  }),
  (random, { gateways }) => ({
    kind: 'gatewayKicked',
    gateway: pick(random, gateways),
    reasonCode: pick(random, KICKS),
  }),
  (random, { gateways }) => ({
    kind: 'gatewayRedirected',
    gateway: pick(random, gateways),
    reasonCode: pick(random, REDIRECTS),
    to: pick(random, [...gateways, ...STRANGERS]),
  }),
  (random, { gateways }, forMs) => ({
    kind: 'cloneAppeared',
    gateway: pick(random, gateways),
    forMs,
    goes: pick(random, ['bye', 'lost'] as const),
  }),
  (random, _, forMs) => ({
    kind: 'deskClosed',
    how: pick(random, ['busy', 'silent'] as const),
    forMs,
  }),
  (random) => ({ kind: 'desiredGarbled', text: pick(random, GARBLED) }),
];
