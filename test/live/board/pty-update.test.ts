/** A paced line and a firmware update over the real serial library and a real pseudo terminal. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { liveClock, timeoutAlarm } from '../../../firmware-shim/adapters/live-clock.ts';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import type { UpdateNote, UpdateOutcome } from '../../../firmware-shim/line/update-note.ts';
import { updateFirmware } from '../../../firmware-shim/update-firmware.ts';
import {
  buildFirmwareImage,
  type FirmwareImage,
} from '../../../firmware-shim/wire/firmware-image.ts';
import { countOf, eventually, type PtyHost, PtyScene } from './pty-scene.ts';

let scene: PtyScene;

beforeEach(() => {
  scene = new PtyScene();
});

afterEach(() => scene.close());

function imageOf(bytes: number): FirmwareImage {
  const random = new SeededRandom(3);
  const program = Uint8Array.from({ length: bytes }, () => random.u32() & 0xff);
  return buildFirmwareImage({ model: 'sag-1000', version: '2.8.0' }, program);
}

interface Updating {
  readonly notes: UpdateNote[];
  outcome: UpdateOutcome | undefined;
  sentBytes: () => number;
}

function update(host: PtyHost, image: FirmwareImage): Updating {
  const notes: UpdateNote[] = [];
  const up = host.events.findLast((event) => event.type === 'boardUp');
  const running = updateFirmware({
    board: host.board,
    image,
    ...(up?.type === 'boardUp' ? { hello: up.hello } : {}),
    clock: liveClock,
    alarm: timeoutAlarm,
    onNote: (note) => notes.push(note),
    onEnded: (outcome) => {
      updating.outcome = outcome;
    },
  });
  const updating: Updating = {
    notes,
    outcome: undefined,
    sentBytes: () => running.snapshot().sentBytes,
  };
  host.onEvent = (event) => running.hear(event);
  return updating;
}

describe('a firmware update over a pty', () => {
  it('goes through, and the board answers with the new version', async () => {
    const board = await scene.start();
    const host = scene.open();
    await eventually(() => countOf(host, 'boardUp') === 1);
    const image = imageOf(256 * 1_024);
    const fromMs = liveClock.nowMs();
    const updating = update(host, image);
    await eventually(() => updating.outcome !== undefined);
    const tookMs = Math.round(liveClock.nowMs() - fromMs);
    process.stdout.write(`${image.bytes.length} bytes took ${tookMs} ms, watching included\n`);
    expect(updating.outcome).toEqual({ ok: true, version: '2.8.0' });
    expect(board.state().firmware).toMatchObject({ version: '2.8.0', trial: false });
  });

  it('goes on after the adapter was pulled and the MCU restarted in the middle', async () => {
    const board = await scene.start({ pacedBaudRate: 921_600 });
    const host = scene.open();
    await eventually(() => countOf(host, 'boardUp') === 1);
    const updating = update(host, imageOf(64 * 1_024));
    await eventually(() => updating.sentBytes() > 16_000);
    board.unplug();
    await eventually(() => countOf(host, 'boardLost') === 1);
    board.replug();
    await eventually(() => updating.sentBytes() > 32_000);
    board.reboot();
    await eventually(() => updating.outcome !== undefined);
    expect(updating.outcome).toEqual({ ok: true, version: '2.8.0' });
  });
});

describe('a line paced like a UART', () => {
  it('at 115200 baud takes at least the time its bytes take', async () => {
    await scene.start({ pacedBaudRate: 115_200 });
    const host = scene.open();
    await eventually(() => countOf(host, 'boardUp') === 1);
    const image = imageOf(16 * 1_024);
    const fromMs = liveClock.nowMs();
    const updating = update(host, image);
    await eventually(() => updating.sentBytes() >= image.bytes.length);
    const tookMs = liveClock.nowMs() - fromMs;
    const bytesPerSecond = Math.round((image.bytes.length * 1_000) / tookMs);
    process.stdout.write(`${bytesPerSecond} image bytes a second at 115200 baud\n`);
    expect(bytesPerSecond).toBeLessThan(115_200 / 10);
    expect(countOf(host, 'boardLost')).toBe(0);
  });
});
