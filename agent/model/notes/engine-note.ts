/** Notes of the tunnel engines: security associations, identities and the daemons behind them. */
import type { EngineKind, TunnelId } from '../tunnel.ts';

export type EngineNote =
  /** None of its tunnels can be made until it is found; told once for each reason. */
  | {
      readonly code: 'engineMissing';
      readonly level: 'error';
      readonly engine: EngineKind;
      readonly reason: string;
      readonly because: string;
    }
  | { readonly code: 'engineFound'; readonly level: 'notice'; readonly engine: EngineKind }
  /** The session was Down though the device stands; the ends have shaken hands unless it says why not. */
  | {
      readonly code: 'engineCalled';
      readonly level: 'info';
      readonly tunnel: TunnelId;
      readonly because?: string;
      readonly retryInMs: number;
    }
  | {
      readonly code: 'engineTunnelUp';
      readonly level: 'info';
      readonly tunnel: TunnelId;
      readonly endpoint: string;
      readonly cipher: string;
    }
  | {
      readonly code: 'engineTunnelDown';
      readonly level: 'notice';
      readonly tunnel: TunnelId;
      readonly because: string;
    }
  | {
      readonly code: 'engineRekeyed';
      readonly level: 'debug';
      readonly tunnel: TunnelId;
      readonly association: 'IKE_SA' | 'CHILD_SA';
    }
  | {
      readonly code: 'engineEndpointMoved';
      readonly level: 'notice';
      readonly tunnel: TunnelId;
      readonly endpoint: string;
    }
  | { readonly code: 'engineAdopted'; readonly level: 'notice'; readonly tunnel: TunnelId }
  | {
      readonly code: 'engineDaemonLost';
      readonly level: 'warning';
      readonly tunnel: TunnelId;
      readonly because: string;
      readonly retryInMs: number;
    }
  | {
      readonly code: 'engineDaemonBack';
      readonly level: 'notice';
      readonly tunnel: TunnelId;
      readonly afterMs: number;
    }
  | {
      readonly code: 'identityStage';
      readonly level: 'notice';
      readonly tunnel: TunnelId;
      readonly stage: 'prepare' | 'switch' | 'retire' | 'back';
    };
