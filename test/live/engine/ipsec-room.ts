/**
 * A branch and a hub joined by two IPsec tunnels, with an echo that flows and faults that can be measured.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import type { ProcessMark } from '../../../agent/adapters/ipsec/charon-process.ts';
import type { EngineSecurity } from '../../../agent/model/engine-status.ts';
import type { EngineNote } from '../../../agent/model/notes/engine-note.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';
import { EchoGap } from '../fast-path/echo-gap.ts';
import type { EngineParts, LiveEnd } from '../fast-path/live-end.ts';
import { planOf, TwoEnds } from '../fast-path/two-ends.ts';
import { EchoFlow, type FlowCount } from './echo-flow.ts';
import { type EngineKind, ipsecMissing, ipsecParts, pinUplinks } from './ipsec-parts.ts';

const missing = ipsecMissing() ?? netnsMissing();

export function needParts(ctx: TestContext): void {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
}

export function say(text: string): void {
  process.stdout.write(`    ${text}\n`);
}

export class IpsecRoom {
  readonly ends: TwoEnds;
  readonly branch: LiveEnd;
  readonly hub: LiveEnd;
  readonly specOf: EngineParts['specOf'];
  readonly notes: EngineNote[] = [];
  readonly #echo: EchoGap;

  private constructor(ends: TwoEnds, kind: EngineKind) {
    this.ends = ends;
    this.specOf = ipsecParts(kind).specOf;
    this.branch = ends.branch;
    this.hub = ends.hub;
    this.#echo = new EchoGap(ends.branch, ends.hub);
    this.listen();
  }

  /** Undefined where the parts are missing. */
  static async open(kind: EngineKind = 'psk'): Promise<IpsecRoom | undefined> {
    if (missing !== undefined) return undefined;
    const ends = new TwoEnds(ipsecParts(kind));
    try {
      await ends.open();
      pinUplinks(ends.branch);
      await ends.start();
    } catch (error) {
      await ends.close();
      throw error;
    }
    // Faults come thick here; a hold that doubles with each would only make the test long.
    for (const end of [ends.branch, ends.hub]) {
      const policy = { ...planOf(end).policy, failbackHoldMaxMs: 1_000 };
      end.order({ type: 'planReceived', plan: planOf(end, { revision: 2, policy }) });
    }
    const room = new IpsecRoom(ends, kind);
    await room.#echo.next();
    return room;
  }

  /** Anew for each engine of the branch. */
  listen(): void {
    this.branch.engine.onNote((note) => this.notes.push(note));
  }

  async close(): Promise<void> {
    this.#echo.close();
    await this.ends.close();
  }

  async securityOf(end: LiveEnd, tunnel: string): Promise<EngineSecurity> {
    const security = (await end.engine.status(tunnel))?.security;
    if (security === undefined) throw new Error(`${tunnel} has no association`);
    return security;
  }

  /** The charon of a tunnel, as the engine's own register knows it. */
  charonOf(end: LiveEnd, tunnel: string): ProcessMark {
    const text = readFileSync(join(end.directory, 'ipsec-tunnels.json'), 'utf8');
    const entries = JSON.parse(text) as Record<string, ProcessMark & { readonly tunnel: string }>;
    const found = Object.values(entries).find((entry) => entry.tunnel === tunnel);
    if (found === undefined) throw new Error(`no charon carries ${tunnel}`);
    return found;
  }

  /** Runs a fault while the echo flows and tells the hole it tore. */
  async gapOf(what: string, fault: () => Promise<void>): Promise<number> {
    await this.onFirstTunnel();
    this.#echo.reset();
    await fault();
    await this.#echo.next();
    const { longestMs } = this.#echo;
    const change = this.branch.changes().at(-1);
    say(
      `${what}: traffic gap ${longestMs.toFixed(1)} ms (silent ${change?.silentForMs.toFixed(1)}, ` +
        `decide ${change?.decideMs.toFixed(2)}, install ${change?.installMs.toFixed(2)}): ${change?.because}`,
    );
    return longestMs;
  }

  /** Numbered packets through one tunnel alone, past the fast path's choice. */
  async flowThrough(work: () => Promise<void>, index = 1): Promise<FlowCount> {
    const flow = new EchoFlow(
      { netns: this.branch.netns, address: `10.250.${index}.1` },
      { netns: this.hub.netns, address: `10.250.${index}.2` },
      5,
    );
    try {
      await flow.more(100);
      await work();
      await flow.more(200);
    } finally {
      await flow.close();
    }
    return flow.count();
  }

  lostEvent(end: LiveEnd, tunnel: string): Promise<string> {
    return new Promise((resolve) => {
      end.engine.onEvent((event) => {
        if (event.tunnel === tunnel) resolve(event.why);
      });
    });
  }

  async untilNote(code: EngineNote['code'], since: number): Promise<void> {
    await until(async () => this.notes.slice(since).some((note) => note.code === code));
  }

  /** The busy machine may have made a session miss its time: a test begins on the first tunnel. */
  async onFirstTunnel(): Promise<void> {
    await until(async () => (await this.branch.snapshot()).active === 't1');
  }
}

/** Bounded by the test's own time limit. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}
