/**
 * Runs diagnostics for people at the box and, within a narrower policy, for the cloud: fixed programs by argument
 * vector, bounded in number, time and output.
 */
import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { readKnock } from '../../diag/tool/knock-output.ts';
import { pingComplaint, readPing } from '../../diag/tool/ping-output.ts';
import {
  type Argv,
  captureArgv,
  knockArgv,
  pingArgv,
  traceArgv,
  type Way,
} from '../../diag/tool/tool-argv.ts';
import type { ToolEnd } from '../../diag/tool/tool-end.ts';
import { ToolGate, type ToolRole } from '../../diag/tool/tool-gate.ts';
import {
  isToolRefusal,
  readToolRequest,
  type ToolRefusal,
  type ToolRequest,
} from '../../diag/tool/tool-request.ts';
import type { AgentSnapshot } from '../../model/snapshot.ts';
import { type ProgramEnd, runBounded } from '../bounded-program.ts';

/** Abuse case AB-04. */
const MS_MAX = 30_000;
const BYTES_MAX = 256 * 1024;
const DNS_WAIT_MS = 2_000;
const DNS_TRIES = 2;
const CONNECT_WAIT_MS = 5_000;
/** What must pass everywhere (RFC 791), and the largest a WAN carries. */
const MTU_LEAST = 576;
const MTU_MOST = 1_500;

export interface ToolRun {
  readonly role: ToolRole;
  readonly stop?: AbortSignal;
  readonly onBytes: (bytes: Uint8Array) => void;
}

export type Run = typeof runBounded;

export class DiagTools {
  readonly #gate: ToolGate;
  readonly #snapshot: () => Promise<AgentSnapshot>;
  readonly #run: Run;

  constructor(
    lanPrefixes: readonly string[],
    snapshot: () => Promise<AgentSnapshot>,
    run: Run = runBounded,
  ) {
    this.#gate = new ToolGate(lanPrefixes);
    this.#snapshot = snapshot;
    this.#run = run;
  }

  /** `asked` is whatever came over a wire. */
  async use(asked: unknown, how: ToolRun): Promise<ToolEnd | ToolRefusal> {
    const request = readToolRequest(asked);
    if (isToolRefusal(request)) return request;
    const way = await this.#wayOf(request.via);
    if (way !== undefined && 'code' in way) return way;
    const refusal = this.#gate.enter(request, how.role, performance.now());
    if (refusal !== undefined) return refusal;
    try {
      return await this.#perform(request, way, how);
    } finally {
      this.#gate.ended();
    }
  }

  async #wayOf(via: string | undefined): Promise<Way | ToolRefusal | undefined> {
    if (via === undefined) return undefined;
    const { fastPath } = await this.#snapshot();
    const uplink = fastPath.uplinks.find(({ id }) => id === via);
    if (uplink !== undefined) {
      const { deviceName, verdict } = uplink;
      return { deviceName, ...(verdict.state === 'up' && { address: verdict.address }) };
    }
    const tunnel = fastPath.tunnels.find(({ id }) => id === via);
    if (tunnel !== undefined) return { deviceName: tunnel.deviceName };
    const known = [...fastPath.uplinks, ...fastPath.tunnels].map(({ id }) => id).join(', ');
    return {
      code: 'EDIAG_VIA',
      sentence: `there is no uplink or tunnel of that name; there is ${known}`,
    };
  }

  async #perform(
    request: ToolRequest,
    way: Way | undefined,
    how: ToolRun,
  ): Promise<ToolEnd | ToolRefusal> {
    switch (request.tool) {
      case 'ping': {
        const end = await this.#program(pingArgv(request, way), how);
        if (end.missing) return missing('ping', 'iputils-ping');
        const figures = readPing(end.output.toString('utf8'));
        const summary =
          figures === undefined
            ? pingComplaint(end.output.toString('utf8'))
            : `${figures.received} of ${figures.sent} came back`;
        return { ok: (figures?.received ?? 0) > 0, summary, cut: end.cut };
      }
      case 'trace': {
        const end = await this.#program(traceArgv(request, way), how);
        if (end.missing) return missing('traceroute', 'traceroute');
        return { ok: end.exitCode === 0, summary: `ended after ${seconds(end)}`, cut: end.cut };
      }
      case 'capture': {
        if (way === undefined) return { code: 'EDIAG_VIA', sentence: 'name what to look at' };
        const msMax = Math.min(MS_MAX, (request.seconds + 1) * 1_000);
        const end = await this.#program(captureArgv(request, way), how, { msMax, errors: 'drop' });
        if (end.missing) return missing('tcpdump', 'tcpdump');
        const ok = end.output.length > 0;
        const summary = ok ? `${end.output.length} bytes` : 'nothing: may this agent capture?';
        return { ok, summary, cut: end.output.length >= BYTES_MAX };
      }
      case 'dns':
        return resolve(request, way, how);
      case 'probe': {
        const { port, target } = request;
        if (port === undefined) return this.#searchMtu(request, way, how);
        if (way === undefined || way.address !== undefined)
          return open(target.text, port, way?.address, how);
        return this.#knock(target.text, port, way, how);
      }
    }
  }

  /** Through a device, which no socket of Node can be bound to. */
  async #knock(
    target: string,
    port: number,
    way: Way,
    { stop }: ToolRun,
  ): Promise<ToolEnd | ToolRefusal> {
    const quiet = { role: 'local', onBytes: () => undefined } as const;
    const end = await this.#program(knockArgv(target, port, way), {
      ...quiet,
      ...(stop && { stop }),
    });
    if (end.missing) return missing('traceroute', 'traceroute');
    return { ...readKnock(end.output.toString('utf8')), cut: end.cut };
  }

  async #program(
    argv: Argv,
    { onBytes, stop }: ToolRun,
    bounds: { readonly msMax?: number; readonly errors?: 'keep' | 'drop' } = {},
  ): Promise<ProgramEnd> {
    const usual = { msMax: MS_MAX, bytesMax: BYTES_MAX, onBytes };
    return this.#run(argv, { ...usual, ...bounds, ...(stop !== undefined && { stop }) });
  }

  /** By halves, with pings that must not be fragmented; eleven of them settle it. */
  async #searchMtu(
    { target }: Extract<ToolRequest, { readonly tool: 'probe' }>,
    way: Way | undefined,
    how: ToolRun,
  ): Promise<ToolEnd | ToolRefusal> {
    let [passes, fails] = [0, MTU_MOST + 1];
    for (let size = MTU_LEAST; passes + 1 < fails && how.stop?.aborted !== true; ) {
      const asked = { tool: 'ping', target, count: 1, sizeBytes: size } as const;
      const end = await this.#program(pingArgv(asked, way), { ...how, onBytes: () => undefined });
      if (end.missing) return missing('ping', 'iputils-ping');
      const came = (readPing(end.output.toString('utf8'))?.received ?? 0) > 0;
      how.onBytes(Buffer.from(`${size} bytes: ${came ? 'passed' : 'did not pass'}\n`));
      if (came) passes = size;
      else fails = size;
      if (passes === 0) break;
      // The full size first: mostly nothing is wrong.
      size = size === MTU_LEAST ? MTU_MOST : Math.floor((passes + fails) / 2);
    }
    if (passes === 0) return { ok: false, summary: `not even ${MTU_LEAST} bytes pass`, cut: false };
    return { ok: true, summary: `the largest packet that passes has ${passes} bytes`, cut: false };
  }
}

async function resolve(
  { name, type, server }: Extract<ToolRequest, { readonly tool: 'dns' }>,
  way: Way | undefined,
  { onBytes }: ToolRun,
): Promise<ToolEnd | ToolRefusal> {
  if (way !== undefined && way.address === undefined)
    return {
      code: 'EDIAG_VIA',
      sentence: 'names are asked for over an uplink that has an address',
    };
  const resolver = new Resolver({ timeout: DNS_WAIT_MS, tries: DNS_TRIES });
  if (server !== undefined) resolver.setServers([server.text]);
  if (way?.address?.includes(':') === true) resolver.setLocalAddress(undefined, way.address);
  else if (way?.address !== undefined) resolver.setLocalAddress(way.address);
  const startedAtMs = performance.now();
  try {
    const found = await resolver.resolve(name, type);
    const ms = (performance.now() - startedAtMs).toFixed(0);
    onBytes(Buffer.from(found.map((address) => `${String(address)}\n`).join('')));
    return { ok: true, summary: `${found.length} addresses in ${ms} ms`, cut: false };
  } catch (error) {
    const { code = 'EDNS' } = error as NodeJS.ErrnoException;
    return { ok: false, summary: code, cut: false };
  }
}

async function open(
  host: string,
  port: number,
  localAddress: string | undefined,
  { stop }: ToolRun,
): Promise<ToolEnd> {
  const { promise, resolve: settle } = Promise.withResolvers<ToolEnd>();
  const startedAtMs = performance.now();
  const from = localAddress === undefined ? {} : { localAddress };
  const socket = connect({ host, port, ...from });
  const end = (ok: boolean, summary: string): void => {
    settle({ ok, summary, cut: false });
    socket.destroy();
  };
  socket.setTimeout(CONNECT_WAIT_MS, () => end(false, 'no answer'));
  socket.on('connect', () =>
    end(true, `open, after ${(performance.now() - startedAtMs).toFixed(0)} ms`),
  );
  socket.on('error', (error: NodeJS.ErrnoException) => end(false, error.code ?? error.message));
  stop?.addEventListener('abort', () => end(false, 'stopped'), { once: true });
  return promise;
}

function missing(program: string, debianPackage: string): ToolRefusal {
  return {
    code: 'EDIAG_MISSING',
    sentence: `${program} is not installed: apt-get install ${debianPackage}`,
  };
}

function seconds({ afterMs }: ProgramEnd): string {
  return `${(afterMs / 1_000).toFixed(1)} s`;
}
