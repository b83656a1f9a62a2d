/** What the gateway side hears: of the desired state, of the fast path, and from the gateway itself. */
import type { AccessIntake } from '../access/intake.ts';
import type { Reported } from '../access/payloads.ts';
import type { FastPathFact } from '../model/fast-path.ts';
import type { ControlEvent, DeviceAnswer, EventsRead } from './control-events.ts';

/** What the reported document says of the desired one. */
export interface Progress {
  readonly revision: number;
  readonly refused: Reported['refused'];
  /** The revision on trial. */
  readonly trial: number | undefined;
  readonly safeMode: Reported['safeMode'];
  readonly rules: Reported['rules'];
  readonly dataStop: Reported['dataStop'];
  readonly identities: Reported['identities'];
}

export const NO_PROGRESS: Progress = {
  revision: 0,
  refused: undefined,
  trial: undefined,
  safeMode: undefined,
  rules: undefined,
  dataStop: undefined,
  identities: undefined,
};

/** The facts of the fast path that matter here. */
export type GatewayFact = Extract<
  FastPathFact,
  {
    readonly type:
      | 'uplinkChanged'
      | 'tunnelStateChanged'
      | 'activeTunnelChanged'
      | 'switchAnswered';
  }
>;
/** What arrives from the gateway and stays on this side. */
export type GatewayIntake =
  | Exclude<
      AccessIntake,
      { readonly type: 'desiredReceived' | 'identityAnswered' | 'confirmReceived' }
    >
  | EventsRead
  | DeviceAnswer;
export type StoreAnswered = Extract<ControlEvent, { readonly type: 'storeAnswered' }>;
