/**
 * What a firmware update tells while it goes on and when it ends, as data.
 */
export type UpdateStage =
  /** No board to talk to just now. */
  | 'waiting'
  /** Asking what the board runs and what its spare slot holds. */
  | 'looking'
  | 'beginning'
  | 'sending'
  | 'verifying'
  | 'activating'
  /** The new image answers; whether it goes on doing so is watched before it is kept. */
  | 'watching'
  | 'confirming';

export type UpdateFailure =
  | 'EFW_MODEL'
  | 'EFW_TOO_LARGE'
  | 'EFW_TOO_OLD'
  | 'EFW_CHECKSUM'
  /** The new image did not prove itself and the board runs the former one again. */
  | 'EFW_FELL_BACK'
  /** The board cannot be updated over this line. */
  | 'EFW_UNSUPPORTED'
  /** The board declined a step, or did not follow the protocol. */
  | 'EFW_REFUSED'
  /** The board did not come back, or the whole took too long. */
  | 'EFW_LOST';

export type UpdateNote =
  | {
      readonly code: 'firmwareUpdateProgress';
      readonly level: 'notice';
      readonly stage: UpdateStage;
      readonly version: string;
      readonly sentBytes: number;
      readonly sizeBytes: number;
      readonly because: string;
    }
  | {
      readonly code: 'firmwareUpdateEnded';
      readonly level: 'notice' | 'error';
      readonly version: string;
      readonly tookMs: number;
      /** Absent when the new image runs and is kept. */
      readonly failure?: UpdateFailure;
      readonly text: string;
    };

export type UpdateOutcome =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly code: UpdateFailure; readonly text: string };
