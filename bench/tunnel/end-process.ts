/**
 * Starts one end of a session field as a process and speaks to it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { TunnelPlan } from '../../agent/model/tunnel.ts';
import type { ToldMove } from '../../sim/lab/field-end.ts';
import { waitUntil } from '../../sim/lab/wait-until.ts';

export type EndOrder =
  | { readonly do: 'plan'; readonly tunnels: readonly TunnelPlan[] }
  /** Holds the control thread up; the fast path has its own. */
  | { readonly do: 'block'; readonly forMs: number }
  | { readonly do: 'report' }
  | { readonly do: 'stop' };

export interface EndReport {
  readonly upCount: number;
  readonly moves: readonly ToldMove[];
  /** Of the whole process so far, every thread of it. */
  readonly cpuMs: number;
  readonly rssMb: number;
  readonly lateMsMax: number;
  readonly scheduling: string;
}

const PROGRAM = new URL('./end-program.ts', import.meta.url).pathname;
const QUIET = '--disable-warning=ExperimentalWarning';
/** The flags of `bin/sag-agent`. */
const BRANCH_FLAGS = ['--max-semi-space-size=1', '--single-threaded-gc', QUIET] as const;
/** Whoever ends thousands of tunnels has memory to spare: the young heap keeps its usual size. */
export const GATEWAY_FLAGS = ['--single-threaded-gc', QUIET] as const;
/** Two thousand sessions start in a few slow seconds. */
const UP_MS_MAX = 60_000;

export class EndProcess {
  readonly #child: ChildProcess;

  constructor(netnsPath: string, flags: readonly string[] = BRANCH_FLAGS) {
    this.#child = fork(PROGRAM, [netnsPath], { execArgv: [...flags] });
  }

  async ask(order: EndOrder): Promise<EndReport> {
    const answered = once(this.#child, 'message');
    this.#child.send(order);
    const [report] = (await answered) as [EndReport];
    return report;
  }

  async report(): Promise<EndReport> {
    return this.ask({ do: 'report' });
  }

  async untilUp(count: number): Promise<void> {
    await waitUntil(`${count} sessions are Up`, UP_MS_MAX, async () =>
      (await this.report()).upCount >= count ? true : undefined,
    );
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.send({ do: 'stop' } satisfies EndOrder);
    await ended;
  }
}

/** Losses of a session that was Up, from move number `since` on. */
export function downsSince(report: EndReport, since: number): readonly ToldMove[] {
  return report.moves.slice(since).filter(({ to }) => to === 'down');
}
