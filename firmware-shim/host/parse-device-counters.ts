/**
 * /proc/net/dev: what each kernel device has received and sent since it was made.
 *
 * A line that is cut, or is no such line, costs its own device and nothing else; it is counted.
 */
import { AsciiLine, lineEnd } from './ascii-line.ts';

export interface DeviceCounters {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly rxDrops: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txDrops: number;
}

export interface DeviceTable {
  readonly devices: ReadonlyMap<string, DeviceCounters>;
  /** Lines that said nothing understandable. */
  readonly badLines: number;
}

/** The kernel's own columns: bytes packets errs drop, then four more, for each direction. */
const COLUMNS = 16;
const RX_DROP = 3;
const TX = 8;
const TX_DROP = 11;
const HEADING_LINES = 2;
/** IFNAMSIZ without its final zero. */
const NAME_BYTES_MAX = 15;
const SPACE = 0x20;
const COLON = 0x3a;

const decoder = new TextDecoder();

/** Undefined when the headings are missing: then this is not the file. */
export function parseDeviceCounters(bytes: Uint8Array): DeviceTable | undefined {
  const devices = new Map<string, DeviceCounters>();
  let badLines = 0;
  let start = 0;
  for (let line = 0; start < bytes.length; line += 1) {
    const end = lineEnd(bytes, start);
    if (end === undefined) {
      badLines += 1;
      break;
    }
    if (line < HEADING_LINES) {
      if (bytes.subarray(start, end).indexOf(BAR) < 0) return undefined;
    } else if (!readDevice(bytes, start, end, devices)) badLines += 1;
    start = end + 1;
  }
  return start === 0 ? undefined : { devices, badLines };
}

/** The headings are divided by bars, which no device's line has. */
const BAR = 0x7c;

function readDevice(
  bytes: Uint8Array,
  start: number,
  end: number,
  devices: Map<string, DeviceCounters>,
): boolean {
  let nameStart = start;
  while (bytes[nameStart] === SPACE) nameStart += 1;
  const colon = bytes.indexOf(COLON, nameStart);
  const nameBytes = colon - nameStart;
  if (colon < 0 || colon >= end || nameBytes < 1 || nameBytes > NAME_BYTES_MAX) return false;
  const line = new AsciiLine(bytes, colon + 1, end);
  const columns: number[] = [];
  for (let column = 0; column < COLUMNS; column += 1) columns.push(line.counter());
  const name = decoder.decode(bytes.subarray(nameStart, colon));
  if (line.broken || !line.atEnd || devices.has(name)) return false;
  const [rxBytes = 0, rxPackets = 0] = columns;
  devices.set(name, {
    rxBytes,
    rxPackets,
    rxDrops: columns[RX_DROP] ?? 0,
    txBytes: columns[TX] ?? 0,
    txPackets: columns[TX + 1] ?? 0,
    txDrops: columns[TX_DROP] ?? 0,
  });
  return true;
}
