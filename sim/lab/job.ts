/**
 * What can be asked of the inner half of a lab run: plain data, because it crosses a process boundary.
 */
import type { LabEngine } from './lab-engines.ts';

export type LabJob =
  /** The headless stories; they write `<outDirectory>/demo.json`, `fail-static.json` and `diagnosis.json`. */
  | {
      readonly job: 'cable-pull' | 'fail-static' | 'diagnosis';
      readonly withPage: false;
      readonly engine: LabEngine;
      readonly outDirectory: string;
    }
  | DocumentJob
  /** The failover stories; writes `<outDirectory>/stories.json`. */
  | {
      readonly job: 'stories';
      readonly withPage: false;
      readonly engine: LabEngine;
      readonly outDirectory: string;
      readonly seed: number;
      /** Names of stories; empty: all. */
      readonly only: readonly string[];
      /** The selection that every test run tells. */
      readonly short: boolean;
    }
  /** The live view, until somebody ends it. */
  | {
      readonly job: 'view';
      readonly withPage: true;
      readonly engine: LabEngine;
      readonly outDirectory: string;
    }
  /** Only the network: checks it, or runs a command in it. */
  | { readonly job: 'network'; readonly withPage: false; readonly argv: readonly string[] }
  /** Paired failovers; writes `<outDirectory>/bench-failover.json`. */
  | {
      readonly job: 'bench-failover';
      readonly withPage: false;
      readonly outDirectory: string;
      readonly rounds: number;
    };

/** What is ordered by documents; writes `<outDirectory>/document.json` or `cut-off.json`. */
export interface DocumentJob {
  readonly job: 'document' | 'cut-off';
  readonly withPage: false;
  readonly engine: LabEngine;
  readonly outDirectory: string;
}
