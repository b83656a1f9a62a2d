/** Notes about the doors for people: the control socket and the page. */
export type DoorNote =
  | {
      /** Somebody at the box did something: the audit trail of the control socket. */
      readonly code: 'doorActed';
      readonly level: 'notice';
      readonly door: 'control';
      readonly what: string;
      readonly uid: number;
      readonly pid: number;
    }
  /** Somebody at the page did something: its audit trail. */
  | {
      readonly code: 'pageActed';
      readonly level: 'notice';
      readonly role: 'admin' | 'viewer';
      readonly from: string;
      readonly what: string;
    }
  /** The button asked for it. */
  | { readonly code: 'pagePasswordForgotten'; readonly level: 'warning'; readonly kept: boolean }
  | {
      readonly code: 'doorOpened';
      readonly level: 'info';
      readonly door: 'control' | 'page';
      readonly where: string;
    }
  | {
      readonly code: 'doorFailed';
      readonly level: 'warning';
      readonly door: 'control' | 'page';
      readonly where: string;
      /** Stable code such as `EADDRINUSE`. */
      readonly reason: string;
      readonly text: string;
    }
  | {
      readonly code: 'doorRefused';
      readonly level: 'warning';
      readonly door: 'control' | 'page';
      /** Stable code such as `EPAGE_HOST`. */
      readonly reason: string;
      /** How often since the last note of this reason. */
      readonly times: number;
    };
