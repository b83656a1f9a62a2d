/**
 * Joins a pipe, the frame decoder and the line to one `Board`.
 *
 * It takes any pipe and any clock, so that a simulated board is talked to by the very code that talks to the
 * real one.
 */
import type { Alarm, MonotonicClock } from './base/clock.ts';
import { Driver } from './base/drive.ts';
import type { Random } from './base/random.ts';
import { BoardLine } from './line/board-line.ts';
import type { LineNote } from './line/line-note.ts';
import type { LineEffect, LineEvent } from './line/line-state.ts';
import type { Board, BoardEvent, BytePipe } from './ports.ts';
import { encodeFrame } from './wire/frame.ts';
import { FrameDecoder } from './wire/frame-decoder.ts';

export interface BoardListeners {
  readonly onEvent: (event: BoardEvent) => void;
  readonly onNote?: (note: LineNote) => void;
}

export interface ConnectBoardOptions extends BoardListeners {
  readonly pipe: BytePipe;
  /** What notes call the pipe; a path where there is one. */
  readonly portName?: string;
  readonly clock: MonotonicClock;
  readonly alarm: (onDue: () => void) => Alarm;
  readonly random: Random;
}

/** Command ids travel in 32 bits. */
const COMMAND_IDS = 2 ** 32;

export function connectBoard(options: ConnectBoardOptions): Board {
  const { pipe, onEvent, onNote, clock, alarm, random, portName = 'simulated' } = options;
  const line = new BoardLine({ random, portName });
  const decoder = new FrameDecoder();
  let lastCommandId = 0;

  const onBytes = (bytes: Uint8Array): void => {
    const badVersions = decoder.counters.badVersion;
    for (const frame of decoder.push(bytes)) driver.post({ type: 'frameReceived', frame });
    const version = decoder.foreignVersion;
    if (version !== undefined && decoder.counters.badVersion > badVersions) {
      driver.post({ type: 'foreignVersionHeard', version });
    }
  };
  const openPipe = (): void => {
    decoder.restart();
    pipe.open({
      onOpen: () => driver.post({ type: 'pipeOpened' }),
      onBytes,
      onClosed: (why, text) =>
        driver.post({ type: 'pipeClosed', why, ...(text === undefined ? {} : { text }) }),
    });
  };
  const perform = (effect: LineEffect): void => {
    switch (effect.type) {
      case 'openPipe':
        return openPipe();
      case 'closePipe':
        return pipe.close();
      case 'sendFrame':
        return pipe.write(encodeFrame(effect.frame));
      case 'tell':
        return onEvent(effect.event);
      case 'note':
        return onNote?.(effect.note);
    }
  };
  const driver = new Driver<LineEvent, LineEffect>({
    core: line,
    clock,
    alarm,
    perform,
    wokeLate: (lateMs) => ({ type: 'wokeLate', lateMs }),
  });
  driver.post({ type: 'started' });

  return {
    command: (command) => {
      lastCommandId = (lastCommandId + 1) % COMMAND_IDS;
      driver.post({ type: 'commandGiven', id: lastCommandId, command });
      return lastCommandId;
    },
    snapshot: () => ({ ...line.snapshot(), decoder: decoder.counters }),
    close: () => {
      driver.post({ type: 'closeAsked' });
      driver.stop();
    },
  };
}
