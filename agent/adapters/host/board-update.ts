/**
 * The one update of the board's firmware that may go on: begun by a person at the box, told in notes, and left to
 * itself when that person leaves.
 *
 * An agent that ends meanwhile tells the board nothing: what was sent stays in the board's spare slot, and the next
 * update with the same image goes on from there.
 */
import { liveClock, timeoutAlarm } from '../../../firmware-shim/adapters/live-clock.ts';
import type { UpdateNote } from '../../../firmware-shim/line/update-note.ts';
import type { Board, BoardEvent } from '../../../firmware-shim/ports.ts';
import { type RunningUpdate, updateFirmware } from '../../../firmware-shim/update-firmware.ts';
import {
  type FirmwareImage,
  parseFirmwareImage,
} from '../../../firmware-shim/wire/firmware-image.ts';
import type { Hello } from '../../../firmware-shim/wire/messages.ts';
import type { UpdateBegun } from '../../diag/control-answer.ts';

export type UpdateAnswer =
  | ({ readonly ok: true } & UpdateBegun)
  | { readonly ok: false; readonly because: string };

export interface UpdateDeskOptions {
  /** Undefined before the line is open. */
  readonly board: () => Board | undefined;
  readonly onNote: (note: UpdateNote) => void;
}

export class UpdateDesk {
  readonly #options: UpdateDeskOptions;
  #hello: Hello | undefined;
  #running: { readonly update: RunningUpdate; readonly image: FirmwareImage } | undefined;

  constructor(options: UpdateDeskOptions) {
    this.#options = options;
  }

  /** Every event of the board. */
  hear(event: BoardEvent): void {
    if (event.type === 'boardUp') this.#hello = event.hello;
    else if (event.type === 'boardLost') this.#hello = undefined;
    this.#running?.update.hear(event);
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  begin(bytes: Uint8Array): UpdateAnswer {
    const parsed = parseFirmwareImage(bytes);
    if (!parsed.ok) {
      const { code, field } = parsed.refusal;
      return { ok: false, because: `this is no firmware image: ${code} in ${field}` };
    }
    if (this.#running !== undefined) {
      const { version } = this.#running.image;
      return { ok: false, because: `an update to ${version} is already going on` };
    }
    const board = this.#options.board();
    if (board === undefined) return { ok: false, because: 'the board line is not open yet' };
    const image = parsed.message;
    this.#start(board, image);
    return begun(image);
  }

  /** Calls the update off; an image that is on trial is not confirmed, and the board returns to the former one. */
  abort(): UpdateAnswer {
    if (this.#running === undefined) return { ok: false, because: 'no update is going on' };
    const { update, image } = this.#running;
    update.abort();
    return begun(image);
  }

  #start(board: Board, image: FirmwareImage): void {
    let hasEnded = false;
    const update = updateFirmware({
      board,
      image,
      ...(this.#hello !== undefined && { hello: this.#hello }),
      clock: liveClock,
      alarm: timeoutAlarm,
      onNote: this.#options.onNote,
      onEnded: () => {
        hasEnded = true;
        this.#running = undefined;
      },
    });
    // An image for another model has ended it already.
    if (!hasEnded) this.#running = { update, image };
  }
}

function begun({ model, version, bytes }: FirmwareImage): UpdateAnswer {
  return { ok: true, model, version, sizeBytes: bytes.length };
}
