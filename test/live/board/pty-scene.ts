/**
 * A simulated board on a real pseudo terminal, and hosts that open it through the real serial library.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import type { LineNote } from '../../../firmware-shim/line/line-note.ts';
import { openBoard } from '../../../firmware-shim/open-board.ts';
import type { Board, BoardEvent } from '../../../firmware-shim/ports.ts';
import { type PtyBoard, type PtyBoardOptions, startPtyBoard } from '../../../sim/live/pty-board.ts';

export interface PtyHost {
  readonly board: Board;
  readonly events: BoardEvent[];
  readonly notes: LineNote[];
  onEvent: (event: BoardEvent) => void;
}

export class PtyScene {
  readonly directory = mkdtempSync(join(tmpdir(), 'sag-board-'));
  readonly linkPath = join(this.directory, 'mcu');
  readonly #hosts: PtyHost[] = [];
  #pty: PtyBoard | undefined;

  async start(options: Partial<PtyBoardOptions> = {}): Promise<PtyBoard> {
    this.#pty = await startPtyBoard({
      linkPath: this.linkPath,
      model: 'sag-1000',
      serialNumber: 'SAG1000-0001',
      seed: 1,
      ...options,
    });
    return this.#pty;
  }

  open(baudRate = 115_200): PtyHost {
    const events: BoardEvent[] = [];
    const notes: LineNote[] = [];
    const board = openBoard({
      path: this.linkPath,
      baudRate,
      random: new SeededRandom(1),
      onEvent: (event) => {
        events.push(event);
        host.onEvent(event);
      },
      onNote: (note) => notes.push(note),
    });
    const host: PtyHost = { board, events, notes, onEvent: () => undefined };
    this.#hosts.push(host);
    return host;
  }

  async close(): Promise<void> {
    for (const { board } of this.#hosts.splice(0)) board.close();
    await this.#pty?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function countOf(host: PtyHost, type: BoardEvent['type']): number {
  return host.events.filter((event) => event.type === type).length;
}

export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Resolves once `holds` does; the runner's own time limit is the only clock. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
