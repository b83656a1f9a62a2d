/**
 * The states of a firmware update, and which moves are legal.
 */
import type { UpdateStage } from './update-note.ts';

export type UpdateState = 'idle' | UpdateStage | 'ended';

/** From each state, where it may go. */
export const UPDATE_MOVES: Readonly<Record<UpdateState, readonly UpdateState[]>> = {
  idle: ['waiting', 'looking', 'ended'],
  waiting: ['looking', 'ended'],
  looking: ['waiting', 'looking', 'beginning', 'activating', 'watching', 'ended'],
  beginning: ['waiting', 'looking', 'sending', 'verifying', 'ended'],
  sending: ['waiting', 'looking', 'sending', 'verifying', 'ended'],
  verifying: ['waiting', 'looking', 'activating', 'ended'],
  activating: ['waiting', 'looking', 'ended'],
  watching: ['waiting', 'looking', 'confirming', 'ended'],
  confirming: ['waiting', 'looking', 'ended'],
  ended: [],
};
