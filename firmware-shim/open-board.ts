/**
 * The door to the real board: a serial path, the machine's clock, and the line over both.
 */
import { liveClock, timeoutAlarm } from './adapters/live-clock.ts';
import { serialPipe } from './adapters/serial-pipe.ts';
import type { Random } from './base/random.ts';
import { type BoardListeners, connectBoard } from './connect-board.ts';
import type { Board } from './ports.ts';

export interface OpenBoardOptions extends BoardListeners {
  readonly path: string;
  readonly baudRate: number;
  readonly random: Random;
}

export function openBoard({ path, baudRate, ...rest }: OpenBoardOptions): Board {
  return connectBoard({
    ...rest,
    pipe: serialPipe({ path, baudRate }),
    portName: path,
    clock: liveClock,
    alarm: timeoutAlarm,
  });
}
