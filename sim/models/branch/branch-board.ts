/**
 * The branch's board: the MCU model on virtual time at the far end of a serial line, and the shipped board
 * line at the near end.
 */
import { Driver } from '../../../firmware-shim/base/drive.ts';
import { connectBoard } from '../../../firmware-shim/connect-board.ts';
import type { LineNote } from '../../../firmware-shim/line/line-note.ts';
import type { Board, BoardEvent } from '../../../firmware-shim/ports.ts';
import type { World } from '../../world/world.ts';
import { BoardModel, type BoardModelEffect, type BoardModelEvent } from '../board/board.ts';
import type { BoardAction } from '../board/board-action.ts';
import { SerialLine } from '../board/serial-line.ts';
import { BOARD_MODEL } from './branch-site.ts';

const BAUD_RATE = 115_200;

export interface BranchBoardOptions {
  readonly world: World;
  readonly serialNumber: string;
  readonly noisePpm: number;
}

export interface BoardListener {
  readonly onEvent: (event: BoardEvent) => void;
  readonly onNote: (note: LineNote) => void;
}

export class BranchBoard {
  readonly line: SerialLine;
  readonly model: BoardModel;
  readonly #world: World;
  readonly #driver: Driver<BoardModelEvent, BoardModelEffect>;

  constructor({ world, serialNumber, noisePpm }: BranchBoardOptions) {
    this.#world = world;
    this.line = new SerialLine(world, { baudRate: BAUD_RATE, noisePpm });
    this.model = new BoardModel({
      model: BOARD_MODEL,
      serialNumber,
      random: world.randomOf('board'),
    });
    this.#driver = new Driver({
      core: this.model,
      clock: world.clock,
      alarm: world.alarm('board timer'),
      perform: (effect) => {
        if (effect.type === 'writeBytes') this.line.writeFromBoard(effect.bytes);
        else world.tell('story', 'board', effect.text);
      },
    });
    this.line.onBoardBytes((bytes) => this.#driver.post({ type: 'bytesArrived', bytes }));
    this.#driver.post({ type: 'powered' });
  }

  /** What a person does to the board. */
  act(action: BoardAction): void {
    this.#driver.post({ type: 'actionAsked', action });
  }

  /** The agent opens the line; once per start of the agent. */
  connect(listener: BoardListener): Board {
    return connectBoard({
      pipe: this.line.host,
      clock: this.#world.clock,
      alarm: this.#world.alarm('board line'),
      random: this.#world.randomOf('board line'),
      onEvent: listener.onEvent,
      onNote: listener.onNote,
    });
  }
}
