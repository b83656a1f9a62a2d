/**
 * What the host's end of the line has counted since it was made.
 */
export interface LineCounters {
  opens: number;
  conversations: number;
  reboots: number;
  framesSent: number;
  framesReceived: number;
  /** Messages taken a second time and acknowledged again. */
  duplicates: number;
  /** Messages with another sequence than the next. */
  outOfOrder: number;
  /** Frames of another conversation or boot epoch, or that make no sense in this state. */
  stale: number;
  /** Answers to commands nobody waits for any more. */
  unexpectedAnswers: number;
  messagesRefused: number;
  foreignVersions: number;
  wokeLate: number;
  softResets: number;
}

export function zeroCounters(): LineCounters {
  return {
    opens: 0,
    conversations: 0,
    reboots: 0,
    framesSent: 0,
    framesReceived: 0,
    duplicates: 0,
    outOfOrder: 0,
    stale: 0,
    unexpectedAnswers: 0,
    messagesRefused: 0,
    foreignVersions: 0,
    wokeLate: 0,
    softResets: 0,
  };
}

/** True at the 1st, 2nd, 4th, 8th … time: what a board repeats for ever is told ever more rarely. */
export function worthTelling(times: number): boolean {
  return (times & (times - 1)) === 0;
}
