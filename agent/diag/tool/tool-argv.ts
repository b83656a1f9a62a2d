/**
 * The argument vectors of the diagnostic programs, built from typed values; options end before the target where the
 * program knows `--`, and a target that could be an option never gets here.
 */
import type { CaptureFilter, ToolRequest } from './tool-request.ts';

export type Argv = readonly [string, ...string[]];

/** The way a named uplink or tunnel stands for. */
export interface Way {
  readonly deviceName: string;
  /** Our address on it; absent while it has none. */
  readonly address?: string;
}

/** Headers of everything we tunnel fit; contents of the branch's traffic do not. */
const SNAP_BYTES = 96;
const HOPS_MAX = 20;
/** The hop count every far end is within: those on the way are not asked. */
const ONLY_THE_END = ['-f', '30', '-m', '30'] as const;
const PING_HEADERS_BYTES = { ipv4: 28, ipv6: 48 } as const;

export function pingArgv(
  { target, count, sizeBytes }: Extract<ToolRequest, { readonly tool: 'ping' }>,
  way: Way | undefined,
): Argv {
  const family = target.kind === 'address' ? target.family : 'ipv4';
  const payload = Math.max(0, (sizeBytes ?? 0) - PING_HEADERS_BYTES[family]);
  const size = sizeBytes === undefined ? [] : ['-M', 'do', '-s', `${payload}`];
  const deadline = ['-w', `${count + 2}`];
  const base = ['-n', '-c', `${count}`, ...deadline, ...size] as const;
  return ['ping', ...base, ...through(way, '-I', '-I'), '--', target.text];
}

export function traceArgv(
  { target }: Extract<ToolRequest, { readonly tool: 'trace' }>,
  way: Way | undefined,
): Argv {
  const base = ['-n', '-m', `${HOPS_MAX}`, '-q', '1', '-w', '1'] as const;
  return ['traceroute', ...base, ...through(way, '-s', '-i'), '--', target.text];
}

/** One SYN from a device, by the program that may bind to one; the far end's flags are told. */
export function knockArgv(target: string, port: number, { deviceName }: Way): Argv {
  const base = ['-n', '-T', '-O', 'info', '-p', `${port}`, '-q', '1', '-w', '2'] as const;
  return ['traceroute', ...base, ...ONLY_THE_END, '-i', deviceName, '--', target];
}

export function captureArgv(
  { packets, filter }: Extract<ToolRequest, { readonly tool: 'capture' }>,
  way: Way,
): Argv {
  const base = ['-n', '-p', '-U', '-s', `${SNAP_BYTES}`, '-c', `${packets}`, '-w', '-'] as const;
  return ['tcpdump', ...base, '-i', way.deviceName, '--', ...filterWords(filter)];
}

/** Every word is one of ours or a checked number or address. */
function filterWords({ host, port, protocol }: CaptureFilter): readonly string[] {
  const parts: readonly (readonly string[])[] = [
    ...(protocol === undefined ? [] : [[protocol === 'esp' ? 'esp' : protocol]]),
    ...(host === undefined ? [] : [['host', host.text]]),
    ...(port === undefined ? [] : [['port', `${port}`]]),
  ];
  return parts.flatMap((part, at) => (at === 0 ? part : ['and', ...part]));
}

/** By its address an uplink is found in its own routing table; a tunnel is its device. */
function through(way: Way | undefined, byAddress: string, byDevice: string): readonly string[] {
  if (way === undefined) return [];
  const { address, deviceName } = way;
  return address === undefined ? [byDevice, deviceName] : [byAddress, address];
}
