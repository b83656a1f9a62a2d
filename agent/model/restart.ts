/** What a start of the agent knows of the runs before it, and in which mode it therefore begins. */

/** Kept on the disk without any time in it: clocks of different runs cannot be compared. */
export interface CrashBook {
  readonly v: 1;
  /** In a row, none of them in a run that had lasted. */
  readonly crashes: number;
  /** How often safe mode was left and no run has lasted since. */
  readonly relapses: number;
  /** The version of the agent that keeps what was set aside; another version tries it again. */
  readonly keptBy?: string;
}

/**
 * `safe`: the last confirmed document, and nothing that was being worked on. `bare`: not even that document, because
 * safe mode crashed as well.
 */
export type StartMode = 'normal' | 'safe' | 'bare';

/** How many records of each kind lie on the shelf of what was set aside. */
export interface SetAsideCounts {
  readonly events: number;
  readonly commands: number;
  readonly documents: number;
}

export interface AgentStart {
  readonly mode: StartMode;
  readonly book: CrashBook;
  readonly setAside: SetAsideCounts;
}
