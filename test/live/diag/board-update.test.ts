/**
 * An update of the board's firmware as a technician does it: the real `sagctl`, the control socket, the line on a
 * pseudo terminal, and the simulated MCU behind it.
 */
import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UpdateDesk } from '../../../agent/adapters/host/board-update.ts';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { buildFirmwareImage } from '../../../firmware-shim/wire/firmware-image.ts';
import type { BoardModel } from '../../../firmware-shim/wire/messages.ts';
import type { PtyBoard, PtyBoardOptions } from '../../../sim/live/pty-board.ts';
import { countOf, eventually, PtyScene } from '../board/pty-scene.ts';
import { DoorsRoom } from './doors-room.ts';

const IMAGE_BYTES = 96 * 1_024;
/** Half a mebibyte takes most of a minute: an update is still going on when the next thing is done to it. */
const SLOW = { pacedBaudRate: 115_200 };

let room: DoorsRoom;
let scene: PtyScene;

beforeEach(() => {
  room = new DoorsRoom();
  scene = new PtyScene();
});
afterEach(async () => {
  await scene.close();
  await room.clear();
});

/** A board that is up, and the doors of an agent that talks to it. */
async function openUp(options?: Partial<PtyBoardOptions>): Promise<PtyBoard> {
  const board = await scene.start(options);
  const host = scene.open();
  const desk = new UpdateDesk({
    board: () => host.board,
    onNote: (note) => doors.noted({ atMs: 0, wallMs: 0, note }),
  });
  const doors = await room.open({}, desk);
  host.onEvent = (event) => desk.hear(event);
  await eventually(() => countOf(host, 'boardUp') === 1);
  return board;
}

function imageFile(model: BoardModel = 'sag-1000', programBytes = IMAGE_BYTES): string {
  const random = new SeededRandom(5);
  const program = Uint8Array.from({ length: programBytes }, () => random.u32() & 0xff);
  const path = join(room.directory, 'image.sagf');
  writeFileSync(path, buildFirmwareImage({ model, version: '2.8.0' }, program).bytes);
  return path;
}

interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

function sagctl(...words: readonly string[]): Running {
  const program = ['--disable-warning=ExperimentalWarning', 'agent/cli/sagctl.ts'];
  const child = execFile(process.execPath, [...program, ...words, '--socket', room.controlPath]);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text: string) => (said += text));
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, said: () => said, ended };
}

describe('sagctl board update', () => {
  it('shows how it goes, and ends when the board keeps the new image', async () => {
    const board = await openUp();
    const update = sagctl('board', 'update', imageFile());
    expect(await update.ended).toBe(0);
    const said = update.said();
    const stages = ['looking', 'beginning', 'sending', 'verifying', 'activating', 'watching'];
    for (const stage of stages) expect(said).toContain(`to 2.8.0 is ${stage}`);
    expect(said).toContain('The board runs firmware 2.8.0 and keeps it');
    expect(board.state().firmware).toMatchObject({ version: '2.8.0', trial: false });
  });

  it('refuses an image for another model, and the board is as before', async () => {
    const board = await openUp();
    const before = board.state().firmware;
    const update = sagctl('board', 'update', imageFile('sag-100wm'));
    expect(await update.ended).toBe(1);
    expect(update.said()).toContain('EFW_MODEL, the image is for a sag-100wm');
    expect(board.state().firmware).toEqual(before);
  });

  it('goes on when nobody watches, is the only one, and can be called off', async () => {
    const board = await openUp(SLOW);
    const image = imageFile('sag-1000', 512 * 1_024);
    const first = sagctl('board', 'update', image);
    await eventually(() => first.said().includes('is sending'));
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(1);
    expect(first.said()).toContain('the update goes on');
    const second = sagctl('board', 'update', image);
    expect(await second.ended).toBe(1);
    expect(second.said()).toContain('ECONTROL_UPDATE: an update to 2.8.0 is already going on');
    const abort = sagctl('board', 'abort');
    expect(await abort.ended).toBe(0);
    expect(abort.said()).toContain('the update to 2.8.0 is called off');
    expect(await sagctl('board', 'abort').ended).toBe(1);
    expect(board.state().firmware).not.toMatchObject({ version: '2.8.0' });
  });
});
