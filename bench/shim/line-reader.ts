/**
 * One end of a paced line, in a process of its own: `line-reader.ts ours|slip <tty path> <baud rate>`.
 *
 * Decodes what comes and answers each frame with a short one, as an acknowledgement would be. Reports the
 * frames and what they cost: microseconds of processor and of the clock.
 */
import { SerialPort, SlipDecoder, SlipEncoder } from 'serialport';
import { serialPipe } from '../../firmware-shim/adapters/serial-pipe.ts';
import { encodeFrame, type Frame, frameBytes, NO_PAYLOAD } from '../../firmware-shim/wire/frame.ts';
import { FrameDecoder } from '../../firmware-shim/wire/frame-decoder.ts';

const [side = '', path = '', baudText = ''] = process.argv.slice(2);
const baudRate = Number(baudText);
let frames = 0;
let start: { readonly cpu: NodeJS.CpuUsage; readonly us: number } | undefined;
let lastUs = 0;

function nowUs(): number {
  return performance.now() * 1000;
}

function took(): void {
  start ??= { cpu: process.cpuUsage(), us: nowUs() };
  frames += 1;
  lastUs = nowUs();
}

function answerTo(sequence: number): Frame {
  const ids = { bootEpoch: 7, conversation: 9 };
  return { kind: 'ack', sequence: 0, acknowledgement: sequence, ...ids, payload: NO_PAYLOAD };
}

function ours(): void {
  const pipe = serialPipe({ path, baudRate });
  const decoder = new FrameDecoder();
  pipe.open({
    onOpen: () => process.stdout.write('ready\n'),
    onBytes: (bytes) => {
      for (const frame of decoder.push(bytes)) {
        took();
        pipe.write(encodeFrame(answerTo(frame.sequence)));
      }
    },
    onClosed: () => undefined,
  });
}

function slip(): void {
  const port = new SerialPort({ path, baudRate });
  const encoder = new SlipEncoder();
  encoder.pipe(port);
  port.on('open', () => process.stdout.write('ready\n'));
  port.pipe(new SlipDecoder()).on('data', (raw: Buffer) => {
    took();
    encoder.write(Buffer.from(frameBytes(answerTo(raw.readUInt16BE(2)))));
  });
}

if (side === 'ours') ours();
else slip();

process.stdin.resume();
process.stdin.on('end', () => {
  const cpu = process.cpuUsage(start?.cpu);
  const cpuUs = cpu.user + cpu.system;
  const wallUs = lastUs - (start?.us ?? lastUs);
  process.stdout.write(`${JSON.stringify({ frames, cpuUs, wallUs })}\n`, () => process.exit(0));
});
