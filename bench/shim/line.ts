/**
 * Rows of suite `shim`: the board line's codec on a real pty at the pace of a UART, ours against the SLIP
 * parser of `serialport`, which has no checksum and no bound.
 *
 * Both get the same frames with 64 bytes of payload and answer each. Cost is the reader's processor time per
 * frame; pace is the clock's time per frame, which only a reader that falls behind changes.
 */
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { ReadStream } from 'node:tty';
import { SlipEncoder } from 'serialport';
import { loadNative } from '../../firmware-shim/adapters/native.ts';
import { encodeFrame, type Frame, frameBytes } from '../../firmware-shim/wire/frame.ts';
import { type BenchRow, pairedRow } from '../harness.ts';
import { nodeWords, startCounterpart } from './counterpart.ts';

const BAUD_RATES = [115_200, 3_000_000];
const ROUNDS = 5;
const ROUND_MS = 1_500;
const PAYLOAD_BYTES = 64;
/** A UART's bit times per byte: start, eight, stop. */
const BITS_PER_BYTE = 10;
const WRITE_EVERY_MS = 4;

type Side = 'ours' | 'slip';

interface Report {
  readonly frames: number;
  readonly cpuUs: number;
  readonly wallUs: number;
}

export async function lineRows(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const baudRate of BAUD_RATES) {
    const cost: Record<Side, number[]> = { ours: [], slip: [] };
    const pace: Record<Side, number[]> = { ours: [], slip: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const sides: Side[] = round % 2 === 0 ? ['ours', 'slip'] : ['slip', 'ours'];
      for (const side of sides) {
        const { frames, cpuUs, wallUs } = await oneRound(side, baudRate);
        cost[side].push(cpuUs / frames);
        pace[side].push(wallUs / (frames - 1));
      }
    }
    const peerName = 'serialport SlipDecoder';
    const at = `at ${baudRate} baud`;
    const unit = 'µs';
    rows.push(
      pairedRow({
        id: `line-cpu-${baudRate}`,
        what: `processor time per frame decoded and answered ${at}`,
        unit,
        peerName,
        ours: cost.ours,
        peer: cost.slip,
        ratioMax: 1,
      }),
      pairedRow({
        id: `line-pace-${baudRate}`,
        what: `time per frame ${at}`,
        unit,
        peerName,
        ours: pace.ours,
        peer: pace.slip,
        ratioMax: 1.1,
      }),
    );
  }
  return rows;
}

async function oneRound(side: Side, baudRate: number): Promise<Report> {
  const pty = loadNative().pty();
  const master = new ReadStream(pty.masterFd);
  // The reader's answers are taken off the line and thrown away.
  master.resume();
  const reader = await startCounterpart(
    process.execPath,
    nodeWords('line-reader.ts', side, pty.slavePath, String(baudRate)),
  );
  const sent = await writePaced(master, framesFor(side, baudRate), baudRate);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const [line = ''] = await reader.finish();
  master.destroy();
  closeSync(pty.slaveFd);
  const report = JSON.parse(line) as Report;
  if (report.frames !== sent) throw new Error(`${side}: ${report.frames} of ${sent} frames`);
  return report;
}

/** A second's worth of the line, encoded once: the writer's work is not what is measured. */
function framesFor(side: Side, baudRate: number): readonly Buffer[] {
  const count = Math.ceil(baudRate / BITS_PER_BYTE / PAYLOAD_BYTES);
  return Array.from({ length: count }, (_, at) => {
    const payload = Uint8Array.from(
      { length: PAYLOAD_BYTES },
      (__, byte) => (at * 31 + byte) & 0xff,
    );
    const ids = { sequence: (at % 0xffff) + 1, acknowledgement: 0, bootEpoch: 7, conversation: 9 };
    const frame: Frame = { kind: 'message', ...ids, payload };
    return side === 'ours' ? Buffer.from(encodeFrame(frame)) : slipBytes(frameBytes(frame));
  });
}

function slipBytes(raw: Uint8Array): Buffer {
  const encoder = new SlipEncoder();
  encoder.end(Buffer.from(raw));
  return encoder.read() as Buffer;
}

/** Writes whole frames as the line's speed allows; how many. */
async function writePaced(
  master: ReadStream,
  frames: readonly Buffer[],
  baudRate: number,
): Promise<number> {
  const startMs = performance.now();
  let sent = 0;
  let bytes = 0;
  while (performance.now() - startMs < ROUND_MS) {
    const allowed = ((performance.now() - startMs) * baudRate) / BITS_PER_BYTE / 1000;
    const due: Buffer[] = [];
    while (bytes < allowed) {
      const frame = frames[sent % frames.length];
      if (frame === undefined) break;
      due.push(frame);
      bytes += frame.length;
      sent += 1;
    }
    if (due.length > 0) {
      const chunk = Buffer.concat(due);
      await new Promise<void>((resolve) =>
        (master as unknown as Socket).write(chunk, () => resolve()),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, WRITE_EVERY_MS));
  }
  return sent;
}
