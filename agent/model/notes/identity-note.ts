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
    };
