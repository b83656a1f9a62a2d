/** Notes about who this device is: its certificate, how it got one, and when it ends. */
export type IdentityNote =
  | {
      readonly code: 'enrolmentStarted';
      readonly level: 'notice';
      readonly serialNumber: string;
    }
  /** Nothing but another board, or a certificate from its owner, gives this device an identity. */
  | {
      readonly code: 'enrolmentImpossible';
      readonly level: 'error';
      readonly reason: string;
      readonly because: string;
    }
  | {
      readonly code: 'enrolmentFailed';
      readonly level: 'warning';
      readonly gateway: string;
      /** Stable code such as `EENROL_PROOF` or `ETLS_NAME`. */
      readonly reason: string;
      readonly because: string;
      readonly retryInMs: number;
    }
  | {
      readonly code: 'enrolled';
      readonly level: 'notice';
      readonly serialNumber: string;
      readonly gateway: string;
      readonly afterMs: number;
    }
  /** The new pair is on the disk; the old one stays until a gateway has accepted the new. */
  | {
      readonly code: 'certificateRenewed';
      readonly level: 'notice';
      readonly generation: number;
      readonly endMs: number;
    }
  | { readonly code: 'certificateProved'; readonly level: 'notice'; readonly generation: number }
  | {
      readonly code: 'renewalFailed';
      readonly level: 'warning';
      readonly reason: string;
      readonly because: string;
      readonly retryInMs: number;
    }
  /** Renewal was due long ago. */
  | {
      readonly code: 'certificateEndsSoon';
      readonly level: 'warning' | 'error';
      readonly days: number;
    }
  | { readonly code: 'certificateEnded'; readonly level: 'error' }
  /** The time certificates are judged by has a better source than before. */
  | {
      readonly code: 'timeLearnt';
      readonly level: 'notice';
      readonly source: string;
      readonly toldMs: number;
    }
  /** The CA and the clock of the machine agree that it is later. */
  | {
      readonly code: 'boardClockRefuted';
      readonly level: 'warning';
      readonly saidMs: number;
      readonly sinceMs: number;
    }
  /** Before our floor, or after the end of the pinned CA. */
  | { readonly code: 'gatewayTimeRefused'; readonly level: 'warning'; readonly toldMs: number }
  | { readonly code: 'clockNotSet'; readonly level: 'warning'; readonly because: string };
