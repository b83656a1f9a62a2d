/** Notes about the board and its line. */
export type BoardNote =
  | {
      readonly code: 'boardUp';
      readonly level: 'notice';
      readonly model: string;
      readonly serialNumber: string;
    }
  | { readonly code: 'boardLost'; readonly level: 'warning'; readonly why: string };
