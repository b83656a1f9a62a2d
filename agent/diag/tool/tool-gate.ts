/**
 * Who may run a diagnostic now: two at a time, and from far away ten a minute and only at addresses beyond the box.
 */
import type { ToolRefusal, ToolRequest } from './tool-request.ts';
import { refusedFromAfar, type Target } from './tool-target.ts';

export type ToolRole = 'local' | 'remote';

const AT_ONCE_MAX = 2;
const REMOTE_PER_MINUTE_MAX = 10;
const MINUTE_MS = 60_000;

export class ToolGate {
  readonly #lanPrefixes: readonly string[];
  #running = 0;
  /** When the remote ones of the last minute began. */
  #remoteAtMs: readonly number[] = [];

  constructor(lanPrefixes: readonly string[]) {
    this.#lanPrefixes = lanPrefixes;
  }

  /** Undefined when it may begin; it then counts until `ended`. */
  enter(request: ToolRequest, role: ToolRole, nowMs: number): ToolRefusal | undefined {
    if (role === 'remote') {
      const refusal = this.#fromAfar(request, nowMs);
      if (refusal !== undefined) return refusal;
    }
    if (this.#running >= AT_ONCE_MAX)
      return {
        code: 'EDIAG_BUSY',
        sentence: `${AT_ONCE_MAX} diagnostics run already; wait for one`,
      };
    if (role === 'remote') this.#remoteAtMs = [...this.#remoteAtMs, nowMs];
    this.#running += 1;
    return undefined;
  }

  ended(): void {
    this.#running -= 1;
  }

  #fromAfar(request: ToolRequest, nowMs: number): ToolRefusal | undefined {
    if (request.tool === 'capture')
      return { code: 'EDIAG_POLICY', sentence: 'packets are captured by people at the box only' };
    for (const target of targetsOf(request)) {
      const sentence = refusedFromAfar(target, this.#lanPrefixes);
      if (sentence !== undefined) return { code: 'EDIAG_POLICY', sentence };
    }
    this.#remoteAtMs = this.#remoteAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS);
    if (this.#remoteAtMs.length < REMOTE_PER_MINUTE_MAX) return undefined;
    const sentence = `at most ${REMOTE_PER_MINUTE_MAX} diagnostics a minute from the cloud`;
    return { code: 'EDIAG_RATE', sentence };
  }
}

function targetsOf(request: ToolRequest): readonly Target[] {
  switch (request.tool) {
    case 'dns':
      return request.server === undefined ? [] : [request.server];
    case 'capture':
      return [];
    default:
      return [request.target];
  }
}
