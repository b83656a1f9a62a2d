/** Notes about the names of access gateways and the addresses behind them. */

export type NameNote =
  /** No name server was of use, and the gateway was reached all the same. */
  | {
      readonly code: 'keptAddressUsed';
      readonly level: 'warning';
      readonly name: string;
      readonly address: string;
      readonly because: string;
      /** Since it last proved itself; absent for one that never had. */
      readonly provedAgoMs?: number;
    }
  /** Who answers there is not the gateway: a poisoned answer, or an address that now is somebody else's. */
  | {
      readonly code: 'gatewayAddressSetAside';
      readonly level: 'warning';
      readonly name: string;
      readonly address: string;
      /** Stable code such as `ETLS_NAME`. */
      readonly reason: string;
      readonly because: string;
    }
  /** They are learnt anew. */
  | {
      readonly code: 'gatewayAddressesLost';
      readonly level: 'warning';
      readonly path: string;
      readonly because: string;
    }
  /** They are known until the end of this run. */
  | {
      readonly code: 'gatewayAddressesNotKept';
      readonly level: 'warning';
      readonly because: string;
    };
