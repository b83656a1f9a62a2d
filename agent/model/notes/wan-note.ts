/** Notes about how uplinks get their addresses. */
export type WanNote =
  | {
      readonly code: 'wanTried';
      readonly level: 'notice';
      readonly uplink: string;
      readonly ipType: string;
      readonly confirmMs: number;
    }
  | {
      readonly code: 'wanKept';
      readonly level: 'notice';
      readonly uplink: string;
      readonly ipType: string;
      readonly by: 'the gateway' | 'a person';
    }
  | {
      readonly code: 'wanUndone';
      readonly level: 'warning';
      readonly uplink: string;
      readonly because: string;
    }
  | {
      readonly code: 'wanLeased';
      readonly level: 'info';
      readonly uplink: string;
      readonly address: string;
      readonly gateway: string;
    }
  | {
      readonly code: 'wanTrouble';
      readonly level: 'warning';
      readonly uplink: string;
      readonly because: string;
    };
