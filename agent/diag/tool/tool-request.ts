/**
 * A diagnostic as somebody asks for it: everything is checked before anything is used, and what is left are typed
 * values of small ranges. Text never becomes part of a filter or a command.
 */
import { isHostName, readTarget, type Target } from './tool-target.ts';

export const TOOL_BOUNDS = {
  /** Abuse case: a count of 10^9. */
  count: [1, 20, 4],
  /** A whole IP packet; 28 bytes is a ping with nothing in it. */
  sizeBytes: [28, 9_000, 84],
  seconds: [1, 30, 10],
  packets: [1, 1_000, 200],
  port: [1, 65_535, 0],
} as const;

export type Protocol = 'tcp' | 'udp' | 'icmp' | 'arp' | 'esp';

export interface CaptureFilter {
  readonly host?: Target & { readonly kind: 'address' };
  readonly port?: number;
  readonly protocol?: Protocol;
}

/** `via` names an uplink or a tunnel; absent leaves the way to the kernel. */
export type ToolRequest =
  | {
      readonly tool: 'ping';
      readonly target: Target;
      readonly via?: string;
      readonly count: number;
      readonly sizeBytes?: number;
    }
  | { readonly tool: 'trace'; readonly target: Target; readonly via?: string }
  | {
      readonly tool: 'dns';
      readonly name: string;
      readonly via?: string;
      readonly type: 'A' | 'AAAA';
      readonly server?: Target & { readonly kind: 'address' };
    }
  | {
      readonly tool: 'probe';
      readonly target: Target;
      readonly via?: string;
      readonly port?: number;
    }
  | {
      readonly tool: 'capture';
      readonly via: string;
      readonly seconds: number;
      readonly packets: number;
      readonly filter: CaptureFilter;
    };

export type ToolErrorCode =
  | 'EDIAG_TOOL'
  | 'EDIAG_TARGET'
  | 'EDIAG_VIA'
  | 'EDIAG_OPTION'
  | 'EDIAG_BUSY'
  | 'EDIAG_RATE'
  | 'EDIAG_POLICY'
  | 'EDIAG_MISSING';

export interface ToolRefusal {
  readonly code: ToolErrorCode;
  readonly sentence: string;
}

const TOOLS = ['ping', 'trace', 'dns', 'probe', 'capture'] as const;
const MEMBERS: Readonly<Record<(typeof TOOLS)[number], readonly string[]>> = {
  ping: ['tool', 'target', 'via', 'count', 'sizeBytes'],
  trace: ['tool', 'target', 'via'],
  dns: ['tool', 'name', 'via', 'type', 'server'],
  probe: ['tool', 'target', 'via', 'port'],
  capture: ['tool', 'via', 'seconds', 'packets', 'host', 'port', 'protocol'],
};
const PROTOCOLS: readonly unknown[] = ['tcp', 'udp', 'icmp', 'arp', 'esp'] satisfies Protocol[];
/** Ids of uplinks and tunnels, as configuration and desired document have them. */
const VIA = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

class Refused extends Error {
  readonly refusal: ToolRefusal;
  constructor(code: ToolErrorCode, sentence: string) {
    super(sentence);
    this.refusal = { code, sentence };
  }
}

export function readToolRequest(value: unknown): ToolRequest | ToolRefusal {
  try {
    return read(value);
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

export function isToolRefusal(value: ToolRequest | ToolRefusal): value is ToolRefusal {
  return 'code' in value;
}

function read(value: unknown): ToolRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refused('EDIAG_TOOL', 'a diagnostic is an object');
  // Own members only: whatever a prototype holds was not asked for.
  const own = new Map<string, unknown>(Object.entries(value));
  const tool = TOOLS.find((name) => name === own.get('tool'));
  if (tool === undefined) throw new Refused('EDIAG_TOOL', `tool is one of ${TOOLS.join(', ')}`);
  const stray = [...own.keys()].find((name) => !MEMBERS[tool].includes(name));
  if (stray !== undefined)
    throw new Refused('EDIAG_OPTION', `${tool} takes only ${MEMBERS[tool].join(', ')}`);
  return toolOf(tool, own);
}

function toolOf(tool: (typeof TOOLS)[number], own: ReadonlyMap<string, unknown>): ToolRequest {
  const via = viaOf(own.get('via'));
  const through = via === undefined ? {} : { via };
  switch (tool) {
    case 'ping': {
      const sizeBytes = optional(own, 'sizeBytes');
      const size = sizeBytes === undefined ? {} : { sizeBytes };
      return { tool, target: targetOf(own), ...through, count: bounded(own, 'count'), ...size };
    }
    case 'trace':
      return { tool, target: targetOf(own), ...through };
    case 'probe': {
      const port = optional(own, 'port');
      return { tool, target: targetOf(own), ...through, ...(port !== undefined && { port }) };
    }
    case 'dns': {
      const server = addressOf(own, 'server');
      const type = typeOf(own.get('type'));
      return { tool, name: nameOf(own), ...through, type, ...(server !== undefined && { server }) };
    }
    case 'capture': {
      if (via === undefined) throw new Refused('EDIAG_VIA', 'name the uplink or tunnel to look at');
      const [seconds, packets] = [bounded(own, 'seconds'), bounded(own, 'packets')];
      return { tool, via, seconds, packets, filter: filterOf(own) };
    }
  }
}

function targetOf(own: ReadonlyMap<string, unknown>): Target {
  const target = readTarget(own.get('target'));
  if (target === undefined)
    throw new Refused('EDIAG_TARGET', 'the target must be an IP address or a host name');
  return target;
}

function nameOf(own: ReadonlyMap<string, unknown>): string {
  const name = own.get('name');
  if (typeof name === 'string' && isHostName(name)) return name;
  throw new Refused('EDIAG_TARGET', 'the name must be a host name');
}

function addressOf(
  own: ReadonlyMap<string, unknown>,
  member: string,
): (Target & { readonly kind: 'address' }) | undefined {
  if (!own.has(member)) return undefined;
  const target = readTarget(own.get(member));
  if (target?.kind === 'address') return target;
  throw new Refused('EDIAG_TARGET', `${member} must be an IP address`);
}

function viaOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && VIA.test(value)) return value;
  throw new Refused('EDIAG_VIA', 'via must be the name of an uplink or tunnel');
}

function typeOf(value: unknown): 'A' | 'AAAA' {
  if (value === undefined || value === 'A') return 'A';
  if (value === 'AAAA') return value;
  throw new Refused('EDIAG_OPTION', 'type is one of A, AAAA');
}

function filterOf(own: ReadonlyMap<string, unknown>): CaptureFilter {
  const host = addressOf(own, 'host');
  const port = optional(own, 'port');
  const protocol = own.get('protocol');
  if (protocol !== undefined && !PROTOCOLS.includes(protocol))
    throw new Refused('EDIAG_OPTION', `protocol is one of ${PROTOCOLS.join(', ')}`);
  return {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(protocol !== undefined && { protocol: protocol as Protocol }),
  };
}

function optional(
  own: ReadonlyMap<string, unknown>,
  member: keyof typeof TOOL_BOUNDS,
): number | undefined {
  return own.has(member) ? bounded(own, member) : undefined;
}

function bounded(own: ReadonlyMap<string, unknown>, member: keyof typeof TOOL_BOUNDS): number {
  const [least, most, usual] = TOOL_BOUNDS[member];
  const value = own.get(member);
  if (value === undefined) return usual;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)
    return value;
  throw new Refused('EDIAG_OPTION', `${member} must be a whole number from ${least} to ${most}`);
}
