/** Notes about the board and its line. */
import type { LineNote } from '../../../firmware-shim/line/line-note.ts';

export type BoardNote =
  | {
      readonly code: 'boardUp';
      readonly level: 'notice';
      readonly model: string;
      readonly serialNumber: string;
    }
  | { readonly code: 'boardLost'; readonly level: 'warning'; readonly why: string }
  | LineNote;
