/**
 * Joins a firmware update to a board that is connected: commands go to it, its events come from whoever hears them.
 */
import type { Alarm, MonotonicClock } from './base/clock.ts';
import { Driver } from './base/drive.ts';
import { FirmwareUpdate, type UpdateEffect, type UpdateEvent } from './line/firmware-update.ts';
import type { UpdateNote, UpdateOutcome } from './line/update-note.ts';
import type { Board, BoardEvent } from './ports.ts';
import type { FirmwareImage } from './wire/firmware-image.ts';
import type { Hello } from './wire/messages.ts';

export interface UpdateFirmwareOptions {
  readonly board: Board;
  readonly image: FirmwareImage;
  /** Of the board, when it is up already. */
  readonly hello?: Hello;
  readonly clock: MonotonicClock;
  readonly alarm: (onDue: () => void) => Alarm;
  readonly onNote?: (note: UpdateNote) => void;
  /** Called once; nothing follows it. */
  readonly onEnded: (outcome: UpdateOutcome) => void;
}

export interface RunningUpdate {
  /** Every event of the board, from the start of the update to its end. */
  hear(event: BoardEvent): void;
  snapshot(): ReturnType<FirmwareUpdate['snapshot']>;
  /** Ends the update; an image that is on trial is not confirmed. */
  abort(): void;
}

export function updateFirmware(options: UpdateFirmwareOptions): RunningUpdate {
  const { board, image, hello, clock, alarm, onNote, onEnded } = options;
  const core = new FirmwareUpdate(image);
  const perform = (effect: UpdateEffect): void => {
    switch (effect.type) {
      case 'giveCommand':
        return driver.post({ type: 'commandGiven', id: board.command(effect.command) });
      case 'note':
        return onNote?.(effect.note);
      case 'ended':
        driver.stop();
        return onEnded(effect.outcome);
    }
  };
  const driver = new Driver<UpdateEvent, UpdateEffect>({ core, clock, alarm, perform });
  driver.post({ type: 'updateAsked', ...(hello === undefined ? {} : { hello }) });
  return {
    hear: (event) => driver.post(event),
    snapshot: () => core.snapshot(),
    abort: () => driver.post({ type: 'abortAsked' }),
  };
}
