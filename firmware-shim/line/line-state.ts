/**
 * The states of the host's end of the board line, what it hears and does, and which moves are legal.
 */
import type { BoardEvent } from '../ports.ts';
import type { Frame } from '../wire/frame.ts';
import type { BoardCommand } from '../wire/messages.ts';
import type { Conversation } from './conversation.ts';
import type { Greeting } from './greeting.ts';
import type { LineNote } from './line-note.ts';

export type LineState =
  /** Nothing has been asked for yet. */
  | { readonly state: 'idle' }
  /** The pipe was asked to open. */
  | { readonly state: 'opening' }
  /** The pipe is open; the board has not said who it is. */
  | { readonly state: 'greeting'; readonly greeting: Greeting }
  /** The board is up. */
  | { readonly state: 'talking'; readonly talk: Conversation }
  /** The pipe is closed and will be opened again. */
  | { readonly state: 'waiting'; readonly why: string }
  /** Closed for good. */
  | { readonly state: 'stopped' };

export type LineStateName = LineState['state'];

/** From each state, where it may go. */
export const LINE_MOVES: Readonly<Record<LineStateName, readonly LineStateName[]>> = {
  idle: ['opening', 'stopped'],
  opening: ['greeting', 'waiting', 'stopped'],
  greeting: ['greeting', 'talking', 'waiting', 'stopped'],
  talking: ['greeting', 'waiting', 'stopped'],
  waiting: ['opening', 'stopped'],
  stopped: [],
};

export type LineEvent =
  | { readonly type: 'started' }
  | { readonly type: 'pipeOpened' }
  /** `text` is a sentence for people, where the pipe has one. */
  | { readonly type: 'pipeClosed'; readonly why: string; readonly text?: string }
  | { readonly type: 'frameReceived'; readonly frame: Frame }
  /** An intact frame of a protocol version this host does not speak. */
  | { readonly type: 'foreignVersionHeard'; readonly version: number }
  | { readonly type: 'commandGiven'; readonly id: number; readonly command: BoardCommand }
  /** The loop ran late: silence until now is ours, not the board's. */
  | { readonly type: 'wokeLate'; readonly lateMs: number }
  | { readonly type: 'closeAsked' };

export type LineEffect =
  | { readonly type: 'openPipe' }
  | { readonly type: 'closePipe' }
  | { readonly type: 'sendFrame'; readonly frame: Frame }
  | { readonly type: 'tell'; readonly event: BoardEvent }
  | { readonly type: 'note'; readonly note: LineNote };
